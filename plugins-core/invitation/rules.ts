/** The rules: stored, and kept in memory on every node. */
import { asc, eq } from 'drizzle-orm';
import { followChanges, type Bus } from '../cluster/api.ts';
import type { Database, Transaction } from '../database/api.ts';
import { conflictsOf } from '../operators/api.ts';
import type { InvitationRule } from './api.ts';
import { issuesOf, limits, RuleError, tidied, type RuleInput } from './rule.ts';
import { rule as ruleTable } from './tables.ts';

const topic = 'invitation.rules';

export interface RulesNeeds {
  readonly db: Database;
  readonly bus: Pick<Bus, 'publish' | 'subscribe' | 'onConnection'>;
  /** Does this group exist? 0 always does. */
  readonly hasGroup: (id: number) => Promise<boolean>;
  readonly failed: (error: unknown) => void;
}

export interface Rules {
  /** In the order in which they are asked. */
  list(): readonly InvitationRule[];
  byId(id: number): InvitationRule | undefined;
  /** @throws RuleError */
  create(input: RuleInput): Promise<InvitationRule>;
  /** @param expected what was seen of the entries that are to change @throws RuleError */
  update(id: number, changes: Partial<RuleInput>, expected?: Partial<RuleInput>): Promise<InvitationRule>;
  /** @returns what was deleted; undefined when there is no such rule */
  delete(id: number): Promise<InvitationRule | undefined>;
  /** Brings back what was deleted, under its number; safe to repeat. */
  restore(rule: InvitationRule): Promise<void>;
  /**
   * Changes places with its neighbour; at the end of the list nothing happens.
   * @param past the neighbour that was seen there. Where it has been passed already nothing happens, either
   * @returns false when somebody else changed the order, so that it is no neighbour
   */
  move(id: number, direction: 'up' | 'down', past?: number): Promise<boolean>;
  load(): Promise<void>;
  /** Hears what other nodes change. @returns a function that ends it */
  watch(): () => void;
}

export function createRules({ db, bus, hasGroup, failed }: RulesNeeds): Rules {
  const t = db.table(ruleTable);
  let known: readonly InvitationRule[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  const ordered = (query: Pick<Transaction, 'query'>['query']) =>
    query.select().from(t).orderBy(asc(t.weight), asc(t.id));

  /** One reading after the other, so that the last one to be stored is the one that stays. */
  function load(): Promise<void> {
    const next = queue.then(async () => {
      known = await ordered(db.query);
    });
    queue = next.catch(() => undefined);
    return next;
  }
  async function changed(): Promise<void> {
    await load();
    bus.publish(topic, null);
  }
  async function checked(input: RuleInput): Promise<RuleInput> {
    const rule = tidied(input);
    const issues = issuesOf(rule);
    if (rule.groupId !== 0 && !(await hasGroup(rule.groupId))) issues.push({ entry: 'groupId', code: 'invalid' });
    if (issues.length > 0) throw new RuleError('RULE_INVALID', 'the rule has entries that do not fit', issues);
    return rule;
  }

  return {
    load,
    watch: () => followChanges(bus, topic, () => void load().catch(failed)),
    list: () => known,
    byId: (id) => known.find((one) => one.id === id),
    async create(input) {
      const values = await checked(input);
      const made = await db.transaction(async (tx) => {
        const rows = await db.forUpdate(ordered(tx.query));
        if (rows.length >= limits.rules) throw new RuleError('TOO_MANY_RULES', `there are ${limits.rules} rules`);
        const row = { ...values, weight: (rows.at(-1)?.weight ?? 0) + 1 };
        const { insertId } = await tx.query.insert(t).values(row);
        return { ...row, id: insertId };
      });
      await changed();
      return made;
    },
    async update(id, changes, expected = {}) {
      // A group that was deleted meanwhile is no reason to refuse another change.
      const { groupId = 0 } = changes;
      const was = (await db.query.select().from(t).where(eq(t.id, id)))[0];
      if (!was) throw new RuleError('RULE_UNKNOWN', 'there is no such rule');
      await checked({ ...was, ...changes, groupId });
      const made = await db.transaction(async (tx) => {
        const [row] = await db.forUpdate(tx.query.select().from(t).where(eq(t.id, id)));
        if (!row) throw new RuleError('RULE_UNKNOWN', 'there is no such rule');
        const values = tidied({ ...row, ...changes });
        const conflicts = conflictsOf<Partial<RuleInput>>(row, expected, values);
        if (conflicts.length > 0) {
          const issues = conflicts.map((entry) => ({ entry, code: 'changed' as const }));
          throw new RuleError('RULE_CHANGED', 'somebody else changed the rule', issues);
        }
        const { id: _, weight: __, ...set } = { ...row, ...values };
        await tx.query.update(t).set(set).where(eq(t.id, id));
        return { ...row, ...values };
      });
      await changed();
      return made;
    },
    async delete(id) {
      const was = await db.transaction(async (tx) => {
        const [row] = await db.forUpdate(tx.query.select().from(t).where(eq(t.id, id)));
        if (row) await tx.query.delete(t).where(eq(t.id, id));
        return row;
      });
      await changed();
      return was;
    },
    async restore(rule) {
      await db.query.insertIgnore(t, { ...rule });
      await changed();
    },
    async move(id, direction, past) {
      const moved = await db.transaction(async (tx) => {
        const rows = await db.forUpdate(ordered(tx.query));
        const order = rows.map((row) => row.id);
        const from = order.indexOf(id);
        const step = direction === 'up' ? -1 : 1;
        // Somebody else has moved it already.
        if (past !== undefined && order[from - step] === past) return true;
        const to = from + step;
        if (from < 0 || to < 0 || to >= rows.length) return past === undefined;
        if (past !== undefined && order[to] !== past) return false;
        order.splice(to, 0, ...order.splice(from, 1));
        for (const [index, one] of order.entries()) {
          if (rows.find((row) => row.id === one)?.weight === index + 1) continue;
          await tx.query
            .update(t)
            .set({ weight: index + 1 })
            .where(eq(t.id, one));
        }
        return true;
      });
      await changed();
      return moved;
    },
  };
}

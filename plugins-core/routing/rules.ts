/** Rules of groups and limits of operators: in the database, and in memory for whoever routes. */
import { eq } from 'drizzle-orm';
import { followChanges, type Bus } from '../cluster/api.ts';
import type { Database, Transaction } from '../database/api.ts';
import { conflictsOf } from '../operators/api.ts';
import { routingModes, type RoutingConflicts, type RoutingMode, type RoutingValues } from './api.ts';
import { limit, rule } from './tables.ts';

const topic = 'routing.rules';
const isMode = (mode: string): mode is RoutingMode => (routingModes as readonly string[]).includes(mode);

type Held<T> = ReadonlyMap<number, T>;
/** By number, nothing for what is as the setting says. */
const plain = <T>(values: ReadonlyMap<number, T | undefined>): Record<string, T | null> =>
  Object.fromEntries([...values].map(([id, value]) => [id, value ?? null]));
function conflicts<T>(
  now: Held<T>,
  expected: ReadonlyMap<number, T | undefined>,
  wanted: ReadonlyMap<number, T | undefined>,
) {
  const shown = plain(new Map([...expected.keys()].map((id) => [id, now.get(id)])));
  return conflictsOf(shown, plain(expected), plain(wanted)).map(Number);
}

export interface RulesNeeds {
  readonly db: Database;
  readonly bus: Pick<Bus, 'publish' | 'subscribe' | 'onConnection'>;
  readonly failed: (error: unknown) => void;
  /** Told on every node when rules are others now. */
  readonly changed: () => void;
}

export async function createRules({ db, bus, failed, changed }: RulesNeeds) {
  const [rules, limits] = [db.table(rule), db.table(limit)];
  let modes: ReadonlyMap<number, RoutingMode> = new Map();
  let most: ReadonlyMap<number, number> = new Map();

  async function stored({ query }: Pick<Transaction, 'query'>, lock = false) {
    const held = <Built>(select: Built): Built => (lock ? db.forUpdate(select) : select);
    const ruleRows = await held(query.select().from(rules).orderBy(rules.groupId));
    const limitRows = await held(query.select().from(limits).orderBy(limits.operatorId));
    return {
      modes: new Map(ruleRows.flatMap(({ groupId, mode }) => (isMode(mode) ? [[groupId, mode] as const] : []))),
      limits: new Map(limitRows.map((row) => [row.operatorId, row.most])),
    };
  }
  async function read(): Promise<void> {
    const now = await stored(db);
    modes = now.modes;
    most = now.limits;
  }
  let queue: Promise<unknown> = Promise.resolve();
  /** One reading after the other, so that the last one to be stored is the one that stays. */
  function load(): Promise<void> {
    const next = queue.then(read);
    queue = next.catch(() => undefined);
    return next;
  }
  async function tell(): Promise<void> {
    await load();
    bus.publish(topic, null);
  }
  await load();

  return {
    modes: () => modes,
    limits: () => most,
    /** Changes all of these, or nothing. @returns what is not as it was expected, and not as it is wanted either */
    async change(
      { rules: wantedModes = new Map(), limits: wantedLimits = new Map() }: RoutingValues,
      expected: RoutingValues = {},
    ): Promise<RoutingConflicts | undefined> {
      const attempt = () =>
        db.transaction(async (tx) => {
          const now = await stored(tx, true);
          const found = {
            rules: conflicts(now.modes, expected.rules ?? new Map(), wantedModes),
            limits: conflicts(now.limits, expected.limits ?? new Map(), wantedLimits),
          };
          if (found.rules.length + found.limits.length > 0) return found;
          for (const [groupId, mode] of wantedModes) {
            if (mode === now.modes.get(groupId)) continue;
            if (mode === undefined) await tx.query.delete(rules).where(eq(rules.groupId, groupId));
            else if (now.modes.has(groupId))
              await tx.query.update(rules).set({ mode }).where(eq(rules.groupId, groupId));
            else await tx.query.insert(rules).values({ groupId, mode });
          }
          for (const [operatorId, value] of wantedLimits) {
            if (value === now.limits.get(operatorId)) continue;
            const his = eq(limits.operatorId, operatorId);
            if (value === undefined) await tx.query.delete(limits).where(his);
            else if (now.limits.has(operatorId)) await tx.query.update(limits).set({ most: value }).where(his);
            else await tx.query.insert(limits).values({ operatorId, most: value });
          }
          return undefined;
        });
      try {
        const found = await attempt();
        if (!found) await tell();
        return found;
      } catch (error) {
        // Somebody stored the first rule of a group in the same moment: now there is a row to look at.
        if (!db.isUniqueViolation(error)) throw error;
        const found = await attempt();
        await tell();
        return found;
      }
    },
    /** @returns a function that ends it */
    watch: () => followChanges(bus, topic, () => void load().then(changed, failed)),
  };
}

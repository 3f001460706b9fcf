/** The service `bans.bans`: stored, kept in memory on every node, and told to whoever shows the threads concerned. */
import { desc, eq, or, gt } from 'drizzle-orm';
import { followChanges, type Bus } from '../cluster/api.ts';
import type { Database } from '../database/api.ts';
import { conflictsOf } from '../operators/api.ts';
import { BanError, type Ban, type BanInput, type BanIssue, type BansService } from './api.ts';
import { check, toBan, toRow } from './ban.ts';
import { createRegister } from './register.ts';
import { ban as banTable, type BanRow } from './tables.ts';

const topic = 'bans.changed';

export interface BansNeeds {
  readonly db: Database;
  readonly bus: Bus;
  /** Setting `enableban`, read each time. */
  readonly enabled: () => boolean;
  /** What the ban was and is; told before the answer. */
  readonly changed: (before: Ban | undefined, after: Ban | undefined) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

export interface RunningBans extends BansService {
  /** Reads all bans that count. */
  load(): Promise<void>;
  /** Hears what other nodes change. @returns a function that ends it */
  watch(): () => void;
}

export function createBans({ db, bus, enabled, changed, failed }: BansNeeds): RunningBans {
  const t = db.table(banTable);
  const register = createRegister();
  let queue: Promise<unknown> = Promise.resolve();

  /** One reading after the other, so that the last one to be stored is the one that stays. */
  function load(): Promise<void> {
    const next = queue.then(async () => {
      const rows = await db.query
        .select()
        .from(t)
        .where(or(eq(t.till, 0), gt(t.till, Date.now())));
      register.fill(rows.map(toBan));
    });
    queue = next.catch(() => undefined);
    return next;
  }

  const one = async (condition: ReturnType<typeof eq>): Promise<Ban | undefined> => {
    const [row] = await db.query.select().from(t).where(condition).limit(1);
    return row && toBan(row);
  };
  const unknown = () => new BanError('BAN_UNKNOWN', 'There is no such ban.');

  function accept(input: BanInput, original?: Ban): Pick<BanRow, 'target' | 'comment' | 'till'> {
    const checked = check(input, Date.now(), original);
    if ('issues' in checked) throw new BanError('BAN_INVALID', 'The ban cannot be made.', checked.issues);
    return checked.values;
  }

  /** @throws BanError that names the ban of the same target */
  async function unlessTaken<T>(write: () => Promise<T>, target: () => string): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!db.isUniqueViolation(error)) throw error;
      const other = await one(eq(t.target, target()));
      const field = other?.userId ? 'userId' : 'address';
      throw new BanError('BAN_INVALID', 'This is banned already.', [{ field, code: 'taken', ban: other }]);
    }
  }

  async function tell(before: Ban | undefined, after: Ban | undefined): Promise<void> {
    await load();
    bus.publish(topic, null);
    await changed(before, after);
  }

  return {
    load,
    watch: () => followChanges(bus, topic, () => void load().catch(failed)),
    match: (who) => (enabled() ? register.match(who) : undefined),
    byId: (id) => one(eq(t.id, id)),
    list: async ({ offset, limit }) =>
      (await db.query.select().from(t).orderBy(desc(t.id)).limit(limit).offset(offset)).map(toBan),
    count: () => db.query.count(t),
    async create(input, operatorId) {
      const values = accept(input);
      const row = { ...values, createdAt: Date.now(), createdBy: operatorId };
      const { insertId } = await unlessTaken(
        async () => db.query.insert(t).values(row),
        () => values.target,
      );
      const made = toBan({ ...row, id: insertId });
      await tell(undefined, made);
      return made;
    },
    async update(id, changes, expected = {}) {
      let target = '';
      const { original, made } = await unlessTaken(
        () =>
          db.transaction(async (tx) => {
            const [row] = await db.forUpdate(tx.query.select().from(t).where(eq(t.id, id)));
            if (!row) throw unknown();
            const was = toBan(row);
            const retargeted = changes.address !== undefined || changes.userId !== undefined;
            const values = accept({ ...was, ...(retargeted && { address: '', userId: '' }), ...changes }, was);
            target = values.target;
            const next = toBan({ ...row, ...values });
            const issues = conflictsOf<Partial<BanInput>>(was, expected, next).map((field): BanIssue => ({
              field,
              code: 'changed',
            }));
            if (issues.length > 0)
              throw new BanError('BAN_CHANGED', 'Somebody else changed the ban meanwhile.', issues);
            await tx.query.update(t).set(values).where(eq(t.id, id));
            return { original: was, made: next };
          }),
        () => target,
      );
      await tell(original, made);
      return made;
    },
    async delete(id) {
      const was = await db.transaction(async (tx) => {
        const [row] = await db.forUpdate(tx.query.select().from(t).where(eq(t.id, id)));
        if (row) await tx.query.delete(t).where(eq(t.id, id));
        return row && toBan(row);
      });
      if (was) await tell(was, undefined);
      return was;
    },
    async restore(ban) {
      const { affected } = await db.query.insertIgnore(t, toRow(ban));
      if (affected === 0) return (await one(eq(t.id, ban.id))) !== undefined;
      await tell(undefined, ban);
      return true;
    },
  };
}

/** One-off jobs in the database. */
import { and, asc, eq, lte, sql } from 'drizzle-orm';
import type { Json } from '../cluster/api.ts';
import type { Database } from '../database/api.ts';
import { job } from './tables.ts';

export interface DueJob {
  readonly id: number;
  readonly payload: unknown;
  readonly failures: number;
  readonly version: number;
}

export type JobStore = ReturnType<typeof createStore>;

export function createStore(db: Database) {
  const t = db.table(job);
  const p = sql.placeholder;
  const next = db.prepare((q) =>
    q
      .select({ at: t.at })
      .from(t)
      .where(eq(t.name, p('name')))
      .orderBy(asc(t.at))
      .limit(1),
  );
  const due = db.prepare((q) =>
    q
      .select({ id: t.id, payload: t.payload, failures: t.failures, version: t.version })
      .from(t)
      .where(and(eq(t.name, p('name')), lte(t.at, p('now')), lte(t.claimedUntil, p('now'))))
      .orderBy(asc(t.at), asc(t.id))
      .limit(20),
  );
  const same = ({ id, version }: DueJob) => and(eq(t.id, id), eq(t.version, version));

  return {
    async schedule(name: string, at: number, payload?: Json, key?: string): Promise<void> {
      const row = { name, at, payload: payload ?? null, key: key ?? null };
      if (key === undefined) await db.query.insert(t).values(row);
      else {
        const fresh = { at, payload: row.payload, failures: 0, claimedUntil: 0, version: sql`${t.version} + 1` };
        await db.query.upsert(t, row, { target: [t.name, t.key], set: fresh });
      }
    },
    async cancel(name: string, key: string): Promise<void> {
      await db.query.delete(t).where(and(eq(t.name, name), eq(t.key, key)));
    },
    /** When the next one of this name is due. */
    nextAt: async (name: string): Promise<number | undefined> => (await next.first({ name }))?.at,
    due: (name: string, now: number): Promise<DueJob[]> => due.all({ name, now }),
    /** Of several nodes that want a job, one gets it; of several that may have it, none twice. */
    async claim(one: DueJob, now: number, until: number): Promise<boolean> {
      const { affected } = await db.query
        .update(t)
        .set({ claimedUntil: until })
        .where(and(same(one), lte(t.claimedUntil, now)));
      return affected === 1;
    },
    async renew(one: DueJob, until: number): Promise<void> {
      await db.query.update(t).set({ claimedUntil: until }).where(same(one));
    },
    async done(one: DueJob): Promise<void> {
      await db.query.delete(t).where(same(one));
    },
    async failed(one: DueJob, at: number): Promise<void> {
      await db.query
        .update(t)
        .set({ at, failures: one.failures + 1, claimedUntil: 0 })
        .where(same(one));
    },
  };
}

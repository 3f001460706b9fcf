/** Progress as it is stored: one row for each side of a conversation, which only goes forward. */
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import type { Side } from '../chat/api.ts';
import type { Progress } from './api.ts';
import { progress as table } from './tables.ts';

/** How far both sides of one conversation have come. */
export type Sides = Record<Side, Progress>;

export interface Kept {
  of(threadId: number): Promise<Sides>;
  /** All or none. What is stored and further stays. */
  write(list: ReadonlyMap<number, Sides>): Promise<void>;
}

const none: Progress = { delivered: 0, read: 0 };

export function createKept(db: Database): Kept {
  const t = db.table(table);
  const find = db.prepare((query) =>
    query
      .select()
      .from(t)
      .where(eq(t.threadId, sql.placeholder('id'))),
  );
  const given = (name: 'delivered' | 'read') => db.param(t[name], name);
  // Another node may have come further; neither dialect has the other's word for "the greater one".
  const further = (name: 'delivered' | 'read') =>
    sql`case when ${t[name]} < ${given(name)} then ${given(name)} else ${t[name]} end`;
  const write = db.prepare((query) =>
    query.upsert(
      t,
      {
        threadId: sql.placeholder('id'),
        side: sql.placeholder('side'),
        delivered: sql.placeholder('delivered'),
        read: sql.placeholder('read'),
      },
      { target: [t.threadId, t.side], set: { delivered: further('delivered'), read: further('read') } },
    ),
  );

  return {
    async of(id) {
      const sides: Sides = { user: none, agent: none };
      for (const { side, delivered, read } of await find.all({ id })) sides[side] = { delivered, read };
      return sides;
    },
    async write(list) {
      await db.transaction(async (tx) => {
        for (const [id, sides] of list)
          for (const side of ['user', 'agent'] as const)
            if (sides[side].delivered > 0) await tx.run(write, { id, side, ...sides[side] });
      });
    },
  };
}

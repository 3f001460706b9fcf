/** When operators were last seen. Written rarely, and read for lists alone: nothing is decided by it. */
import { and, eq, lt, ne } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import { operator } from './tables.ts';

export type LastSeen = ReturnType<typeof createLastSeen>;

export function createLastSeen(db: Database) {
  const table = db.table(operator);
  const readAll = db.prepare((query) => query.select({ id: table.id, at: table.lastSeenAt }).from(table));
  return {
    /** Of whoever is invisible nothing is noted: the time would uncover him. */
    note: async (operatorId: number, at = Date.now()): Promise<void> => {
      await db.query
        .update(table)
        .set({ lastSeenAt: at })
        .where(and(eq(table.id, operatorId), lt(table.lastSeenAt, at), ne(table.status, 'invisible')));
    },
    /** By operator; whoever was never here is missing. */
    all: async (): Promise<ReadonlyMap<number, number>> =>
      new Map((await readAll.all()).filter(({ at }) => at > 0).map(({ id, at }) => [id, at])),
  };
}

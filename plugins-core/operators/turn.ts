/** Changes of accounts, one after the other: what must hold of all of them together is decided with all of them in view. */
import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../database/api.ts';
import { guard, operator, type OperatorRow } from './tables.ts';

export function createTurn(db: Database) {
  const table = db.table(operator);
  const lock = db.table(guard);
  const readAll = db.prepare((query) => query.select().from(table).orderBy(table.id));
  const take = db.prepare((query) =>
    query
      .update(lock)
      .set({ turns: sql`${lock.turns} + 1` })
      .where(eq(lock.name, 'administrators')),
  );
  return {
    /** To be called once, before anything else. */
    prepare: async (): Promise<void> => {
      await db.query.insertIgnore(lock, { name: 'administrators' });
    },
    /** All accounts, without waiting for anybody. */
    all: (): Promise<OperatorRow[]> => readAll.all(),
    /** All accounts, none of which changes until the transaction ends. */
    async mine(tx: Transaction): Promise<OperatorRow[]> {
      await tx.run(take);
      return tx.all(readAll);
    },
  };
}

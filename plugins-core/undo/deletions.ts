/** The service `undo.undo`, but for its button: what was deleted, kept and given back. */
import { and, eq, lt } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import type { Operator, OperatorsService } from '../operators/api.ts';
import type { Undoable, UndoService } from './api.ts';
import { deletion } from './tables.ts';

/** Milliseconds for which something can be brought back. */
const keptFor = 24 * 60 * 60_000;

export interface DeletionsNeeds {
  readonly db: Database;
  readonly operators: Pick<OperatorsService, 'can'>;
  readonly now?: () => number;
}

export function createDeletions({ db, operators, now = Date.now }: DeletionsNeeds) {
  const t = db.table(deletion);
  const kinds = new Map<string, Undoable>();

  /** Somebody else's, one that is too old, and one whose plugin is off are not there. */
  async function find(id: number, operator: Operator) {
    const mine = and(eq(t.id, id), eq(t.operatorId, operator.id));
    const [row] = await db.query.select().from(t).where(mine).limit(1);
    const kind = row && kinds.get(row.kind);
    if (!kind || row.deletedAt <= now() - keptFor) return undefined;
    return kind.permission === undefined || operators.can(operator, kind.permission) ? { row, kind } : undefined;
  }

  return {
    add(kind: Undoable): () => void {
      if (kinds.has(kind.kind)) throw new Error(`"${kind.kind}" can be brought back by somebody already`);
      kinds.set(kind.kind, kind);
      return () => void kinds.delete(kind.kind);
    },
    has: async (id: number, operator: Operator): Promise<boolean> => (await find(id, operator)) !== undefined,
    async keep(kind, value, { id: operatorId }) {
      const { insertId } = await db.query.insert(t).values({ kind, value, operatorId, deletedAt: now() });
      return insertId;
    },
    async restore(id, operator) {
      const found = await find(id, operator);
      if (!found) return undefined;
      const { row, kind } = found;
      // Whoever takes the row away is the one who brings it back: of two clicks one counts.
      if ((await db.query.delete(t).where(eq(t.id, id))).affected === 0) return undefined;
      try {
        const outcome = await kind.restore(row.value, operator);
        return { outcome, page: kind.page(row.value, outcome) };
      } catch (error) {
        await db.query.insert(t).values(row);
        throw error;
      }
    },
    /** Forgets what is too old to be brought back. */
    tidy: async (): Promise<void> => void (await db.query.delete(t).where(lt(t.deletedAt, now() - keptFor))),
  } satisfies Omit<UndoService, 'action'> & Record<string, unknown>;
}

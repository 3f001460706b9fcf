/** Ratings as they are kept: one per conversation, which may be changed for a while. */
import { and, count, desc, eq, gte, sql, sum } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import type { Average, Rating, RatingsService, Score } from './api.ts';
import { rating as ratingTable, type RatingRow } from './tables.ts';

/** A rating before it is kept. */
type Given = Omit<Rating, 'createdAt' | 'changedAt'>;

/** What became of it. */
type Kept =
  | { readonly rating: Rating; readonly original: Rating | undefined; readonly changed: boolean }
  /** The time to change it is over. */
  | 'fixed';

export interface Ratings extends RatingsService {
  /** @param changeable ms for which a rating may be changed */
  keep(given: Given, now: number, changeable: number): Promise<Kept>;
  /** The newest first. @param agentId of one operator alone */
  list(page: { readonly offset: number; readonly limit: number }, agentId?: number): Promise<readonly Rating[]>;
  count(agentId?: number): Promise<number>;
}

const toRating = (row: RatingRow): Rating => ({ ...row, score: row.score as Score });
const averageOf = (row: { readonly total: string | number | null; readonly number: number } | undefined): Average => {
  const number = row?.number ?? 0;
  return { count: number, score: number > 0 ? Number(row?.total ?? 0) / number : 0 };
};

export function createRatings(db: Database): Ratings {
  const t = db.table(ratingTable);
  const byThread = db.prepare((query) =>
    query
      .select()
      .from(t)
      .where(eq(t.threadId, sql.placeholder('id')))
      .limit(1),
  );
  const ofAgent = (agentId: number | undefined) => (agentId === undefined ? undefined : eq(t.agentId, agentId));
  const figures = { total: sum(t.score), number: count() };

  const keep: Ratings['keep'] = async (given, now, changeable) => {
    const fresh: Rating = { ...given, createdAt: now, changedAt: now };
    const { affected } = await db.query.insertIgnore(t, fresh);
    if (affected > 0) return { rating: fresh, original: undefined, changed: true };
    return db.transaction(async (tx) => {
      const [row] = await db.forUpdate(tx.query.select().from(t).where(eq(t.threadId, given.threadId)).limit(1));
      if (!row) return 'fixed';
      const original = toRating(row);
      const { score, comment } = given;
      if (original.score === score && original.comment === comment)
        return { rating: original, original, changed: false };
      if (now - original.createdAt > changeable) return 'fixed';
      await tx.query.update(t).set({ score, comment, changedAt: now }).where(eq(t.threadId, given.threadId));
      return { rating: { ...original, score, comment, changedAt: now }, original, changed: true };
    });
  };

  return {
    keep,
    async of(threadId) {
      const row = await byThread.first({ id: threadId });
      return row && toRating(row);
    },
    // Numbers over many rows are in nobody's way.
    average: (since, agentId) =>
      db.background(async ({ query }) => {
        const [row] = await query
          .select(figures)
          .from(t)
          .where(and(gte(t.createdAt, since), ofAgent(agentId)));
        return averageOf(row);
      }),
    averages: (since) =>
      db.background(async ({ query }) => {
        const rows = await query
          .select({ agentId: t.agentId, ...figures })
          .from(t)
          .where(gte(t.createdAt, since))
          .groupBy(t.agentId);
        return new Map(rows.map((row) => [row.agentId, averageOf(row)]));
      }),
    async list({ offset, limit }, agentId) {
      const rows = await db.query
        .select()
        .from(t)
        .where(ofAgent(agentId))
        .orderBy(desc(t.createdAt), desc(t.threadId))
        .limit(limit)
        .offset(offset);
      return rows.map(toRating);
    },
    count: (agentId) => db.query.count(t, ofAgent(agentId)),
  };
}

import { defineTable, type Row } from '../database/api.ts';

/** One per conversation. */
export const rating = defineTable(
  'rating_rating',
  (c) => ({
    threadId: c.ref().notNull(),
    agentId: c.ref().notNull(),
    groupId: c.ref().notNull(),
    score: c.int().notNull(),
    comment: c.text().notNull(),
    createdAt: c.time().notNull(),
    changedAt: c.time().notNull(),
  }),
  { primary: ['threadId'], index: { agent: ['agentId', 'createdAt'], time: ['createdAt'] } },
);

export type RatingRow = Row<typeof rating>;

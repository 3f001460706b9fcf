import { defineTable } from '../database/api.ts';

/** How far each side of a conversation has come: numbers of messages. */
export const progress = defineTable(
  'receipts_progress',
  (c) => ({
    threadId: c.ref().notNull(),
    side: c.oneOf(['user', 'agent']).notNull(),
    delivered: c.int().notNull(),
    read: c.int().notNull(),
  }),
  { primary: ['threadId', 'side'] },
);

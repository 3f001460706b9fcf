import { defineTable } from '../database/api.ts';

/** How each conversation was handed over last. */
export const handed = defineTable(
  'handover_handed',
  (c) => ({
    threadId: c.ref().notNull(),
    /** Who did it. */
    operatorId: c.ref().notNull(),
    /** Where it was put: `nextAgent` 0 for a group. */
    nextAgent: c.ref().notNull(),
    groupId: c.ref().notNull(),
    noteHash: c.key(43).notNull(),
  }),
  { primary: ['threadId'] },
);

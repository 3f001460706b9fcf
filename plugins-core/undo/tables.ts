import { defineTable } from '../database/api.ts';

/** What was deleted and can be brought back. */
export const deletion = defineTable(
  'undo_deletion',
  (c) => ({
    id: c.id(),
    kind: c.str(80).notNull(),
    /** All that is needed to bring it back as it was. */
    value: c.json<unknown>().notNull(),
    /** Who deleted it. */
    operatorId: c.ref().notNull(),
    deletedAt: c.time().notNull(),
  }),
  { index: { age: ['deletedAt'] } },
);

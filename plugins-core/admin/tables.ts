import { defineTable } from '../database/api.ts';

/** Facts about this installation: the set-up link that counts, and that it was started before. */
export const fact = defineTable(
  'admin_fact',
  (c) => ({
    name: c.key(32).notNull(),
    /** A hash where the fact is a secret. */
    value: c.key(64).notNull(),
    at: c.time().notNull(),
  }),
  { primary: ['name'] },
);

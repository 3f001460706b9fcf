import { defineTable } from '../database/api.ts';

/** Only what was changed; everything else has its default. */
export const value = defineTable(
  'settings_value',
  (c) => ({
    key: c.key(80).notNull(),
    value: c.json<unknown>().notNull(),
    changedAt: c.time().notNull(),
    changedBy: c.str(80).notNull(),
  }),
  { primary: ['key'] },
);

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

/** The log of who changed what. */
export const change = defineTable(
  'settings_change',
  (c) => ({
    id: c.id(),
    area: c.key(32).notNull(),
    key: c.key(80).notNull(),
    before: c.json<string | number | boolean>(),
    after: c.json<string | number | boolean>(),
    by: c.key(80).notNull(),
    at: c.time().notNull(),
  }),
  { index: { key: ['key', 'id'], by: ['by', 'id'], at: ['at'] } },
);

import { defineTable } from '../database/api.ts';

export const message = defineTable(
  'canned_message',
  (c) => ({
    id: c.id(),
    locale: c.key(16).notNull(),
    /** The group whose operators see it; 0 for all. */
    groupId: c.ref().notNull(),
    title: c.str(100).notNull(),
    body: c.str(1024).notNull(),
  }),
  { index: { use: ['locale', 'groupId', 'title'] } },
);

/** Locales that got their first messages: what is deleted afterwards stays deleted. */
export const seeded = defineTable(
  'canned_seeded',
  (c) => ({ locale: c.key(16).notNull(), seededAt: c.time().notNull() }),
  { primary: ['locale'] },
);

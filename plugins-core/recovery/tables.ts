import { defineTable } from '../database/api.ts';

/** The way back for who forgot his password: one at a time, gone after use. */
export const link = defineTable(
  'recovery_link',
  (c) => ({
    operatorId: c.ref().notNull(),
    /** SHA-256 of the token in the mail; the token itself is kept nowhere. */
    tokenHash: c.key(64).notNull(),
    expiresAt: c.time().notNull(),
  }),
  { primary: ['operatorId'] },
);

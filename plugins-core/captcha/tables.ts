import { defineTable } from '../database/api.ts';

/** Challenges whose solution was used, until they run out anyway. */
export const solution = defineTable(
  'captcha_solution',
  (c) => ({
    challenge: c.key(64).notNull(),
    expiresAt: c.time().notNull(),
  }),
  { primary: ['challenge'], index: { expiry: ['expiresAt'] } },
);

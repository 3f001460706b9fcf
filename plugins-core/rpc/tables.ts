import { defineTable } from '../database/api.ts';

/** Calls of functions at a client that wait for the next `update` of their addressee. */
export const waitingCall = defineTable(
  'rpc_waiting',
  (c) => ({
    id: c.id(),
    /** E.g. `thread_user_42`. */
    addressee: c.str(100).notNull(),
    /** One request, as it goes out. */
    request: c.text().notNull(),
    createdAt: c.time().notNull(),
  }),
  { index: { addressee: ['addressee', 'id'], created: ['createdAt'] } },
);

/** What becomes of the answer to a call. */
export const storedCallback = defineTable(
  'rpc_callback',
  (c) => ({
    token: c.key(32).notNull(),
    processor: c.str(64).notNull(),
    functionName: c.str(100).notNull(),
    arguments: c.json<Readonly<Record<string, unknown>>>().notNull(),
    /** Answers that may still come: one for each addressee. */
    remaining: c.int().notNull(),
    expiresAt: c.time().notNull(),
  }),
  { primary: ['token'], index: { expires: ['expiresAt'] } },
);

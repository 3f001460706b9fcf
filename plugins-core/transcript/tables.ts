import { defineTable } from '../database/api.ts';

/** Mails that were asked for under a key. */
export const wish = defineTable(
  'transcript_wish',
  (c) => ({
    threadId: c.ref().notNull(),
    /** A hash: exact everywhere. */
    senderKey: c.key(43).notNull(),
    /** Of what was asked for, so that a key is not used for something else. */
    digest: c.key(43).notNull(),
    /** The mail is in the outbox since then; 0: not yet. */
    sentAt: c.time().notNull(),
  }),
  { primary: ['threadId', 'senderKey'] },
);

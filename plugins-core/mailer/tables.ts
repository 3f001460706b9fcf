import { defineTable, type Row } from '../database/api.ts';
import { causes } from './causes.ts';

/**
 * `queued`: waits for its turn. `sending`: a server works on it; the mail server cannot have taken it yet. `handing`: all
 * of it has been sent and the answer is awaited, so nobody can say whether the mail server took it.
 */
const mailStates = ['queued', 'sending', 'handing', 'sent', 'failed', 'logged', 'discarded'] as const;

/** The outbox. */
export const mail = defineTable(
  'mailer_mail',
  (c) => ({
    id: c.id(),
    template: c.key(64).notNull(),
    /** Null: as many as were sent. */
    key: c.str(120),
    by: c.key(64).notNull(),
    locale: c.key(16).notNull(),
    /** As people write them, international domains in their own letters. */
    to: c.str(254).notNull(),
    replyTo: c.str(254),
    subject: c.str(255).notNull(),
    /** Empty once it was sent. */
    body: c.text().notNull(),
    /** The same at each attempt, so that whoever receives it twice can tell. */
    messageId: c.key(255).notNull(),
    state: c.oneOf(mailStates).notNull().default('queued'),
    /** Changes with each claim and each decision, so that who lost the mail cannot write to it. */
    version: c.int().notNull().default(1),
    attempts: c.int().notNull().default(0),
    /** An attempt ended without the answer of the mail server after all had been sent. */
    uncertain: c.bool().notNull().default(false),
    nextAt: c.time().notNull(),
    claimedUntil: c.time().notNull().default(0),
    /** What went wrong last, and in which words that was told. */
    cause: c.oneOf(causes).notNull().default('other'),
    reason: c.str(500).notNull().default(''),
    createdAt: c.time().notNull(),
    settledAt: c.time().notNull().default(0),
  }),
  {
    unique: { once: ['template', 'key'] },
    index: { state: ['state', 'id'], due: ['state', 'nextAt'], settled: ['settledAt'] },
  },
);
export type MailRow = Row<typeof mail>;

/** Words that administrators put in the place of a plugin's own. */
export const template = defineTable(
  'mailer_template',
  (c) => ({
    name: c.key(64).notNull(),
    locale: c.key(16).notNull(),
    subject: c.str(1024).notNull(),
    body: c.text().notNull(),
    changedAt: c.time().notNull(),
  }),
  { primary: ['name', 'locale'] },
);
export type StoredWords = Row<typeof template>;

import { defineTable, type Row } from '../database/api.ts';

const leftStates = ['open', 'answered', 'done'] as const;
export type LeftState = (typeof leftStates)[number];

/** A message that a visitor left, as work for operators. Its text is the thread's. */
export const left = defineTable(
  'leave_message_left',
  (c) => ({
    threadId: c.ref().notNull(),
    visitorId: c.ref().notNull(),
    /** Chosen at random by the sender: the same one again is the same message. */
    senderKey: c.key(64),
    /** Of what was typed, so that a key is not used for something else. */
    digest: c.key(64).notNull(),
    name: c.str(64).notNull(),
    email: c.str(254).notNull(),
    /** What the page said of the visitor. */
    info: c.str(1024).notNull(),
    state: c.oneOf(leftStates).notNull().default('open'),
    createdAt: c.time().notNull(),
    /** Who changed the state last, and when; 0 for nobody. */
    changedBy: c.ref().notNull().default(0),
    changedName: c.str(64).notNull().default(''),
    changedAt: c.time().notNull().default(0),
    /** Number of the mail in the outbox; 0: there was nobody to mail it to; null: not handed over yet. */
    mailId: c.ref(),
  }),
  {
    primary: ['threadId'],
    unique: { once: ['visitorId', 'senderKey'] },
    index: { state: ['state', 'threadId'], mail: ['mailId', 'createdAt'] },
  },
);

/** An answer by mail. */
export const answer = defineTable(
  'leave_message_answer',
  (c) => ({
    id: c.id(),
    threadId: c.ref().notNull(),
    senderKey: c.key(64).notNull(),
    operatorId: c.ref().notNull(),
    operatorName: c.str(64).notNull(),
    body: c.text().notNull(),
    createdAt: c.time().notNull(),
    /** As of the message. */
    mailId: c.ref(),
    /** The mail could not be delivered. */
    failed: c.bool().notNull().default(false),
    /** The mail went out, as far as anybody knows: nobody asks any more. */
    settled: c.bool().notNull().default(false),
  }),
  {
    unique: { once: ['threadId', 'senderKey'] },
    index: { mail: ['mailId', 'createdAt'], open: ['settled', 'id'] },
  },
);

export type Left = Row<typeof left>;
export type Answer = Row<typeof answer>;

import { defineTable, type Row } from '../database/api.ts';

/** Who writes from the other side: known by the hash of one secret. */
export const visitor = defineTable(
  'chat_visitor',
  (c) => ({
    id: c.id(),
    userId: c.key(32).notNull(),
    secretHash: c.key(43).notNull(),
    name: c.str(64).notNull(),
    /** The conversation that the visitor was in last; 0 for none. Locking this row makes starting exclusive. */
    threadId: c.ref().notNull(),
    createdAt: c.time().notNull(),
  }),
  { unique: { user: ['userId'], secret: ['secretHash'] } },
);

export const thread = defineTable(
  'chat_thread',
  (c) => ({
    id: c.id(),
    token: c.int().notNull(),
    visitorId: c.ref().notNull(),
    userId: c.key(32).notNull(),
    userName: c.str(64).notNull(),
    agentId: c.ref().notNull(),
    agentName: c.str(64).notNull(),
    nextAgent: c.ref().notNull(),
    /** Who handed it over, while it waits for the next one. */
    redirectedBy: c.ref().notNull().default(0),
    groupId: c.ref().notNull(),
    state: c.int().notNull(),
    invitationState: c.int().notNull(),
    remote: c.str(255).notNull(),
    userAgent: c.str(255).notNull(),
    referrer: c.text().notNull(),
    locale: c.key(16).notNull(),
    createdAt: c.time().notNull(),
    modifiedAt: c.time().notNull(),
    chatStartedAt: c.time().notNull(),
    closedAt: c.time().notNull(),
    lastSeq: c.int().notNull(),
    lastVisibleSeq: c.int().notNull(),
    messageCount: c.int().notNull(),
    shownMessage: c.text(),
    /** The operator was told that the visitor's window is gone; until it is back he is not told again. */
    visitorGone: c.bool().notNull(),
    revision: c.ref().notNull(),
  }),
  { index: { revision: ['revision'], state: ['state', 'id'], remote: ['remote', 'state'], visitor: ['visitorId'] } },
);

export const message = defineTable(
  'chat_message',
  (c) => ({
    threadId: c.ref().notNull(),
    seq: c.int().notNull(),
    kind: c.int().notNull(),
    agentId: c.ref().notNull(),
    name: c.str(64),
    body: c.text().notNull(),
    plugin: c.str(256).notNull(),
    data: c.json<unknown>(),
    createdAt: c.time().notNull(),
    /** With `senderKey`: who posted it with a key, so that a resend is known. Keys are kept as hashes: exact everywhere. */
    sender: c.key(32),
    senderKey: c.key(43),
    /** Hash of the body as it was sent, before any filter. */
    bodyHash: c.key(43),
  }),
  { primary: ['threadId', 'seq'], unique: { once: ['threadId', 'sender', 'senderKey'] } },
);

/** One row: the number of the last change of any thread. */
export const revision = defineTable('chat_revision', (c) => ({ id: c.int().notNull(), value: c.ref().notNull() }), {
  primary: ['id'],
});

export type ThreadRow = Row<typeof thread>;
export type MessageRow = Row<typeof message>;

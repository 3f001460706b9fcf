import { defineTable, type Row } from '../database/api.ts';

/** Whoever was on the site. */
export const visitor = defineTable(
  'tracking_visitor',
  (c) => ({
    id: c.id(),
    /** SHA-256 of the secret that his browser keeps, base64url. The secret itself is nowhere. */
    secretHash: c.key(43).notNull(),
    userId: c.key(32).notNull(),
    name: c.str(64).notNull().default(''),
    entry: c.str(1024).notNull().default(''),
    userAgent: c.str(255).notNull().default(''),
    remote: c.str(255).notNull().default(''),
    country: c.str(2).notNull().default(''),
    city: c.str(128).notNull().default(''),
    locale: c.str(16).notNull().default(''),
    /** When the visit that goes on, or went on last, began. */
    firstTime: c.time().notNull(),
    lastTime: c.time().notNull(),
    /** Visits before it. */
    visits: c.int().notNull().default(0),
    invitations: c.int().notNull().default(0),
    chats: c.int().notNull().default(0),
    threadId: c.ref().notNull().default(0),
    visitorId: c.ref().notNull().default(0),
    /** What became of the last invitation; 0: nothing yet, or there was none. */
    invited: c.int().notNull().default(0),
    attributes: c.json<Readonly<Record<string, string>>>().notNull(),
    /** What the page calls him; `''`: nothing. */
    identityId: c.str(255).notNull().default(''),
    verified: c.bool().notNull().default(false),
  }),
  {
    unique: { secret: ['secretHash'] },
    index: { thread: ['threadId'], visitor: ['visitorId'], seen: ['lastTime'] },
  },
);
export type VisitorRow = Row<typeof visitor>;

/** The pages that he saw. */
export const page = defineTable(
  'tracking_page',
  (c) => ({
    id: c.id(),
    visitorId: c.ref().notNull(),
    address: c.str(1024).notNull(),
    title: c.str(255).notNull(),
    at: c.time().notNull(),
  }),
  { index: { path: ['visitorId', 'at', 'id'], old: ['at'] } },
);

/** What pages told of him. */
export const event = defineTable(
  'tracking_event',
  (c) => ({
    id: c.id(),
    visitorId: c.ref().notNull(),
    name: c.str(64).notNull(),
    data: c.json<Readonly<Record<string, string>>>().notNull(),
    at: c.time().notNull(),
  }),
  { index: { visitor: ['visitorId', 'at', 'id'], old: ['at'] } },
);

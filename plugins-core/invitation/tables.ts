import { defineTable, type Row } from '../database/api.ts';

/** Who was invited, by whom, and what became of it. One per thread. */
export const invitation = defineTable(
  'invitation_invitation',
  (c) => ({
    threadId: c.ref().notNull(),
    /** Visitor of the site. */
    trackedId: c.ref().notNull(),
    /** Visitor of the chat, under whom it waits. */
    visitorId: c.ref().notNull(),
    agentId: c.ref().notNull(),
    /** The rule that invited; 0: an operator did. */
    ruleId: c.ref().notNull(),
    /** What he looked at, without query. */
    page: c.str(1024).notNull(),
    /** What its ticket is made of, besides the server's secret. */
    seed: c.key(32).notNull(),
    /** Numbers of the chat's invitation states. */
    state: c.int().notNull(),
    createdAt: c.time().notNull(),
    /** 0 while nobody answered and nobody took it back. */
    endedAt: c.time().notNull(),
  }),
  {
    primary: ['threadId'],
    index: {
      waiting: ['endedAt', 'createdAt'],
      tracked: ['trackedId', 'createdAt'],
      visitor: ['visitorId', 'endedAt'],
      age: ['createdAt'],
    },
  },
);
export type InvitationRow = Row<typeof invitation>;

/** Whom the server invites by itself; see `InvitationRule`. */
export const rule = defineTable('invitation_rule', (c) => ({
  id: c.id(),
  name: c.str(100).notNull(),
  enabled: c.bool().notNull(),
  /** Pattern of addresses; empty: any page. */
  page: c.str(255).notNull(),
  secondsOnPage: c.int().notNull(),
  secondsOnSite: c.int().notNull(),
  /** At least so many pages. */
  pagesSeen: c.int().notNull(),
  visitor: c.oneOf(['any', 'new', 'returning']).notNull(),
  attribute: c.str(64).notNull(),
  /** Empty: any value. */
  value: c.str(255).notNull(),
  operators: c.int().notNull(),
  groupId: c.ref().notNull(),
  hours: c.int().notNull(),
  greeting: c.str(1024).notNull(),
  /** Smaller is asked first. */
  weight: c.int().notNull(),
}));

/** What became of invitations, by day, rule and page. */
export const outcome = defineTable(
  'invitation_outcome',
  (c) => ({
    /** Its beginning, UTC. */
    day: c.time().notNull(),
    ruleId: c.ref().notNull(),
    /** Hash of the page: addresses are longer than keys may be. */
    pageKey: c.key(22).notNull(),
    page: c.str(1024).notNull(),
    invited: c.int().notNull(),
    accepted: c.int().notNull(),
    rejected: c.int().notNull(),
    ignored: c.int().notNull(),
  }),
  { primary: ['day', 'ruleId', 'pageKey'] },
);

/** Everything that the message core asks of the database, compiled once. */
import { and, asc, desc, eq, gt, inArray, lte, lt, ne, notInArray, sql } from 'drizzle-orm';
import type { Database, PreparedIncrement } from '../database/api.ts';
import { invitationState, messageKind, threadState } from './api.ts';
import { message, revision, thread, visitor } from './tables.ts';

export type Statements = ReturnType<typeof createStatements>;

const over = [threadState.closed, threadState.left];
const open = [threadState.queue, threadState.waiting, threadState.chatting, threadState.loading];
const p = sql.placeholder;

/** Columns of a thread that a change of state may set; numbers of messages are counted where messages are stored. */
const changeable = [
  'visitorId',
  'userId',
  'userName',
  'agentId',
  'agentName',
  'nextAgent',
  'redirectedBy',
  'groupId',
  'state',
  'invitationState',
  'locale',
  'modifiedAt',
  'chatStartedAt',
  'closedAt',
  'visitorGone',
  'revision',
] as const;

export function createStatements(db: Database) {
  const t = db.table(thread);
  const m = db.table(message);
  const r = db.table(revision);
  const v = db.table(visitor);

  /** Gives the next number of a thread, on a condition. Doing so locks the row until the transaction ends. */
  const counters = (condition: Parameters<typeof and>[0], counted: boolean) => {
    const one = (visible: boolean): PreparedIncrement =>
      db.increment(t, {
        column: t.lastSeq,
        where: and(eq(t.id, p('id')), condition),
        set: (next) => ({
          ...(visible ? { lastVisibleSeq: next } : {}),
          ...(counted ? { messageCount: sql`${t.messageCount} + 1` } : {}),
        }),
      });
    return { visible: one(true), hidden: one(false) };
  };

  return {
    counters: {
      // Who is invited answers by coming in.
      user: counters(notInArray(t.state, [...over, threadState.invited]), true),
      agent: counters(and(notInArray(t.state, over), eq(t.agentId, p('operatorId'))), false),
      /** Notes among operators. */
      note: counters(notInArray(t.state, over), false),
      system: counters(undefined, false),
    },
    insertMessage: db.prepare((q) =>
      q.insert(m).values({
        threadId: p('id'),
        seq: p('seq'),
        kind: p('kind'),
        agentId: p('agentId'),
        name: p('name'),
        body: p('body'),
        plugin: p('plugin'),
        data: p('data'),
        createdAt: p('createdAt'),
        sender: p('sender'),
        senderKey: p('senderKey'),
        bodyHash: p('bodyHash'),
      }),
    ),
    findByKey: db.prepare((q) =>
      q
        .select({ seq: m.seq, createdAt: m.createdAt, bodyHash: m.bodyHash })
        .from(m)
        .where(and(eq(m.threadId, p('id')), eq(m.sender, p('sender')), eq(m.senderKey, p('senderKey')))),
    ),
    messagesAfter: db.prepare((q) =>
      q
        .select()
        .from(m)
        .where(and(eq(m.threadId, p('id')), gt(m.seq, p('after'))))
        .orderBy(asc(m.seq))
        .limit(p('limit')),
    ),
    visibleAfter: db.prepare((q) =>
      q
        .select()
        .from(m)
        .where(and(eq(m.threadId, p('id')), gt(m.seq, p('after')), ne(m.kind, messageKind.forAgent)))
        .orderBy(asc(m.seq))
        .limit(p('limit')),
    ),
    lastVisibleBefore: db.prepare((q) =>
      q
        .select({ seq: m.seq })
        .from(m)
        .where(and(eq(m.threadId, p('id')), lt(m.seq, p('before')), ne(m.kind, messageKind.forAgent)))
        .orderBy(desc(m.seq))
        .limit(1),
    ),

    threadById: db.prepare((q) =>
      q
        .select()
        .from(t)
        .where(eq(t.id, p('id'))),
    ),
    lockThread: db.prepare((q) =>
      db.forUpdate(
        q
          .select({ revision: t.revision })
          .from(t)
          .where(eq(t.id, p('id'))),
      ),
    ),
    changeThread: db.prepare((q) =>
      q
        .update(t)
        .set(Object.fromEntries(changeable.map((name) => [name, db.param(t[name], name)])))
        .where(eq(t.id, p('id'))),
    ),
    showMessage: db.prepare((q) =>
      q
        .update(t)
        .set({ shownMessage: db.param(t.shownMessage, 'body'), modifiedAt: db.param(t.modifiedAt, 'now') })
        .where(and(eq(t.id, p('id')), sql`${t.shownMessage} is null`)),
    ),
    setRevision: db.prepare((q) =>
      q
        .update(t)
        .set({ revision: db.param(t.revision, 'revision') })
        .where(eq(t.id, p('id'))),
    ),
    nextRevision: db.increment(r, { column: r.value, where: eq(r.id, 1) }),
    currentRevision: db.prepare((q) => q.select({ value: r.value }).from(r).where(eq(r.id, 1))),
    changedSince: db.prepare((q) =>
      q
        .select()
        .from(t)
        .where(and(gt(t.revision, p('revision')), lte(t.revision, p('upTo'))))
        .orderBy(asc(t.revision))
        .limit(p('limit')),
    ),
    openThreads: db.prepare((q) =>
      q
        .select()
        .from(t)
        .where(and(inArray(t.state, open), lte(t.revision, p('upTo'))))
        .orderBy(asc(t.revision))
        .limit(p('limit')),
    ),
    /** Open threads by id, page by page, for the jobs. */
    openPage: db.prepare((q) =>
      q
        .select()
        .from(t)
        .where(and(inArray(t.state, [...open, threadState.invited]), gt(t.id, p('after'))))
        .orderBy(asc(t.id))
        .limit(p('limit')),
    ),
    chattingPage: db.prepare((q) =>
      q
        .select()
        .from(t)
        .where(and(eq(t.state, threadState.chatting), gt(t.id, p('after'))))
        .orderBy(asc(t.id))
        .limit(p('limit')),
    ),
    threadsOf: db.prepare((q) =>
      q
        .select()
        .from(t)
        .where(
          and(
            eq(t.visitorId, p('visitorId')),
            ne(t.state, threadState.invited),
            inArray(t.invitationState, [invitationState.none, invitationState.accepted]),
          ),
        )
        .orderBy(desc(t.id))
        .limit(p('limit')),
    ),
    openFrom: db.prepare((q) =>
      q
        .select({ count: sql<number>`count(*)`.mapWith(Number) })
        .from(t)
        .where(and(eq(t.remote, p('remote')), inArray(t.state, [...open, threadState.invited]))),
    ),

    visitorBySecret: db.prepare((q) =>
      q
        .select()
        .from(v)
        .where(eq(v.secretHash, p('secretHash'))),
    ),
    visitorByUserId: db.prepare((q) =>
      q
        .select()
        .from(v)
        .where(eq(v.userId, p('userId'))),
    ),
    lockVisitor: db.prepare((q) =>
      db.forUpdate(
        q
          .select()
          .from(v)
          .where(eq(v.id, p('id'))),
      ),
    ),
    visitorThread: db.prepare((q) =>
      q
        .select({ threadId: v.threadId })
        .from(v)
        .where(eq(v.id, p('id'))),
    ),
    enterThread: db.prepare((q) =>
      q
        .update(v)
        .set({ threadId: db.param(v.threadId, 'threadId'), name: db.param(v.name, 'name') })
        .where(eq(v.id, p('id'))),
    ),
    renameVisitor: db.prepare((q) =>
      q
        .update(v)
        .set({ name: db.param(v.name, 'name') })
        .where(eq(v.id, p('id'))),
    ),
    insertThread: db.prepare((q) =>
      q.insert(t).values({
        token: p('token'),
        visitorId: p('visitorId'),
        userId: p('userId'),
        userName: p('userName'),
        agentId: p('agentId'),
        agentName: p('agentName'),
        nextAgent: p('nextAgent'),
        redirectedBy: 0,
        groupId: p('groupId'),
        state: p('state'),
        invitationState: p('invitationState'),
        remote: p('remote'),
        userAgent: p('userAgent'),
        referrer: p('referrer'),
        locale: p('locale'),
        createdAt: p('createdAt'),
        modifiedAt: p('modifiedAt'),
        chatStartedAt: p('chatStartedAt'),
        closedAt: p('closedAt'),
        lastSeq: p('lastSeq'),
        lastVisibleSeq: p('lastVisibleSeq'),
        messageCount: p('messageCount'),
        shownMessage: p('shownMessage'),
        visitorGone: false,
        revision: p('revision'),
      }),
    ),
  };
}

/** Revisions count from here; the row must be there before the first thread. */
export async function ensureRevisionRow(db: Database): Promise<void> {
  await db.query.insertIgnore(db.table(revision), { id: 1, value: 1 });
}

/** Makes the visitor of a secret, unless somebody just did. */
export async function insertVisitor(
  db: Database,
  row: { readonly userId: string; readonly secretHash: string; readonly createdAt: number },
): Promise<void> {
  await db.query.insertIgnore(db.table(visitor), { ...row, name: '', threadId: 0 });
}

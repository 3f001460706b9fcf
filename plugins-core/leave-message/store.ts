/** Left messages and their answers in the database. */
import { and, asc, desc, eq, gt, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Database, NewRow, Transaction } from '../database/api.ts';
import { answer, left, type Answer, type Left, type LeftState } from './tables.ts';

/** Who changes something. */
export interface By {
  readonly id: number;
  readonly name: string;
}
/** States that a list shows together. */
export type Filter = 'open' | 'done';
const statesOf: Readonly<Record<Filter, readonly LeftState[]>> = { open: ['open'], done: ['answered', 'done'] };

/** A mail of the last day that was not handed over is still news. */
const stillNews = 24 * 3_600_000;

export type Store = ReturnType<typeof createStore>;

export function createStore(db: Database, now: () => number = Date.now) {
  const l = db.table(left);
  const a = db.table(answer);
  const p = sql.placeholder;
  const byThread = db.prepare((q) =>
    q
      .select()
      .from(l)
      .where(eq(l.threadId, p('threadId'))),
  );
  const byKey = db.prepare((q) =>
    q
      .select()
      .from(l)
      .where(and(eq(l.visitorId, p('visitorId')), eq(l.senderKey, p('senderKey')))),
  );

  return {
    find: (threadId: number): Promise<Left | undefined> => byThread.first({ threadId }),
    sent: (visitorId: number, senderKey: string): Promise<Left | undefined> => byKey.first({ visitorId, senderKey }),
    /** Inside the transaction that stores the thread. */
    async add(tx: Transaction, row: NewRow<typeof left>): Promise<void> {
      await tx.query.insert(l).values(row);
    },
    /** Newest first. @param before number of a thread; 0 for the newest */
    async page(filter: Filter, before: number, limit: number): Promise<Left[]> {
      const wanted = inArray(l.state, [...statesOf[filter]]);
      return db.query
        .select()
        .from(l)
        .where(before > 0 ? and(wanted, lt(l.threadId, before)) : wanted)
        .orderBy(desc(l.threadId))
        .limit(limit);
    },
    /** Only if it is in one of these states. @returns whether it was */
    async change(threadId: number, from: readonly LeftState[], to: LeftState, by: By): Promise<boolean> {
      const { affected } = await db.query
        .update(l)
        .set({ state: to, changedBy: by.id, changedName: by.name, changedAt: now() })
        .where(and(eq(l.threadId, threadId), inArray(l.state, [...from])));
      return affected === 1;
    },
    /** Stores an answer and ends the work, both or none. @returns undefined when the message is not open any more */
    async answered(threadId: number, by: By, senderKey: string, body: string): Promise<Answer | undefined> {
      const at = now();
      const stored = await db.transaction(async (tx) => {
        const { affected } = await tx.query
          .update(l)
          .set({ state: 'answered', changedBy: by.id, changedName: by.name, changedAt: at })
          .where(and(eq(l.threadId, threadId), eq(l.state, 'open')));
        if (affected !== 1) return undefined;
        const row = { threadId, senderKey, operatorId: by.id, operatorName: by.name, body, createdAt: at };
        const { insertId } = await tx.query.insert(a).values(row);
        return { ...row, id: insertId, mailId: null, failed: false, settled: false };
      });
      return stored;
    },
    async answers(threadId: number): Promise<Answer[]> {
      return db.query.select().from(a).where(eq(a.threadId, threadId)).orderBy(asc(a.id)).limit(100);
    },
    async answer(id: number): Promise<Answer | undefined> {
      return (await db.query.select().from(a).where(eq(a.id, id)).limit(1))[0];
    },
    /** The answer did not reach the visitor: there is work again. Said once, however often it is heard. */
    async undelivered(id: number): Promise<void> {
      await db.transaction(async (tx) => {
        const { affected } = await tx.query
          .update(a)
          .set({ failed: true })
          .where(and(eq(a.id, id), eq(a.failed, false)));
        if (affected !== 1) return;
        const [row] = await tx.query.select({ threadId: a.threadId }).from(a).where(eq(a.id, id)).limit(1);
        await tx.query
          .update(l)
          .set({ state: 'open', changedAt: now() })
          .where(and(eq(l.threadId, row!.threadId), eq(l.state, 'answered')));
      });
    },
    /** Answers whose mail is in the outbox, and of which nobody knows yet how it ended. @param after number of an answer */
    async unsettled(after: number, limit: number): Promise<Answer[]> {
      return db.query
        .select()
        .from(a)
        .where(and(eq(a.settled, false), eq(a.failed, false), gt(a.mailId, 0), gt(a.id, after)))
        .orderBy(asc(a.id))
        .limit(limit);
    },
    /** The mail went out, or was forgotten. */
    async settled(id: number): Promise<void> {
      await db.query.update(a).set({ settled: true }).where(eq(a.id, id));
    },
    async mailed(threadId: number, mailId: number): Promise<void> {
      await db.query.update(l).set({ mailId }).where(eq(l.threadId, threadId));
    },
    async answerMailed(id: number, mailId: number): Promise<void> {
      await db.query.update(a).set({ mailId }).where(eq(a.id, id));
    },
    /** Not handed over to the outbox, because something failed on the way. */
    async unmailed(limit: number): Promise<{ readonly messages: Left[]; readonly answers: Answer[] }> {
      const since = now() - stillNews;
      const messages = await db.query
        .select()
        .from(l)
        .where(and(isNull(l.mailId), gt(l.createdAt, since)))
        .orderBy(asc(l.createdAt))
        .limit(limit);
      const answers = await db.query
        .select()
        .from(a)
        .where(and(isNull(a.mailId), gt(a.createdAt, since)))
        .orderBy(asc(a.createdAt))
        .limit(limit);
      return { messages, answers };
    },
  };
}

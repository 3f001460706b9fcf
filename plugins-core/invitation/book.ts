/** The records of invitations, and what became of them by day, rule and page. */
import { createHash } from 'node:crypto';
import { and, count, desc, eq, gt, gte, lt, max, sql, sum } from 'drizzle-orm';
import { invitationState } from '../chat/api.ts';
import type { Database, Transaction } from '../database/api.ts';
import { invitation, outcome, type InvitationRow } from './tables.ts';

const day = 86_400_000;
const dayOf = (time: number): number => time - (time % day);
const keyOf = (page: string): string => createHash('sha256').update(page).digest('base64url').slice(0, 22);

/** How invitations of a kind went. */
export interface Figures {
  readonly invited: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly ignored: number;
}
const counted = {
  [invitationState.accepted]: 'accepted',
  [invitationState.rejected]: 'rejected',
  [invitationState.ignored]: 'ignored',
} as const;

/** The address as statistics tell it: without what differs from visitor to visitor. */
export const pageOf = (address: string): string => address.replace(/[?#].*/s, '').slice(0, 1024);

export interface Book {
  /** In the transaction that makes the thread: none is without its record, and waits for ever. */
  open(tx: Transaction, row: Omit<InvitationRow, 'state' | 'endedAt'>): Promise<void>;
  byThread(threadId: number): Promise<InvitationRow | undefined>;
  /** The invitation that waits for a visitor of the chat. */
  waitingOf(visitorId: number): Promise<InvitationRow | undefined>;
  /** It waits under another visitor of the chat now. */
  moved(threadId: number, visitorId: number): Promise<void>;
  /**
   * Nobody waits for an answer any more. @param state number of the invitation state; pending: taken back
   * @returns the record as it was; undefined when that was noted before
   */
  close(threadId: number, state: number): Promise<InvitationRow | undefined>;
  /** Those that wait for an answer longer than that. @param before ms since the epoch */
  overdue(before: number): Promise<readonly InvitationRow[]>;
  /** How many of each operator's invitations wait for an answer. */
  waitingByAgent(): Promise<ReadonlyMap<number, number>>;
  /** When a visitor of the site was invited last, by whomever; 0: never. */
  lastTime(trackedId: number): Promise<number>;
  byRule(since: number): Promise<readonly (Figures & { readonly ruleId: number })[]>;
  /** The pages with the most invitations. */
  byPage(since: number, limit: number): Promise<readonly (Figures & { readonly page: string })[]>;
  byDay(since: number): Promise<readonly (Figures & { readonly day: number })[]>;
  /** Records, not what was counted. @param before ms since the epoch */
  forget(before: number): Promise<void>;
}

export function createBook(db: Database, now: () => number = Date.now): Book {
  const t = db.table(invitation);
  const o = db.table(outcome);
  const none = { invited: 0, accepted: 0, rejected: 0, ignored: 0 };

  async function add(tx: Transaction, { ruleId, page }: InvitationRow, what: keyof Figures) {
    const key = { day: dayOf(now()), ruleId, pageKey: keyOf(page) };
    const row = { ...key, page, ...none, [what]: 1 };
    const target = [o.day, o.ruleId, o.pageKey];
    await tx.query.upsert(o, row, { target, set: { [what]: sql`${o[what]} + 1` } });
  }
  const figures = {
    invited: sum(o.invited),
    accepted: sum(o.accepted),
    rejected: sum(o.rejected),
    ignored: sum(o.ignored),
  };
  const numbers = (row: Record<keyof Figures, string | null>): Figures => ({
    invited: Number(row.invited),
    accepted: Number(row.accepted),
    rejected: Number(row.rejected),
    ignored: Number(row.ignored),
  });

  return {
    async open(tx, given) {
      const row = { ...given, state: invitationState.pending, endedAt: 0 };
      await tx.query.insert(t).values(row);
      await add(tx, row, 'invited');
    },
    async byThread(threadId) {
      return (await db.query.select().from(t).where(eq(t.threadId, threadId)))[0];
    },
    async waitingOf(visitorId) {
      const own = and(eq(t.visitorId, visitorId), eq(t.endedAt, 0));
      return (await db.query.select().from(t).where(own).orderBy(desc(t.threadId)).limit(1))[0];
    },
    async moved(threadId, visitorId) {
      await db.query.update(t).set({ visitorId }).where(eq(t.threadId, threadId));
    },
    close: (threadId, state) =>
      db.transaction(async (tx) => {
        const waits = and(eq(t.threadId, threadId), eq(t.endedAt, 0));
        const [row] = await db.forUpdate(tx.query.select().from(t).where(waits));
        if (!row) return undefined;
        await tx.query.update(t).set({ state, endedAt: now() }).where(waits);
        const what = counted[state as keyof typeof counted] as keyof Figures | undefined;
        if (what) await add(tx, row, what);
        return row;
      }),
    overdue: async (before) =>
      db.query
        .select()
        .from(t)
        .where(and(eq(t.endedAt, 0), lt(t.createdAt, before)))
        .limit(500),
    async waitingByAgent() {
      const rows = await db.query
        .select({ agentId: t.agentId, waiting: count() })
        .from(t)
        .where(eq(t.endedAt, 0))
        .groupBy(t.agentId);
      return new Map(rows.map(({ agentId, waiting }) => [agentId, waiting]));
    },
    async lastTime(trackedId) {
      const last = { at: max(t.createdAt) };
      return (await db.query.select(last).from(t).where(eq(t.trackedId, trackedId)))[0]?.at ?? 0;
    },
    async byRule(since) {
      const rows = await db.query
        .select({ ruleId: o.ruleId, ...figures })
        .from(o)
        .where(gte(o.day, dayOf(since)))
        .groupBy(o.ruleId)
        .orderBy(o.ruleId);
      return rows.map((row) => ({ ruleId: row.ruleId, ...numbers(row) }));
    },
    async byPage(since, limit) {
      const rows = await db.query
        .select({ page: max(o.page), ...figures })
        .from(o)
        .where(gte(o.day, dayOf(since)))
        .groupBy(o.pageKey)
        .orderBy(desc(sum(o.invited)), o.pageKey)
        .limit(limit);
      return rows.map((row) => ({ page: row.page ?? '', ...numbers(row) }));
    },
    async byDay(since) {
      const rows = await db.query
        .select({ day: o.day, ...figures })
        .from(o)
        .where(gte(o.day, dayOf(since)))
        .groupBy(o.day)
        .orderBy(desc(o.day));
      return rows.map((row) => ({ day: row.day, ...numbers(row) }));
    },
    async forget(before) {
      await db.query.delete(t).where(and(lt(t.createdAt, before), gt(t.endedAt, 0)));
    },
  };
}

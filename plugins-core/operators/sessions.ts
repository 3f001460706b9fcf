/** Sessions: an opaque secret in a cookie, its hash in the database. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { and, eq, lt, ne, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import type { Accounts } from './accounts.ts';
import type { Operator, OperatorSession } from './api.ts';
import type { Changes } from './changes.ts';
import { session } from './tables.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** Ends after `idle` without a request, and after `absolute` in any case. */
const lifetimes = {
  plain: { idle: day, absolute: 7 * day },
  remembered: { idle: 30 * day, absolute: 365 * day },
} as const;
export const lifetimeOf = (remember: boolean) => (remember ? lifetimes.remembered : lifetimes.plain);
/** Being seen is written down this rarely. */
const seenEvery = 5 * minute;

export interface Ended {
  readonly operatorId: number;
  readonly sessionId: number;
}
export interface Visit {
  readonly remember: boolean;
  readonly address: string;
  readonly userAgent: string;
}
export type Sessions = ReturnType<typeof createSessions>;

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

/**
 * @param ended told after each session that ended, for whatever reason
 * @param noticed told now and then that an operator is at work
 */
export function createSessions(
  db: Database,
  changes: Changes,
  accounts: Pick<Accounts, 'read'>,
  secret: string,
  ended: (session: Ended) => Promise<void>,
  noticed: (operatorId: number, at: number) => Promise<void> = async () => {},
) {
  const table = db.table(session);
  const bySecret = db.prepare((query) =>
    query
      .select()
      .from(table)
      .where(eq(table.secretHash, sql.placeholder('hash')))
      .limit(1),
  );
  const row = changes.kept((hash) => bySecret.first({ hash }), 10_000);
  const seen = new Map<number, number>();

  const csrfOf = (cookie: string) => createHmac('sha256', secret).update(`csrf:${cookie}`).digest('base64url');

  const markSeen = async (sessionId: number, now = Date.now()) => {
    if (now - (seen.get(sessionId) ?? 0) < seenEvery) return;
    if (seen.size > 10_000) seen.clear();
    seen.set(sessionId, now);
    const [found] = await db.query.select().from(table).where(eq(table.id, sessionId)).limit(1);
    if (!found || now - found.lastSeenAt < seenEvery) return;
    const { idle, absolute } = lifetimeOf(found.remember);
    const expiresAt = Math.min(now + idle, found.createdAt + absolute);
    await db.query.update(table).set({ lastSeenAt: now, expiresAt }).where(eq(table.id, sessionId));
    await noticed(found.operatorId, now);
  };

  const endWhere = async (condition: SQL | undefined): Promise<void> => {
    const gone = await db.query
      .select({ sessionId: table.id, operatorId: table.operatorId })
      .from(table)
      .where(condition);
    for (const one of gone) {
      const { affected } = await db.query.delete(table).where(eq(table.id, one.sessionId));
      seen.delete(one.sessionId);
      if (affected === 0) continue;
      changes.changed();
      await ended(one);
    }
  };

  const find = async (cookie: string | undefined): Promise<OperatorSession | undefined> => {
    if (cookie === undefined || !/^[\w-]{43}$/.test(cookie)) return undefined;
    const hash = hashOf(cookie);
    let found = await row(hash);
    if (!found) return undefined;
    const now = Date.now();
    // A kept row does not know that its session was seen since: ask again before calling it expired.
    if (found.expiresAt <= now) found = await bySecret.first({ hash });
    if (!found || found.expiresAt <= now) return undefined;
    const member = (await accounts.read()).byId.get(found.operatorId);
    if (!member || member.operator.disabled) return undefined;
    if (now - found.lastSeenAt >= seenEvery) await markSeen(found.id, now);
    return { id: found.id, operator: member.operator, csrf: csrfOf(cookie) };
  };

  return {
    find,
    markSeen,
    async start(operator: Operator, { remember, address, userAgent }: Visit) {
      const cookie = randomBytes(32).toString('base64url');
      const now = Date.now();
      const { insertId } = await db.query.insert(table).values({
        operatorId: operator.id,
        secretHash: hashOf(cookie),
        remember,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: now + lifetimeOf(remember).idle,
        address: address.slice(0, 64),
        userAgent: userAgent.slice(0, 255),
      });
      await noticed(operator.id, now);
      return { cookie, session: { id: insertId, operator, csrf: csrfOf(cookie) } satisfies OperatorSession };
    },
    end: (sessionId: number) => endWhere(eq(table.id, sessionId)),
    /** @param keep the session that goes on */
    endAllOf: (operatorId: number, keep?: number) =>
      endWhere(
        keep === undefined
          ? eq(table.operatorId, operatorId)
          : and(eq(table.operatorId, operatorId), ne(table.id, keep)),
      ),
    endExpired: () => endWhere(lt(table.expiresAt, Date.now())),
  };
}

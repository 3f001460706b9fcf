/** Callbacks: which function of the processor gets the answer to a call. */
import { and, eq, gt, lte, sql } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import type { Arguments } from './codec.ts';
import type { News } from './news.ts';
import { storedCallback } from './tables.ts';

interface Callback {
  readonly function: string;
  readonly arguments: Arguments;
}

/** Where callbacks are kept. */
export interface CallbackStore {
  tokens(now: number): Promise<readonly { readonly token: string; readonly processor: string }[]>;
  add(token: string, processor: string, callback: Callback, answers: number, expiresAt: number): Promise<void>;
  has(token: string, processor: string, now: number): Promise<boolean>;
  /** Takes one answer's worth. @returns the callback, and how many answers may still come */
  take(token: string, processor: string, now: number): Promise<{ callback: Callback; remaining: number } | undefined>;
  forgetBefore(time: number): Promise<void>;
}

export function databaseCallbacks(db: Database): CallbackStore {
  const t = db.table(storedCallback);
  const held = (token: string, processor: string, now: number) =>
    and(eq(t.token, token), eq(t.processor, processor), gt(t.expiresAt, now), gt(t.remaining, 0));
  return {
    tokens: (now) => db.query.select({ token: t.token, processor: t.processor }).from(t).where(gt(t.expiresAt, now)),
    async add(token, processor, callback, remaining, expiresAt) {
      const row = { token, processor, functionName: callback.function, arguments: callback.arguments };
      await db.query.insert(t).values({ ...row, remaining, expiresAt });
    },
    async has(token, processor, now) {
      const rows = await db.query
        .select({ token: t.token })
        .from(t)
        .where(held(token, processor, now))
        .limit(1);
      return rows.length > 0;
    },
    take: (token, processor, now) =>
      db.transaction(async (tx) => {
        const taken = await tx.query
          .update(t)
          .set({ remaining: sql`${t.remaining} - 1` })
          .where(held(token, processor, now));
        if (taken.affected === 0) return undefined;
        const [row] = await tx.query.select().from(t).where(eq(t.token, token)).limit(1);
        if (!row) return undefined;
        if (row.remaining <= 0) await tx.query.delete(t).where(eq(t.token, token));
        return { callback: { function: row.functionName, arguments: row.arguments }, remaining: row.remaining };
      }),
    async forgetBefore(time) {
      await db.query.delete(t).where(lte(t.expiresAt, time));
    },
  };
}

export interface Callbacks {
  load(): Promise<void>;
  add(token: string, processor: string, callback: Callback, answers: number): Promise<void>;
  /** Is an answer to this token waited for? Known without the database. */
  expects(processor: string, token: string): boolean | Promise<boolean>;
  take(processor: string, token: string): Promise<Callback | undefined>;
  expire(now: number): Promise<void>;
}

/** How long an answer is waited for. */
const patience = 24 * 3_600_000;
const ownToken = /^[0-9a-f]{32}$/;

export function createCallbacks(store: CallbackStore, news: News): Callbacks {
  const known = new Map<string, { processor: string; expiresAt: number }>();
  const learn = (token: string, processor: string, expiresAt = Date.now() + patience) =>
    void known.set(token, { processor, expiresAt });
  news.heard((item) => {
    const [token = '', processor = ''] = item.split(' ');
    learn(token, processor);
  });
  const knows = (processor: string, token: string) => known.get(token)?.processor === processor;

  return {
    async load() {
      for (const { token, processor } of await store.tokens(Date.now())) learn(token, processor);
    },
    async add(token, processor, callback, answers) {
      const expiresAt = Date.now() + patience;
      await store.add(token, processor, callback, answers, expiresAt);
      learn(token, processor, expiresAt);
      news.tell(`${token} ${processor}`);
    },
    expects(processor, token) {
      if (knows(processor, token)) return news.complete || store.has(token, processor, Date.now());
      return !news.complete && ownToken.test(token) && store.has(token, processor, Date.now());
    },
    async take(processor, token) {
      if (!knows(processor, token) && (news.complete || !ownToken.test(token))) return undefined;
      const taken = await store.take(token, processor, Date.now());
      if (!taken || taken.remaining <= 0) known.delete(token);
      return taken?.callback;
    },
    async expire(now) {
      await store.forgetBefore(now);
      for (const [token, { expiresAt }] of known) if (expiresAt <= now) known.delete(token);
    },
  };
}

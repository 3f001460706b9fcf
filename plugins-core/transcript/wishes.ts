/** Mails that were asked for under a key: one that is asked for once more is known by it. */
import { createHash } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import type { Database, Row } from '../database/api.ts';
import { wish as table } from './tables.ts';

type Kept = Row<typeof table>;
/** A wish by its key. */
export type Keyed = Omit<Kept, 'sentAt'>;

export interface Wishes {
  /** What was kept under this key. */
  find(keyed: Keyed): Promise<Kept | undefined>;
  /** Keeps it, unless there is one under this key. @returns the one that is there now */
  keep(keyed: Keyed): Promise<Kept | undefined>;
  /** Its mail is in the outbox. */
  sent(keyed: Keyed): Promise<void>;
}

const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

/** @param said what makes it this wish */
export const keyedBy = (threadId: number, key: string, said: readonly string[]): Keyed => ({
  threadId,
  senderKey: hash(key),
  // With the key, which is kept nowhere: nobody finds out by trying which address it was.
  digest: hash(JSON.stringify([key, ...said])),
});

export function createWishes(db: Database, now: () => number = Date.now): Wishes {
  const t = db.table(table);
  const p = sql.placeholder;
  const byKey = db.prepare((query) =>
    query
      .select()
      .from(t)
      .where(and(eq(t.threadId, p('threadId')), eq(t.senderKey, p('senderKey'))))
      .limit(1),
  );
  const find: Wishes['find'] = ({ threadId, senderKey }) => byKey.first({ threadId, senderKey });

  return {
    find,
    async keep(keyed) {
      await db.query.insertIgnore(t, { ...keyed, sentAt: 0 });
      return find(keyed);
    },
    async sent({ threadId, senderKey }) {
      const same = and(eq(t.threadId, threadId), eq(t.senderKey, senderKey));
      await db.query.update(t).set({ sentAt: now() }).where(same);
    },
  };
}

/** Calls that wait for their addressees. Who has none is known without reading the database. */
import { asc, eq, inArray, lt } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import type { News } from './news.ts';
import { waitingCall } from './tables.ts';

/** Where waiting calls are kept. */
export interface WaitingStore {
  addressees(): Promise<readonly string[]>;
  add(addressees: readonly string[], request: string): Promise<void>;
  /** Reads and removes, in order. */
  take(addressee: string): Promise<readonly string[]>;
  forgetBefore(time: number): Promise<void>;
}

export function databaseWaiting(db: Database): WaitingStore {
  const t = db.table(waitingCall);
  return {
    async addressees() {
      const rows = await db.query.selectDistinct({ addressee: t.addressee }).from(t);
      return rows.map(({ addressee }) => addressee);
    },
    async add(addressees, request) {
      const createdAt = Date.now();
      await db.query.insert(t).values(addressees.map((addressee) => ({ addressee, request, createdAt })));
    },
    take: (addressee) =>
      db.transaction(async (tx) => {
        const found = tx.query.select().from(t).where(eq(t.addressee, addressee)).orderBy(asc(t.id)).limit(atOnce);
        const rows = await db.forUpdate(found);
        if (rows.length > 0)
          await tx.query.delete(t).where(
            inArray(
              t.id,
              rows.map(({ id }) => id),
            ),
          );
        return rows.map(({ request }) => request);
      }),
    async forgetBefore(time) {
      await db.query.delete(t).where(lt(t.createdAt, time));
    },
  };
}
/** More than these stay for the next time. */
const atOnce = 100;

export interface Waiting {
  /** Learns who is waited for. */
  load(): Promise<void>;
  add(addressees: readonly string[], request: string): Promise<void>;
  /** Takes what waits for these addressees; undefined, without asking anybody, when nothing does. */
  take(addressees: readonly string[]): Promise<readonly string[]> | undefined;
}

export function createWaiting(store: WaitingStore, news: News): Waiting {
  const known = new Set<string>();
  news.heard((addressee) => void known.add(addressee));

  async function read(addressees: readonly string[]) {
    const texts: string[] = [];
    for (const addressee of addressees) {
      // Forgotten before it is read: whoever adds later than the read says so after it.
      known.delete(addressee);
      const taken = await store.take(addressee);
      if (taken.length === atOnce) known.add(addressee);
      texts.push(...taken);
    }
    return texts;
  }

  return {
    async load() {
      for (const addressee of await store.addressees()) known.add(addressee);
    },
    async add(addressees, request) {
      await store.add(addressees, request);
      for (const addressee of addressees) {
        known.add(addressee);
        news.tell(addressee);
      }
    },
    take(addressees) {
      const asked = news.complete ? addressees.filter((addressee) => known.has(addressee)) : addressees;
      return asked.length > 0 ? read(asked) : undefined;
    },
  };
}

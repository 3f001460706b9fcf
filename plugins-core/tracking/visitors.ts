/** Visitors in memory, found by what they bring, and made where there are none. */
import { createHash, randomBytes } from 'node:crypto';
import { Lru } from '../chat/api.ts';
import type { Found, Kept } from './kept.ts';
import { toKnown, type Known } from './known.ts';

const shape = /^[A-Za-z0-9_-]{43}$/;
export const isSecret = (text: unknown): text is string => typeof text === 'string' && shape.test(text);
export const makeSecret = (): string => randomBytes(32).toString('base64url');
const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** What is known of a visitor who was never here. */
export interface Newcomer {
  readonly entry: string;
  readonly userAgent: string;
  readonly remote: string;
  readonly country: string;
  readonly city: string;
  readonly locale: string;
}
export interface VisitorsNeeds {
  readonly kept: Pick<Kept, 'find' | 'byIds' | 'create'>;
  /** Visitors in memory at most. */
  readonly most: number;
  /** Called for each who is taken into memory, before anybody else sees him. */
  readonly loaded: (known: Known) => Promise<void>;
  readonly now: () => number;
}

export type Visitors = ReturnType<typeof createVisitors>;

export function createVisitors({ kept, most, loaded, now }: VisitorsNeeds) {
  const byHash = new Map<string, Known>();
  const byId = new Map<number, Known>();
  const byThread = new Map<number, Known>();
  const byVisitor = new Map<number, Known>();
  // A page says its secret with each contact; none of them should pay for hashing it again.
  const hashes = new Lru<string, string>(2 * most);
  const loading = new Map<string, Promise<Known | undefined>>();

  function hashOf(secret: string): string {
    const known = hashes.get(secret);
    if (known !== undefined) return known;
    const hash = hashSecret(secret);
    hashes.set(secret, hash);
    return hash;
  }

  async function keep(found: Found): Promise<Known> {
    const known = toKnown(found);
    await loaded(known);
    // Somebody else may have been quicker.
    const there = byId.get(known.id);
    if (there) return there;
    byHash.set(known.secretHash, known);
    byId.set(known.id, known);
    if (known.threadId > 0) byThread.set(known.threadId, known);
    if (known.visitorId > 0) byVisitor.set(known.visitorId, known);
    return known;
  }

  /** One question to the database, however many ask at the same time. */
  function load(column: Parameters<Kept['find']>[0], value: string | number): Promise<Known | undefined> {
    const key = `${column}:${value}`;
    let asked = loading.get(key);
    if (!asked) {
      asked = kept
        .find(column, value)
        .then((found) => found && (byId.get(found.row.id) ?? keep(found)))
        .finally(() => loading.delete(key));
      loading.set(key, asked);
    }
    return asked;
  }

  async function make(secretHash: string, newcomer: Newcomer): Promise<Known> {
    const time = now();
    const row = {
      ...newcomer,
      secretHash,
      userId: randomBytes(12).toString('hex'),
      name: '',
      firstTime: time,
      lastTime: time,
      visits: 0,
      invitations: 0,
      chats: 0,
      threadId: 0,
      visitorId: 0,
      invited: 0,
      attributes: {},
      identityId: '',
      verified: false,
    };
    const id = await kept.create(row);
    if (id === undefined) return (await load('secretHash', secretHash)) as Known;
    return keep({ row: { ...row, id }, page: undefined, pages: 0, events: [] });
  }

  return {
    /** From memory. */
    known: (secret: string): Known | undefined => byHash.get(hashOf(secret)),
    async bySecret(secret: string): Promise<Known | undefined> {
      const hash = hashOf(secret);
      return byHash.get(hash) ?? load('secretHash', hash);
    },
    /** Makes him, unless he is there. */
    async come(secret: string, newcomer: Newcomer): Promise<Known> {
      const hash = hashOf(secret);
      const there = byHash.get(hash);
      if (there) return there;
      const key = `new:${hash}`;
      let made = loading.get(key) as Promise<Known> | undefined;
      if (!made) {
        made = make(hash, newcomer).finally(() => loading.delete(key));
        loading.set(key, made);
      }
      return made;
    },
    memory: (id: number): Known | undefined => byId.get(id),
    byId: async (id: number): Promise<Known | undefined> => byId.get(id) ?? load('id', id),
    byThread: async (threadId: number): Promise<Known | undefined> =>
      threadId > 0 ? (byThread.get(threadId) ?? load('threadId', threadId)) : undefined,
    byVisitor: async (visitorId: number): Promise<Known | undefined> =>
      visitorId > 0 ? (byVisitor.get(visitorId) ?? load('visitorId', visitorId)) : undefined,
    /**
     * Takes what another node stored into memory.
     * @param take what it says of somebody who is there already
     */
    async reload(
      ids: readonly number[],
      take: (known: Known, fresh: Known) => void,
      took: (known: Known) => void,
    ): Promise<void> {
      for (const found of await kept.byIds(ids)) {
        const there = byId.get(found.row.id);
        if (there) {
          const fresh = toKnown(found);
          await loaded(fresh);
          take(there, fresh);
          took(there);
        } else if (byId.size < most) took(await keep(found));
      }
    },
    /** His thread or his number in the chat is another one. */
    relink(known: Known, threadId: number, visitorId: number): void {
      if (byThread.get(known.threadId) === known) byThread.delete(known.threadId);
      if (byVisitor.get(known.visitorId) === known) byVisitor.delete(known.visitorId);
      known.threadId = threadId;
      known.visitorId = visitorId;
      if (threadId > 0) byThread.set(threadId, known);
      if (visitorId > 0) byVisitor.set(visitorId, known);
    },
    forget(known: Known): void {
      known.forgotten = true;
      byHash.delete(known.secretHash);
      byId.delete(known.id);
      if (byThread.get(known.threadId) === known) byThread.delete(known.threadId);
      if (byVisitor.get(known.visitorId) === known) byVisitor.delete(known.visitorId);
    },
    all: (): Iterable<Known> => byId.values(),
    get size() {
      return byId.size;
    },
    get full() {
      return byId.size >= most;
    },
  };
}

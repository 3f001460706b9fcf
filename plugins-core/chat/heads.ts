/**
 * Thread heads in memory, so that a poll with nothing new reads nothing. On one node every change goes through this
 * process, so a head is always true; with several nodes it is trusted for a second and never while the bus is silent.
 */
import type { Bus } from '../cluster/api.ts';
import type { Thread } from './api.ts';
import { Lru } from './lru.ts';

const kept = 20_000;
const trustedFor = 1_000;

interface Entry {
  thread: Thread;
  readAt: number;
}

export interface Heads {
  /** From memory where it can be trusted, else by primary key. */
  load(id: number): Promise<Thread | undefined>;
  /** What memory has, trusted or not. */
  peek(id: number): Thread | undefined;
  /** As the database has it. */
  fresh(id: number): Promise<Thread | undefined>;
  /** After a commit of this node, or a read: never goes back to an older state. */
  put(thread: Thread): Thread;
  /** After a message of this node was committed. */
  advance(id: number, seq: number, visible: boolean): void;
  /** Another node changed the thread. */
  stale(id: number): void;
}

/** Two looks at one thread: the later state by revision, the higher numbers by themselves. */
export function newer(known: Thread, seen: Thread): Thread {
  const base = seen.revision >= known.revision ? seen : known;
  const other = base === seen ? known : seen;
  if (
    base.lastSeq >= other.lastSeq &&
    base.lastVisibleSeq >= other.lastVisibleSeq &&
    base.messageCount >= other.messageCount
  )
    return base;
  return {
    ...base,
    lastSeq: Math.max(base.lastSeq, other.lastSeq),
    lastVisibleSeq: Math.max(base.lastVisibleSeq, other.lastVisibleSeq),
    messageCount: Math.max(base.messageCount, other.messageCount),
  };
}

export function createHeads(
  read: (id: number) => Promise<Thread | undefined>,
  bus: Pick<Bus, 'shared' | 'connected'>,
): Heads {
  const entries = new Lru<number, Entry>(kept);
  const reading = new Map<number, Promise<Thread | undefined>>();

  const trusted = (entry: Entry) => !bus.shared || (bus.connected && Date.now() - entry.readAt < trustedFor);

  function put(thread: Thread): Thread {
    const entry = entries.get(thread.id);
    const merged = entry ? newer(entry.thread, thread) : thread;
    if (entry) [entry.thread, entry.readAt] = [merged, Date.now()];
    else entries.set(thread.id, { thread: merged, readAt: Date.now() });
    return merged;
  }

  async function fresh(id: number): Promise<Thread | undefined> {
    const thread = await read(id);
    return thread && put(thread);
  }

  /** However many ask for a head that is not in memory, it is read once. */
  function shared(id: number): Promise<Thread | undefined> {
    let work = reading.get(id);
    if (!work) {
      work = fresh(id).finally(() => reading.delete(id));
      reading.set(id, work);
    }
    return work;
  }

  return {
    async load(id) {
      const entry = entries.get(id);
      return entry && trusted(entry) ? entry.thread : shared(id);
    },
    peek: (id) => entries.peek(id)?.thread,
    fresh,
    put,
    advance(id, seq, visible) {
      const entry = entries.peek(id);
      if (!entry) return;
      const { lastSeq, lastVisibleSeq } = entry.thread;
      entry.thread = {
        ...entry.thread,
        lastSeq: Math.max(lastSeq, seq),
        lastVisibleSeq: visible ? Math.max(lastVisibleSeq, seq) : lastVisibleSeq,
      };
    },
    stale(id) {
      const entry = entries.peek(id);
      if (entry) entry.readAt = -Infinity;
    },
  };
}

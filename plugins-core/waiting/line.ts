/** Who waits, in which order: one line per group, kept from what is told of threads. No database, no clock but the one given. */
import { threadState, type Thread } from '../chat/api.ts';

/** One place in a line. */
interface Entry {
  readonly id: number;
  readonly groupId: number;
  /** Had an operator before: goes ahead of those who had none. */
  readonly priority: boolean;
  readonly createdAt: number;
  /** When this wait began, ms. */
  readonly since: number;
  /** The place on which it began; 0 when that was not seen, or it was in another line. */
  readonly beganAt: number;
}

/** Somebody was attended to. */
export interface Taken {
  readonly entry: Entry;
  readonly at: number;
}

const waitingStates: readonly number[] = [threadState.queue, threadState.loading, threadState.waiting];
export const isWaiting = ({ state }: Pick<Thread, 'state'>): boolean => waitingStates.includes(state);

/** The order of a line: priority first, then whoever came earlier. The same on every node, and after a restart. */
const before = (one: Omit<Entry, 'since' | 'beganAt'>, other: Omit<Entry, 'since' | 'beganAt'>): boolean => {
  if (one.priority !== other.priority) return one.priority;
  return one.createdAt === other.createdAt ? one.id < other.id : one.createdAt < other.createdAt;
};

/** So many threads that are gone are remembered, so that news that come late do not put them back. */
const remembered = 5_000;

export interface Line {
  /**
   * What is known of a thread now. Older news than what is known are passed over.
   * @param seen false for threads that were found waiting: when and where their wait began nobody knows
   * @returns the groups whose lines changed, and who was attended to
   */
  put(thread: Thread, seen?: boolean): { readonly groups: readonly number[]; readonly taken?: Taken };
  entry(id: number): Entry | undefined;
  /** 1 for whoever is next; undefined when the thread does not wait. */
  place(id: number): number | undefined;
  /** In order. */
  of(groupId: number): readonly Entry[];
  groups(): readonly number[];
}

export function createLine(): Line {
  const lines = new Map<number, Entry[]>();
  const entries = new Map<number, Entry>();
  const revisions = new Map<number, number>();

  /** Index of the first entry that does not stand before this one. */
  function indexOf(line: readonly Entry[], entry: Omit<Entry, 'since' | 'beganAt'>): number {
    let [low, high] = [0, line.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(line[middle]!, entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function remove(entry: Entry): void {
    const line = lines.get(entry.groupId)!;
    line.splice(indexOf(line, entry), 1);
    if (line.length === 0) lines.delete(entry.groupId);
    entries.delete(entry.id);
  }

  function isNews({ id, revision }: Thread): boolean {
    if ((revisions.get(id) ?? -1) >= revision) return false;
    revisions.delete(id);
    revisions.set(id, revision);
    for (const known of revisions.keys()) {
      if (revisions.size <= remembered + entries.size) break;
      if (!entries.has(known)) revisions.delete(known);
    }
    return true;
  }

  function enter(thread: Thread, old: Entry | undefined, seen: boolean): Entry {
    const { id, groupId, createdAt } = thread;
    const priority = thread.state === threadState.waiting;
    const bare = { id, groupId, priority, createdAt };
    const line = lines.get(groupId) ?? [];
    lines.set(groupId, line);
    const index = indexOf(line, bare);
    const since = old?.since ?? (priority ? thread.modifiedAt : createdAt);
    const entry = { ...bare, since, beganAt: seen && !old ? index + 1 : 0 };
    line.splice(index, 0, entry);
    entries.set(id, entry);
    return entry;
  }

  return {
    put(thread, seen = true) {
      if (!isNews(thread)) return { groups: [] };
      const old = entries.get(thread.id);
      const waits = isWaiting(thread);
      if (old && waits) {
        const same = old.groupId === thread.groupId && old.priority === (thread.state === threadState.waiting);
        if (same) return { groups: [] };
      }
      if (old) remove(old);
      const groups = new Set(old ? [old.groupId] : []);
      if (waits) groups.add(enter(thread, old, seen).groupId);
      const taken = old && thread.state === threadState.chatting;
      return { groups: [...groups], ...(taken ? { taken: { entry: old, at: thread.modifiedAt } } : {}) };
    },
    entry: (id) => entries.get(id),
    place(id) {
      const entry = entries.get(id);
      return entry && indexOf(lines.get(entry.groupId)!, entry) + 1;
    },
    of: (groupId) => lines.get(groupId) ?? [],
    groups: () => [...lines.keys()],
  };
}

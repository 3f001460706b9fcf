/** Who is at a thread, and who is typing: in memory with a time limit, so that a poll writes nothing. */
import type { Cluster, PresenceEntry } from '../cluster/api.ts';
import type { Side, SideState, Thread } from './api.ts';
import { isOver, mayPost } from './posts.ts';

export interface Timeouts {
  /** Seconds without a sign of life after which a side is gone. */
  readonly connection_timeout: number;
  /** Seconds after which a thread that both sides left is closed; 0 is never. */
  readonly thread_lifetime: number;
}

export interface ThreadPresence {
  /** A side gave a sign of life. @returns whether what the other side sees of its typing changed */
  ping(thread: Thread, side: Side, typing?: boolean): Promise<boolean>;
  state(thread: Thread, side: Side, operatorId?: number): Promise<SideState>;
  /** When each side of these threads was heard last: visitor, operator; undefined for never. */
  lastSeen(threads: readonly Thread[]): Promise<readonly (readonly [number | undefined, number | undefined])[]>;
  forget(threadId: number, side: Side): Promise<void>;
  /** Nobody was missed before this moment: ms since the epoch. */
  readonly reliableSince: number;
}

const key = (threadId: number, side: Side) => `chat:${threadId}:${side}`;
const other = (side: Side): Side => (side === 'user' ? 'agent' : 'user');
/** The value of an entry: when typing was last reported, 0 for not typing. */
const typedAt = (entry: PresenceEntry | undefined) => (typeof entry?.value === 'number' ? entry.value : 0);

export function createPresence(cluster: Cluster, timeouts: Timeouts): ThreadPresence {
  const { presence } = cluster;
  const connection = () => timeouts.connection_timeout * 1000;
  // Remembered for as long as anything is decided by it.
  const memory = () => Math.max(connection(), timeouts.thread_lifetime * 1000);
  const isTyping = (entry: PresenceEntry | undefined, now: number) =>
    entry !== undefined && now - entry.at < connection() && now - typedAt(entry) < connection();

  return {
    get reliableSince() {
      return presence.reliableSince;
    },
    async ping(thread, side, typing) {
      if (isOver(thread)) return false;
      const now = Date.now();
      const before = await presence.get(key(thread.id, side));
      const wasTyping = isTyping(before, now);
      const isNow = typing ?? wasTyping;
      const stamp = typing === undefined ? typedAt(before) : typing ? now : 0;
      await presence.touch(key(thread.id, side), memory(), isNow ? stamp : 0);
      return wasTyping !== isNow;
    },
    async state(thread, side, operatorId) {
      const entry = await presence.get(key(thread.id, other(side)));
      return {
        threadState: thread.state,
        threadAgentId: thread.agentId,
        agentName: thread.agentName,
        typing: !isOver(thread) && isTyping(entry, Date.now()),
        canPost: mayPost(thread, side, operatorId),
      };
    },
    async lastSeen(threads) {
      const keys = threads.flatMap(({ id }) => [key(id, 'user'), key(id, 'agent')]);
      const entries = await presence.getMany(keys);
      return threads.map((_, index) => [entries[index * 2]?.at, entries[index * 2 + 1]?.at] as const);
    },
    async forget(threadId, side) {
      await presence.remove(key(threadId, side));
    },
  };
}

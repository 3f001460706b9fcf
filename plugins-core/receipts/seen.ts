/** What each side is told of the other: answers, and pushes to the sockets of this node. */
import type { Bus, Json } from '../cluster/api.ts';
import type { Side, Thread, ThreadsService } from '../chat/api.ts';
import { windowTopic } from '../chat/api.ts';
import type { RealtimeService } from '../realtime/api.ts';
import type { Progress } from './api.ts';
import type { Ledger } from './ledger.ts';

export interface SeenNeeds {
  readonly ledger: Ledger;
  readonly threads: Pick<ThreadsService, 'byId'>;
  readonly bus: Pick<Bus, 'publish' | 'subscribe'>;
  readonly nodeId: string;
  readonly realtime: Pick<RealtimeService, 'count' | 'publish'>;
  readonly settings: { readonly receipts_visitors: boolean; readonly receipts_operators: boolean };
  readonly failed: (error: unknown) => void;
}

export interface Seen {
  /** @param own how far this side says it has come; undefined: it only asks. @returns how far the other side has */
  report(thread: Thread, side: Side, own: Progress | undefined): Promise<Progress>;
  /** Tells the sockets of this node. @returns a function that ends it */
  follow(): () => void;
}

/** What travels between nodes. */
interface News extends Progress {
  readonly threadId: number;
  readonly side: Side;
  readonly node: string;
}
const topic = 'receipts.news';
const other = (side: Side): Side => (side === 'user' ? 'agent' : 'user');

export function createSeen({ ledger, threads, bus, nodeId, realtime, settings, failed }: SeenNeeds): Seen {
  /** Progress of a side as the other one may know it. */
  function shown(side: Side, { delivered, read }: Progress): Progress {
    const open = side === 'user' ? settings.receipts_visitors : settings.receipts_operators;
    return { delivered, read: open ? read : 0 };
  }

  async function hear({ threadId, side, delivered, read, node }: News): Promise<void> {
    if (node !== nodeId) await ledger.hear(threadId, side, { delivered, read });
    const recipient = other(side);
    const windows = windowTopic(threadId, recipient);
    if (realtime.count(windows) === 0) return;
    const thread = await threads.byId(threadId);
    if (!thread) return;
    const args = { threadId, token: thread.token, recipient, ...shown(side, { delivered, read }) };
    realtime.publish(windows, [{ function: 'receiveSeen', arguments: args }]);
  }

  return {
    async report(thread, side, own) {
      const { id: threadId, lastSeq, lastVisibleSeq } = thread;
      const last = side === 'user' ? lastVisibleSeq : lastSeq;
      if (own) {
        const progress = { delivered: Math.min(own.delivered, last), read: Math.min(own.read, last) };
        if (await ledger.put(threadId, side, progress)) {
          const now = (await ledger.of(threadId))[side];
          bus.publish(topic, { threadId, side, ...now, node: nodeId });
        }
      }
      const from = other(side);
      return shown(from, (await ledger.of(threadId))[from]);
    },
    follow: () => bus.subscribe(topic, (news: Json) => void hear(news as unknown as News).catch(failed)),
  };
}

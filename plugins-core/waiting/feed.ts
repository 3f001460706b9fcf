/** Keeps the board current: what this node does is told by hooks, what others did is read once per burst. */
import type { Bus, Json } from '../cluster/api.ts';
import { newsTopic, type Thread, type ThreadNews, type ThreadsService } from '../chat/api.ts';
import type { Board } from './board.ts';

export interface FeedNeeds {
  readonly board: Board;
  readonly threads: Pick<ThreadsService, 'since'>;
  readonly bus: Pick<Bus, 'subscribe' | 'onConnection'>;
  readonly nodeId: string;
  readonly failed: (error: unknown) => void;
}

export interface Feed {
  /** Reads who waits already. */
  load(): Promise<void>;
  /** A thread changed on this node. */
  changed(thread: Thread): void;
  /** Who is available may have changed. */
  review(): void;
  /** Follows the other nodes. @returns a function that ends it */
  follow(): () => Promise<void>;
}

/** Changes within so much time are told together, ms. */
const pause = 1_000;

export function createFeed({ board, threads, bus, nodeId, failed }: FeedNeeds): Feed {
  /** All that happened up to here is known. */
  let revision = 0;
  let behind = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  async function read(seen: boolean): Promise<void> {
    for (;;) {
      const answer = await threads.since(revision);
      for (const thread of answer.threads) board.put(thread, seen);
      if (answer.revision <= revision || answer.threads.length === 0) {
        revision = Math.max(revision, answer.revision);
        return;
      }
      revision = answer.revision;
    }
  }

  async function round(): Promise<void> {
    if (behind) {
      behind = false;
      await read(true).catch((error: unknown) => {
        behind = true;
        throw error;
      });
    }
    await board.tell();
  }

  function later(): void {
    if (timer || stopped) return;
    timer = setTimeout(() => {
      running = round()
        .catch(failed)
        .finally(() => {
          timer = undefined;
          running = undefined;
          if (board.due || behind) later();
        });
    }, pause);
  }

  function hear(news: ThreadNews): void {
    if (news.node === nodeId || news.revision === 0) return;
    behind = true;
    later();
  }

  return {
    load: () => read(false),
    changed(thread) {
      board.put(thread);
      if (board.due) later();
    },
    review() {
      board.review();
      if (board.due) later();
    },
    follow() {
      const ends = [
        bus.subscribe(newsTopic, (message: Json) => hear(message as unknown as ThreadNews)),
        bus.onConnection((connected) => {
          if (!connected) return;
          behind = true;
          later();
        }),
      ];
      return async () => {
        stopped = true;
        for (const end of ends) end();
        clearTimeout(timer);
        await running;
      };
    },
  };
}

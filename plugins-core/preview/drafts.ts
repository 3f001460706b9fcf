/** What visitors type just now: in the memory that nodes share, with a time limit, and nowhere else. */
import type { Bus, Json, Presence } from '../cluster/api.ts';
import type { Thread } from '../chat/api.ts';

export interface DraftsNeeds {
  readonly presence: Pick<Presence, 'touch' | 'get' | 'remove'>;
  readonly bus: Pick<Bus, 'publish' | 'subscribe'>;
  /** Characters that a message may have. */
  readonly limit: () => number;
  /** Tells the operators' sockets of this node, if there are any. */
  readonly tell: (threadId: number, text: () => Promise<string>) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

export interface Drafts {
  put(thread: Pick<Thread, 'id'>, text: string): Promise<void>;
  /** `''` when nothing is typed. */
  of(threadId: number): Promise<string>;
  clear(threadId: number): Promise<void>;
  /** Listens to what other nodes take in. @returns a function that ends it, and forgets what was taken in here */
  follow(): () => Promise<void>;
}

/** So long it is shown after the last key, ms. */
const lifetime = 60_000;
const topic = 'preview.news';
const key = (threadId: number) => `preview:${threadId}`;

/** The first `limit` characters, as people count them. */
function cut(text: string, limit: number): string {
  // No character is longer than two units, so what lies beyond need not be looked at.
  const near = text.slice(0, limit * 2);
  return near.length <= limit ? near : Array.from(near).slice(0, limit).join('');
}

export function createDrafts({ presence, bus, limit, tell, failed }: DraftsNeeds): Drafts {
  /** Drafts that were taken in here, with the end of their time. */
  const ends = new Map<number, ReturnType<typeof setTimeout>>();

  async function of(threadId: number): Promise<string> {
    const entry = await presence.get(key(threadId));
    return entry?.present && typeof entry.value === 'string' ? entry.value : '';
  }

  async function clear(threadId: number): Promise<void> {
    clearTimeout(ends.get(threadId));
    ends.delete(threadId);
    if ((await presence.get(key(threadId))) === undefined) return;
    await presence.remove(key(threadId));
    bus.publish(topic, { threadId });
  }

  return {
    of,
    clear,
    async put({ id }, text) {
      const shown = cut(text, limit());
      if (shown.trim() === '') return clear(id);
      clearTimeout(ends.get(id));
      // Presence remembers for a while what has run out; this must not be remembered.
      ends.set(
        id,
        setTimeout(() => void clear(id).catch(failed), lifetime),
      );
      const before = await of(id);
      await presence.touch(key(id), lifetime, shown);
      // Numbers alone travel over the bus.
      if (shown !== before) bus.publish(topic, { threadId: id });
    },
    follow() {
      const stop = bus.subscribe(topic, (news: Json) => {
        const { threadId } = news as { readonly threadId: number };
        tell(threadId, () => of(threadId)).catch(failed);
      });
      return async () => {
        await Promise.all([...ends.keys()].map(clear));
        stop();
      };
    },
  };
}

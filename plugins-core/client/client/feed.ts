/** What a side has seen of a thread: a cursor that follows the stored messages, whatever way they come. */

/** Messages as a pull gives them. */
export interface Page<M> {
  readonly messages: readonly M[];
  /** Number of the last stored message that this page covers. */
  readonly lastId: number;
}

/** Messages as a push brings them. */
export interface Push<M> extends Page<M> {
  /** Number of the message that this side should have seen before. */
  readonly after: number;
}

export interface Feed<M> {
  /** Argument `lastId` of the next pull. */
  readonly cursor: number;
  /** Takes what a pull brought. @returns how many messages were new */
  pulled(page: Page<M>): number;
  /** Takes a push; one with a gap before it is left for the pull that it causes. */
  pushed(push: Push<M>): number;
}

interface FeedOptions<M> {
  /** New messages, ascending, each once. */
  readonly append: (messages: readonly M[]) => void;
  /** Something is missing: pull now. */
  readonly pull: () => void;
  readonly cursor?: number;
}

/** A pull that brings this many may have been cut by the server's limit. */
const fullPage = 50;

/**
 * Makes a feed. Pull is the truth: whatever a push skipped or lost, the next pull brings.
 *
 * @example
 * const feed = createFeed<WireMessage>({ append: rows.add, pull: () => transport.runUpdater() });
 * feed.pushed({ messages, lastId: 12, after: 11 });
 */
export function createFeed<M extends { readonly id: number }>({ append, pull, cursor = 0 }: FeedOptions<M>): Feed<M> {
  let seen = cursor;

  function take(page: Page<M>): number {
    const messages = page.messages.filter((message) => message.id > seen).toSorted((a, b) => a.id - b.id);
    const fresh = messages.filter((message, index) => message.id !== messages[index - 1]?.id);
    seen = Math.max(seen, page.lastId, fresh.at(-1)?.id ?? 0);
    if (fresh.length > 0) append(fresh);
    return fresh.length;
  }

  return {
    get cursor() {
      return seen;
    },
    pulled(page) {
      const count = take(page);
      if (count >= fullPage) pull();
      return count;
    },
    pushed(push) {
      if (push.after > seen) {
        pull();
        return 0;
      }
      return take(push);
    },
  };
}

/** Other windows of the same operator: what one of them takes is no news to the others, and of what calls him only one speaks. */

type Word =
  | { readonly id: number; readonly takes: boolean }
  /** This window would tell of something; it has a better view of it than windows of a lower rank. */
  | { readonly claim: string; readonly rank: number; readonly from: string };

/** So long windows hear each other out, ms. */
const round = 80;
/** So long a thing that was told is remembered, ms: a window without a socket hears of it seconds later. */
const memory = 15_000;

export interface SiblingsNeeds {
  /** A channel to the other windows; absent where browsers have none. */
  readonly channel?: Pick<BroadcastChannel, 'postMessage' | 'close'> & {
    onmessage: ((event: MessageEvent<Word>) => void) | null;
  };
  /** Tells this window from the others. */
  readonly name: string;
}

export function createSiblings({ channel, name }: SiblingsNeeds) {
  const taken = new Set<number>();
  /** The best claims by what is claimed, and since when it is. */
  const claims = new Map<string, { readonly rank: number; readonly from: string; readonly since: number }>();

  const note = ({ id, takes }: Extract<Word, { id: number }>) => void (takes ? taken.add(id) : taken.delete(id));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel stays within its origin
  const say = (word: Word) => channel?.postMessage(word);

  function weigh({ claim, rank, from }: Extract<Word, { claim: string }>): void {
    const best = claims.get(claim);
    if (!best) setTimeout(() => claims.delete(claim), memory);
    if (!best || rank > best.rank || (rank === best.rank && from > best.from))
      claims.set(claim, { rank, from, since: best?.since ?? Date.now() });
  }
  if (channel) channel.onmessage = ({ data }) => ('claim' in data ? weigh(data) : note(data));

  return {
    /** This window takes a conversation, or did not get it. */
    takes(id: number, now: boolean): void {
      note({ id, takes: now });
      say({ id, takes: now });
    },
    /** Did the operator take it himself, in whatever window? Asked once: the next time it is news again. */
    took: (id: number) => taken.delete(id),
    /**
     * Is it for this window to tell of it? Of several only one may: the one with the highest rank.
     * @param claim what it is, alike in all windows
     */
    async claim(claim: string, rank: number): Promise<boolean> {
      if (!channel) return true;
      const known = claims.get(claim);
      // Whoever comes when the others have nearly settled it comes too late.
      if (known && Date.now() - known.since >= round / 2) return false;
      const word = { claim, rank, from: name };
      weigh(word);
      say(word);
      await new Promise((done) => setTimeout(done, round));
      return claims.get(claim)?.from === name;
    },
    stop: () => channel?.close(),
  };
}

export type Siblings = ReturnType<typeof createSiblings>;

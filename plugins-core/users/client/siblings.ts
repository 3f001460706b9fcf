/** Other windows of the same operator: what one of them takes is no news to the others. */

interface Word {
  readonly id: number;
  readonly takes: boolean;
}

export function createSiblings(agentId: number) {
  const channel =
    typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`mibew-workspace-${agentId}`);
  const taken = new Set<number>();
  const note = ({ id, takes }: Word) => void (takes ? taken.add(id) : taken.delete(id));
  if (channel) channel.onmessage = ({ data }: MessageEvent<Word>) => note(data);
  return {
    /** This window takes a conversation, or did not get it. */
    takes(id: number, now: boolean): void {
      note({ id, takes: now });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel stays within its origin
      channel?.postMessage({ id, takes: now } satisfies Word);
    },
    /** Did the operator take it himself, in whatever window? Asked once: the next time it is news again. */
    took: (id: number) => taken.delete(id),
    stop: () => channel?.close(),
  };
}

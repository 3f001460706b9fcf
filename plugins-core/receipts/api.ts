/** How far each side of a conversation has come: what was delivered to it, what it has read. */
import * as v from 'valibot';
import { threadProcessor } from '../chat/api.ts';
import { defineRpc, wireInteger } from '../rpc/api.ts';

/** Codes of function errors. */
export const receiptsErrors = {
  /** Marks are switched off. */
  off: 240,
} as const;

/** Numbers of the last message that was delivered, and of the last one that was read; 0 for none. */
export interface Progress {
  readonly delivered: number;
  readonly read: number;
}

/**
 * `seen`: a window tells how far its side has come, and is told how far the other one has. Sockets of the other side are told by
 * `receiveSeen`, with the same and the thread's reference.
 */
export const receiptsRpc = defineRpc(threadProcessor, {
  seen: {
    input: v.object({ user: v.boolean(), delivered: wireInteger, read: wireInteger }),
    output: v.object({ delivered: v.number(), read: v.number() }),
    rate: { perSecond: 5, burst: 30 },
  },
});

/** The queue as those see it who stand in it: place and, where enough is known, how long it may take. */
import * as v from 'valibot';
import { defineService } from '../../kernel/tokens.ts';
import { threadProcessor } from '../chat/api.ts';
import { defineRpc } from '../rpc/api.ts';

/** What somebody who waits is told. */
export interface Standing {
  /** 1 for whoever is next; 0 for a thread that does not wait. */
  readonly position: number;
  /** Minutes that it will probably take at least and at most; both 0 where nothing is claimed. */
  readonly low: number;
  readonly high: number;
  /** The same in words, in the language of the thread; `''` when there is nothing to say. */
  readonly text: string;
}

export interface QueueService {
  /** Place in the line of its group; undefined for a thread that does not wait. From memory. */
  place(threadId: number): number | undefined;
  /** Threads that wait for a group, in order. 0: those of no group. */
  waiting(groupId: number): readonly number[];
}
/** @example const next = ctx.use.queue.waiting(group.id)[0] */
export const queue = defineService<QueueService>('waiting.queue');

/** `position`, asked by the visitor's window as long as it waits. Sockets are told by `receivePosition`, with the same and the thread's reference. */
export const waitingRpc = defineRpc(threadProcessor, {
  position: {
    input: v.object({ user: v.literal(true) }),
    output: v.object({ position: v.number(), low: v.number(), high: v.number(), text: v.string() }),
  },
});

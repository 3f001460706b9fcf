/** Past conversations: who may read which, and what is told of them beside what was said. */
import * as v from 'valibot';
import { defineHook, defineService } from '../../kernel/tokens.ts';
import type { Thread } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';
import { defineRpc, wireInteger } from '../rpc/api.ts';
import { usersProcessor } from '../users/api.ts';

/**
 * Decides alone who may read which conversation once it is past. Administrators read all; whoever may watch others (`viewthreads`) all that
 * {@link threadsReadable} leaves; everybody else his own. While a conversation is open, or is a message that waits for its answer, it has
 * to be in his sight, too (`threads.visibleTo` of the chat). What he may not read is to him as if it were not there.
 */
export interface ThreadLogService {
  /** Those of these that he may read, in their order. */
  readable(operator: Operator, threads: readonly Thread[]): Promise<readonly Thread[]>;
  /** Undefined where there is none, or none for him. */
  find(operator: Operator, threadId: number): Promise<Thread | undefined>;
  /** Conversations with the visitor of this public id, the newest first; at most 1,000. */
  ofVisitor(operator: Operator, userId: string): Promise<readonly Thread[]>;
}
/** @example const thread = await ctx.use.threadLog?.find(operator, 42) */
export const threadLog = defineService<ThreadLogService>('thread-log.log');

/**
 * Which of these past conversations an operator with the permission `viewthreads` may read. Not asked about his own, and not for administrators.
 * A listener that throws takes nothing away: one that cannot tell answers with none.
 *
 * @example ctx.on(threadsReadable, (threads, { operator }) => threads.filter(({ agentId }) => isColleague(operator, agentId)))
 */
export const threadsReadable = defineHook.filter<readonly Thread[], [{ readonly operator: Operator }]>(
  'thread-log.threads.readable',
);

/** What pages tell of a conversation and the thread does not carry. */
export interface ThreadRecord {
  readonly id: number;
  /** Group that the visitor came to; `''` where there is none. */
  readonly groupName: string;
  /** Further facts for the head of the log; plain text in the language of whoever reads. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
}
/**
 * Records before they are shown, all of one page at once.
 *
 * @example
 * ctx.on(threadsRecorded, (records, { threads }) =>
 *   records.map((record) => ({ ...record, groupName: nameOf(threads.get(record.id)) })));
 */
export const threadsRecorded = defineHook.filter<
  readonly ThreadRecord[],
  [{ readonly threads: ReadonlyMap<number, Thread>; readonly operator: Operator; readonly locale: string }]
>('thread-log.threads.recorded');

/** An earlier conversation beside the one that is shown. */
export interface EarlierThread {
  readonly id: number;
  /** Unix seconds. */
  readonly created: number;
  /** Who had it; `''`: nobody. */
  readonly agentName: string;
  /** First words of the visitor on one line, not escaped. */
  readonly firstMessage: string | null;
  /** Address of its log. */
  readonly link: string;
}
/**
 * Of the `users` processor: conversations that the visitor of a thread had before it, as far as the operator may read them. 108 when there is
 * no such thread in his sight.
 *
 * @example const { count, threads } = await users.call('earlierThreads', { agentId: 3, thread: 57 });
 */
export const threadLogRpc = defineRpc(usersProcessor, {
  earlierThreads: {
    input: v.object({ thread: wireInteger }),
    output: v.object({
      count: v.number(),
      /** The last three, the newest first. */
      threads: v.pipe(v.array(v.custom<EarlierThread>(() => true)), v.readonly()),
      /** Address of the list of all. */
      all: v.string(),
    }),
  },
});

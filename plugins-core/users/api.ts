/** The operators' side: the queue with revisions, who is online, and the workspace page. */
import * as v from 'valibot';
import { defineHook } from '../../kernel/tokens.ts';
import { type Thread, threadProcessor } from '../chat/api.ts';
import { type Operator, type OperatorSession, type OwnStatus, statuses } from '../operators/api.ts';
import { defineProcessor, defineRpc, wireInteger } from '../rpc/api.ts';

/** A row of the queue, as RPC spec section 10 has it. Times in unix seconds. */
export interface WireThread {
  readonly id: number;
  readonly token: number;
  readonly userId: string;
  /** Setting `usernamepattern` applied. */
  readonly userName: string;
  readonly userIp: string | false;
  readonly remote: string;
  /** Name and version of the browser, e.g. `Firefox 121.0`. */
  readonly userAgent: string;
  readonly agentId: number;
  /** Addressed operator, else the agent, else `-`. */
  readonly agentName: string;
  /** Ours: it waits for this operator by name; somebody handed it to him, or the visitor asked for him. */
  readonly addressed?: true;
  /** Ours: name of the group that the visitor came to, where there is one. */
  readonly groupName?: string;
  /** Ours: the visitor's window is gone, and nothing was heard of him since. */
  readonly visitorGone?: true;
  /** Ours: how many conversations the visitor had before this one, if any; added by the plugin `thread-log`. */
  readonly earlier?: number;
  readonly canOpen: boolean;
  readonly canView: boolean;
  readonly canBan: boolean;
  readonly ban: false | { readonly id: number; readonly reason: string };
  readonly state: number;
  /** When the thread was made. */
  readonly totalTime: number;
  /** When it changed last. */
  readonly waitingTime: number;
  /** First words of the visitor on one line, not escaped. */
  readonly firstMessage: string | null;
}
/** An operator who is online. */
export interface WireOperator {
  readonly id: number;
  readonly name: string;
  readonly away: boolean;
}

/** Codes of function errors on the `users` processor: the spec's, and ours from 100. */
export const usersErrors = {
  notLoggedIn: 1,
  wrongAgent: 2,
  variousAgents: 3,
  wrongArguments: 104,
  threadUnknown: 108,
} as const;

/**
 * `usersUpdateThreadsAlter`: rows before they are sent, by poll or by push. `threads` are those of the rows, by id. A row that a
 * listener takes away is not sent, not told as gone: to keep threads from an operator's sight use `threadsVisible` of the chat.
 *
 * @example ctx.on(threadsListed, rows => rows.map(row => ({ ...row, userAgent: shorten(row.userAgent) })))
 */
export const threadsListed = defineHook.filter<
  readonly WireThread[],
  [{ readonly operatorId: number; readonly threads: ReadonlyMap<number, Thread> }]
>('users.threads.listed');

/**
 * Operators who are online, before they are told to this one: listeners take away whom he is not to know of.
 *
 * @example ctx.on(operatorsListed, (list, { operator }) => list.filter(({ id }) => isColleague(operator, id)))
 */
export const operatorsListed = defineHook.filter<readonly WireOperator[], [{ readonly operator: Operator }]>(
  'users.operators.listed',
);

/**
 * What the workspace starts with: `page` of its boot object, RPC spec section 9.5.
 *
 * @example ctx.on(usersOptions, page => ({ ...page, banLink: ctx.url('bans.form') }))
 */
export const usersOptions = defineHook.filter<Readonly<Record<string, unknown>>, [{ readonly operator: Operator }]>(
  'users.options',
);

/** What the workspace shows beside a conversation and the rows do not carry. */
export interface ThreadFacts {
  readonly referrer: string;
  readonly locale: string;
  /** Unix seconds; 0 where nobody has taken it yet. */
  readonly chatStarted: number;
  /** Of the group that the visitor came to; `''` where there is none. */
  readonly groupName: string;
}
/**
 * What `threadFacts` answers about a thread, before it is sent.
 *
 * @example ctx.on(factsTold, (facts, { thread }) => ({ ...facts, locale: languageOf(thread) }))
 */
export const factsTold = defineHook.filter<ThreadFacts, [{ readonly thread: Thread }]>('users.facts.told');

/** Who calls the `users` processor. */
export interface UsersCaller {
  readonly session: OperatorSession;
}
/** The processor behind `/operator/users/update`. */
export const usersProcessor = defineProcessor<UsersCaller, undefined>('users');

/** Topic of the pushes to one operator's sockets. @example realtime.publish(usersTopic(3), calls) */
export const usersTopic = (operatorId: number): string => `users:${operatorId}`;
/** Key of calls that wait for one operator's next `update`. @example rpc.call('users', [usersBuffer(3)], calls) */
export const usersBuffer = (operatorId: number): string => `users_${operatorId}`;

const none = v.object({});
/** What the caller is to others: `OwnStatus`. */
const ownStatus = v.object({ status: v.picklist(statuses), idle: v.boolean() });
const listOf = <T>() => v.pipe(v.array(v.custom<T>(() => true)), v.readonly());

/**
 * Functions of the `users` processor: RPC spec section 10.
 *
 * @example
 * const { threads, lastRevision } = await users.call('updateThreads', { agentId: 3, revision: 57 });
 */
export const usersRpc = defineRpc(usersProcessor, {
  /** The results are ours; whoever names none in `return` gets none. */
  update: { input: none, output: ownStatus },
  currentTime: { input: none, output: v.object({ time: v.number() }) },
  updateThreads: {
    input: v.object({ revision: wireInteger }),
    /** Ours: there is `more` to be asked for from `lastRevision` on, at once: a long queue comes in parts. */
    output: v.object({ threads: listOf<WireThread>(), lastRevision: v.number(), more: v.boolean() }),
  },
  updateOperators: { input: none, output: v.object({ operators: listOf<WireOperator>() }) },
  /** Ours: {@link ThreadFacts}. 108 when there is no such thread in his sight. */
  threadFacts: {
    input: v.object({ thread: wireInteger }),
    output: v.object({ referrer: v.string(), locale: v.string(), chatStarted: v.number(), groupName: v.string() }),
  },
  away: { input: none, output: none },
  available: { input: none, output: none },
  /** Ours: he works as always, and is there for nobody else. */
  invisible: { input: none, output: none },
  /** Ours: he did something in one of his windows. Counts where `idle_timeout` is set. */
  active: { input: none, output: none },
});

/** `active` of the `thread` processor: the operator did something in the window of a conversation. */
export const activityRpc = defineRpc(threadProcessor, {
  active: { input: v.object({ user: v.literal(false) }), output: none },
});

/** A push over a socket: arguments of the client function `receiveStatus`. What the operator is to others changed. */
export interface ReceiveStatus extends OwnStatus {
  readonly agentId: number;
}
/** A push over a socket: arguments of the client function `receiveOperators`, the same as `updateOperators` answers. */
export interface ReceiveOperators {
  readonly agentId: number;
  readonly operators: readonly WireOperator[];
}
/** A push over a socket: arguments of the client function `receiveThreads`. */
export interface ReceiveThreads {
  readonly agentId: number;
  readonly threads: readonly WireThread[];
  readonly lastRevision: number;
  /** Revision that the client should have reached before; it pulls when it has not. */
  readonly after: number;
}

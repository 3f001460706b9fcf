/** Conversations: visitors, threads, messages. The message core of the product. */
import * as v from 'valibot';
import { defineHook, defineService } from '../../kernel/tokens.ts';
import type { Operator, OperatorSession } from '../operators/api.ts';
import { defineProcessor, defineRpc, wireInteger } from '../rpc/api.ts';

/** Settings of the company and of conversations: `settings.of(chatSettings)`. */
export { chatSettings } from './settings.ts';

/** States of a thread, with the numbers of the wire. */
export const threadState = { queue: 0, waiting: 1, chatting: 2, closed: 3, loading: 4, left: 5, invited: 6 } as const;
export type ThreadState = (typeof threadState)[keyof typeof threadState];
/** Kinds of a message, with the numbers of the wire. Kind 3 (`forAgent`) never reaches a visitor. */
export const messageKind = { user: 1, agent: 2, forAgent: 3, info: 4, conn: 5, events: 6, plugin: 7 } as const;
export type MessageKind = (typeof messageKind)[keyof typeof messageKind];
/** The two sides of a thread. */
export type Side = 'user' | 'agent';

/** Codes of function errors: the spec's, and ours from 100. Protocol failures inside a result are 1000 + the spec's code. */
export const chatErrors = {
  notLoggedIn: 2,
  wrongArguments: 3,
  wrongThread: 4,
  cannotSend: 5,
  forbiddenRename: 6,
  messageEmpty: 100,
  messageTooLong: 101,
  rate: 102,
  keyReused: 103,
  wrongArgumentsUsers: 104,
  taken: 105,
  closed: 106,
  tooManyThreads: 107,
  /** The whole package: a thread in it is not the caller's. */
  forbidden: 108,
} as const;

/** A visitor: one revocable secret (stored hashed), and a public id. */
export interface Visitor {
  readonly id: number;
  /** Public id, made by the server (`userId` on the wire). */
  readonly userId: string;
  readonly name: string;
}

/** A thread. Times in ms since the epoch, 0 for never. */
export interface Thread {
  readonly id: number;
  /** 24-bit number of the original; part of addresses, never sufficient alone. */
  readonly token: number;
  readonly visitorId: number;
  readonly userId: string;
  readonly userName: string;
  readonly agentId: number;
  readonly agentName: string;
  readonly nextAgent: number;
  readonly groupId: number;
  readonly state: ThreadState;
  readonly invitationState: number;
  /** Client address. */
  readonly remote: string;
  readonly userAgent: string;
  readonly referrer: string;
  readonly locale: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly chatStartedAt: number;
  readonly closedAt: number;
  /** Number of the last message, and of the last one that the visitor may see. */
  readonly lastSeq: number;
  readonly lastVisibleSeq: number;
  /** Messages written by the visitor. */
  readonly messageCount: number;
  /** First message of the visitor, raw; null if none. */
  readonly shownMessage: string | null;
  /** The visitor's window is gone and the operator was told so. */
  readonly visitorGone: boolean;
  readonly revision: number;
}

/** A stored message. `body` is raw for kinds 1 and 2, HTML-safe text for the others. */
export interface Message {
  readonly threadId: number;
  readonly seq: number;
  readonly kind: MessageKind;
  readonly name: string | null;
  readonly agentId: number;
  readonly body: string;
  readonly plugin: string;
  readonly data: unknown;
  readonly createdAt: number;
}
/** A message before it is stored; what {@link filterMessage} may change. */
export interface Draft {
  readonly kind: MessageKind;
  readonly body: string;
  readonly name: string | null;
  readonly agentId: number;
  readonly plugin: string;
  readonly data: unknown;
}
/** A message as it goes over the wire; `message` is HTML-safe, `created` unix seconds. */
export interface WireMessage {
  readonly id: number;
  readonly kind: number;
  readonly created: number;
  readonly name: string | null;
  readonly message: string;
  readonly plugin: string;
  readonly data: unknown;
}

/** What a chat starts with. All optional texts are limited by the service. */
export interface StartInput {
  readonly group?: number;
  readonly locale?: string;
  readonly url?: string;
  readonly referrer?: string;
  readonly operatorCode?: string;
  readonly info?: string;
  readonly name?: string;
  readonly email?: string;
  readonly remote: string;
  readonly userAgent: string;
}
/** Answer of `start` and `processSurvey`: RPC spec section 9. */
export interface StartOutcome {
  readonly next: 'chat' | 'leaveMessage';
  readonly options: Readonly<Record<string, unknown>>;
  readonly thread?: Thread;
}

/** What the users list and other plugins see of presence. */
export interface SideState {
  readonly threadState: ThreadState;
  readonly threadAgentId: number;
  readonly typing: boolean;
  readonly canPost: boolean;
}

export interface ThreadsService {
  /** From memory where possible. */
  byId(id: number): Promise<Thread | undefined>;
  /** Under a lock on the visitor: a second start gives the open thread. @throws RpcError tooManyThreads */
  start(visitor: Visitor, input: StartInput): Promise<StartOutcome>;
  /** Compare-and-set. @throws RpcError 105 with the holder's name, 106 closed */
  take(id: number, operator: Operator, options?: { readonly force?: boolean }): Promise<Thread>;
  /** Visitor: always; operator: only the owner's call closes. Fires {@link threadClosed} once. */
  close(id: number, by: Side, operator?: Operator): Promise<Thread | undefined>;
  rename(id: number, name: string): Promise<Thread>;
  /** Exactly once with `key`. @throws RpcError 5, 100, 101, 102, 103 */
  post(
    id: number,
    side: Side,
    post: { readonly message: string; readonly key?: string; readonly operator?: Operator },
  ): Promise<{ readonly id: number; readonly created: number }>;
  /** A message of the system or a plugin (kinds 3–7). */
  postSystem(id: number, draft: Draft): Promise<Message>;
  /** Messages after `lastId` that this side may see, ascending, at most `limit` (default 200). */
  messages(
    id: number,
    side: Side,
    lastId: number,
    limit?: number,
  ): Promise<{ readonly messages: readonly WireMessage[]; readonly lastId: number }>;
  state(thread: Thread, side: Side, operator?: Operator): Promise<SideState>;
  /**
   * Threads with revision > `revision`, by id; with 0 only open ones. From memory when nothing changed. At most 1,000: ask
   * again with the `revision` of the answer, which is that of the last thread told when there are more.
   */
  since(revision: number): Promise<{ readonly threads: readonly Thread[]; readonly revision: number }>;
}
/** @example const thread = await ctx.use.threads.byId(42) */
export const threads = defineService<ThreadsService>('chat.threads');

export interface VisitorsService {
  /** The visitor behind a secret (43 characters of base64url); made if unknown. */
  bySecret(secret: string): Promise<Visitor>;
  /** The visitor behind a secret, if there is one. */
  find(secret: string): Promise<Visitor | undefined>;
  byUserId(userId: string): Promise<Visitor | undefined>;
}
/** Topic of the bus on which every node, the own one too, hears of each commit that touched a thread. */
export const newsTopic = 'chat.thread.news';
/** What travels there: numbers only; `seq` or `revision` 0 when none was given. */
export interface ThreadNews {
  readonly threadId: number;
  readonly seq: number;
  readonly revision: number;
  /** Typing or presence of a side changed. */
  readonly typing?: boolean;
  /** Node that committed. */
  readonly node: string;
}
export const visitors = defineService<VisitorsService>('chat.visitors');

/** `threadCreate`. */
export const threadCreated = defineHook.notify<[Thread]>('chat.thread.created');
/** `threadUpdate`: a thread changed and got a new revision. */
export const threadChanged =
  defineHook.notify<[{ readonly thread: Thread; readonly original: Thread }]>('chat.thread.changed');
/** `threadClose`: once per closing, whatever the way. */
export const threadClosed = defineHook.notify<[Thread]>('chat.thread.closed');
/** `threadUserIsReady`. */
export const visitorReady = defineHook.notify<[Thread]>('chat.visitor.ready');
/** `threadPostMessage`: before a message is stored, outside the transaction. `threadId` is 0 for the messages a thread begins with. */
export const filterMessage = defineHook.filter<Draft, [{ readonly threadId: number; readonly side: Side | 'system' }]>(
  'chat.message.filter',
);
/** A message was stored. */
export const messagePosted = defineHook.notify<[Message]>('chat.message.posted');
/** `threadGetMessagesAlter`: may change or blank messages, never moves the cursor. */
export const messagesLoaded = defineHook.filter<
  readonly WireMessage[],
  [{ readonly threadId: number; readonly side: Side }]
>('chat.messages.loaded');
/** May this visitor start? An answer `{ code, name, message }` refuses. */
export const mayStart = defineHook.decide<
  [{ readonly visitor: Visitor; readonly input: StartInput }],
  { readonly code: number; readonly name: string; readonly message: string }
>('chat.thread.mayStart');
/** What the visitor sees before a chat: the first answer replaces the plain start (survey, leave message …). */
export const beforeStart = defineHook.decide<[{ readonly visitor: Visitor; readonly input: StartInput }], StartOutcome>(
  'chat.thread.beforeStart',
);

/** Who calls the `thread` processor. */
export interface ThreadCaller {
  readonly visitor: Visitor | undefined;
  readonly session: OperatorSession | undefined;
}
/** What a call is about; undefined for functions with `threadId: null`. */
export type ThreadSubject = Thread | undefined;
export const threadProcessor = defineProcessor<ThreadCaller, ThreadSubject>('thread');

const sender = { user: v.boolean() };
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const none = v.object({});
/** Of any length: an address is as long as its page wants, and the service takes what it has room for. */
const optionalText = v.optional(v.nullable(v.string()));
/** 1–64 characters chosen at random by the sender. */
export const senderKey = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

/** Functions of the `thread` processor: RPC spec section 7, and ours (`start`, `take`). */
export const threadRpc = defineRpc(threadProcessor, {
  update: {
    input: v.object({ ...sender, typed: v.boolean(), lastId: v.optional(v.nullable(wireInteger)) }),
    output: v.object({ threadState: v.number(), threadAgentId: v.number(), typing: v.boolean(), canPost: v.boolean() }),
  },
  updateMessages: {
    input: v.object({ ...sender, lastId: wireInteger }),
    output: v.object({ messages: v.array(v.custom<WireMessage>(() => true)), lastId: v.number() }),
  },
  post: {
    input: v.object({ ...sender, message: v.string(), key: v.optional(senderKey) }),
    output: v.object({ id: v.number(), created: v.number() }),
  },
  rename: { input: v.object({ name: text(64) }), output: none },
  close: { input: v.object(sender), output: v.object({ closed: v.boolean() }) },
  getAvatar: { input: none, output: v.object({ imageLink: v.union([v.string(), v.literal(false)]) }) },
  start: {
    input: v.object({
      group: v.optional(v.nullable(v.union([v.number(), v.string()]))),
      locale: optionalText,
      url: optionalText,
      referrer: optionalText,
      operator_code: optionalText,
      info: optionalText,
      name: optionalText,
      email: optionalText,
    }),
    output: v.object({ next: v.picklist(['chat', 'leaveMessage']), options: v.record(v.string(), v.unknown()) }),
  },
  take: {
    input: v.object({ user: v.literal(false), force: v.optional(v.boolean()) }),
    output: v.object({ threadState: v.number(), threadAgentId: v.number(), agentName: v.string() }),
  },
});

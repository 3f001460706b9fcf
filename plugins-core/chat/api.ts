/** Conversations: visitors, threads, messages. The message core of the product. */
import type { Context } from 'hono';
import * as v from 'valibot';
import { defineHook, defineService } from '../../kernel/tokens.ts';
import type { Transaction } from '../database/api.ts';
import type { Operator, OperatorSession } from '../operators/api.ts';
import { type Call, defineProcessor, defineRpc, RpcError, wireInteger } from '../rpc/api.ts';
import type { PageOptions } from '../views/api.ts';

/** Makes what people typed safe in messages of kinds 3 to 7. */
export { escapeHtml } from './escape.ts';
/** Settings of the company and of conversations: `settings.of(chatSettings)`. */
export { fieldsOfQuery } from './fields.ts';
export { Lru } from './lru.ts';
export { createRate, type Rate } from './rate.ts';
export { chatSettings } from './settings.ts';

/** States of a thread, with the numbers of the wire. */
export const threadState = { queue: 0, waiting: 1, chatting: 2, closed: 3, loading: 4, left: 5, invited: 6 } as const;
export type ThreadState = (typeof threadState)[keyof typeof threadState];
/** What became of an invitation, with the numbers of the wire. Only a pending one changes. */
export const invitationState = { none: 0, pending: 1, accepted: 2, rejected: 3, ignored: 4 } as const;
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
  taken: 105,
  closed: 106,
  tooManyThreads: 107,
  /** The whole package: a thread in it is not the caller's. */
  forbidden: 108,
  /** NOT_OWNER, NOT_CHATTING: this operator cannot hand the conversation over. */
  handover: 109,
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
  /** The operator who handed it over, until the next one has it; else 0. */
  readonly redirectedBy: number;
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

/**
 * Messages in a list (`<ol class="mb-chat__log">`) as operators see them, for apps that `chat-pane` joins; rows are only ever appended.
 *
 * @example (apps.mount('chat-messages', list, { ui }) as MountedMessages).append(messages);
 */
export interface MountedMessages {
  append(messages: readonly WireMessage[]): void;
  stop(): void;
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
  /** First message of the visitor: stored as kind 1, becomes the shown message. */
  readonly message?: string;
  /** Answers to fields of other plugins; what they are the plugin says in {@link prepareThread}. */
  readonly fields?: Readonly<Record<string, string>>;
}
/** What a conversation is begun with, or what comes before it: RPC spec section 9. */
export interface StartOutcome {
  readonly next: 'chat' | 'survey' | 'leaveMessage';
  readonly options: Readonly<Record<string, unknown>>;
  readonly thread?: Thread;
  /** What a browser without scripts is shown: a server view inside the chat window. */
  readonly plain?: { readonly view: string; readonly model: Readonly<Record<string, unknown>> };
}
/**
 * Which attempt to begin it is: `open`, the visitor came and may be asked something first; `start`, he answered, and only
 * what makes a conversation impossible may still come before it.
 */
export type StartStage = 'open' | 'start';
/** What listeners of {@link beforeStart} are told. */
export interface Beginning {
  readonly visitor: Visitor;
  readonly input: StartInput;
  readonly stage: StartStage;
  /** The operator that the visitor asked for by his code. While he is online nobody is sent away: he is there, away or not. */
  readonly requested?: { readonly operator: Operator; readonly online: boolean };
}
/** What {@link prepareThread} may change of a thread before it is made. */
export interface Preparation {
  /** 0 for none: `input.group` counts only when a plugin that knows groups says so. */
  readonly groupId: number;
  /** Operator that the thread is addressed to; 0 for none. */
  readonly nextAgent: number;
  /** Messages between the greeting and the visitor's first one. Texts of the visitor are to be escaped ({@link escapeHtml}). */
  readonly opening: readonly Draft[];
}
/** Whom an operator hands his conversation to. */
export type RedirectTarget =
  | {
      readonly agent: Operator;
      /** The thread's group from now on; absent: as it is. */
      readonly groupId?: number;
    }
  | { readonly group: { readonly id: number; readonly name: string } };

/** What the users list and other plugins see of presence. */
export interface SideState {
  readonly threadState: ThreadState;
  readonly threadAgentId: number;
  /** Who has the thread, as it was told to the visitor; `''` while nobody has. */
  readonly agentName: string;
  readonly typing: boolean;
  readonly canPost: boolean;
}

export interface ThreadsService {
  /** From memory where possible. */
  byId(id: number): Promise<Thread | undefined>;
  /**
   * What comes first for a visitor who asks for a conversation: the open one, re-entered; else what {@link beforeStart} answers
   * (a survey, the form for a message); else a new one. `GET /chat` and the RPC function `open` call it.
   * @throws RpcError 102, 107, or what {@link mayStart} refuses with
   */
  open(visitor: Visitor, input: StartInput): Promise<StartOutcome>;
  /**
   * The same after the visitor was asked: the survey does not answer any more, the form for a message may.
   * Under a lock on the visitor: a second start gives the open thread. RPC `start` and `processSurvey` call it.
   * @throws RpcError 101, 102, 107, or what {@link mayStart} refuses with
   */
  start(visitor: Visitor, input: StartInput): Promise<StartOutcome>;
  /**
   * Stores a message that nobody is there to read: a thread in state `left`. The last of `opening` is the visitor's (kind 1).
   * @param also what is to be stored with it, both or none; runs in the transaction, so nothing but statements
   */
  leave(
    visitor: Visitor,
    input: StartInput,
    opening: readonly Draft[],
    also?: (tx: Transaction, threadId: number) => Promise<void>,
  ): Promise<Thread>;
  /** Compare-and-set. @throws RpcError 105 with the holder's name, 106 closed */
  take(id: number, operator: Operator, options?: { readonly force?: boolean }): Promise<Thread>;
  /**
   * The server gives a thread that waits (loading, queue, waiting) to an operator, who then is at it as if he had taken it.
   * @returns undefined when it does not wait any more, or is not there
   */
  assign(id: number, operator: Operator): Promise<Thread | undefined>;
  /**
   * The owner hands his conversation over: it waits for another operator, or for anybody of a group.
   * @throws RpcError 4, 109 NOT_OWNER or NOT_CHATTING
   */
  redirect(id: number, operator: Operator, target: RedirectTarget): Promise<Thread>;
  /**
   * An operator asks a visitor into a conversation. Accepted by `open` and `start`, which then ask nothing; the operator's `close`
   * withdraws it, which leaves the invitation pending for the records.
   * @param input page and language; a greeting other than the usual one is `message`
   * @param also what is to be stored with it, both or none; runs in the transaction, so nothing but statements
   * @returns undefined when the visitor has a conversation or an invitation already
   */
  invite(
    visitor: Visitor,
    operator: Operator,
    input: StartInput,
    also?: (tx: Transaction, threadId: number) => Promise<void>,
  ): Promise<Thread | undefined>;
  /**
   * An invitation that nobody answered yet is this visitor's from now on: whoever was invited by other means than his secret
   * (a page that was tracked) has shown now that it is he. What he has open himself comes first.
   * @returns whether it is his
   */
  adopt(id: number, visitor: Visitor): Promise<boolean>;
  /**
   * The visitor refused, or did nothing for too long; the thread is closed.
   * @returns undefined when there is no such invitation, or it was answered before
   */
  answerInvitation(id: number, answer: 'rejected' | 'ignored'): Promise<Thread | undefined>;
  /**
   * The operator takes his invitation back, as by `close`; but never a conversation that it has become.
   * @returns undefined when there is no such invitation of his, or it was answered before
   */
  withdraw(id: number, operator: Operator): Promise<Thread | undefined>;
  /** Gives these threads a new revision, so that the lists of operators read them again. */
  touch(ids: readonly number[]): Promise<void>;
  /** Threads of one group, open or over, belong to another from now on; 0 for none. The open ones get a new revision. */
  move(from: number, to: number): Promise<void>;
  /** Those of these threads that an operator may see: his own, those addressed to him, and what {@link threadsVisible} leaves. */
  visibleTo(operator: Operator, threads: readonly Thread[]): Promise<readonly Thread[]>;
  /** Visitor: always; operator: only the owner's call closes. Nothing is said and told twice. Fires {@link threadClosed} once. */
  close(id: number, by: Side, operator?: Operator): Promise<Thread | undefined>;
  rename(id: number, name: string): Promise<Thread>;
  /**
   * Whoever may not post ({@link mayPost}) is not heard in any other way either: asked before what he says or calls himself
   * reaches somebody. @throws RpcError with the code of the refusal
   */
  assertHeard(thread: Thread, side: Side): Promise<void>;
  /** Exactly once with `key`. @throws RpcError 5, 100, 101, 102, 103 */
  post(
    id: number,
    side: Side,
    post: {
      readonly message: string;
      readonly key?: string;
      readonly operator?: Operator;
      /** A note among operators (kind 3): of anybody who may see the thread, also of one who only watches. */
      readonly private?: boolean;
    },
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
   * again with the `revision` of the answer, which is that of the last thread told when there are `more`.
   */
  since(
    revision: number,
  ): Promise<{ readonly threads: readonly Thread[]; readonly revision: number; readonly more?: boolean }>;
  /** Conversations of a visitor, the newest first; invitations that came to nothing, or to nothing yet, are none. */
  ofVisitor(visitorId: number, limit: number): Promise<readonly Thread[]>;
  /** How many conversations the visitors of these threads had before each of them, by id of the thread. From memory where possible. */
  earlier(threads: readonly Pick<Thread, 'id'>[]): Promise<ReadonlyMap<number, number>>;
}
/** @example const thread = await ctx.use.threads.byId(42) */
export const threads = defineService<ThreadsService>('chat.threads');

export interface VisitorsService {
  /** The visitor behind a secret (43 characters of base64url); made if unknown. */
  bySecret(secret: string): Promise<Visitor>;
  /** The visitor behind a secret, if there is one. */
  find(secret: string): Promise<Visitor | undefined>;
  byUserId(userId: string): Promise<Visitor | undefined>;
  /** A visitor whose secret nobody has: the place of somebody who is invited before he ever wrote. See {@link ThreadsService.adopt}. */
  reserve(): Promise<Visitor>;
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
/** Topic of `realtime` with the windows of one side of a thread: for operators those of whoever watches, too. */
export const windowTopic = (threadId: number, side: Side): string => `thread:${threadId}:${side}`;
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
/**
 * May this side write now? An answer `{ code, name, message }` refuses the message; asked before filters run. A resend of
 * what is stored gets its number all the same.
 */
export const mayPost = defineHook.decide<
  [{ readonly thread: Thread; readonly side: Side }],
  { readonly code: number; readonly name: string; readonly message: string }
>('chat.message.mayPost');
/** A message was stored. */
export const messagePosted = defineHook.notify<[Message]>('chat.message.posted');
/** `threadGetMessagesAlter`: may change or blank messages, never moves the cursor. */
export const messagesLoaded = defineHook.filter<
  readonly WireMessage[],
  [{ readonly threadId: number; readonly side: Side }]
>('chat.messages.loaded');
/** An operator has a thread that he did not have before: taken, given to him, or found again after his absence. */
export const threadTaken =
  defineHook.notify<[{ readonly thread: Thread; readonly original: Thread }]>('chat.thread.taken');
/** An operator handed his thread over. */
export const threadRedirected =
  defineHook.notify<[{ readonly thread: Thread; readonly original: Thread; readonly by: Operator }]>(
    'chat.thread.redirected',
  );
/** May this visitor start? An answer `{ code, name, message }` refuses. */
export const mayStart = defineHook.decide<
  [{ readonly visitor: Visitor; readonly input: StartInput }],
  { readonly code: number; readonly name: string; readonly message: string }
>('chat.thread.mayStart');
/**
 * A visitor asks for a conversation; nothing was looked up yet. Listeners may complete what he starts with, and make his what
 * waits for him ({@link ThreadsService.adopt}). What one of them throws is logged, and he comes in all the same.
 *
 * @example ctx.on(visitorComing, async (input, { visitor }) => ({ ...input, name: input.name ?? (await nameOf(visitor)) }))
 */
export const visitorComing = defineHook.filter<StartInput, [{ readonly visitor: Visitor }]>('chat.visitor.coming');
/**
 * What the visitor sees before a chat: the first answer replaces the plain start. Ask in the order of importance.
 *
 * @example ctx.on(beforeStart, ({ stage }) => (stage === 'open' ? survey() : undefined));
 * @example ctx.on(beforeStart, ({ requested }) => (requested?.online ? undefined : leaveMessage()), { stage: -10 });
 */
export const beforeStart = defineHook.decide<[Beginning], StartOutcome>('chat.thread.beforeStart');
/** A thread is about to be made: group, addressed operator, and what is told to operators with it. `locale` is the thread's. */
export const prepareThread = defineHook.filter<
  Preparation,
  [
    {
      readonly visitor: Visitor;
      readonly input: StartInput;
      readonly locale: string;
      /** Nobody is there: a message is left. `opening` is then of no effect. */
      readonly left: boolean;
    },
  ]
>('chat.thread.prepare');
/**
 * Which of these threads this operator may see. What is out of his sight is to him as if it were not there: in lists, on pages
 * and for RPC functions. Asked for threads that are neither his own nor addressed to him; call {@link ThreadsService.visibleTo}.
 *
 * @example ctx.on(threadsVisible, (threads, { operator }) => threads.filter(thread => inGroupOf(operator, thread)))
 */
export const threadsVisible = defineHook.filter<readonly Thread[], [{ readonly operator: Operator }]>(
  'chat.threads.visible',
);
/** What the chat app of one side starts with: RPC spec section 9.1. `operator` for the side `agent`. */
export const chatOptions = defineHook.filter<
  Readonly<Record<string, unknown>>,
  [{ readonly thread: Thread; readonly side: Side; readonly operator?: Operator; readonly locale: string }]
>('chat.options');
/** A link below a conversation in a browser without scripts. */
export interface PlainLink {
  /** Plain text, in the visitor's language. */
  readonly label: string;
  readonly href: string;
}
/** What plugins offer there beside messages and form: to say how it was, to take it home. */
export const plainLinks = defineHook.filter<
  readonly PlainLink[],
  [{ readonly thread: Thread; readonly locale: string }]
>('chat.plain.links');

/** Who calls the `thread` processor. */
export interface ThreadCaller {
  readonly visitor: Visitor | undefined;
  readonly session: OperatorSession | undefined;
}
/** What a call is about; undefined for functions with `threadId: null`. */
export type ThreadSubject = Thread | undefined;
/** For a thread that is not there or not for whoever asks: nobody learns which. */
export const wrongThread = (): RpcError => new RpcError(chatErrors.wrongThread, 'ERROR_WRONG_THREAD', 'Wrong thread');
/** The thread of a call that has to be about one. @throws RpcError 4 */
export function threadOf(subject: ThreadSubject): Thread {
  if (!subject) throw wrongThread();
  return subject;
}
export const threadProcessor = defineProcessor<ThreadCaller, ThreadSubject>('thread');

/** Arguments of functions with which a visitor comes in (`open`, `start`, `processSurvey`, `processLeaveMessage`). */
export interface StartArguments {
  readonly group?: string | number | null | undefined;
  readonly locale?: string | null | undefined;
  readonly url?: string | null | undefined;
  readonly referrer?: string | null | undefined;
  readonly operator_code?: string | null | undefined;
  readonly info?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
  /** Answers to fields of other plugins, e.g. from the embed code (`data-field-order`); too many and too long ones are cut. */
  readonly fields?: Readonly<Record<string, unknown>> | null | undefined;
}
/** For functions of other plugins on the `thread` processor that are about no thread yet. */
export interface CallersService {
  /** The visitor who calls, made if need be. @throws RpcError 3 when he has no secret, 102 */
  enroll(call: Call<ThreadCaller, ThreadSubject>): Promise<Visitor>;
  /** What he wants to start with: arguments, address and browser of the call. */
  input(call: Call<ThreadCaller, ThreadSubject>, args: StartArguments): StartInput;
}
/** @example const outcome = await use.threads.start(await use.callers.enroll(call), { ...use.callers.input(call, args), message }) */
export const callers = defineService<CallersService>('chat.callers');

/** For pages of other plugins that belong to the visitor's way into and through a conversation. */
export interface VisitorPagesService {
  /** The visitor of this browser, made and remembered if need be. @throws RpcError 102 */
  visitor(context: Context): Promise<Visitor>;
  /** The visitor of this browser, if it has one already. */
  known(context: Context): Promise<Visitor | undefined>;
  /** The thread of the address (parameters `thread` and `token`), if it is this visitor's own. */
  own(context: Context): Promise<{ readonly thread: Thread; readonly visitor: Visitor } | undefined>;
  /** What `GET /chat` would start with: query, cookies, headers. */
  input(context: Context): StartInput;
  /** Fields of a form that one of our own pages posted; else the refusal to send. */
  form(context: Context): Promise<URLSearchParams | Response>;
  /** Goes to the conversation, or shows what comes before it in the chat window. @param page status, headers */
  show(context: Context, outcome: StartOutcome, page?: PageOptions): Promise<Response>;
  /** The page for an {@link RpcError} of `open` or `start`; throws what is none. */
  refuse(context: Context, error: unknown): Promise<Response>;
  /** Address of the conversation. */
  to(thread: Pick<Thread, 'id' | 'token'>): string;
}
export const visitorPages = defineService<VisitorPagesService>('chat.visitorPages');

const sender = { user: v.boolean() };
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const none = v.object({});
/** Of any length: an address is as long as its page wants, and the service takes what it has room for. */
const optionalText = v.optional(v.nullable(v.string()));
/** 1–64 characters chosen at random by the sender. */
export const senderKey = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

const startInput = v.object({
  group: v.optional(v.nullable(v.union([v.number(), v.string()]))),
  locale: optionalText,
  url: optionalText,
  referrer: optionalText,
  operator_code: optionalText,
  info: optionalText,
  name: optionalText,
  email: optionalText,
  fields: v.optional(v.nullable(v.record(v.string(), v.string()))),
});

/** Functions of the `thread` processor: RPC spec section 7, and ours (`open`, `start`, `options`, `take`). */
export const threadRpc = defineRpc(threadProcessor, {
  update: {
    input: v.object({ ...sender, typed: v.boolean(), lastId: v.optional(v.nullable(wireInteger)) }),
    output: v.object({
      threadState: v.number(),
      threadAgentId: v.number(),
      agentName: v.string(),
      typing: v.boolean(),
      canPost: v.boolean(),
      /** For operators only: {@link Thread.visitorGone}. */
      visitorGone: v.optional(v.boolean()),
    }),
  },
  updateMessages: {
    input: v.object({ ...sender, lastId: wireInteger }),
    output: v.object({ messages: v.array(v.custom<WireMessage>(() => true)), lastId: v.number() }),
  },
  post: {
    /** `private`: a note among operators; `user` must be false. */
    input: v.object({ ...sender, message: v.string(), key: v.optional(senderKey), private: v.optional(v.boolean()) }),
    output: v.object({ id: v.number(), created: v.number() }),
  },
  rename: { input: v.object({ name: text(64) }), output: none, rate: { perSecond: 1, burst: 10 } },
  close: { input: v.object(sender), output: v.object({ closed: v.boolean() }) },
  getAvatar: { input: none, output: v.object({ imageLink: v.union([v.string(), v.literal(false)]) }) },
  /** What comes first: `chat`, or the screen to be shown instead, with its options. */
  open: {
    input: startInput,
    output: v.object({
      next: v.picklist(['chat', 'survey', 'leaveMessage']),
      options: v.record(v.string(), v.unknown()),
    }),
  },
  start: {
    input: startInput,
    output: v.object({ next: v.picklist(['chat', 'leaveMessage']), options: v.record(v.string(), v.unknown()) }),
  },
  /** What the app of this side starts with: {@link chatOptions}. */
  options: { input: v.object(sender), output: v.object({ options: v.record(v.string(), v.unknown()) }) },
  take: {
    input: v.object({ user: v.literal(false), force: v.optional(v.boolean()) }),
    output: v.object({ threadState: v.number(), threadAgentId: v.number(), agentName: v.string() }),
  },
});

/** One conversation without its looks: what was said, what is on its way, how the thread stands. No DOM. */
import { createEmitter, createFeed, createModel, succeed } from '../../client/client/index.ts';
import type {
  Arguments,
  CallFailed,
  Emitter,
  Entry,
  Environment,
  FunctionCall,
  Model,
  Outbox,
  Receipt,
  Result,
  Transport,
} from '../../client/client/index.ts';
import type { WireMessage } from '../api.ts';
import { createOutgoing } from './outgoing.ts';
import type { Outgoing } from './outgoing.ts';

export interface ThreadRef {
  readonly id: number;
  readonly token: number;
}

interface ConversationState {
  /** The messages so far have come. */
  readonly loaded: boolean;
  /** Undefined until the first answer. */
  readonly threadState: number | undefined;
  readonly threadAgentId: number;
  /** Who has the thread; `''` while nobody has, or while nothing is known. */
  readonly agentName: string;
  /** The other side writes. */
  readonly typing: boolean;
  readonly canPost: boolean;
  /** Operators are told: his window is closed, or cut off. */
  readonly visitorGone: boolean;
  /** The server refuses this conversation; undefined while all is well. */
  readonly failure: { readonly code: number; readonly message: string } | undefined;
}

interface ConversationEvents {
  /** New messages, ascending, each once. */
  appended: readonly WireMessage[];
  outgoing: readonly Outgoing[];
  /** A message of the thread stands in the list now: to mark it, or to hang something beside it. */
  message: { readonly message: WireMessage; readonly element: HTMLElement };
}

export interface Conversation extends Pick<Emitter<ConversationEvents>, 'on'> {
  readonly thread: ThreadRef;
  readonly user: boolean;
  readonly state: Model<ConversationState>;
  readonly messages: readonly WireMessage[];
  readonly outgoing: readonly Outgoing[];
  /** Hands a text to the outbox; it is sent sooner or later, once. */
  post(text: string, options?: Pick<Entry, 'private'>): Entry;
  /** Tells the other side that this one writes, or stopped to. */
  readonly typed: (now: boolean) => void;
  close(): Promise<void>;
  rename(name: string): Promise<void>;
  avatar(): Promise<string | false>;
  /** Asks anything about this thread: `threadId` and `token` are added. @throws CallFailed, also where the function answers with a code */
  ask(name: string, args: Arguments): Promise<Result>;
  /** For the window: tells that a message was drawn. */
  drawn(message: WireMessage, element: HTMLElement): void;
  stop(): void;
}

export interface ConversationOptions {
  readonly transport: Transport;
  readonly outbox: Outbox;
  readonly thread: ThreadRef;
  /** The visitor's side. */
  readonly user: boolean;
  readonly environment: Pick<Environment, 'setTimeout' | 'clearTimeout'>;
}

/** What `update` is asked for, and what it tells operators only. */
const told = ['threadState', 'threadAgentId', 'agentName', 'typing', 'canPost'];
const toldOperators = [...told, 'visitorGone'];
/** So long after its acknowledgement a message may come by push before it is pulled, ms. */
const pushDelay = 1000;

/**
 * Sends one entry of an outbox.
 *
 * @example createOutbox({ …, send: postThrough(transport, true) })
 */
export function postThrough(transport: Transport, user: boolean): (entry: Entry) => Promise<Receipt> {
  return async (entry) => {
    const args = {
      threadId: entry.threadId,
      token: entry.token,
      user,
      message: entry.text,
      key: entry.key,
      ...(entry.private && { private: true }),
      return: { id: 'id', created: 'created' },
    };
    const result = succeed(await transport.call([{ function: 'post', arguments: args }], { force: true }));
    return { id: Number(result.id), created: Number(result.created) };
  };
}

/** Makes a conversation and begins to follow it. */
export function createConversation(options: ConversationOptions): Conversation {
  const { transport, outbox, thread, user, environment } = options;
  const reference = { threadId: thread.id, token: thread.token };
  const side = user ? 'user' : 'agent';
  const emitter = createEmitter<ConversationEvents>();
  const messages: WireMessage[] = [];
  const state = createModel<ConversationState>({
    loaded: false,
    threadState: undefined,
    threadAgentId: 0,
    agentName: '',
    typing: false,
    canPost: false,
    visitorGone: false,
    failure: undefined,
  });
  const outgoing = createOutgoing({ kind: user ? 1 : 2, changed: (list) => emitter.emit('outgoing', list) });
  const feed = createFeed<WireMessage>({
    pull,
    append(fresh) {
      messages.push(...fresh);
      outgoing.arrived(fresh);
      emitter.emit('appended', fresh);
    },
  });
  let typed = false;
  let pulling = false;
  let running = true;

  const call = (name: string, args: Arguments): FunctionCall => ({
    function: name,
    arguments: { ...reference, ...args },
  });
  const ask = async (name: string, args: Arguments) =>
    succeed(await transport.call([call(name, args)], { force: true }));

  const questions = {
    messages: () =>
      call('updateMessages', { user, lastId: feed.cursor, return: { messages: 'messages', lastId: 'lastId' } }),
    state: () =>
      call('update', {
        user,
        typed,
        lastId: feed.cursor,
        return: Object.fromEntries((user ? told : toldOperators).map((name) => [name, name])),
      }),
  };

  function failed(result: Result): boolean {
    if (!result.errorCode) return false;
    state.set({ failure: { code: result.errorCode, message: result.errorMessage ?? '' } });
    return true;
  }

  /** Refusals of the whole package: not ours, not there. Lost answers are the transport's business. */
  function refused(error: CallFailed): void {
    if (error.kind !== 'refused' || error.status === undefined || error.status >= 500 || error.status === 429) return;
    state.set({ failure: { code: error.code ?? error.status, message: error.message } });
  }

  function tookMessages(result: Result): void {
    if (!running || failed(result)) return;
    const count = feed.pulled({ messages: (result.messages ?? []) as WireMessage[], lastId: Number(result.lastId) });
    // A long history comes in several pages; the skeleton stays until the last one.
    if (count < 50) state.set({ loaded: true });
  }

  function tookState(result: Arguments): void {
    if (!running) return;
    state.set({
      threadState: Number(result.threadState),
      threadAgentId: Number(result.threadAgentId),
      agentName: typeof result.agentName === 'string' ? result.agentName : '',
      typing: Boolean(result.typing),
      canPost: Boolean(result.canPost),
      visitorGone: Boolean(result.visitorGone),
      failure: undefined,
    });
  }

  function setTyped(now: boolean): void {
    if (typed === now) return;
    typed = now;
    transport.callFunctions([questions.state()], (result) => void (failed(result) || tookState(result)), true);
  }

  function pull(): void {
    if (pulling || !running) return;
    pulling = true;
    queueMicrotask(() => {
      transport.call([questions.messages()], { force: true }).then(
        (result) => {
          pulling = false;
          tookMessages(result);
        },
        () => (pulling = false), // the next round asks again
      );
    });
  }

  const isOurs = (args: Arguments) =>
    Number(args.threadId) === thread.id && (args.recipient === side || args.recipient === 'both');

  const periodic = [
    transport.callFunctionsPeriodically(() => [questions.messages()], tookMessages, refused),
    transport.callFunctionsPeriodically(
      () => [questions.state()],
      (result) => void (failed(result) || tookState(result)),
      refused,
    ),
  ];
  const functions = [
    transport.registerFunction('receiveMessages', (args) => {
      if (!isOurs(args)) return;
      feed.pushed({ messages: args.messages as WireMessage[], lastId: Number(args.lastId), after: Number(args.after) });
    }),
    transport.registerFunction('receiveState', (args) => void (isOurs(args) && tookState(args))),
  ];
  const listeners = [
    outbox.on('changed', () => outgoing.waiting(outbox.entries(thread.id))),
    outbox.on('sent', ({ entry, receipt }) => {
      if (entry.threadId !== thread.id) return;
      outgoing.sent(entry, receipt, feed.cursor);
      if (receipt.id > feed.cursor) environment.setTimeout(() => void (receipt.id > feed.cursor && pull()), pushDelay);
    }),
  ];
  outgoing.waiting(outbox.entries(thread.id));
  transport.runUpdater();

  return {
    on: emitter.on,
    thread,
    user,
    state,
    messages,
    get outgoing() {
      return outgoing.list();
    },
    post(text, more) {
      setTyped(false);
      return outbox.add(thread, text, more);
    },
    typed: setTyped,
    async close() {
      await ask('close', { user, return: { closed: 'closed' } });
      transport.runUpdater();
    },
    async rename(name) {
      await ask('rename', { name });
    },
    async avatar() {
      const { imageLink } = await ask('getAvatar', { return: { imageLink: 'imageLink' } });
      return typeof imageLink === 'string' && imageLink !== '' ? imageLink : false;
    },
    ask,
    drawn: (message, element) => emitter.emit('message', { message, element }),
    stop() {
      running = false;
      for (const id of periodic) transport.stopCallFunctionsPeriodically(id);
      for (const id of functions) transport.unregisterFunction(id);
      for (const end of listeners) end();
    },
  };
}

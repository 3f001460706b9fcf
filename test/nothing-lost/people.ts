/** Visitors and operators made of the transport, outbox and conversation that ship to browsers. */
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  createOutbox,
  createTransport,
  memoryStorage,
  succeed,
  threadInteraction,
  type Environment,
  type Transport,
} from '../../plugins-core/client/client/index.ts';
import { createConversation, postThrough, type Conversation } from '../../plugins-core/chat/client/conversation.ts';
import type { Random } from '../support/random.ts';

export interface Thread {
  readonly id: number;
  readonly token: number;
}

/** Somebody with a transport, an outbox and conversations. */
export interface Person {
  readonly name: string;
  readonly user: boolean;
  readonly conversations: Conversation[];
  /** Texts handed to the outbox, per thread, in order. */
  readonly written: Map<number, string[]>;
  /** Number that the server gave to each acknowledged text. */
  readonly acknowledged: Map<string, number>;
  readonly refused: string[];
  say(conversation: Conversation, text: string): void;
  join(thread: Thread): Conversation;
  /** Calls a function until it has an answer. */
  ask(name: string, args: Record<string, unknown>, results: readonly string[]): Promise<Record<string, unknown>>;
  waiting(): number;
  stop(): void;
}

interface PersonOptions {
  readonly name: string;
  readonly url: string;
  readonly user: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly secret?: string;
  readonly random: Random;
  /** Told whenever something arrived or left. */
  readonly changed: () => void;
}

function environmentOf({ headers = {}, random }: PersonOptions): Environment {
  return {
    fetch: (url, options) => fetch(url, { ...options, headers: { ...options.headers, ...headers } }),
    openSocket: (url) => new WebSocket(url, { headers, perMessageDeflate: false }),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
    now: () => Date.now(),
    random: () => random.next(),
    randomBytes: (count) => randomBytes(count),
  };
}

async function askUntilAnswered(transport: Transport, name: string, args: object, results: readonly string[]) {
  const wanted = Object.fromEntries(results.map((key) => [key, key]));
  for (;;) {
    try {
      const call = { function: name, arguments: { threadId: null, token: null, ...args, return: wanted } };
      return succeed(await transport.call([call], { force: true }));
    } catch (error) {
      const { kind, code } = error as { kind?: string; code?: number };
      // Whoever was answered has his answer; a lost one is asked for again.
      if (kind === 'refused' && code !== 102) throw error;
    }
  }
}

/** Makes somebody; the caller joins him to threads. */
export function createPerson(options: PersonOptions): Person {
  const { name, user, changed } = options;
  const environment = environmentOf(options);
  const transport = createTransport({
    url: `${options.url}/thread/update`,
    interaction: threadInteraction,
    environment,
    requestsFrequency: 1,
    reconnectPause: 0.1,
    timeout: 2000,
    visitor: () => options.secret,
  });
  const outbox = createOutbox({
    storage: memoryStorage(),
    session: memoryStorage(),
    prefix: 'mibew:',
    owner: user ? 'visitor' : name,
    send: postThrough(transport, user),
    environment,
  });
  const written = new Map<number, string[]>();
  const acknowledged = new Map<string, number>();
  const refused: string[] = [];
  const conversations: Conversation[] = [];
  outbox.on('sent', ({ entry, receipt }) => {
    acknowledged.set(entry.text, receipt.id);
    changed();
  });
  outbox.on('refused', (entry) => {
    refused.push(`${entry.text}: ${entry.reason?.code} ${entry.reason?.message}`);
    changed();
  });
  outbox.on('changed', changed);
  // As a page does.
  transport.status.subscribe((now, before) => {
    if (now.connection === 'online' && before.connection !== 'online') outbox.wake();
  });
  transport.runUpdater();
  outbox.start();

  return {
    name,
    user,
    conversations,
    written,
    acknowledged,
    refused,
    say(conversation, text) {
      const texts = written.get(conversation.thread.id) ?? [];
      written.set(conversation.thread.id, texts);
      texts.push(text);
      conversation.post(text);
    },
    join(thread) {
      const conversation = createConversation({ transport, outbox, thread, user, environment });
      conversation.on('appended', changed);
      conversations.push(conversation);
      return conversation;
    },
    ask: (fn, args, results) => askUntilAnswered(transport, fn, args, results),
    waiting: () => outbox.waiting(),
    stop() {
      for (const conversation of conversations) conversation.stop();
      outbox.stop();
      transport.stop();
    },
  };
}

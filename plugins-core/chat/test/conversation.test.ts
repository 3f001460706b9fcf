import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOutbox, memoryStorage } from '../../client/client/index.ts';
import { createWorld } from '../../client/test/world.ts';
import type { World } from '../../client/test/world.ts';
import { createConversation, postThrough } from '../client/conversation.ts';
import type { Conversation } from '../client/conversation.ts';
import { plainText, remedies } from '../client/outgoing.ts';

interface Stored {
  id: number;
  kind: number;
  name: string;
  message: string;
  created: number;
  plugin: string;
  data: unknown[];
}

const thread = { id: 42, token: 1234567 };
const settle = () => vi.advanceTimersByTimeAsync(0);

let world: World;
let stored: Stored[];
let keys: Map<string, number>;
let state: { threadState: number; threadAgentId: number; typing: boolean; canPost: boolean };
let stop: (() => void)[] = [];

const store = (kind: number, name: string, message: string) => {
  stored.push({ id: stored.length + 1, kind, name, message, created: 0, plugin: '', data: [] });
  return stored.length;
};
const push = (from: number, after: number, to = stored.length) =>
  world.sockets.at(-1)?.push([
    {
      token: 'push',
      functions: [
        {
          function: 'receiveMessages',
          arguments: {
            threadId: 42,
            token: 1234567,
            recipient: 'user',
            references: [],
            return: [],
            messages: stored.slice(from - 1, to),
            lastId: to,
            after,
          },
        },
      ],
    },
  ]);

function join(user = true): Conversation {
  const transport = world.transport();
  const outbox = createOutbox({
    storage: memoryStorage(),
    session: memoryStorage(),
    prefix: 'mibew:',
    owner: 'visitor',
    send: postThrough(transport, user),
    environment: world.environment,
  });
  outbox.start();
  const conversation = createConversation({ transport, outbox, thread, user, environment: world.environment });
  stop.push(() => {
    conversation.stop();
    outbox.stop();
    transport.stop();
  });
  return conversation;
}
const shown = ({ messages, outgoing }: Conversation) => [
  ...messages.map((message) => message.message),
  ...outgoing.map((entry) => `${entry.text} (${entry.status})`),
];

beforeEach(() => {
  vi.useFakeTimers();
  world = createWorld();
  stored = [];
  keys = new Map();
  state = { threadState: 2, threadAgentId: 3, typing: false, canPost: true };
  world.answer = (name, args) => {
    if (name === 'update') return state;
    if (name === 'updateMessages') {
      const messages = stored.filter((message) => message.id > Number(args.lastId)).slice(0, 200);
      return { messages, lastId: messages.at(-1)?.id ?? args.lastId };
    }
    if (name === 'post') {
      const key = String(args.key);
      if (!keys.has(key))
        keys.set(key, store(1, 'Guest', String(args.message).replace(/&/g, '&amp;').replace(/</g, '&lt;')));
      return { id: keys.get(key), created: 1 };
    }
    return { closed: true };
  };
});
afterEach(() => {
  for (const end of stop) end();
  stop = [];
  vi.useRealTimers();
});

describe('a conversation', () => {
  it('shows what was said before, however long it is', async () => {
    for (let i = 1; i <= 450; i++) store(2, 'Ann', `message ${i}`);
    const conversation = join();
    expect(conversation.state.get().loaded).toBe(false);
    await settle();
    expect(conversation.messages.map((message) => message.id)).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
    expect(conversation.state.get()).toMatchObject({ loaded: true, threadState: 2, threadAgentId: 3, canPost: true });
  });

  it('shows a message at once, and once', async () => {
    const conversation = join();
    await settle();
    conversation.post('Hello & <b>welcome</b>');
    expect(shown(conversation)).toEqual(['Hello & <b>welcome</b> (waiting)']);
    await settle();
    expect(shown(conversation)).toEqual(['Hello & <b>welcome</b> (sent)']);
    push(1, 0);
    await settle();
    expect(shown(conversation)).toEqual(['Hello &amp; &lt;b>welcome&lt;/b>']);
  });

  it('pulls a message of its own that no push brought', async () => {
    const conversation = join();
    await settle();
    conversation.post('Hello');
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown(conversation)).toEqual(['Hello']);
  });

  it('does not show a message twice that a push brings before its acknowledgement', async () => {
    const conversation = join();
    await settle();
    world.dropAnswers = true;
    conversation.post('Hello  there');
    await settle();
    push(1, 0);
    await settle();
    expect(shown(conversation)).toEqual(['Hello  there']);
    world.dropAnswers = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shown(conversation)).toEqual(['Hello  there']);
    expect(stored).toHaveLength(1);
  });

  it('shows the reason of a refusal, and what follows all the same', async () => {
    const conversation = join();
    await settle();
    const { answer } = world;
    world.answer = (name, args) =>
      args.message === 'bad' ? { errorCode: 101, errorMessage: 'Too long' } : answer(name, args);
    conversation.post('bad');
    conversation.post('good');
    await vi.advanceTimersByTimeAsync(2000);
    expect(shown(conversation)).toEqual(['good', 'bad (refused)']);
    expect(conversation.outgoing[0]?.reason).toMatchObject({ code: 101, message: 'Too long' });
  });

  it('fills a gap that a lost push left, in order', async () => {
    const conversation = join();
    await settle();
    store(2, 'Ann', 'one');
    store(2, 'Ann', 'two');
    push(2, 1);
    await settle();
    expect(shown(conversation)).toEqual(['one', 'two']);
  });

  it('takes no push for another thread or the other side', async () => {
    const conversation = join();
    await settle();
    store(2, 'Ann', 'secret');
    world.sockets.at(-1)?.push([
      {
        token: 'a',
        functions: [
          {
            function: 'receiveMessages',
            arguments: { threadId: 43, recipient: 'user', messages: stored, lastId: 1, after: 0 },
          },
        ],
      },
      {
        token: 'b',
        functions: [
          {
            function: 'receiveMessages',
            arguments: { threadId: 42, recipient: 'agent', messages: stored, lastId: 1, after: 0 },
          },
        ],
      },
    ]);
    await settle();
    expect(shown(conversation)).toEqual([]);
  });

  it('follows the state that is pushed', async () => {
    const conversation = join();
    await settle();
    world.sockets.at(-1)?.push([
      {
        token: 'a',
        functions: [
          {
            function: 'receiveState',
            arguments: {
              threadId: 42,
              recipient: 'user',
              threadState: 3,
              threadAgentId: 3,
              typing: false,
              canPost: false,
            },
          },
        ],
      },
    ]);
    await settle();
    expect(conversation.state.get()).toMatchObject({ threadState: 3, canPost: false });
  });

  it('tells operators that the visitor is gone, until he is back; visitors do not ask', async () => {
    const asked = () => world.ran.findLast((call) => call.name === 'update')?.args.return;
    join();
    await settle();
    expect(asked()).not.toHaveProperty('visitorGone');
    const conversation = join(false);
    await settle();
    expect(asked()).toHaveProperty('visitorGone', 'visitorGone');
    const said = { threadId: 42, recipient: 'agent', threadState: 2, threadAgentId: 3, typing: false, canPost: true };
    for (const gone of [{ visitorGone: true }, {}]) {
      const pushed = { function: 'receiveState', arguments: { ...said, ...gone } };
      world.sockets.at(-1)?.push([{ token: 'a', functions: [pushed] }]);
      await settle();
      expect(conversation.state.get().visitorGone).toBe('visitorGone' in gone);
    }
  });

  it('tells that somebody writes when he begins and when he stops, not at every key', async () => {
    const conversation = join();
    await settle();
    const updates = () => world.ran.filter((call) => call.name === 'update').map((call) => call.args.typed);
    conversation.typed(true);
    conversation.typed(true);
    await settle();
    conversation.typed(false);
    await settle();
    expect(updates()).toEqual([false, true, false]);
  });

  it('says so when it is refused, and is well again when it is not', async () => {
    const { answer } = world;
    world.answer = () => ({ errorCode: 4, errorMessage: 'Wrong thread' });
    const conversation = join();
    await settle();
    expect(conversation.state.get().failure).toEqual({ code: 4, message: 'Wrong thread' });
    world.answer = answer;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(conversation.state.get().failure).toBeUndefined();
  });

  it('goes on by polling where sockets are refused', async () => {
    world.socket = 'refused';
    const conversation = join();
    await settle();
    conversation.post('Hello');
    await settle();
    expect(shown(conversation)).toEqual(['Hello']);
    store(2, 'Ann', 'Hi');
    await vi.advanceTimersByTimeAsync(2000);
    expect(shown(conversation)).toEqual(['Hello', 'Hi']);
  });
});

describe('the text of a message', () => {
  it('is read back from its markup for comparisons', () => {
    expect(plainText('a &amp; b&lt;c&gt; &quot;d&quot; &#39;e&#x27;<br>f  g')).toBe('a & b<c> "d" \'e\' f g');
    expect(plainText('<script>x</script>')).toBe('x');
  });
});

describe('a message that was refused', () => {
  const refused = (code?: number) => ({ kind: 'refused', code, message: '' }) as const;

  it('of a visitor is offered to be sent again only where that may help', () => {
    for (const code of [4, 5, 200]) expect(remedies(refused(code), true)).toEqual({ retry: false, edit: false });
    expect(remedies({ kind: 'expired', message: '' }, true)).toEqual({ retry: true, edit: true });
    // No word of the server: something before it refused.
    expect(remedies(refused(), true)).toEqual({ retry: true, edit: true });
  });

  it('for its text can be written anew, not sent again', () => {
    for (const user of [true, false])
      for (const code of [100, 101, 103]) expect(remedies(refused(code), user)).toEqual({ retry: false, edit: true });
  });

  it('of an operator stays open: he may sign in again, or take the conversation back', () => {
    for (const code of [2, 5]) expect(remedies(refused(code), false)).toEqual({ retry: true, edit: true });
  });
});

/** A whole conversation as the original's two clients lead it: forms, cookies, polls and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../support/server.ts';
import type { Json } from '../support/wire.ts';
import { chatArguments, createOriginalClient, usersArguments, type OriginalClient } from './original.ts';
import {
  bootOf,
  openBrowser,
  openChat,
  openDesk,
  startHost,
  take,
  thread,
  users,
  type Browser,
  type Desk,
  type Place,
  type WireMessage,
} from './people.ts';

let server: Server;
let ann: Desk;
let bob: Desk;
beforeAll(async () => {
  const folder = new URL('probe', import.meta.url).pathname;
  server = await startHost({ config: `export default { pluginFolders: [${JSON.stringify(folder)}] };` });
  ann = await openDesk(server, 'ann', 'Ann', '--admin');
  bob = await openDesk(server, 'bob', 'Bob', '--admin');
});
afterAll(() => server.stop());

interface State {
  readonly threadState: number;
  readonly threadAgentId: number;
  readonly typing: boolean;
  readonly canPost: boolean;
}
/** The chat app of the original, as far as it talks: RPC spec section 11. */
function openWindow(browser: Browser, { id, token }: Place, user: boolean) {
  const client = createOriginalClient(browser, thread, chatArguments);
  const messages: WireMessage[] = [];
  const states: State[] = [];
  let lastId = 0;
  let typed = false;
  const base = () => ({ threadId: id, token, user, references: {} });
  client.periodically(
    () => [
      {
        function: 'updateMessages',
        arguments: { ...base(), lastId, return: { messages: 'messages', lastId: 'lastId' } },
      },
    ],
    (args) => {
      for (const message of args['messages'] as WireMessage[]) messages.push(message);
      lastId = args['lastId'] as number;
    },
  );
  client.periodically(
    () => [
      {
        function: 'update',
        arguments: {
          ...base(),
          typed,
          lastId,
          return: { threadState: 'threadState', threadAgentId: 'threadAgentId', typing: 'typing', canPost: 'canPost' },
        },
      },
    ],
    (args) => void states.push(args as unknown as State),
  );
  const force = (name: string, args: Json, returns: Json = {}): Promise<Json> =>
    new Promise((resolve, reject) => {
      client
        .callFunctions([{ function: name, arguments: { ...base(), ...args, return: returns } }], resolve, true)
        .then(() => reject(new Error(`${name} was not answered in its own package`)), reject);
    });
  return {
    client,
    messages,
    poll: () => client.poll(),
    get state() {
      return states.at(-1)!;
    },
    get last() {
      return messages.at(-1);
    },
    type: (now: boolean) => (typed = now),
    post: (message: string) => force('post', { message }),
    close: () => force('close', {}, { closed: 'closed' }),
    rename: (name: string) => force('rename', { name }),
    avatar: () => force('getAvatar', {}, { imageLink: 'imageLink' }),
  };
}

interface Row extends Json {
  readonly id: number;
  readonly state: number;
}
/** The users app of the original. */
function openQueue(desk: Desk) {
  const client: OriginalClient = createOriginalClient(desk, users, usersArguments);
  const rows = new Map<number, Row>();
  let revision = 0;
  let time = 0;
  let fresh: Row[] = [];
  const base = () => ({ agentId: desk.id, references: {} });
  client.periodically(() => [{ function: 'update', arguments: { ...base(), return: {} } }]);
  client.periodically(
    () => [
      { function: 'currentTime', arguments: { ...base(), return: { time: 'currentTime' } } },
      {
        function: 'updateThreads',
        arguments: { ...base(), revision, return: { threads: 'threads', lastRevision: 'lastRevision' } },
      },
    ],
    (args) => {
      fresh = args['threads'] as Row[];
      time = args['currentTime'] as number;
      revision = args['lastRevision'] as number;
      for (const row of fresh) {
        if (row.state === 3 || row.state === 5) rows.delete(row.id);
        else rows.set(row.id, row);
      }
    },
  );
  return {
    client,
    rows,
    poll: () => client.poll(),
    get revision() {
      return revision;
    },
    get fresh() {
      return fresh;
    },
    get time() {
      return time;
    },
  };
}

const until = async (step: () => Promise<unknown>, done: () => boolean) => {
  while (!done()) {
    await step();
    // The jobs of the server need their turn; how long they take is not what is tested.
    await new Promise((next) => setTimeout(next, 100));
  }
};
const newChat = async (query = '') => {
  const browser = openBrowser(server.url, { 'user-agent': firefox });
  const place = await openChat(browser, query);
  return { browser, place, visitor: openWindow(browser, place, true) };
};
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0';

describe('a conversation of the original’s clients', () => {
  it('runs from the first poll to the last', async () => {
    const queue = openQueue(ann);
    await queue.poll();
    const { browser, place, visitor } = await newChat();

    // Loading until the visitor's window is heard.
    await queue.poll();
    expect(queue.rows.get(place.id)).toMatchObject({ state: 4 });
    await visitor.poll();
    expect(visitor.client.received!.requests.map(({ token }) => token)).toEqual(
      visitor.client.sent!.requests.map(({ token }) => token),
    );
    expect(visitor.state).toEqual(
      expect.objectContaining({ threadState: 0, threadAgentId: 0, typing: false, canPost: true }),
    );
    expect(visitor.messages.map(({ kind }) => kind)).toEqual([4]);
    await queue.poll();
    expect(queue.rows.get(place.id)).toMatchObject({ state: 0, firstMessage: null, userAgent: 'Firefox 121.0' });

    // His first message is shown in the queue; the poster gets it back in the same answer.
    await visitor.post('Where is\nmy order?');
    expect(visitor.client.sent!.requests).toHaveLength(3);
    expect(visitor.client.received!.requests).toHaveLength(3);
    expect(visitor.last).toMatchObject({ kind: 1, name: 'Guest', message: 'Where is\nmy order?' });
    await queue.poll();
    expect(queue.fresh).toMatchObject([{ id: place.id, firstMessage: 'Where is my order?' }]);
    const shown = queue.revision;
    await visitor.post('Anybody?');
    await queue.poll();
    expect([queue.fresh, queue.revision]).toEqual([[], shown]);

    // The operator takes it by its address.
    const taken = await take(ann, place);
    expect(taken.status).toBe(302);
    expect(taken.headers.get('location')).toBe(`/operator/chat/${place.id}/${place.token}`);
    const page = await ann.get(`/operator/chat/${place.id}/${place.token}`);
    expect(bootOf(page.text)).toMatchObject({
      startFrom: 'chat',
      chatOptions: {
        thread: { id: place.id, token: place.token, agentId: ann.id },
        user: { isAgent: true, canPost: true },
      },
    });
    const operator = openWindow(ann, place, false);
    await operator.poll();
    expect(operator.state).toMatchObject({ threadState: 2, threadAgentId: ann.id, canPost: true });
    await visitor.poll();
    expect(visitor.state).toMatchObject({ threadState: 2, threadAgentId: ann.id, canPost: true });
    expect(visitor.last).toMatchObject({ kind: 6, name: null, message: 'Operator Ann joined the chat' });
    expect(await visitor.avatar()).toMatchObject({ imageLink: false });
    await queue.poll();
    expect(queue.rows.get(place.id)).toMatchObject({ state: 2, agentId: ann.id, agentName: 'Ann' });

    // Typing, both ways.
    operator.type(true);
    await operator.poll();
    await visitor.poll();
    expect(visitor.state.typing).toBe(true);
    operator.type(false);
    const tricky = '+ % & <b>bold</b> "quotes" 😀 </script>';
    await operator.post(tricky);
    await visitor.poll();
    expect(visitor.state.typing).toBe(false);
    expect(visitor.last).toMatchObject({
      kind: 2,
      name: 'Ann',
      message: '+ % &amp; &lt;b&gt;bold&lt;/b&gt; &quot;quotes&quot; 😀 &lt;/script&gt;',
    });

    // A new name is told with kind 6, and the queue hears of it.
    await visitor.rename('Zoe');
    expect(visitor.last).toMatchObject({ kind: 6 });
    expect(browser.jar.has('MIBEW_Data')).toBe(true);
    await queue.poll();
    expect(queue.rows.get(place.id)).toMatchObject({ userName: 'Zoe' });
    await visitor.post('It is me');
    expect(visitor.last).toMatchObject({ kind: 1, name: 'Zoe' });

    // He opens the chat once more: the same conversation.
    const again = await browser.get('/chat');
    expect(again.headers.get('location')).toBe(`/chat/${place.id}/${place.token}`);
    await visitor.poll();
    expect(visitor.last).toMatchObject({ kind: 6, message: 'Zoe joined the chat again' });
    expect(visitor.state.threadState).toBe(2);

    // The end.
    expect(await operator.close()).toMatchObject({ closed: true });
    await visitor.poll();
    expect(visitor.state).toMatchObject({ threadState: 3, canPost: false });
    expect(visitor.last).toMatchObject({ kind: 6, message: 'Operator Ann left the chat' });
    expect(await visitor.post('hello?')).toMatchObject({ errorCode: 5 });
    await queue.poll();
    expect(queue.fresh).toMatchObject([{ id: place.id, state: 3 }]);
    expect(queue.rows.has(place.id)).toBe(false);
    expect(await openChat(browser)).not.toEqual(place);

    // Both sides saw the same, but for what is the operator's alone.
    await operator.poll();
    expect(operator.messages.filter(({ kind }) => kind !== 3)).toEqual(visitor.messages);
    const ids = operator.messages.map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    for (const one of [visitor, operator, queue]) expect([one.client.errors, one.client.pending]).toEqual([[], 0]);
    expect(Math.abs(queue.time - Date.now() / 1000)).toBeLessThan(60);
  });

  it('is handed over when another operator takes it with force', async () => {
    const { place, visitor } = await newChat();
    await visitor.poll();
    await take(ann, place);
    const asked = await take(bob, place);
    expect(asked.status).toBe(200);
    const taken = await take(bob, place, '?force=true');
    expect([taken.status, taken.headers.get('location')]).toEqual([302, `/operator/chat/${place.id}/${place.token}`]);
    await visitor.poll();
    expect(visitor.state).toMatchObject({ threadState: 2, threadAgentId: bob.id });
    expect(visitor.last!.kind).toBe(6);
    expect(visitor.last!.message).toMatch(/Bob[\s\S]*Ann/);
    const before = openWindow(ann, place, false);
    await before.poll();
    expect(before.state.canPost).toBe(false);
    expect(await before.post('mine')).toMatchObject({ errorCode: 5 });
  });

  it('waits with priority when the operator is lost, and goes on when he is back or another takes it', async () => {
    const quick = await startHost();
    try {
      expect(quick.command(['setting', 'set', 'connection_timeout', '5']).code).toBe(0);
      expect(quick.command(['setting', 'set', 'disconnect_grace', '0']).code).toBe(0);
      const [cora, dan] = [await openDesk(quick, 'cora', 'Cora'), await openDesk(quick, 'dan', 'Dan')];
      const browser = openBrowser(quick.url);
      const place = await openChat(browser);
      const visitor = openWindow(browser, place, true);
      await visitor.poll();
      await take(cora, place);
      const operator = openWindow(cora, place, false);
      await operator.poll();
      await until(visitor.poll, () => visitor.state.threadState === 1);
      expect(visitor.state.threadAgentId).toBe(cora.id);
      expect(visitor.last).toMatchObject({ kind: 5, name: null });
      expect(visitor.state.canPost).toBe(true);

      await operator.poll();
      await visitor.poll();
      expect(visitor.state).toMatchObject({ threadState: 2, threadAgentId: cora.id });
      expect(visitor.last).toMatchObject({ kind: 6, message: 'Operator Cora is back' });

      await until(visitor.poll, () => visitor.state.threadState === 1);
      expect((await take(dan, place)).status).toBe(302);
      await visitor.poll();
      expect(visitor.state).toMatchObject({ threadState: 2, threadAgentId: dan.id });
      expect(visitor.last!.message).toMatch(/Dan[\s\S]*Cora/);

      // A silent visitor: the operator is told, nothing else changes.
      const second = openWindow(dan, place, false);
      await until(second.poll, () => second.last?.kind === 3);
      expect(second.state.threadState).toBe(2);
      await visitor.poll();
      expect(visitor.messages.every(({ kind }) => kind !== 3)).toBe(true);
      for (const one of [visitor, operator, second]) expect(one.client.errors).toEqual([]);
    } finally {
      await quick.stop();
    }
  });
});

describe('the server calls a window of the original', () => {
  const call = async (asked: unknown) =>
    (await (
      await fetch(`${server.url}/plugins/probe/call`, { method: 'POST', body: JSON.stringify(asked) })
    ).json()) as Json;
  const heard = async () => (await (await fetch(`${server.url}/plugins/probe/heard`)).json()) as Json[];
  const flash = ({ id, token }: Place, recipient: string) => ({
    function: 'flashTitle',
    arguments: { threadId: id, token, recipient, times: 3 },
    return: { shown: 'shown' },
  });

  it('with its next update, before the reply to that, and gets the answer with the next package', async () => {
    const { place, visitor } = await newChat();
    await visitor.poll();
    let seen: Json | undefined;
    visitor.client.registerFunction('flashTitle', (args) => {
      seen = args;
      return { shown: true };
    });
    const callback = { function: 'probeHeard', arguments: { extra: 'kept', shown: 'overwritten' } };
    const keys = [`thread_user_${place.id}`];
    expect(await call({ processor: 'thread', keys, calls: [flash(place, 'user')], callback })).toEqual({
      errorCode: 0,
    });

    await visitor.poll();
    const [first, called, last] = visitor.client.received!.requests;
    const [poll, update] = visitor.client.sent!.requests;
    expect([first!.token, last!.token]).toEqual([poll!.token, update!.token]);
    expect(called!.token).toMatch(/^[0-9a-f]{32}$/);
    expect(called!.functions).toEqual([
      {
        function: 'flashTitle',
        arguments: {
          threadId: place.id,
          token: place.token,
          recipient: 'user',
          times: 3,
          references: [],
          return: { shown: 'shown' },
        },
      },
    ]);
    expect(seen).toMatchObject({ times: 3 });

    await visitor.poll();
    // His answer is answered by nobody, and the call is not made twice.
    expect(visitor.client.received!.requests).toHaveLength(2);
    expect((await heard()).at(-1)).toMatchObject({ extra: 'kept', shown: true, errorCode: 0 });
    expect(visitor.client.errors).toEqual([]);
  });

  it('an operator only hears it while the conversation is his', async () => {
    const { place, visitor } = await newChat();
    await visitor.poll();
    await take(ann, place);
    const [owner, watcher] = [openWindow(ann, place, false), openWindow(bob, place, false)];
    let count = 0;
    for (const { client } of [owner, watcher])
      client.registerFunction('flashTitle', () => {
        count += client === owner.client ? 1 : 100;
        return { shown: true };
      });
    await call({ processor: 'thread', keys: [`thread_agent_${place.id}`], calls: [flash(place, 'agent')] });
    await watcher.poll();
    await visitor.poll();
    await owner.poll();
    await owner.poll();
    expect(count).toBe(1);
  });

  it('the users app hears it with its next update', async () => {
    const queue = openQueue(ann);
    const seen: Json[] = [];
    queue.client.registerFunction('ring', (args) => void seen.push(args));
    await call({
      processor: 'users',
      keys: [`users_${ann.id}`],
      calls: [{ function: 'ring', arguments: { agentId: ann.id, tone: 'a' } }],
    });
    await queue.poll();
    await queue.poll();
    expect(seen).toEqual([{ agentId: ann.id, tone: 'a', references: [], return: [] }]);
    expect(queue.client.errors).toEqual([]);
  });

  it('a token that waits for an answer takes no call', async () => {
    const { place, visitor, browser } = await newChat();
    await visitor.poll();
    const callback = { function: 'probeHeard', arguments: {} };
    await call({ processor: 'thread', keys: [`thread_user_${place.id}`], calls: [flash(place, 'user')], callback });
    await visitor.poll();
    const token = visitor.client.received!.requests.find((one) => /^[0-9a-f]{32}$/.test(one.token))!.token;
    const args = { threadId: place.id, token: place.token, user: true, message: 'x', references: {}, return: {} };
    const answer = await browser.json(thread, {
      signature: '',
      proto: '1.0',
      async: true,
      requests: [{ token, functions: [{ function: 'post', arguments: args }] }],
    });
    expect(answer.text).toContain('"errorCode":1011');
    expect(answer.text).toContain('NO_RESULT_FUNCTION');
  });

  it.each([
    [1, 'no recipient', [{ recipient: undefined }]],
    [9, 'a recipient that is none', [{ recipient: 'everybody' }]],
    [7, 'various recipients', [{ recipient: 'user' }, { recipient: 'both' }]],
    [8, 'various threads', [{ recipient: 'user' }, { recipient: 'user', threadId: 2 }]],
  ])('%i: %s', async (code, _what, changes) => {
    const calls = changes.map((change) => ({
      function: 'flashTitle',
      arguments: { threadId: 1, token: 1, ...change },
    }));
    expect(await call({ processor: 'thread', keys: ['thread_user_1'], calls })).toEqual({ errorCode: code });
  });
  it('3: various agents, and 10: a reserved name', async () => {
    const calls = [1, 2].map((agentId) => ({ function: 'ring', arguments: { agentId } }));
    expect(await call({ processor: 'users', keys: ['users_1'], calls })).toEqual({ errorCode: 3 });
    const reserved = [{ function: 'result', arguments: { agentId: 1 } }];
    expect(await call({ processor: 'users', keys: ['users_1'], calls: reserved })).toEqual({ errorCode: 10 });
  });
});

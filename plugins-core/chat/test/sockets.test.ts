import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { listen, type Server } from '../../../kernel/server.ts';
import type { Operator } from '../../operators/api.ts';
import { settings } from '../../settings/api.ts';
import { threadState, type WireMessage } from '../api.ts';
import { cookieOf, newcomer, serve, startedIn, type ChatServer, wim } from './server.ts';
import { ann } from './world.ts';

type Arguments = Readonly<Record<string, unknown>>;

/** A socket that keeps what was pushed, and waits for answers. */
async function connect(server: Server, who: { secret?: string; operator?: Operator }) {
  const origin = `http://127.0.0.1:${server.port}`;
  const headers: Record<string, string> = who.operator ? { cookie: cookieOf(who.operator), origin } : {};
  const ws = new WebSocket(`${origin.replace('http', 'ws')}/thread/update`, { headers });
  const pushed: { function: string; arguments: Arguments }[] = [];
  const answers = new Map<string, (args: Arguments) => void>();
  let count = 0;
  await once(ws, 'open');
  const greeted = once(ws, 'message');
  ws.send(JSON.stringify({ hello: { visitor: who.secret } }));
  await greeted;
  ws.on('message', (data: Buffer) => {
    const { requests } = JSON.parse(data.toString()) as {
      requests: { token: string; functions: { function: string; arguments: Arguments }[] }[];
    };
    for (const { token, functions } of requests)
      for (const one of functions) {
        if (one.function === 'result') answers.get(token)?.(one.arguments);
        else pushed.push(one);
      }
  });
  return {
    pushed,
    messages: () =>
      pushed
        .filter((one) => one.function === 'receiveMessages')
        .flatMap(({ arguments: args }) => (args['messages'] as WireMessage[]).map(({ message }) => message)),
    states: () => pushed.filter((one) => one.function === 'receiveState').map(({ arguments: args }) => args),
    call(name: string, args: Arguments): Promise<Arguments> {
      const token = `s${++count}`;
      const call = { function: name, arguments: { threadId: null, token: null, references: {}, return: {}, ...args } };
      ws.send(JSON.stringify({ signature: '', proto: '1.0', async: true, requests: [{ token, functions: [call] }] }));
      return new Promise((resolve) => answers.set(token, resolve));
    },
    close: () => ws.terminate(),
  };
}

describe('a conversation over sockets', () => {
  let chat: ChatServer;
  let server: Server;
  beforeAll(async () => {
    chat = await serve('sqlite');
    await chat.kernel.service(settings).change({ max_connections_from_one_host: 0 }, 'test');
    server = await listen(chat.kernel.kernel);
  });
  afterAll(async () => {
    await server?.close();
    await chat?.stop();
  });

  it('starts on the socket itself, and pushes what each side says and does to the other', async () => {
    const who = newcomer();
    const visitor = await connect(server, who);
    const operator = await connect(server, { operator: ann });
    const watcher = await connect(server, { operator: wim });
    const started = await visitor.call('start', { return: { options: 'options' } });
    const ref = startedIn(started);
    expect(await visitor.call('update', { ...ref, user: true, typed: false })).toMatchObject({ errorCode: 0 });
    for (const one of [operator, watcher]) await one.call('update', { ...ref, user: false, typed: false });

    await operator.call('take', { ...ref, user: false });
    await visitor.call('post', { ...ref, user: true, message: 'Hello', key: 'a' });
    // The same conversation over the other carrier.
    await chat.call({ operator: ann }, ['post', { ...ref, user: false, message: 'Hi' }]);
    await visitor.call('update', { ...ref, user: true, typed: true });
    await expect.poll(() => visitor.messages()).toEqual(['Operator Ann joined the chat', 'Hello', 'Hi']);
    await expect.poll(() => watcher.messages()).toEqual(visitor.messages());
    await expect
      .poll(() => operator.states().at(-1))
      .toMatchObject({ typing: true, canPost: true, threadState: threadState.chatting, recipient: 'agent', ...ref });
    await expect.poll(() => watcher.states().at(-1)).toMatchObject({ canPost: false });
    const pushes = visitor.pushed
      .filter((one) => one.function === 'receiveMessages')
      .map(({ arguments: args }) => args);
    for (const [index, push] of pushes.slice(1).entries()) expect(push['after']).toBe(pushes[index]?.['lastId']);
    expect(pushes[0]).toMatchObject({ ...ref, recipient: 'user', return: expect.anything() });

    await operator.call('close', { ...ref, user: false });
    await expect.poll(() => visitor.states().at(-1)).toMatchObject({ threadState: threadState.closed, canPost: false });
    for (const one of [visitor, operator, watcher]) one.close();
  });

  it('says nothing to sockets of other conversations', async () => {
    const [mine, other] = [newcomer(), newcomer()];
    const [one, two] = [await connect(server, mine), await connect(server, other)];
    const refs = await Promise.all(
      [one, two].map(async (socket) => {
        const started = await socket.call('start', { return: { options: 'options' } });
        const ref = { ...startedIn(started), user: true };
        await socket.call('updateMessages', { ...ref, lastId: 0 });
        return ref;
      }),
    );
    await one.call('post', { ...refs[0], message: 'secret' });
    await expect.poll(() => one.messages()).toEqual(['secret']);
    expect(await two.call('updateMessages', { ...refs[1], lastId: 0 })).toMatchObject({ errorCode: 0 });
    expect(two.messages()).toEqual([]);
    for (const socket of [one, two]) socket.close();
  });
});

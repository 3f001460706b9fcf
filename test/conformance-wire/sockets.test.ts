/** Sockets: hello, refusals, close codes, and pushes with exactly the arguments that the design names. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Server } from '../support/server.ts';
import type { Json } from '../support/wire.ts';
import {
  openBrowser,
  openChat,
  openDesk,
  packOf,
  ping,
  say,
  startHost,
  take,
  thread,
  threadFunction,
  users,
  usersFunction,
  type Browser,
  type Desk,
  type Package,
  type Place,
} from './people.ts';

let server: Server;
let ann: Desk;
let bob: Desk;
beforeAll(async () => {
  server = await startHost({ config: 'export default { plugins: { realtime: { hello: 1000 } } };' });
  ann = await openDesk(server, 'ann', 'Ann');
  bob = await openDesk(server, 'bob', 'Bob');
});
afterAll(() => server.stop());

interface Line {
  readonly socket: WebSocket;
  send(frame: unknown): void;
  /** The next frame that fits, from the first that nobody took. */
  next(fits?: (frame: Json) => boolean): Promise<Json>;
  readonly closed: Promise<number>;
}
async function connect(browser: Browser, path: string, more: Record<string, string> = {}): Promise<Line> {
  const headers = browser.headers(more);
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, { headers, perMessageDeflate: false });
  const frames: Json[] = [];
  let look = () => {};
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(String(data)) as Json);
    look();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  return {
    socket,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next: (fits = () => true) =>
      new Promise((resolve) => {
        look = () => {
          const at = frames.findIndex(fits);
          if (at < 0) return;
          look = () => {};
          resolve(frames.splice(at, 1)[0]!);
        };
        look();
      }),
    closed,
  };
}
async function greeted(
  browser: Browser,
  path: string,
  hello: Json = {},
  more: Record<string, string> = {},
): Promise<Line> {
  const line = await connect(browser, path, more);
  line.send({ hello });
  await line.next((frame) => 'hello' in frame);
  return line;
}
const called = (name: string) => (frame: Json) =>
  (frame as unknown as Partial<Package>).requests?.some(({ functions }) => functions[0]!.function === name) ?? false;
const argumentsOf = (frame: Json): Json => (frame as unknown as Package).requests[0]!.functions[0]!.arguments;
const answers = (sent: Package) => (frame: Json) =>
  (frame as unknown as Partial<Package>).requests?.some(({ token }) => token === sent.requests[0]!.token) ?? false;
async function ask(line: Line, sent: Package): Promise<Json[]> {
  line.send(sent);
  const got = (await line.next(answers(sent))) as unknown as Package;
  return got.requests.map(({ functions }) => functions[0]!.arguments);
}
const newChat = async () => {
  const browser = openBrowser(server.url);
  return { browser, place: await openChat(browser) };
};
const watch = (line: Line, place: Place, user: boolean) =>
  ask(line, packOf(threadFunction(place, user)('updateMessages', { lastId: 0 }, 'messages', 'lastId')));
const refusal = (code: number) => ({
  error: { code, name: expect.any(String), message: expect.any(String) },
  tokens: expect.any(Array),
});

describe('hello', () => {
  it('is answered with the heartbeat, on both gateways', async () => {
    const { browser } = await newChat();
    for (const [who, path] of [
      [browser, thread],
      [openBrowser(server.url), thread],
      [ann, users],
    ] as const) {
      const line = await connect(who, path);
      line.send({ hello: {} });
      expect(await line.next()).toEqual({ hello: { heartbeat: expect.any(Number) } });
      line.socket.close();
    }
  });
  it('has to come first: packages before it are refused, and nothing of them runs', async () => {
    const { browser, place } = await newChat();
    const line = await connect(browser, thread);
    line.send(packOf(threadFunction(place, true)('post', { message: 'early' })));
    expect(await line.next()).toEqual(refusal(114));
    line.send({ hello: {} });
    expect(await line.next()).toEqual({ hello: { heartbeat: expect.any(Number) } });
    const [got] = await watch(line, place, true);
    expect((got!['messages'] as Json[]).some(({ message }) => message === 'early')).toBe(false);
    line.socket.close();
  });
  it('that does not come closes with 4408', async () => {
    expect(await (await connect(openBrowser(server.url), thread)).closed).toBe(4408);
  });
  it('of a stranger at the operators’ gateway is refused with an object and 4403', async () => {
    for (const [who, more] of [
      [openBrowser(server.url), {}],
      [ann, { origin: 'https://evil.example' }],
      [ann, { 'sec-fetch-site': 'cross-site' }],
    ] as const) {
      const line = await connect(who, users, more);
      line.send({ hello: {} });
      expect(await line.next()).toEqual(refusal(1));
      expect(await line.closed).toBe(4403);
    }
    const own = await connect(ann, users, { origin: server.url });
    own.send({ hello: {} });
    expect(await own.next()).toHaveProperty('hello');
    own.socket.close();
  });
  it('tells who the visitor is, whatever his cookies and his origin say', async () => {
    const secret = Buffer.alloc(32, 9).toString('base64url');
    const { browser, place } = await newChat();
    const line = await greeted(browser, thread, { visitor: secret }, { origin: 'https://shop.example' });
    const start = {
      function: 'start',
      arguments: { threadId: null, token: null, references: {}, return: { options: 'options' } },
    };
    const [got] = await ask(line, packOf(start));
    const own = (got!['options'] as { thread: Place }).thread;
    expect(own.id).not.toBe(place.id);
    expect((await watch(line, own, true))[0]).toMatchObject({ errorCode: 0 });
    line.send(packOf(threadFunction(place, true)('updateMessages', { lastId: 0 })));
    expect(await line.next((frame) => 'error' in frame)).toMatchObject({ error: { name: 'FORBIDDEN' } });
    line.socket.close();
  });
  it('with a cookie from a foreign origin is that of nobody', async () => {
    const { browser, place } = await newChat();
    const line = await greeted(browser, thread, {}, { origin: 'https://evil.example' });
    line.send(packOf(threadFunction(place, true)('updateMessages', { lastId: 0 })));
    expect(await line.next()).toMatchObject({ error: { name: 'FORBIDDEN' } });
    line.socket.close();
  });
});

describe('frames', () => {
  it('that are wrong are refused with the object that POST answers, and the socket stays', async () => {
    const { browser, place } = await newChat();
    const line = await greeted(browser, thread);
    const good = packOf(threadFunction(place, true)('update', { typed: false }, 'threadState'));
    const wrong = async (frame: unknown, code: number) => {
      line.send(frame);
      expect(await line.next()).toEqual(refusal(code));
    };
    await wrong('{', 12);
    await wrong({ ...good, proto: '2' }, 23);
    await wrong({ ...good, requests: Array.from({ length: 51 }, () => good.requests[0]) }, 111);
    await wrong('x'.repeat(256 * 1024 + 1), 110);
    line.socket.send(Buffer.from('{}'), { binary: true });
    expect(await line.next()).toEqual(refusal(115));
    expect(await ask(line, good)).toMatchObject([{ threadState: 0, errorCode: 0 }]);
    line.socket.close();
  });
  it('of a socket and packages by POST are one conversation', async () => {
    const { browser, place } = await newChat();
    const line = await greeted(browser, thread);
    await ask(line, packOf(threadFunction(place, true)('post', { message: 'by socket' })));
    await say(browser, place, true, 'by post');
    const [got] = await watch(line, place, true);
    expect((got!['messages'] as Json[]).filter(({ kind }) => kind === 1)).toMatchObject([
      { message: 'by socket' },
      { message: 'by post' },
    ]);
    line.socket.close();
  });
});

describe('pushes', () => {
  it('receiveMessages: what came, for whom, and what the addressee should have had before', async () => {
    const { browser, place } = await newChat();
    await ping(browser, place, true);
    await take(ann, place);
    const [visitor, operator] = [await greeted(browser, thread), await greeted(ann, thread)];
    const [seen] = await watch(visitor, place, true);
    const [all] = await watch(operator, place, false);
    await say(browser, place, true, 'Hi <b>');
    for (const [line, recipient, had] of [
      [visitor, 'user', seen],
      [operator, 'agent', all],
    ] as const) {
      const frame = (await line.next(called('receiveMessages'))) as unknown as Package;
      expect(frame).toMatchObject({ signature: '', proto: '1.0', async: true });
      expect(frame.requests).toHaveLength(1);
      expect(frame.requests[0]!.token).toMatch(/^[0-9a-f]{32}$/);
      const lastId = (had!['lastId'] as number) + 1;
      expect(argumentsOf(frame as unknown as Json)).toEqual({
        threadId: place.id,
        token: place.token,
        recipient,
        messages: [
          {
            id: lastId,
            kind: 1,
            created: expect.any(Number),
            name: 'Guest',
            message: 'Hi &lt;b&gt;',
            plugin: '',
            data: [],
          },
        ],
        lastId,
        after: had!['lastId'],
        references: [],
        return: [],
      });
    }
    visitor.socket.close();
    operator.socket.close();
  });
  it('receiveMessages: what the visitor may not see is no gap for him', async () => {
    const browser = openBrowser(server.url);
    const place = await openChat(browser, '?info=hidden');
    const line = await greeted(browser, thread);
    const [seen] = await watch(line, place, true);
    await say(browser, place, true, 'first');
    const got = argumentsOf(await line.next(called('receiveMessages')));
    expect(got['after']).toBe(seen!['lastId']);
    expect(got['lastId']).toBeGreaterThan(Number(got['after']) + 1);
    line.socket.close();
  });
  it('receiveState: the four facts, as the addressee would be told', async () => {
    const { browser, place } = await newChat();
    await ping(browser, place, true);
    const [visitor, operator] = [await greeted(browser, thread), await greeted(bob, thread)];
    await watch(visitor, place, true);
    await watch(operator, place, false);
    await take(ann, place);
    const state = {
      threadId: place.id,
      token: place.token,
      threadState: 2,
      threadAgentId: ann.id,
      agentName: 'Ann',
      typing: false,
      references: [],
      return: [],
    };
    expect(argumentsOf(await visitor.next(called('receiveState')))).toEqual({
      ...state,
      recipient: 'user',
      canPost: true,
    });
    expect(argumentsOf(await operator.next(called('receiveState')))).toEqual({
      ...state,
      recipient: 'agent',
      canPost: false,
    });
    await ping(ann, place, false, true);
    expect(
      argumentsOf(
        await visitor.next((frame) => called('receiveState')(frame) && argumentsOf(frame)['typing'] === true),
      ),
    ).toMatchObject({
      threadState: 2,
    });
    visitor.socket.close();
    operator.socket.close();
  });
  it('receiveThreads: changed rows, between the revisions that it names', async () => {
    const line = await greeted(ann, users);
    const [list] = await ask(
      line,
      packOf(usersFunction(ann)('updateThreads', { revision: 0 }, 'threads', 'lastRevision')),
    );
    const { place } = await newChat();
    const got = argumentsOf(await line.next(called('receiveThreads')));
    expect(Object.keys(got).toSorted()).toEqual([
      'after',
      'agentId',
      'lastRevision',
      'references',
      'return',
      'threads',
    ]);
    expect(got).toMatchObject({ agentId: ann.id, after: list!['lastRevision'], threads: [{ id: place.id, state: 4 }] });
    expect(got['lastRevision']).toBeGreaterThan(list!['lastRevision'] as number);
    line.socket.close();
  });
  it('do not go to those who poll', async () => {
    const { browser, place } = await newChat();
    await ping(browser, place, true);
    await say(browser, place, true, 'x');
    const sent = packOf(threadFunction(place, true)('update', { typed: false }, 'threadState'));
    const answer = JSON.parse((await browser.json(thread, sent)).text) as Package;
    expect(answer.requests).toHaveLength(1);
  });
});

describe('the end of a socket', () => {
  it('is 4403 when its operator logs out', async () => {
    const desk = await openDesk(server, 'zoe', 'Zoe');
    const lines = [await greeted(desk, users), await greeted(desk, thread)];
    const page = await desk.get('/operator/logout');
    const token = /name="csrf_token" value="([^"]+)"/.exec(page.text)![1]!;
    await desk.send('/operator/logout', { csrf_token: token });
    expect(await Promise.all(lines.map(({ closed }) => closed))).toEqual([4403, 4403]);
  });
  it('is 4503 when the server goes', async () => {
    const { browser } = await newChat();
    const lines = [await greeted(browser, thread), await greeted(ann, users), await connect(browser, thread)];
    await server.quit();
    expect(await Promise.all(lines.map(({ closed }) => closed))).toEqual([4503, 4503, 4503]);
  });
});

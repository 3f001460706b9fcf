/** Packages with something wrong at the gateways of a running product: a coded refusal, and nothing is stored. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { logIn } from './support/login.ts';
import { beforeChat, errorsIn, startServer, type Server } from './support/server.ts';
import { watchStored } from './support/watch.ts';
import {
  callByPost,
  decodeForm,
  formBody,
  newVisitor,
  openSocket,
  post,
  startThread,
  threadCall,
  type Answer,
  type Caller,
  type TestThread,
  type WireFunction,
} from './support/wire.ts';

const carriers = ['json', 'form', 'socket'] as const;
type Carrier = (typeof carriers)[number];
const types = { json: 'application/json', form: 'application/x-www-form-urlencoded' };

let server: Server;
let url: string;
let users: string;
let operator: Caller;
let thread: TestThread;
let foreign: TestThread;
let stored: ReturnType<typeof watchStored>;
const visitor = newVisitor(1);
const sockets = new Map<Caller, WebSocket>();

beforeAll(async () => {
  server = await startServer({ env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1' }, without: beforeChat });
  url = `${server.url}/thread/update`;
  users = `${server.url}/operator/users/update`;
  operator = { headers: await logIn(server) };
  thread = await startThread(url, visitor);
  foreign = await startThread(url, newVisitor(2));
  for (const one of [visitor, operator]) sockets.set(one, await openSocket(url, one));
  stored = watchStored(`${server.data}/mibew.db`);
});
afterAll(async () => {
  stored.close();
  for (const socket of sockets.values()) socket.terminate();
  const errors = errorsIn(server.output());
  await server.stop();
  expect(errors).toEqual([]);
});

interface Reply {
  /** Undefined over a socket. */
  readonly status: number | undefined;
  readonly body: unknown;
}

/** The next frame that is no push. */
const frame = (socket: WebSocket) =>
  new Promise<unknown>((done) => {
    const look = (data: Buffer) => {
      const text = String(data);
      if (!text.startsWith('{"error"') && !text.includes('"function":"result"')) return;
      socket.off('message', look);
      done(JSON.parse(text));
    };
    socket.on('message', look);
  });

const read = ({ status, text }: Answer, form: boolean): Reply => ({
  status,
  body: form ? decodeForm(text) : JSON.parse(text),
});

async function send(carrier: Carrier, caller: Caller, text: string): Promise<Reply> {
  if (carrier !== 'socket') {
    const body = carrier === 'form' ? formBody(text) : text;
    return read(await post(url, caller, body, types[carrier]), carrier === 'form');
  }
  const socket = sockets.get(caller)!;
  const answer = frame(socket);
  socket.send(text);
  return { status: undefined, body: await answer };
}

const call = (name: string, args: object = {}, results: readonly string[] = []) =>
  threadCall(name, { threadId: thread.id, token: thread.token, user: true, ...args }, results);
const good = () => call('post', { message: 'must not be stored' }, ['id']);
const request = (token: string, ...functions: readonly WireFunction[]) => ({ token, functions });
const pack = (...requests: readonly object[]) => ({ signature: '', proto: '1.0', async: true, requests });
/** A good request first: nothing of a refused package runs. */
const after = (second: object) => pack(request('first', good()), second);
const without = (value: object, key: string) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
const withArgs = (args: unknown) => after({ token: 'second', functions: [{ function: 'post', arguments: args }] });

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));

const rows: readonly (readonly [string, number, number, string, () => unknown])[] = [
  ['no async', 400, 1, 'ASYNC_FLAG_MISSED', () => without(after(request('second', good())), 'async')],
  ['a function without arguments', 400, 2, 'EMPTY_ARGUMENTS', () => withArgs(undefined)],
  ['empty arguments', 400, 2, 'EMPTY_ARGUMENTS', () => withArgs({})],
  [
    'a function without a name',
    400,
    3,
    'EMPTY_FUNCTION_NAME',
    () => after({ token: 'second', functions: [{ ...good(), function: '' }] }),
  ],
  ['a request without functions', 400, 4, 'EMPTY_FUNCTIONS', () => after({ token: 'second', functions: [] })],
  ['no proto', 400, 5, 'EMPTY_PROTOCOL', () => without(after(request('second', good())), 'proto')],
  ['an empty proto', 400, 5, 'EMPTY_PROTOCOL', () => ({ ...after(request('second', good())), proto: '' })],
  ['no requests', 400, 6, 'EMPTY_REQUESTS', () => pack()],
  ['requests that are no list', 400, 6, 'EMPTY_REQUESTS', () => ({ ...pack(), requests: 'all' })],
  ['no signature', 400, 7, 'EMPTY_SIGNATURE', () => without(after(request('second', good())), 'signature')],
  ['a request without a token', 400, 8, 'EMPTY_TOKEN', () => after({ functions: [good()] })],
  ['an empty token', 400, 8, 'EMPTY_TOKEN', () => after(request('', good()))],
  ['a token that is no text', 400, 8, 'EMPTY_TOKEN', () => after({ token: 7, functions: [good()] })],
  ...['threadId', 'token', 'references', 'return'].map(
    (key) =>
      [
        `no ${key} in the arguments`,
        400,
        13,
        'MANDATORY_ARGUMENTS_MISSED',
        () => withArgs(without(good().arguments, key)),
      ] as const,
  ),
  ['a result without errorCode', 400, 13, 'MANDATORY_ARGUMENTS_MISSED', () => after(request('second', call('result')))],
  ['another signature', 400, 16, 'UNTRUSTED_SIGNATURE', () => ({ ...pack(request('first', good())), signature: 'x' })],
  ['arguments that are a list', 400, 19, 'WRONG_ARGUMENTS_TYPE', () => withArgs([1])],
  ['arguments that are a text', 400, 19, 'WRONG_ARGUMENTS_TYPE', () => withArgs('all')],
  ['async as a text', 400, 20, 'WRONG_ASYNC_FLAG_VALUE', () => ({ ...pack(request('first', good())), async: 'true' })],
  ['another version', 400, 23, 'WRONG_PROTOCOL_VERSION', () => ({ ...pack(request('first', good())), proto: '0.9' })],
  ['51 requests', 400, 111, 'TOO_MANY_REQUESTS', () => pack(...many(51, (at) => request(`t${at}`, good())))],
  ['21 functions', 400, 112, 'TOO_MANY_FUNCTIONS', () => pack(request('first', ...many(21, good)))],
  ['17 levels', 400, 113, 'TOO_DEEP', () => withArgs({ ...good().arguments, more: nested(13) })],
];

describe.each(carriers)('a malformed package over %s', (carrier) => {
  it.each(rows)('with %s is refused with %i and code %i', async (_title, status, code, name, make) => {
    const before = stored.state();
    const answer = await send(carrier, visitor, JSON.stringify(make()));
    if (answer.status !== undefined) expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      error: { code, name, message: expect.any(String) },
      tokens: expect.any(Array),
    });
    expect(stored.state()).toBe(before);
  });

  it('names the requests that it refused', async () => {
    const { body } = await send(
      carrier,
      visitor,
      JSON.stringify(after(request('second', { ...good(), function: '' }))),
    );
    expect(body).toMatchObject({ tokens: ['first', 'second'] });
  });

  it.each(
    ['', 'no JSON', '{"signature":""', 'null', '7', '"text"', '[]'].filter((text) => carrier !== 'socket' || text),
  )('is refused when it is no package: %j', async (text) => {
    const { status, body } = await send(carrier, visitor, text);
    expect(status ?? 400).toBe(400);
    expect(body).toMatchObject({ error: { code: text === '[]' ? 7 : 12 } });
  });

  it('is refused the same way for a conversation of somebody else and for one that is not there', async () => {
    const before = stored.state();
    const about = (threadId: unknown, token: unknown) =>
      pack(
        request('first', good()),
        request('second', threadCall('post', { threadId, token, user: true, message: 'x' })),
      );
    const answers = [];
    for (const [id, token] of [
      [foreign.id, foreign.token],
      [foreign.id, 1],
      [999_999, foreign.token],
      [-1, 1],
      ['x', 1],
      [{}, 1],
    ])
      answers.push(await send(carrier, visitor, JSON.stringify(about(id, token))));
    const [first, ...others] = answers;
    expect(first).toMatchObject({ body: { error: { code: 108 }, tokens: ['first', 'second'] } });
    expect(first!.status ?? 403).toBe(403);
    for (const other of others) expect(other).toEqual(first);
    expect(stored.state()).toBe(before);
  });
});

it.each([
  ['invalid UTF-8', Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), 400, 12],
  ['half a character', Buffer.from('{"signature":"é').subarray(0, -1), 400, 12],
  ['1 MB', Buffer.alloc(1_048_576, ' '), 413, 110],
] as const)('bytes that are no package are refused: %s', async (_title, bytes, status, code) => {
  for (const type of Object.values(types)) {
    const answer = await post(url, visitor, Uint8Array.from(bytes), type);
    expect(answer.status).toBe(status);
    expect(read(answer, type === types.form).body).toMatchObject({ error: { code } });
  }
});

it('a package of 1 MB that would be good is refused before it is read', async () => {
  const before = stored.state();
  const text = JSON.stringify(pack(request('first', call('post', { message: 'x'.repeat(1_048_576) }))));
  expect((await post(url, visitor, text)).status).toBe(413);
  const form = await post(url, visitor, formBody(text), types.form);
  expect(form.status).toBe(413);
  expect(decodeForm(form.text)).toMatchObject({ error: { code: 110 } });
  expect(stored.state()).toBe(before);
});

it('a socket takes neither 1 MB nor bytes that are no text, and the server lives on', async () => {
  for (const [data, binary] of [
    [Buffer.alloc(1_048_576, ' '), false],
    [Buffer.of(0x7b, 0xff, 0x7d), false],
    [Buffer.from('{}'), true],
  ] as const) {
    const socket = await openSocket(url, visitor);
    socket.on('error', () => undefined);
    const over = new Promise<unknown>((done) => {
      socket.on('close', (code) => done(code));
      socket.on('message', (text: Buffer) => {
        if (text.includes('"error"')) done(JSON.parse(text.toString()));
      });
    });
    socket.send(data, { binary });
    const end = await over;
    if (typeof end !== 'number') expect(end).toMatchObject({ error: { code: expect.any(Number) } });
    socket.terminate();
  }
  await callByPost(url, visitor, call('update', { typed: false }, ['threadState']));
});

describe.each(carriers)('a function with bad input over %s', (carrier) => {
  const run = async (caller: Caller, ...functions: readonly WireFunction[]) => {
    const { status, body } = await send(carrier, caller, JSON.stringify(pack(request('first', ...functions))));
    expect(status ?? 200).toBe(200);
    return (body as { requests: { functions: { arguments: object }[] }[] }).requests[0]!.functions[0]!.arguments;
  };

  it.each([
    ['a wrong token', 4, () => call('post', { token: thread.token + 1, message: 'x' })],
    ['a token that is none', 4, () => call('update', { token: 'x', typed: false })],
    ['a negative lastId', 3, () => call('updateMessages', { lastId: -1 }, ['messages'])],
    ['a lastId that is no number', 3, () => call('updateMessages', { lastId: 'x' })],
    ['a message that is no text', 3, () => call('post', { message: 7 })],
    ['no message', 3, () => call('post')],
    ['no side', 3, () => call('post', { user: undefined, message: 'x' })],
    ['a key that is too long', 3, () => call('post', { message: 'x', key: 'k'.repeat(65) })],
    ['an empty key', 3, () => call('post', { message: 'x', key: '' })],
    ['the side of the operator, whom nobody knows', 2, () => call('post', { user: false, message: 'x' })],
    ['an empty message', 100, () => call('post', { message: '' })],
    ['a message of blanks', 100, () => call('post', { message: ' \n\t' })],
    ['a message that is too long', 101, () => call('post', { message: 'x'.repeat(4001) })],
    [
      'a reference to a function that has not run',
      1021,
      () => call('post', { message: 'id', references: { message: 1 } }),
    ],
    ['a wish for a result that there is not', 1018, () => call('nobodyKnows', {}, ['nope'])],
  ] as const)('is told about %s by code %i', async (_title, code, make) => {
    const before = stored.state();
    expect(await run(visitor, make())).toMatchObject({ errorCode: code, errorMessage: expect.any(String) });
    expect(stored.state()).toBe(before);
  });

  it('stops at the first error and keeps what came before', async () => {
    const bad = call('updateMessages', { lastId: 'nope', references: { lastId: 1 } });
    const result = await run(visitor, call('update', { typed: false }, ['threadState']), bad, good());
    expect(result).toMatchObject({ threadState: expect.any(Number), errorCode: 1017, errorName: expect.any(String) });
  });

  it('is told that a key was used for another message', async () => {
    const key = `key over ${carrier}`;
    const first = await run(visitor, call('post', { message: 'one', key }, ['id']));
    expect(first).toMatchObject({ errorCode: 0 });
    const before = stored.state();
    expect(await run(visitor, call('post', { message: 'two', key }, ['id']))).toMatchObject({ errorCode: 103 });
    expect(await run(visitor, call('post', { message: 'one', key }, ['id']))).toMatchObject(first);
    expect(stored.state()).toBe(before);
  });

  it('is told that a conversation is over, except about what it said before', async () => {
    const mine = await startThread(url, visitor);
    const about = { threadId: mine.id, token: mine.token, user: true };
    const last = { ...about, message: 'the last word', key: `last over ${carrier}` };
    const said = await run(visitor, threadCall('post', last, ['id']));
    expect(await run(visitor, threadCall('close', about, ['closed']))).toMatchObject({ closed: true });
    const before = stored.state();
    expect(await run(visitor, threadCall('post', { ...about, message: 'too late' }))).toMatchObject({ errorCode: 5 });
    expect(await run(visitor, threadCall('post', last, ['id']))).toMatchObject(said);
    expect(stored.state()).toBe(before);
    thread = await startThread(url, visitor);
  });

  it('tells an operator that a conversation is not there', async () => {
    const gone = threadCall('update', { threadId: 999_999, token: 1, user: false, typed: false });
    expect(await run(operator, gone)).toMatchObject({ errorCode: 4 });
  });
});

describe('the gateway of the operators', () => {
  const body = JSON.stringify(
    pack({
      token: 'first',
      functions: [{ function: 'away', arguments: { agentId: 1, references: {}, return: {} } }],
    }),
  );
  it('refuses strangers with a code, and leads those of the original encoding to the login', async () => {
    const json = await post(users, visitor, body);
    expect(json.status).toBe(403);
    expect(JSON.parse(json.text)).toMatchObject({ error: { code: 1 } });
    const form = await post(users, visitor, formBody(body), types.form);
    expect(form.status).toBe(302);
    expect(form.headers.get('location')).toContain('/operator/login');
  });

  it('answers 1, 2 or 104 for what is wrong with a call', async () => {
    const run = async (name: string, args: object) => {
      const [result] = await callByPost(users, operator, {
        function: name,
        arguments: { references: {}, return: {}, ...args },
      });
      return result;
    };
    expect(await run('away', { agentId: 99 })).toMatchObject({ errorCode: 2 });
    expect(await run('updateThreads', { agentId: 1, revision: -1 })).toMatchObject({ errorCode: 104 });
    const missing = await post(
      users,
      operator,
      JSON.stringify(
        pack(request('first', { function: 'updateThreads', arguments: { agentId: 1, references: {}, return: {} } })),
      ),
    );
    expect(missing.status).toBe(400);
    expect(JSON.parse(missing.text)).toMatchObject({ error: { code: 13 } });
  });
});

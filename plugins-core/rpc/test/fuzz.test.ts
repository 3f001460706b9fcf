import { once } from 'node:events';
import { createConnection } from 'node:net';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { definePlugin } from '../../../kernel/plugin.ts';
import { listen, type Server } from '../../../kernel/server.ts';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import {
  defineProcessor,
  defineRpc,
  processor,
  type ProcessorSpec,
  rpc,
  RpcError,
  rpcService,
  wireInteger,
} from '../api.ts';
import { fuzz, type FuzzAnswer, type FuzzCarrier, overSocket } from './fuzz.ts';
import { call, pack, request } from './world.ts';

const talkProcessor = defineProcessor<{ readonly visitor: string }, object | undefined>('talk');
const talkRpc = defineRpc(talkProcessor, {
  update: { input: v.object({ user: v.boolean(), typed: v.boolean() }), output: v.looseObject({}) },
  updateMessages: { input: v.object({ user: v.boolean(), lastId: wireInteger }), output: v.looseObject({}) },
  post: { input: v.object({ user: v.boolean(), message: v.string() }), output: v.looseObject({}) },
  list: { input: v.object({ revision: wireInteger }), output: v.looseObject({}) },
});

const corpus = [
  pack(
    request('wnd1', call('updateMessages', { user: true, lastId: 0 }, { messages: 'messages', lastId: 'lastId' })),
    request('wnd2', call('update', { user: true, typed: false }, { threadState: 'threadState' })),
  ),
  pack(
    request(
      'wnd3',
      call('post', { user: true, message: 'hi + % 👍' }, { id: 'id' }),
      call('update', { user: true, typed: true }),
    ),
  ),
  pack(
    request(
      'wnd4',
      call('updateMessages', { user: true, lastId: 3 }, { lastId: 'before' }),
      call('updateMessages', { user: true, lastId: 'lastId', references: { lastId: 1 } }, { lastId: 'after' }),
    ),
    request('wnd5', call('nobodyKnows')),
  ),
  pack(request('wnd6', call('list', { revision: 0 }, { time: 'time' }))),
  pack(request('wnd7', call('result', { errorCode: 0 })), request('wnd8', call('list', { revision: 7 }))),
  { ...pack(request('wnd9', call('post', { user: true, message: 'quiet' }))), async: false },
];
const rules = { mandatory: ['threadId', 'token'], mandatoryFor: { list: ['revision'] } };

const stored: string[] = [];
const spec: ProcessorSpec<{ readonly visitor: string }, object | undefined> = {
  processor: talkProcessor,
  path: '/talk',
  mandatory: { threadId: null, token: null },
  mandatoryFor: { list: ['revision'] },
  wrongArguments: 3,
  cors: true,
  identify: async ({ visitor }) => ({ visitor: visitor ?? '' }),
  admit(_caller, calls) {
    if (!calls.some(({ arguments: args }) => args['threadId'] === '42')) return undefined;
    return { refusal: { status: 403, code: 131, name: 'THREAD_REFUSED', message: 'Not yours' } };
  },
  subject(_caller, { threadId, token }) {
    if (threadId === null) return undefined;
    if (threadId === 42 && token === 1234567) return {};
    throw new RpcError(4, 'ERROR_WRONG_THREAD', 'Wrong thread');
  },
  authorize(_caller, { user }) {
    if (user === false) throw new RpcError(2, 'ERROR_AGENT_NOT_LOGGED_IN', 'Not logged in');
  },
  rateKey: () => 'everybody',
  bufferKeys: () => ['somebody'],
};
const talk = definePlugin({
  id: 'talk',
  needs: { rpc: rpcService },
  setup(ctx) {
    ctx.contribute(processor(spec));
    ctx.contribute(
      rpc(talkRpc, {
        update: () => ({ threadState: 2 }),
        updateMessages: async ({ lastId }) => ({ messages: stored.slice(lastId, lastId + 3), lastId }),
        post({ message }) {
          stored.push(message);
          return { id: stored.length };
        },
        list: ({ revision }) => ({ time: revision }),
      }),
    );
    ctx.route(ctx.use.rpc.gateway(spec));
  },
});

let test: TestKernel;
let server: Server;
let address: string;
beforeAll(async () => {
  test = await createTestKernel({
    plugins: ['rpc', 'realtime', { definition: talk, manifest: { claims: ['/talk'], plugins: { rpc: '*' } } }],
    config: { plugins: { rpc: { packagesPerSecond: 1e6, packagesAtOnce: 1e6 } } },
  });
  server = await listen(test.kernel);
  address = `127.0.0.1:${server.port}/talk`;
});
afterAll(async () => {
  await server.close();
  await test.dispose();
});

async function connect(): Promise<WebSocket> {
  const ws = new WebSocket(`ws://${address}`);
  await once(ws, 'open');
  ws.send('{"hello":{"visitor":"ann"}}');
  await once(ws, 'message');
  return ws;
}

async function post(carrier: FuzzCarrier, bytes: Uint8Array): Promise<FuzzAnswer> {
  const type = carrier === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  const response = await fetch(`http://${address}`, {
    method: 'POST',
    body: Buffer.from(bytes),
    headers: { 'content-type': type, 'x-mibew-visitor': 'ann' },
  });
  return { status: response.status, text: await response.text() };
}

it('answers 10,000 packages of all kinds over all carriers as the protocol says', async () => {
  const seed = Number(process.env['MIBEW_FUZZ_SEED'] ?? 20_260_101);
  const count = Number(process.env['MIBEW_FUZZ_COUNT'] ?? 10_000);
  const marker = { token: 'marker', text: JSON.stringify(pack(request('marker', call('list', { revision: 0 })))) };
  const sockets = overSocket(connect, marker);
  const send = (carrier: FuzzCarrier, bytes: Uint8Array) =>
    carrier === 'socket' ? sockets.send(bytes) : post(carrier, bytes);
  const report = await fuzz({ seed, count, corpus, rules, send, state: () => String(stored.length) });
  sockets.close();
  process.stdout.write(`fuzz: seed ${seed}, ${report.sent} packages, ${JSON.stringify(report.outcomes)}\n`);
  expect(report.findings).toEqual([]);
  expect(report.sent).toBe(count);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  // Every rule was met, else its loss would not be noticed.
  const met = new Set(Object.keys(report.outcomes).map((outcome) => Number(outcome.split('/')[1] ?? outcome)));
  for (const code of [200, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 16, 19, 20, 23, 110, 111, 112, 113, 131])
    expect(met, `code ${code}`).toContain(code);
}, 600_000);

it('goes red where something is let through, refused without need, stored, or answered in another order', async () => {
  const good = JSON.stringify(
    pack(request('t', { function: 'result', arguments: { errorCode: 0, references: [], return: [] } })),
  );
  const refused = JSON.stringify({ error: { code: 13, name: 'X', message: 'x' }, tokens: [] });
  let writes = 0;
  const broken: [FuzzAnswer, (() => string)?][] = [
    [{ status: 200, text: good }],
    [{ status: 200, text: '' }],
    [{ status: 400, text: refused }],
    [{ status: 500, text: '' }],
    [{ status: 400, text: 'no JSON' }],
    [{ status: 429, text: refused }, () => String((writes += 1))],
  ];
  for (const [answer, state] of broken) {
    const report = await fuzz({
      seed: 7,
      count: 200,
      corpus,
      rules,
      carriers: ['json'],
      send: async () => answer,
      state,
    });
    expect(report.findings.length).toBeGreaterThan(0);
  }
});

it('refuses a body without a told length as soon as there is too much of it', async () => {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if ((sent += 1) > 10) controller.close();
      else controller.enqueue(Buffer.alloc(40_000, ' '));
    },
  });
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json' } };
  const response = await fetch(`http://${address}`, init);
  expect([response.status, await response.json()]).toMatchObject([413, { error: { code: 110 } }]);
});

it('does not mind callers who leave in the middle of a body', async () => {
  const { port, host, hostname } = new URL(`http://${address}`);
  for (let time = 0; time < 20; time += 1) {
    const socket = createConnection(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      `POST /talk HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"sig`,
    );
    socket.resetAndDestroy();
    await once(socket, 'close');
  }
  const good = await post('json', Buffer.from(JSON.stringify(corpus[0])));
  expect(good.status).toBe(200);
});

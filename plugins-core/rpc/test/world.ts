/** A small world for tests: two processors like the product's, in memory, behind a gateway. */
import { Hono } from 'hono';
import * as v from 'valibot';
import type { RequestFacts } from '../../../kernel/plugin.ts';
import {
  type CallerRequest,
  defineProcessor,
  defineRpc,
  type ProcessorSpec,
  type RpcFunctions,
  type RpcImplementation,
  RpcError,
  wireInteger,
} from '../api.ts';
import { type CallbackStore, createCallbacks } from '../callbacks.ts';
import { createExecutor, type ExecutorNeeds } from '../executor.ts';
import type { News } from '../news.ts';
import { createRates, type Rate } from '../rates.ts';
import { type AnySpec, createRegistry } from '../registry.ts';
import { createService, type ServiceNeeds } from '../service.ts';
import { createWaiting, type WaitingStore } from '../waiting.ts';

export interface TestThread {
  readonly id: number;
  readonly token: number;
  closed: boolean;
  readonly messages: { id: number; kind: number; message: string }[];
}
interface TestCaller {
  readonly visitor: string | undefined;
  readonly operator: number | undefined;
}
const talkProcessor = defineProcessor<TestCaller, TestThread | undefined>('thread');
const deskProcessor = defineProcessor<{ readonly operator: number }, undefined>('users');

const side = { user: v.boolean() };
const talkRpc = defineRpc(talkProcessor, {
  update: {
    input: v.object({ ...side, typed: v.boolean() }),
    output: v.object({ threadState: v.number(), canPost: v.boolean() }),
  },
  updateMessages: {
    input: v.object({ ...side, lastId: wireInteger }),
    output: v.object({ messages: v.array(v.unknown()), lastId: v.number() }),
  },
  post: { input: v.object({ ...side, message: v.string() }), output: v.object({ id: v.number() }) },
  rename: { input: v.object({ name: v.string() }), output: v.object({}) },
  echo: { input: v.looseObject({}), output: v.looseObject({}) },
  fail: { input: v.object({}), output: v.object({}) },
  answered: { input: v.looseObject({}), output: v.object({}) },
  wait: { input: v.object({}), output: v.object({}) },
  seldom: { input: v.object({}), output: v.object({}), rate: { perSecond: 1, burst: 2 } },
});
const deskRpc = defineRpc(deskProcessor, {
  update: { input: v.object({}), output: v.object({}) },
  currentTime: { input: v.object({}), output: v.object({ time: v.number() }) },
  updateThreads: {
    input: v.object({ revision: wireInteger }),
    output: v.object({ threads: v.array(v.unknown()), lastRevision: v.number() }),
  },
  away: { input: v.object({}), output: v.object({}) },
  available: { input: v.object({}), output: v.object({}) },
});

/** News of one node. */
export const quiet: News = { tell() {}, heard() {}, complete: true };

export function memoryWaiting(): WaitingStore & { reads: number } {
  let rows: { addressee: string; request: string }[] = [];
  const store = {
    reads: 0,
    addressees: async () => [...new Set(rows.map(({ addressee }) => addressee))],
    async add(addressees: readonly string[], request: string) {
      rows.push(...addressees.map((addressee) => ({ addressee, request })));
    },
    async take(addressee: string) {
      store.reads += 1;
      const taken = rows.filter((row) => row.addressee === addressee);
      rows = rows.filter((row) => row.addressee !== addressee);
      return taken.map(({ request }) => request);
    },
    async forgetBefore() {
      rows = [];
    },
  };
  return store;
}

function memoryCallbacks(): CallbackStore {
  const rows = new Map<string, { processor: string; callback: never; remaining: number; expiresAt: number }>();
  return {
    tokens: async () => [...rows].map(([token, { processor }]) => ({ token, processor })),
    async add(token, processor, callback, remaining, expiresAt) {
      rows.set(token, { processor, callback: callback as never, remaining, expiresAt });
    },
    has: async (token) => rows.has(token),
    async take(token) {
      const row = rows.get(token);
      if (!row) return undefined;
      row.remaining -= 1;
      if (row.remaining <= 0) rows.delete(token);
      return { callback: row.callback, remaining: row.remaining };
    },
    async forgetBefore(time) {
      for (const [token, { expiresAt }] of rows) if (expiresAt <= time) rows.delete(token);
    },
  };
}

export interface WorldOptions {
  readonly rate?: Rate;
  readonly called?: ExecutorNeeds['called'];
  readonly received?: ServiceNeeds['received'];
  readonly facts?: Partial<RequestFacts>;
  readonly waiting?: WaitingStore;
  readonly callbacks?: CallbackStore;
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

export const address = 'https://chat.example.com';

export function createWorld(options: WorldOptions = {}) {
  const threads = new Map<number, TestThread>([
    [42, { id: 42, token: 1234567, closed: false, messages: [] }],
    [43, { id: 43, token: 7654321, closed: true, messages: [] }],
    [99, { id: 99, token: 5555555, closed: false, messages: [] }],
  ]);
  const owned = new Map([
    ['ann', new Set([42, 43])],
    ['bob', new Set([99])],
  ]);
  const log: string[] = [];
  const answers: Readonly<Record<string, unknown>>[] = [];
  const failures: unknown[] = [];
  const refusals: { code: number; name: string }[] = [];
  const entered = deferred();
  const released = deferred();
  let revision = 57;

  const talk: ProcessorSpec<TestCaller, TestThread | undefined> = {
    processor: talkProcessor,
    path: '/thread/update',
    mandatory: { threadId: null, token: null },
    wrongArguments: 3,
    cors: true,
    async identify(request: CallerRequest) {
      const operator = request.cookie('MibewSessionID') === 'operator' ? 3 : undefined;
      const visitor = request.visitor ?? request.cookie('MIBEW_VISITOR');
      if (visitor === 'banned')
        return { refusal: { status: 403, code: 130, name: 'VISITOR_REFUSED', message: 'Not welcome' } };
      return { visitor, operator };
    },
    admit({ visitor, operator }, calls) {
      if (operator !== undefined) return undefined;
      for (const { arguments: args } of calls) {
        const id = args['threadId'];
        if (typeof id !== 'number' || (visitor !== undefined && owned.get(visitor)?.has(id))) continue;
        return { refusal: { status: 403, code: 131, name: 'THREAD_REFUSED', message: 'Not your conversation' } };
      }
      return undefined;
    },
    subject(_caller, args) {
      if (args['threadId'] === null) return undefined;
      const thread = threads.get(Number(args['threadId']));
      if (!thread || thread.token !== args['token']) throw new RpcError(4, 'ERROR_WRONG_THREAD', 'Wrong thread');
      return thread;
    },
    authorize({ operator }, args) {
      if (args['user'] === false && operator === undefined)
        throw new RpcError(2, 'ERROR_AGENT_NOT_LOGGED_IN', 'Operator is not logged in');
    },
    rateKey: ({ visitor, operator }) => (operator ? `operator:${operator}` : `visitor:${visitor}`),
    socketKey: ({ visitor, operator }) => (operator ? `operator-session:${operator}` : `visitor:${visitor}`),
    bufferKeys: (_caller, thread, args) => [`thread_${args['user'] === false ? 'agent' : 'user'}_${thread?.id}`],
    onHeartbeat: ({ visitor }, topics) => void log.push(`alive ${visitor} ${[...topics].join()}`),
    checkCalls(calls) {
      if (calls.some(({ arguments: args }) => !args['recipient']))
        throw new RpcError(1, 'EMPTY_RECIPIENT', 'No recipient');
    },
  };
  const talkFunctions: RpcImplementation<TestCaller, TestThread | undefined, (typeof talkRpc)['functions']> = {
    update(_, { subject, session }) {
      log.push('update');
      if (subject) session?.subscribe(`thread_user_${subject.id}`);
      return { threadState: subject?.closed ? 3 : 2, canPost: !subject?.closed };
    },
    updateMessages({ lastId }, { subject }) {
      log.push('updateMessages');
      const messages = subject?.messages.filter(({ id }) => id > lastId) ?? [];
      return { messages, lastId: messages.at(-1)?.id ?? lastId };
    },
    async post({ message }, { subject }) {
      if (!subject || subject.closed) throw new RpcError(5, 'ERROR_CANNOT_SEND', 'Cannot send');
      // A turn of the event loop: what comes after must wait for it nevertheless.
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`post ${message}`);
      const id = subject.messages.length + 1;
      subject.messages.push({ id, kind: 1, message });
      return { id };
    },
    rename: {
      first() {
        throw new RpcError(6, 'ERROR_FORBIDDEN_RENAME', 'Forbidden');
      },
      run: () => ({}),
    },
    echo: (args, { setHeader }) => {
      setHeader?.('set-cookie', 'MIBEW_Data=1');
      return { ...args };
    },
    fail() {
      throw new Error('the database is away');
    },
    answered(args) {
      answers.push(args);
      return {};
    },
    async wait() {
      entered.resolve();
      await released.promise;
      log.push('waited');
      return {};
    },
    seldom: () => ({}),
  };

  const desk: ProcessorSpec<{ readonly operator: number }, undefined> = {
    processor: deskProcessor,
    path: '/operator/users/update',
    mandatory: { agentId: null },
    mandatoryFor: { updateThreads: ['revision'] },
    wrongArguments: 104,
    async identify(request) {
      if (request.cookie('MibewSessionID') === 'operator') return { operator: 3 };
      const message = 'Operator is not logged in';
      return {
        refusal: { status: 403, code: 1, name: 'ERROR_AGENT_NOT_LOGGED_IN', message },
        location: '/operator/login?back=%2Foperator%2Fusers',
      };
    },
    subject({ operator }, { agentId }) {
      if (agentId !== operator)
        throw new RpcError(2, 'ERROR_WRONG_AGENT_ID', `Wrong agent id: '${String(agentId)}' instead of ${operator}`);
      return undefined;
    },
    authorize() {},
    rateKey: ({ operator }) => `operator:${operator}`,
    socketKey: ({ operator }) => `operator-session:${operator}`,
    bufferKeys: ({ operator }) => [`users_${operator}`],
  };
  const deskFunctions: RpcImplementation<{ readonly operator: number }, undefined, (typeof deskRpc)['functions']> = {
    update: () => ({}),
    currentTime: () => ({ time: 1_700_000_010 }),
    updateThreads: ({ revision: asked }) => ({
      threads: asked < revision ? [{ id: 42, token: 1234567 }] : [],
      lastRevision: revision,
    }),
    away: () => {
      log.push('away');
      return {};
    },
    available: () => {
      log.push('available');
      return {};
    },
  };

  const registry = createRegistry();
  registry.addProcessor(talk as unknown as AnySpec);
  registry.addProcessor(desk as unknown as AnySpec);
  const removeTalk = registry.addFunctions({
    contract: talkRpc as unknown as RpcFunctions['contract'],
    implementation: talkFunctions,
  });
  registry.addFunctions({ contract: deskRpc as unknown as RpcFunctions['contract'], implementation: deskFunctions });

  const rates = createRates();
  const waitingStore = options.waiting ?? memoryWaiting();
  const waiting = createWaiting(waitingStore, quiet);
  const callbacks = createCallbacks(options.callbacks ?? memoryCallbacks(), quiet);
  const executor = createExecutor({
    find: (processor, name) => registry.find(processor, name),
    rates,
    called: options.called ?? (async (results) => results),
    failed: (about) => void failures.push(about.error),
    buffered: (keys) => waiting.take(keys),
    expects: (processor, token) => callbacks.expects(processor, token),
    callback: (processor, token) => callbacks.take(processor, token),
  });
  const service = createService({
    registry,
    executor,
    rates,
    waiting,
    callbacks,
    rate: options.rate ?? { perSecond: 1e6, burst: 1e6 },
    facts: () => ({ address: '192.0.2.7', origin: address, secure: true, ...options.facts }),
    received: options.received ?? (async (pack) => pack),
    refused: ({ code, name }) => void refusals.push({ code, name }),
    failed: (error) => void failures.push(error),
  });
  const app = new Hono();
  for (const route of [service.gateway(talk), service.gateway(desk)])
    app.on(typeof route.method === 'string' ? [route.method] : [...route.method], route.path, route.handler);

  return {
    app,
    service,
    registry,
    waiting,
    waitingStore,
    callbacks,
    threads,
    log,
    answers,
    failures,
    refusals,
    removeTalk,
    entered,
    released,
    talk,
    desk,
    setRevision: (next: number) => void (revision = next),
  };
}
export type World = ReturnType<typeof createWorld>;

export type Encoding = 'json' | 'form';
export interface Sent {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The decoded body; undefined when it is empty. */
  readonly body: unknown;
}

const encodeUri = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
/** As the original's client does: twice. */
export const formBody = (json: string) => `data=${encodeURIComponent(encodeUri(json))}`;
export const decodeAnswer = (text: string): unknown => JSON.parse(decodeURIComponent(text.replaceAll('+', ' ')));

/** Sends a text as it is. */
export async function sendText(
  { app }: Pick<World, 'app'>,
  path: string,
  encoding: Encoding,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const type = encoding === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  const response = await app.request(path, { method: 'POST', body, headers: { 'content-type': type, ...headers } });
  const text = await response.text();
  const decoded: unknown = text === '' ? undefined : encoding === 'form' ? decodeAnswer(text) : JSON.parse(text);
  return { status: response.status, text, headers: response.headers, body: decoded };
}

export function send(
  world: Pick<World, 'app'>,
  path: string,
  pack: unknown,
  encoding: Encoding = 'json',
  headers?: Record<string, string>,
): Promise<Sent> {
  const json = JSON.stringify(pack);
  return sendText(world, path, encoding, encoding === 'form' ? formBody(json) : json, headers);
}

export const ann = { 'x-mibew-visitor': 'ann' };
export const operator = { cookie: 'MibewSessionID=operator' };

/** A call of the chat side, with what is mandatory. */
export const call = (name: string, args: Record<string, unknown> = {}, returns: Record<string, string> = {}) => ({
  function: name,
  arguments: { threadId: 42, token: 1234567, references: {}, return: returns, ...args },
});
export const deskCall = (name: string, args: Record<string, unknown> = {}, returns: Record<string, string> = {}) => ({
  function: name,
  arguments: { agentId: 3, references: {}, return: returns, ...args },
});
export const pack = (...requests: unknown[]) => ({ signature: '', proto: '1.0', async: true, requests });
export const request = (token: string, ...functions: unknown[]) => ({ token, functions });

/** Arguments of the `result` of each request in an answer, by token. */
export function results(body: unknown): Record<string, Record<string, unknown>> {
  const { requests } = body as {
    requests: { token: string; functions: { function: string; arguments: Record<string, unknown> }[] }[];
  };
  return Object.fromEntries(requests.map(({ token, functions }) => [token, functions[0]?.arguments ?? {}]));
}

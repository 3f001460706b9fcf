/** A server on a port of its own, with one processor, for tests of the carrier. */
import { once } from 'node:events';
import * as v from 'valibot';
import { WebSocket } from 'ws';
import { definePlugin } from '../../../kernel/plugin.ts';
import { listen } from '../../../kernel/server.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { defineProcessor, defineRpc, processor, type ProcessorSpec, rpc, rpcService } from '../../rpc/api.ts';
import { realtime } from '../api.ts';

interface Caller {
  readonly visitor: string | undefined;
  readonly operator: boolean;
}
const talkProcessor = defineProcessor<Caller, undefined>('talk');
const talkRpc = defineRpc(talkProcessor, {
  echo: { input: v.looseObject({}), output: v.looseObject({}) },
  join: { input: v.object({ topic: v.string() }), output: v.object({}) },
  leave: { input: v.object({ topic: v.string() }), output: v.object({}) },
  wait: { input: v.object({}), output: v.object({ n: v.number() }) },
  update: { input: v.object({}), output: v.object({}) },
  heard: { input: v.looseObject({}), output: v.object({}) },
});

export interface HostOptions {
  readonly realtime?: Readonly<Record<string, number>>;
  readonly rpc?: Readonly<Record<string, number>>;
}

export async function startHost(options: HostOptions = {}) {
  const log: string[] = [];
  const waits: (() => void)[] = [];
  const ended = new Set<string>();
  let count = 0;

  const spec: ProcessorSpec<Caller, undefined> = {
    processor: talkProcessor,
    path: '/talk',
    mandatory: { threadId: null },
    wrongArguments: 3,
    cors: true,
    streams: true,
    async identify(request) {
      const operator = request.cookie('MibewSessionID') === 'operator';
      if (operator || (request.visitor && !ended.has(request.visitor))) return { visitor: request.visitor, operator };
      return { refusal: { status: 403, code: 130, name: 'NOBODY', message: 'Who are you?' } };
    },
    subject: () => undefined,
    authorize() {},
    rateKey: ({ visitor }) => `visitor:${visitor}`,
    socketKey: ({ operator, visitor }) => (operator ? 'operator-session:12' : `visitor:${visitor}`),
    bufferKeys: ({ visitor }) => [`user_${visitor}`],
    onHeartbeat: ({ visitor }, topics) => void log.push(`alive ${visitor} ${[...topics].join()}`),
    onLeave: ({ visitor }, topics) => void log.push(`left ${visitor} ${[...topics].join()}`),
  };
  const talk = definePlugin({
    id: 'talk',
    needs: { rpc: rpcService },
    setup(ctx) {
      ctx.contribute(processor(spec));
      ctx.contribute(
        rpc(talkRpc, {
          echo: (args, { carrier }) => ({ ...args, carrier }),
          join: ({ topic }, { session }) => (session?.subscribe(topic), {}),
          leave: ({ topic }, { session }) => (session?.unsubscribe(topic), {}),
          async wait() {
            const n = (count += 1);
            log.push(`wait ${n}`);
            await new Promise<void>((resolve) => waits.push(resolve));
            log.push(`waited ${n}`);
            return { n };
          },
          update: () => ({}),
          heard(args) {
            log.push(`heard ${JSON.stringify(args)}`);
            return {};
          },
        }),
      );
      ctx.route(ctx.use.rpc.gateway(spec));
    },
  });

  const test = await createTestKernel({
    plugins: ['rpc', 'realtime', { definition: talk, manifest: { claims: ['/talk'], plugins: { rpc: '*' } } }],
    config: { plugins: { realtime: { ...options.realtime }, rpc: { ...options.rpc } } },
  });
  const server = await listen(test.kernel);
  const origin = `http://127.0.0.1:${server.port}`;
  const clients: Client[] = [];

  return {
    test,
    log,
    waits,
    ended,
    origin,
    rpc: test.service(rpcService),
    realtime: test.service(realtime),
    /** Opens a socket; nothing is said yet. */
    async connect(headers: Record<string, string> = {}): Promise<Client> {
      const client = createClient(new WebSocket(`ws://127.0.0.1:${server.port}/talk`, { headers }));
      clients.push(client);
      await once(client.ws, 'open');
      return client;
    },
    /** Opens a socket and says hello. */
    async enter(visitor: string, headers: Record<string, string> = {}): Promise<Client> {
      const client = await this.connect(headers);
      client.send({ hello: { visitor } });
      await client.next();
      return client;
    },
    post: (pack: unknown, headers: Record<string, string> = {}) =>
      fetch(`${origin}/talk`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(pack),
      }),
    async close() {
      for (const { ws } of clients) ws.terminate();
      await server.close();
      await test.dispose();
    },
  };
}
export type Host = Awaited<ReturnType<typeof startHost>>;

export interface Client {
  readonly ws: WebSocket;
  send(frame: unknown): void;
  /** The next text frame, as it came. */
  nextText(): Promise<string>;
  /** The next text frame, read. */
  next(): Promise<Record<string, unknown>>;
  /** How the socket ended. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

function createClient(ws: WebSocket): Client {
  const frames: string[] = [];
  const readers: ((text: string) => void)[] = [];
  ws.on('message', (data: Buffer) => {
    const text = data.toString();
    const reader = readers.shift();
    if (reader) reader(text);
    else frames.push(text);
  });
  ws.on('error', () => ws.terminate());
  const nextText = () => {
    const frame = frames.shift();
    return frame === undefined ? new Promise<string>((resolve) => readers.push(resolve)) : Promise.resolve(frame);
  };
  return {
    ws,
    send: (frame) => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    nextText,
    next: async () => JSON.parse(await nextText()) as Record<string, unknown>,
    closed: once(ws, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) })),
  };
}

export const call = (name: string, args: Record<string, unknown> = {}, returns: Record<string, string> = {}) => ({
  function: name,
  arguments: { threadId: null, references: {}, return: returns, ...args },
});
export const pack = (token: string, ...functions: unknown[]) => ({
  signature: '',
  proto: '1.0',
  async: true,
  requests: [{ token, functions }],
});
/** The first function of the first request of a package. */
export function first(frame: unknown): { token: string; function: string; arguments: Record<string, unknown> } {
  type Read = { requests: { token: string; functions: { function: string; arguments: Record<string, unknown> }[] }[] };
  const [request] = (frame as Read).requests;
  const [one] = request?.functions ?? [];
  if (!request || !one) throw new Error('no package');
  return { token: request.token, ...one };
}

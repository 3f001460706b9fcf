/** What leaves a server that stores messages, beside what it has on disk by then: told by its system calls. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebSocket } from 'ws';
import { logIn } from './support/login.ts';
import { beforeChat, startServer, type Server } from './support/server.ts';
import { readTrace, underStrace, type SystemCall } from './support/strace.ts';
import {
  callByPost,
  callBySocket,
  newVisitor,
  openSocket,
  startThread,
  threadCall,
  type Json,
  type TestThread,
  type WireFunction,
} from './support/wire.ts';

const carriers = ['post', 'socket'] as const;
type Carrier = (typeof carriers)[number];

/** Each carrier has so many visitors, who all write at once, so many times. */
const visitorsPerCarrier = 4;
const rounds = 5;
const perCarrier = visitorsPerCarrier * rounds;

export interface DurabilityOutcome {
  readonly answers: Readonly<Record<Carrier, number>>;
  /** Frames that brought a message to the operator. */
  readonly pushes: number;
  /** What left before its message was on disk, or while anything else was not. */
  readonly early: readonly string[];
  /** Most messages that one sync brought to disk. */
  readonly largestGroup: number;
}

/** The text that is stored and pushed, and the name under which `post` answers; nothing else on the wire or on disk has them. */
const saying = (message: string) => `said(${message})`;
const storing = (message: string) => `stored(${message})`;
const marks = (text: string) =>
  [...text.matchAll(/(said|stored)\(((post|socket)-\d+-\d+)\)/g)].map(([, verb, message, carrier]) => ({
    verb: verb as 'said' | 'stored',
    message: message!,
    carrier: carrier as Carrier,
  }));

interface Writer {
  readonly name: string;
  readonly thread: TestThread;
  readonly call: (one: WireFunction) => Promise<readonly Json[]>;
}

async function startWriter(url: string, carrier: Carrier, index: number, sockets: WebSocket[]): Promise<Writer> {
  const visitor = newVisitor(2 * index + carriers.indexOf(carrier));
  const thread = await startThread(url, visitor);
  const name = `${carrier}-${index}`;
  if (carrier === 'post') return { name, thread, call: (one) => callByPost(url, visitor, one) };
  const socket = await openSocket(url, visitor);
  sockets.push(socket);
  return { name, thread, call: (one) => callBySocket(socket, one) };
}

async function write({ name, thread, call }: Writer, round: number): Promise<void> {
  const message = `${name}-${round}`;
  const args = { threadId: thread.id, token: thread.token, user: true, message: saying(message) };
  const [result] = await call(threadCall('post', { ...args, return: { id: storing(message) } }));
  if (typeof result?.[storing(message)] !== 'number')
    throw new Error(`${message} was not stored: ${JSON.stringify(result)}`);
}

/** Resolves when that many messages were pushed to the socket. */
function pushed(socket: WebSocket, count: number): Promise<void> {
  const seen = new Set<string>();
  return new Promise((done, failed) => {
    socket.on('message', (data: Buffer) => {
      for (const { message } of marks(String(data))) seen.add(message);
      if (seen.size === count) done();
    });
    socket.on('close', () => failed(new Error(`only ${seen.size} of ${count} messages were pushed`)));
  });
}

/** Visitors write, an operator who has taken all their conversations is told. */
async function converse(server: Server, sockets: WebSocket[]): Promise<void> {
  const url = `${server.url}/thread/update`;
  const operator = await openSocket(url, { headers: await logIn(server) });
  sockets.push(operator);
  const writers: Writer[] = [];
  for (const carrier of carriers) {
    for (let index = 0; index < visitorsPerCarrier; index += 1)
      writers.push(await startWriter(url, carrier, index, sockets));
  }
  for (const { thread } of writers) {
    const args = { threadId: thread.id, token: thread.token, user: false };
    await callBySocket(operator, threadCall('take', args));
    await callBySocket(operator, threadCall('update', { ...args, typed: false }));
  }
  const writing = async () => {
    for (let round = 0; round < rounds; round += 1) await Promise.all(writers.map((one) => write(one, round)));
  };
  await Promise.all([pushed(operator, writers.length * rounds), writing()]);
}

/** Goes through the calls of a server in order. */
function judge(calls: readonly SystemCall[], { data, port }: Server): DurabilityOutcome {
  const log = join(data, 'mibew.db-wal');
  const peers = `TCP:[127.0.0.1:${port}->`;
  /** Writes to the log: how many there were, and how many of them are on disk. */
  let written = 0;
  let durable = 0;
  let largestGroup = 0;
  /** How many there were when the sync began that a thread of the server waits for. */
  const syncing = new Map<string, number>();
  /** The first that held a message. */
  const writtenAt = new Map<string, number>();
  const answers: Record<Carrier, number> = { post: 0, socket: 0 };
  let pushes = 0;
  const early: string[] = [];

  function leaves(text: string): void {
    for (const { verb, message, carrier } of marks(text)) {
      if (verb === 'stored') answers[carrier] += 1;
      else pushes += 1;
      const at = writtenAt.get(message);
      if (at === undefined) early.push(`${verb}(${message}), which was not written`);
      // Whatever else its transaction wrote came before or after it, so nothing at all may be outstanding.
      else if (durable < written) early.push(`${verb}(${message}): ${durable} of ${written} writes were on disk`);
    }
  }
  function syncEnds(until: number): void {
    const group = [...writtenAt.values()].filter((at) => at > durable && at <= until).length;
    largestGroup = Math.max(largestGroup, group);
    durable = Math.max(durable, until);
  }

  for (const { phase, thread, name, target, text } of calls) {
    const sync = name === 'fdatasync' || name === 'fsync';
    if (phase === 'ends') {
      // Where a call was interrupted, only its beginning tells the file.
      const until = sync ? syncing.get(thread) : undefined;
      syncing.delete(thread);
      if (until !== undefined && text.endsWith(' = 0')) syncEnds(until);
    } else if (target.startsWith(peers)) leaves(text);
    else if (target === log && sync) syncing.set(thread, written);
    else if (target === log) {
      written += 1;
      for (const { message } of marks(text)) if (!writtenAt.has(message)) writtenAt.set(message, written);
    }
  }
  return { answers, pushes, early, largestGroup };
}

/** All that is asked of a run before its times are looked at. */
export const complete = { answers: { post: perCarrier, socket: perCarrier }, pushes: 2 * perCarrier };

/** Runs a server under strace until everybody has his answers and the operator all messages. */
export async function runDurability(config?: string): Promise<DurabilityOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'mibew-trace-'));
  const log = join(folder, 'trace');
  const sockets: WebSocket[] = [];
  try {
    const env = { MIBEW_TRUSTED_PROXIES: '127.0.0.1' };
    const server = await startServer({
      env,
      without: beforeChat,
      under: underStrace(log),
      ...(config === undefined ? {} : { config }),
    });
    try {
      await converse(server, sockets);
      await server.quit();
      return judge(readTrace(await readFile(log, 'utf8')), server);
    } finally {
      for (const socket of sockets) socket.terminate();
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Packages of the protocol, written by hand, over POST and over sockets. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';

export type Json = Readonly<Record<string, unknown>>;
export interface WireFunction {
  readonly function: string;
  readonly arguments: Json;
}
/** Who calls: headers of his requests; a visitor's secret is the first frame of his sockets as well. */
export interface Caller {
  readonly headers: Readonly<Record<string, string>>;
  readonly secret?: string;
}
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

let serial = 0;
export const packageOf = (...functions: readonly WireFunction[]) => ({
  signature: '',
  proto: '1.0',
  async: true,
  requests: functions.map((one) => ({ token: `wnd${(serial += 1)}`, functions: [one] })),
});

/** A function of the `thread` processor; `results` come back under their own names. */
export const threadCall = (name: string, args: Json, results: readonly string[] = []): WireFunction => ({
  function: name,
  arguments: {
    threadId: null,
    token: null,
    references: {},
    return: Object.fromEntries(results.map((key) => [key, key])),
    ...args,
  },
});

const percent = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
/** The original's encoding: twice. */
export const formBody = (json: string): string => `data=${encodeURIComponent(percent(json))}`;
export const decodeForm = (text: string): unknown => JSON.parse(decodeURIComponent(text.replaceAll('+', ' ')));

/** Sends a body as it is. */
export async function post(
  url: string,
  caller: Caller,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
): Promise<Answer> {
  const headers = { ...caller.headers, 'content-type': type };
  const response = await fetch(url, { method: 'POST', redirect: 'manual', body, headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

interface Package {
  readonly requests: readonly { readonly token: string; readonly functions: readonly WireFunction[] }[];
}
const resultsOf = (text: string): readonly Json[] =>
  (JSON.parse(text) as Package).requests
    .map(({ functions }) => functions[0])
    .filter((one) => one?.function === 'result')
    .map((one) => one?.arguments ?? {});

/** Calls over POST. @returns the result of each function */
export async function callByPost(url: string, caller: Caller, ...functions: readonly WireFunction[]) {
  const { status, text } = await post(url, caller, JSON.stringify(packageOf(...functions)));
  if (status !== 200) throw new Error(`answered with ${status}: ${text}`);
  return resultsOf(text);
}

/** Opens a socket and waits until the server has answered its hello. */
export async function openSocket(url: string, { headers, secret }: Caller): Promise<WebSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers, perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ hello: secret ? { visitor: secret } : {} }));
  await once(socket, 'message');
  return socket;
}

/** Calls over a socket. Frames that answer others are left to others. @returns the result of each function */
export function callBySocket(socket: WebSocket, ...functions: readonly WireFunction[]): Promise<readonly Json[]> {
  const pack = packageOf(...functions);
  const answer = new Promise<readonly Json[]>((done, failed) => {
    const end = () => {
      socket.off('message', read);
      socket.off('close', cut);
    };
    const cut = () => failed(new Error('the socket was closed'));
    const read = (data: Buffer) => {
      const text = String(data);
      if (!text.includes(`"${pack.requests[0]!.token}"`)) return;
      end();
      if (text.startsWith('{"error"')) failed(new Error(text));
      else done(resultsOf(text));
    };
    socket.on('message', read);
    socket.on('close', cut);
  });
  socket.send(JSON.stringify(pack));
  return answer;
}

export interface TestThread {
  readonly id: number;
  readonly token: number;
}

/** A visitor with a secret of his own and, behind a trusted proxy, an address of his own. */
export function newVisitor(index = 0): Caller {
  const secret = randomBytes(32).toString('base64url');
  const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  return { secret, headers: { 'x-mibew-visitor': secret, 'x-forwarded-for': address } };
}

/** Starts a conversation. */
export async function startThread(url: string, visitor: Caller): Promise<TestThread> {
  const [result] = await callByPost(url, visitor, threadCall('start', {}, ['options']));
  const { thread } = result!['options'] as { thread: TestThread };
  return { id: thread.id, token: thread.token };
}

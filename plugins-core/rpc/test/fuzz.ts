/**
 * A fuzzer for processors: sends packages that were valid before something was done to them, over every carrier, and
 * compares what comes back with what the rules of the protocol, stated a second time (`oracle.ts`), say about it.
 */
import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { createRandom, mutateBytes, mutatePackage, type Random } from './mutate.ts';
import { type FuzzCarrier, type OracleRules, predict, type Prediction } from './oracle.ts';

export type { FuzzCarrier, OracleRules } from './oracle.ts';

/** What came back. A socket has no status; `cut` says that it was closed instead of an answer. */
export interface FuzzAnswer {
  readonly status?: number;
  readonly text: string;
  readonly cut?: boolean;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly count: number;
  /** Valid packages of the processor. */
  readonly corpus: readonly unknown[];
  readonly rules: OracleRules;
  /** Sends one package. The caller has to be somebody whom the processor lets in. */
  send(carrier: FuzzCarrier, bytes: Uint8Array): Promise<FuzzAnswer>;
  readonly carriers?: readonly FuzzCarrier[];
  /** A fingerprint of everything that is stored: must not change unless the answer was 200. */
  state?(): string | Promise<string>;
  /** Ends after so many findings. */
  readonly findingsAtMost?: number;
}

interface Finding {
  readonly index: number;
  readonly carrier: FuzzCarrier;
  readonly why: string;
  /** The body as base64, to send again. */
  readonly body: string;
  readonly answer: FuzzAnswer;
}
export interface FuzzReport {
  readonly seed: number;
  readonly sent: number;
  /** How often each outcome was seen: `200`, `400/23`, … */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

const statuses = new Set([200, 400, 403, 413, 429]);

/**
 * Sends `count` packages, one after the other.
 *
 * @example
 * const report = await fuzz({ seed: 1, count: 10_000, corpus, rules: { mandatory: ['threadId', 'token'] }, send });
 * expect(report.findings).toEqual([]);
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { seed, count, corpus, rules, carriers = ['json', 'form', 'socket'], findingsAtMost = 10 } = options;
  const random = createRandom(seed);
  const outcomes: Record<string, number> = {};
  const findings: Finding[] = [];
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  let stored = await options.state?.();
  let index = 0;
  try {
    for (; index < count && findings.length < findingsAtMost; index += 1) {
      const carrier = random.pick(carriers);
      const bytes = bytesOf(carrier, random.pick(corpus), random);
      const answer = await options.send(carrier, bytes);
      const find = (why: string) =>
        findings.push({ index, carrier, why, answer, body: Buffer.from(bytes).toString('base64') });

      const { why, outcome, status } = judge(carrier, bytes, answer, predict(carrier, bytes, rules));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (why !== undefined) find(why);
      const now = await options.state?.();
      if (now !== stored && status !== 200) find('something was stored though the package was refused');
      stored = now;
      for (const reason of unhandled.splice(0)) find(`unhandled rejection: ${String(reason)}`);
    }
  } finally {
    process.off('unhandledRejection', note);
  }
  return { seed, sent: index, outcomes, findings };
}

const percent = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');

function bytesOf(carrier: FuzzCarrier, valid: unknown, random: Random): Uint8Array {
  // `undefined` where everything was taken away.
  const text = JSON.stringify(mutatePackage(valid, random)) ?? '';
  const once = random.next() < 0.2 && text.startsWith('{');
  const body = carrier !== 'form' ? text : `data=${encodeURIComponent(once ? text : percent(text))}`;
  const bytes = Buffer.from(body);
  if (random.next() >= 0.08) return bytes;
  const damaged = mutateBytes(bytes, random);
  // An empty frame is a heartbeat.
  return carrier === 'socket' && damaged.length === 0 ? bytes : damaged;
}

interface Verdict {
  readonly why: string | undefined;
  readonly outcome: string;
  readonly status: number | undefined;
}

function judge(carrier: FuzzCarrier, bytes: Uint8Array, answer: FuzzAnswer, expected: Prediction): Verdict {
  const verdict = (outcome: string, status: number | undefined, why?: string): Verdict => ({ outcome, status, why });
  if (answer.cut)
    // What is no UTF-8 ends a socket before anybody sees how much it was.
    return carrier === 'socket' && !isUtf8(bytes)
      ? verdict('cut', undefined)
      : verdict('cut', undefined, 'the socket was closed');
  let body: unknown;
  let refusal: Refused | undefined;
  try {
    body = decode(carrier, answer.text);
    refusal = readRefusal(body);
  } catch (error) {
    const status = answer.status ?? 'over a socket';
    return verdict('unreadable', answer.status, `the body cannot be read, status ${status}: ${String(error)}`);
  }
  const status = answer.status ?? (refusal ? statusOf(refusal.code) : 200);
  if (!statuses.has(status)) return verdict(String(status), status, `status ${status}`);
  const outcome = refusal ? `${status}/${refusal.code}` : String(status);
  if (refusal && status === 200) return verdict(outcome, status, 'a refusal with status 200');
  if (status === 429) return verdict(outcome, status);
  if (expected.code !== undefined) {
    if (refusal?.code !== expected.code)
      return verdict(outcome, status, `expected a refusal with ${expected.code}, not ${outcome}`);
    return verdict(outcome, status, sameList(refusal.tokens, expected.tokens) ? undefined : 'the tokens are others');
  }
  if (refusal)
    return verdict(outcome, status, status === 403 ? undefined : `a good package was refused with ${refusal.code}`);
  return verdict(outcome, status, wrongAnswer(body, expected));
}

const statusOf = (code: number) =>
  code === 110 ? 413 : code === 102 ? 429 : code <= 23 || (code > 110 && code < 114) ? 400 : 403;
const sameList = (one: readonly unknown[], two: readonly unknown[]) =>
  one.length === two.length && one.every((item, at) => item === two[at]);

function decode(carrier: FuzzCarrier, text: string): unknown {
  if (text === '') return undefined;
  return JSON.parse(carrier === 'form' ? decodeURIComponent(text.replaceAll('+', ' ')) : text);
}

interface Refused {
  readonly code: number;
  readonly tokens: readonly string[];
}
function readRefusal(body: unknown): Refused | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error, tokens } = body as { error: Record<string, unknown>; tokens: unknown };
  const complete =
    Number.isInteger(error['code']) && typeof error['name'] === 'string' && typeof error['message'] === 'string';
  if (!complete || !Array.isArray(tokens)) throw new Error('the refusal is no refusal object');
  return { code: error['code'] as number, tokens: tokens as string[] };
}

/** Is every request answered, once, in order? Calls of the server may stand between. */
function wrongAnswer(body: unknown, { answered, quiet }: Prediction): string | undefined {
  if (body === undefined) return answered.length > 0 && !quiet ? 'nothing was answered' : undefined;
  const { signature, proto, async, requests } = body as Record<string, unknown>;
  if (signature !== '' || proto !== '1.0' || async !== true || !Array.isArray(requests)) return 'no package';
  type Reply = { token: string; functions: { function: string; arguments: Record<string, unknown> }[] };
  const replies = (requests as Reply[]).filter(({ functions }) => functions[0]?.function === 'result');
  for (const { functions } of replies)
    if (functions.length !== 1 || !has(functions[0]?.arguments, ['errorCode', 'references', 'return']))
      return 'an odd reply';
  const tokens = replies.map(({ token }) => token);
  if (quiet) return undefined;
  return sameList(tokens, answered) ? undefined : `answered ${JSON.stringify(tokens)}, not ${JSON.stringify(answered)}`;
}
const has = (args: unknown, keys: readonly string[]) =>
  typeof args === 'object' && args !== null && keys.every((key) => Object.hasOwn(args, key));

/** The server calls over a socket whenever it likes. */
const isAnswer = (text: string) => text.startsWith('{"error"') || text.includes('"function":"result"');

/**
 * Sends over sockets. A package with nothing to answer gets no frame, so a good one is sent after each: its answer says
 * that the other was dealt with.
 *
 * @param connect opens a socket and says hello
 * @param marker a good package, with its token
 */
export function overSocket(
  connect: () => Promise<WebSocket>,
  marker: { readonly token: string; readonly text: string },
) {
  let socket: WebSocket | undefined;
  return {
    async send(bytes: Uint8Array): Promise<FuzzAnswer> {
      const ws = (socket ??= await connect());
      const frames: string[] = [];
      const done = new AbortController();
      const cut = once(ws, 'close', { signal: done.signal }).then(
        () => true,
        () => false,
      );
      const marked = new Promise<boolean>((resolve) => {
        const read = (data: Buffer) => {
          const text = data.toString();
          if (text.includes(`"${marker.token}"`) && !text.includes('"error":')) {
            ws.off('message', read);
            resolve(false);
          } else if (isAnswer(text)) frames.push(text);
        };
        ws.on('message', read);
      });
      ws.send(bytes, { binary: false });
      ws.send(marker.text);
      const closed = await Promise.race([cut, marked]);
      done.abort();
      if (closed) socket = undefined;
      return { text: frames[0] ?? '', cut: closed && frames.length === 0 };
    },
    close: () => socket?.terminate(),
  };
}

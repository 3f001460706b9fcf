/**
 * The rules of a package, stated a second time and in another way than the codec does, so that a rule that gets lost
 * there is noticed: a table of conditions, read from top to bottom.
 */
export interface OracleRules {
  /** Arguments that every function needs. */
  readonly mandatory: readonly string[];
  /** Arguments that single functions need besides. */
  readonly mandatoryFor?: Readonly<Record<string, readonly string[]>>;
}
export type FuzzCarrier = 'json' | 'form' | 'socket';

export interface Prediction {
  /** Code of the refusal; undefined when the package is good. */
  readonly code: number | undefined;
  /** Tokens that can be read. */
  readonly tokens: readonly string[];
  /** Of a good package: tokens of the requests that are answered, in order; `quiet` when only failures are. */
  readonly answered: readonly string[];
  readonly quiet: boolean;
}

const mostBytes = 262_144;
const refused = (code: number, tokens: readonly string[] = []): Prediction => ({
  code,
  tokens,
  answered: [],
  quiet: false,
});

/** What has to become of these bytes. */
export function predict(carrier: FuzzCarrier, bytes: Uint8Array, rules: OracleRules): Prediction {
  if (bytes.byteLength > mostBytes) return refused(110);
  const text = carrier === 'form' ? unpackForm(bytes) : utf8(bytes);
  const value = text === undefined ? undefined : json(text);
  if (value === undefined || value === null || typeof value !== 'object') return refused(12);
  const tokens = tokensOf(value);
  if (levels(value) > 16) return refused(113, tokens);
  const code = envelope.find(([, broken]) => broken(value as Shape))?.[0] ?? insideOf(value as Shape, rules);
  if (code !== undefined) return refused(code, tokens);
  const { async, requests } = value as { async: boolean; requests: Shape[] };
  const replies = (request: Shape) =>
    list(request['functions']).filter((one) => shape(one)['function'] === 'result').length;
  const answered = requests.filter((one) => !async || replies(one) !== 1).map((one) => one['token'] as string);
  return { code: undefined, tokens, answered, quiet: !async };
}

type Shape = Record<string, unknown>;
const isShape = (value: unknown): value is Shape => Object.prototype.toString.call(value) === '[object Object]';
const shape = (value: unknown): Shape => (isShape(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const has = (value: Shape, key: string) => Object.keys(shape(value)).includes(key);

const envelope: readonly (readonly [number, (pack: Shape) => boolean])[] = [
  [7, (pack) => !has(pack, 'signature')],
  [16, (pack) => pack['signature'] !== ''],
  [5, (pack) => ['', null, undefined, 0, false].includes(pack['proto'] as null)],
  [23, (pack) => pack['proto'] !== '1.0'],
  [1, (pack) => !has(pack, 'async')],
  [20, (pack) => pack['async'] !== true && pack['async'] !== false],
  [6, (pack) => list(pack['requests']).length < 1],
  [111, (pack) => list(pack['requests']).length > 50],
];

function insideOf(pack: Shape, rules: OracleRules): number | undefined {
  for (const request of list(pack['requests'])) {
    const token = shape(request)['token'];
    if (typeof token !== 'string' || token.length < 1) return 8;
    const functions = list(shape(request)['functions']);
    if (functions.length < 1) return 4;
    if (functions.length > 20) return 112;
    const codes = functions.map((one) => functionCode(shape(one), rules));
    const first = codes.find((code) => code > 0);
    if (first) return first;
  }
  return undefined;
}

function functionCode(one: Shape, { mandatory, mandatoryFor = {} }: OracleRules): number {
  const { function: name, arguments: args } = one;
  if (typeof name !== 'string' || name.length < 1) return 3;
  if (['', 0, false, null, undefined].includes(args as null)) return 2;
  if (typeof args === 'object' && Object.keys(args as object).length < 1) return 2;
  if (!isShape(args)) return 19;
  const special = name === 'result' ? ['errorCode'] : (new Map(Object.entries(mandatoryFor)).get(name) ?? []);
  return [...mandatory, 'references', 'return', ...special].some((key) => !has(args, key)) ? 13 : 0;
}

function tokensOf(value: object): string[] {
  const tokens = list(shape(value)['requests']).map((one) => shape(one)['token']);
  return tokens.filter((token): token is string => typeof token === 'string' && token.length > 0);
}

/** Level by level, without recursion. */
function levels(value: object): number {
  let count = 0;
  for (let level: unknown[] = [value]; level.length > 0; count += 1)
    level = level
      .flatMap((one) => Object.values(one as object))
      .filter((one) => typeof one === 'object' && one !== null);
  return count;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unpackForm(bytes: Uint8Array): string | undefined {
  const body = utf8(bytes);
  const fields = body?.split('&').filter((field) => field.slice(0, 5) === 'data=') ?? [];
  const once = fields.length > 0 ? unpercent(fields[fields.length - 1]?.slice(5) ?? '') : undefined;
  return once === undefined || once.trimStart().startsWith('{') ? once : unpercent(once);
}

/** Byte by byte, strictly. */
function unpercent(text: string): string | undefined {
  const from = Buffer.from(text);
  const to: number[] = [];
  for (let at = 0; at < from.length; at += 1) {
    const sign = String.fromCharCode(from[at] ?? 0);
    if (sign !== '%') {
      to.push(sign === '+' ? 32 : (from[at] ?? 0));
      continue;
    }
    const digits = from.toString('latin1', at + 1, at + 3);
    if (!/^[0-9a-f]{2}$/i.test(digits)) return undefined;
    to.push(Number.parseInt(digits, 16));
    at += 2;
  }
  return utf8(Uint8Array.from(to));
}

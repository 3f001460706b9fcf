/** The package format, version 1.0, as the client writes and reads it. */
import { toJson } from './json.ts';

export type Arguments = Readonly<Record<string, unknown>>;

/** One function of a request. `references` and `return` live among the arguments, as on the wire. */
export interface FunctionCall {
  readonly function: string;
  readonly arguments: Arguments;
}

export interface WireRequest {
  readonly token: string;
  readonly functions: readonly FunctionCall[];
}

/** What a request brought back: the arguments of its `result`. */
export type Result = Arguments & { readonly errorCode: number; readonly errorMessage?: string };

/** Mandatory arguments of an interaction, with the values that stand in for absent ones. */
export interface Interaction {
  readonly mandatory: Arguments;
}
/** Conversations: gateway `/thread/update`. */
export const threadInteraction: Interaction = { mandatory: { threadId: null, token: null } };
/** The operators' queue: gateway `/operator/users/update`. */
export const usersInteraction: Interaction = { mandatory: { agentId: null } };

/** At most so many requests go into one package; the server refuses 50 and more. */
export const maxRequests = 40;

/** Why a call has no result. */
export type FailureKind =
  /** No answer in time. */
  | 'timeout'
  /** The connection failed, or the answer was cut or unreadable. */
  | 'network'
  /** An answer came, without a reply to this request. */
  | 'unanswered'
  /** The server refused the package as a whole, or answered with an error status. */
  | 'refused'
  /** The function itself answered with an error code. */
  | 'function'
  /** The transport was stopped. */
  | 'stopped';

export interface FailureDetails {
  readonly status?: number;
  readonly code?: number;
  readonly errorName?: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** A call without a result. */
export class CallFailed extends Error {
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly code: number | undefined;
  readonly errorName: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message);
    this.kind = kind;
    this.status = details.status;
    this.code = details.code;
    this.errorName = details.errorName;
    this.retryAfter = details.retryAfter;
  }
}

/** Our code for "too fast", in refusals and in results alike. */
/** Too much at once; and the server's own failure, which inside a result is what 5xx is for a whole package. */
const passing = new Set<number | undefined>([102, 120]);

/** May the same call be sent again? After no answer, 5xx, 429 and codes 102 and 120; every other refusal is final. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof CallFailed)) return true;
  if (error.kind !== 'refused' && error.kind !== 'function') return true;
  if (passing.has(error.code) || error.status === 429) return true;
  return error.status !== undefined && error.status >= 500;
}

/** The result, or the function's error thrown as {@link CallFailed}. */
export function succeed(result: Result): Result {
  if (!result.errorCode) return result;
  throw new CallFailed('function', result.errorMessage ?? '', { code: result.errorCode });
}

/** Fills in what the interaction demands of every function. */
export function complete(interaction: Interaction, call: FunctionCall): FunctionCall {
  return {
    function: call.function,
    arguments: { ...interaction.mandatory, references: {}, return: {}, ...call.arguments },
  };
}

export function encodePackage(requests: readonly WireRequest[]): string {
  return toJson({ signature: '', proto: '1.0', async: true, requests });
}

/** A refusal object of the server: nothing of the package has run. */
export interface WireRefusal {
  readonly error: {
    readonly code: number;
    readonly name: string;
    readonly message: string;
    readonly retryAfter?: number;
  };
  readonly tokens?: readonly string[];
}

/** What one text from the server says. */
export type Incoming =
  | { readonly kind: 'package'; readonly requests: readonly WireRequest[] }
  | { readonly kind: 'refusal'; readonly refusal: WireRefusal }
  | { readonly kind: 'hello'; readonly heartbeat: number | undefined }
  | { readonly kind: 'unreadable' };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readRequest(value: unknown): WireRequest | undefined {
  if (!isRecord(value) || typeof value.token !== 'string' || !Array.isArray(value.functions)) return undefined;
  const functions: FunctionCall[] = [];
  for (const call of value.functions as unknown[]) {
    if (!isRecord(call) || typeof call.function !== 'string') return undefined;
    functions.push({ function: call.function, arguments: isRecord(call.arguments) ? call.arguments : {} });
  }
  return { token: value.token, functions };
}

/** Reads a text from the server; never throws. */
export function decode(text: string): Incoming {
  if (text === '') return { kind: 'package', requests: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'unreadable' };
  }
  if (!isRecord(value)) return { kind: 'unreadable' };
  if (isRecord(value.hello)) {
    return { kind: 'hello', heartbeat: typeof value.hello.heartbeat === 'number' ? value.hello.heartbeat : undefined };
  }
  if (isRecord(value.error)) return { kind: 'refusal', refusal: value as unknown as WireRefusal };
  if (!Array.isArray(value.requests)) return { kind: 'unreadable' };
  const requests = (value.requests as unknown[]).map(readRequest);
  if (requests.includes(undefined)) return { kind: 'unreadable' };
  return { kind: 'package', requests: requests as WireRequest[] };
}

/** The failure that a refusal means for every request of its package. */
export function refused(refusal: WireRefusal, status?: number, retryAfter?: number): CallFailed {
  const { code, name, message } = refusal.error;
  return new CallFailed('refused', message || name, {
    status,
    code,
    errorName: name,
    retryAfter: retryAfter ?? refusal.error.retryAfter,
  });
}

/** The arguments of a request's `result`; undefined when the request is a call. */
export function resultOf(request: WireRequest): Result | undefined {
  const result = request.functions.find((call) => call.function === 'result');
  if (!result) return undefined;
  return { ...result.arguments, errorCode: Number(result.arguments.errorCode ?? 0) };
}

/**
 * RPC: the original's package format, version 1.0, over three carriers with one codec and one executor. Processors are
 * declared by their owners; any plugin adds functions to a processor.
 */
import * as v from 'valibot';
import type { GenericSchema, InferInput, InferOutput } from 'valibot';
import { defineHook, definePoint, defineService } from '../../kernel/tokens.ts';

declare const carried: unique symbol;

/** How a package came in. */
export type Carrier = 'json' | 'form' | 'socket';

/** What a processor may know about a request when it identifies the caller. */
export interface CallerRequest {
  readonly carrier: Carrier;
  readonly address: string;
  header(name: string): string | undefined;
  /** Value of a cookie; undefined as well when cookies do not count (a foreign `Origin`). */
  cookie(name: string): string | undefined;
  /** `visitor` of the socket's hello, or header `X-Mibew-Visitor`. Wins over cookies. */
  readonly visitor: string | undefined;
}

/** The whole package is refused, nothing has run. `status` is for POST; on a socket the same body is a frame. */
export interface Refusal {
  readonly refusal: { readonly status: 400 | 403 | 413 | 429; readonly code: number; readonly name: string; readonly message: string; readonly retryAfter?: number };
  /** In the form encoding answered instead (the original's redirect to login). */
  readonly location?: string;
}

/** An error of one function: stops its request, is told as `errorCode` and `errorMessage`. Thrown by functions, or returned by checks. */
export class RpcError extends Error {
  readonly errorCode: number;
  readonly errorName: string;
  constructor(errorCode: number, errorName: string, message: string) {
    super(message);
    this.errorCode = errorCode;
    this.errorName = errorName;
  }
}

/** A socket that stays open behind a call; undefined over POST. */
export interface CarrierSession {
  readonly id: string;
  /** Pushes published to `topic` reach this socket from now on. */
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
}

/** One function of a package, before it runs. */
export interface PackagedCall {
  readonly function: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Facts around one running function. */
export interface Call<Caller, Subject> {
  readonly caller: Caller;
  readonly subject: Subject;
  readonly processor: string;
  readonly carrier: Carrier;
  readonly request: CallerRequest;
  readonly session: CarrierSession | undefined;
}

/** A processor's token: typed by who calls and what the call is about. */
export interface Processor<Caller, Subject> {
  readonly name: string;
  readonly [carried]?: [Caller, Subject];
}
/** @example export const threadProcessor = defineProcessor<ThreadCaller, ThreadSubject>('thread') */
export function defineProcessor<Caller, Subject>(name: string): Processor<Caller, Subject> {
  return { name };
}

/** What the owner of a processor implements. */
export interface ProcessorSpec<Caller, Subject> {
  readonly processor: Processor<Caller, Subject>;
  /** Address of the POST gateway and of the socket's upgrade, e.g. `/thread/update` (the owner's manifest claims it). */
  readonly path: string;
  /** Mandatory arguments and what `result` carries for them, besides `references`, `return` and `errorCode`. */
  readonly mandatory: Readonly<Record<string, null>>;
  /** Code for arguments that do not fit the contract: 3, or 104 on the users processor. */
  readonly wrongArguments: number;
  /** Who calls. */
  identify(request: CallerRequest): Promise<Caller | Refusal>;
  /** Looks at the whole package before anything runs (ownership of all `threadId`s). */
  admit?(caller: Caller, calls: readonly PackagedCall[]): Refusal | undefined | Promise<Refusal | undefined>;
  /** Finds what a call is about: thread and token. First of the checks; raw arguments. @throws RpcError 4 */
  subject(caller: Caller, args: Readonly<Record<string, unknown>>, call: PackagedCall): Subject | Promise<Subject>;
  /** Is the side that `user` claims logged in? After the arguments were found good. @throws RpcError 2 */
  authorize(caller: Caller, args: Readonly<Record<string, unknown>>, subject: Subject): void | Promise<void>;
  /** Whose rate it is, e.g. `visitor:17`. */
  rateKey(caller: Caller, request: CallerRequest): string;
  /** Does the caller of a socket still hold? Asked when sessions end. */
  readonly socketKey?: (caller: Caller) => string;
  /** A heartbeat (or a package) came over a socket of this caller: counts as his ping. */
  onHeartbeat?(caller: Caller): void | Promise<void>;
  /** Keys of buffered server → client calls that `update` of this caller and subject picks up, e.g. `thread_user_42`. */
  bufferKeys?(caller: Caller, subject: Subject, args: Readonly<Record<string, unknown>>): readonly string[];
}
export const processors = definePoint<ProcessorSpec<never, never>>('rpc.processors', { required: true });

/** A number ≥ 0 without fraction; decimal strings are read as numbers on every carrier. */
export const wireInteger = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number))]),
  v.integer(),
  v.minValue(0),
  v.maxValue(Number.MAX_SAFE_INTEGER),
);

/** One function of a contract. Schemas hold types and hard limits only. */
export interface FunctionContract {
  readonly input: GenericSchema<Record<string, unknown>, Record<string, unknown>>;
  readonly output: GenericSchema<Record<string, unknown>, Record<string, unknown>>;
  /** Calls per second and per caller, with a burst; absent: only the package rate counts. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
}
export interface RpcContract<Caller, Subject, F extends Readonly<Record<string, FunctionContract>>> {
  readonly processor: Processor<Caller, Subject>;
  readonly functions: F;
}
/**
 * Declares functions of a processor.
 *
 * @example
 * export const threadRpc = defineRpc(threadProcessor, {
 *   post: { input: v.object({ user: v.boolean(), message: v.string() }), output: v.object({ id: v.number(), created: v.number() }) },
 * });
 */
export function defineRpc<Caller, Subject, const F extends Readonly<Record<string, FunctionContract>>>(
  processor: Processor<Caller, Subject>,
  functions: F,
): RpcContract<Caller, Subject, F> {
  return { processor, functions };
}

/** Implementations of a contract's functions. */
export type RpcImplementation<Caller, Subject, F extends Readonly<Record<string, FunctionContract>>> = {
  readonly [K in keyof F]: RpcFunction<InferOutput<F[K]['input']>, InferInput<F[K]['output']>, Caller, Subject>;
};
export type RpcFunction<Args, Result, Caller, Subject> =
  | ((args: Args, call: Call<Caller, Subject>) => Result | Promise<Result>)
  | {
      /** Tested before everything else (rename: 6 comes before 4). @throws RpcError */
      first(caller: Caller): void | Promise<void>;
      run(args: Args, call: Call<Caller, Subject>): Result | Promise<Result>;
    };

export interface RpcFunctions {
  readonly contract: RpcContract<never, never, Readonly<Record<string, FunctionContract>>>;
  readonly implementation: Readonly<Record<string, unknown>>;
}
export const rpcFunctions = definePoint<RpcFunctions>('rpc.functions', { required: true });
/** Contributes functions. @example ctx.contribute(rpc(threadRpc, createProcessor(service))) */
export function rpc<Caller, Subject, const F extends Readonly<Record<string, FunctionContract>>>(
  contract: RpcContract<Caller, Subject, F>,
  implementation: RpcImplementation<Caller, Subject, F>,
) {
  return rpcFunctions({ contract: contract as unknown as RpcFunctions['contract'], implementation });
}
/** Contributes a processor. */
export function processor<Caller, Subject>(spec: ProcessorSpec<Caller, Subject>) {
  return processors(spec as unknown as ProcessorSpec<never, never>);
}

/** Type of the functions of a contract as a client calls them. */
export type ClientOf<C> =
  C extends RpcContract<infer _Caller, infer _Subject, infer F>
    ? { readonly [K in keyof F]: { readonly args: InferInput<F[K]['input']>; readonly result: InferOutput<F[K]['output']> } }
    : never;

/** A call of a function at the client's side. */
export interface ClientCall {
  readonly function: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly return?: Readonly<Record<string, string>>;
}

export interface RpcService {
  /**
   * Calls functions at a client: at once over a socket subscribed to `key`, else with the addressee's next `update`.
   * @param key e.g. `thread_user_42`, `thread_agent_42`, `users_3`
   * @param callback function of the processor that gets the result, and extra arguments (the result wins)
   */
  call(processor: string, keys: readonly string[], calls: readonly ClientCall[], callback?: { readonly function: string; readonly arguments: Readonly<Record<string, unknown>> }): Promise<void>;
  /** For carriers. Runs one package. @returns text to send back (JSON, not form-encoded), '' when there is nothing to answer */
  run(processor: string, caller: unknown, text: string, request: CallerRequest, session?: CarrierSession): Promise<RunOutcome>;
  identify(processor: string, request: CallerRequest): Promise<unknown>;
  /** Processors known now, with their paths. */
  processors(): readonly ProcessorSpec<never, never>[];
}
export interface RunOutcome {
  readonly status: 200 | 400 | 403 | 413 | 429;
  readonly body: string;
  readonly retryAfter?: number;
  readonly location?: string;
}
export const rpcService = defineService<RpcService>('rpc');

/** `<prefix>RequestReceived`: the decoded package before it runs. */
export const packageReceived = defineHook.filter<Readonly<Record<string, unknown>>, [{ readonly processor: string }]>('rpc.package.received');
/** `<prefix>FunctionCall`: results of each function, built-in or not, after it ran; listeners may change or add. */
export const functionCalled = defineHook.filter<
  Readonly<Record<string, unknown>>,
  [{ readonly processor: string; readonly function: string; readonly arguments: Readonly<Record<string, unknown>>; readonly caller: unknown }]
>('rpc.function.called');
/** `<prefix>RequestError`: a package was refused. */
export const packageRefused = defineHook.notify<[{ readonly processor: string; readonly code: number; readonly name: string }]>('rpc.package.refused');
/** `<prefix>CallError`: a function threw something that is not an RpcError. */
export const functionFailed = defineHook.notify<[{ readonly processor: string; readonly function: string; readonly error: unknown }]>('rpc.function.failed');

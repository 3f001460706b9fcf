/**
 * RPC: the original's package format, version 1.0, over three carriers with one codec and one executor. Processors are
 * declared by their owners; any plugin adds functions to a processor.
 */
import * as v from 'valibot';
import type { GenericSchema, InferInput, InferOutput } from 'valibot';
import type { Context } from 'hono';
import type { RouteSpec } from '../../kernel/plugin.ts';
import { defineHook, definePoint, defineService } from '../../kernel/tokens.ts';

export { endOfTurn } from './turn.ts';

/** Version of the package format. */
export const protocolVersion = '1.0';

/** Protocol failures: the spec's names and numbers. Inside a `result` they are 1000 + the number, with `errorName`. */
export const protocolCodes = {
  ASYNC_FLAG_MISSED: 1,
  EMPTY_ARGUMENTS: 2,
  EMPTY_FUNCTION_NAME: 3,
  EMPTY_FUNCTIONS: 4,
  EMPTY_PROTOCOL: 5,
  EMPTY_REQUESTS: 6,
  EMPTY_SIGNATURE: 7,
  EMPTY_TOKEN: 8,
  EMPTY_VARIABLE_IN_REFERENCE: 9,
  FUNCTION_NAME_RESERVED: 10,
  NO_RESULT_FUNCTION: 11,
  NOT_VALID_JSON: 12,
  MANDATORY_ARGUMENTS_MISSED: 13,
  RESULT_FUNCTION_ALREADY_EXISTS: 14,
  RESULT_FUNCTION_EXISTS: 15,
  UNTRUSTED_SIGNATURE: 16,
  VARIABLE_IS_UNDEFINED_IN_REFERENCE: 17,
  VARIABLE_IS_UNDEFINED_IN_RESULT: 18,
  WRONG_ARGUMENTS_TYPE: 19,
  WRONG_ASYNC_FLAG_VALUE: 20,
  WRONG_FUNCTION_NUM_IN_REFERENCE: 21,
  WRONG_INTERACTION_TYPE: 22,
  WRONG_PROTOCOL_VERSION: 23,
} as const;

/**
 * Codes of our own that the carriers and the executor give. `rate` and `internal` are worth another try with the same
 * package; every other refusal is final.
 */
export const rpcCodes = {
  rate: 102,
  bodyTooLarge: 110,
  tooManyRequests: 111,
  tooManyFunctions: 112,
  tooDeep: 113,
  helloExpected: 114,
  binaryFrame: 115,
  processorUnknown: 116,
  /** A function failed for a reason that is not the caller's (database away …). */
  internal: 120,
} as const;

/** Limits of a package on every carrier. */
export const rpcLimits = { bytes: 256 * 1024, requests: 50, functions: 20, depth: 16 } as const;

declare const carried: unique symbol;

/** How a package came in. */
export type Carrier = 'json' | 'form' | 'socket' | 'stream';

/** What a processor may know about a request when it identifies the caller. */
export interface CallerRequest {
  readonly carrier: Carrier;
  readonly address: string;
  /** Own origin as the client sees it, e.g. `https://chat.example.com`. */
  readonly origin: string;
  /** It came over https, as the client sees it. */
  readonly secure: boolean;
  header(name: string): string | undefined;
  /** Value of a cookie; undefined as well when cookies do not count (a foreign `Origin`). */
  cookie(name: string): string | undefined;
  /** `visitor` of the socket's hello, or header `X-Mibew-Visitor`. Wins over cookies. */
  readonly visitor: string | undefined;
}

/** The whole package is refused, nothing has run. `status` is for POST; on a socket the same body is a frame. */
export interface Refusal {
  readonly refusal: {
    readonly status: 400 | 403 | 413 | 429;
    readonly code: number;
    readonly name: string;
    readonly message: string;
    readonly retryAfter?: number;
  };
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

/** A socket or stream that stays open behind a call; undefined over a POST that is just answered. */
export interface CarrierSession {
  readonly id: string;
  /** Pushes published to `topic` reach it from now on. */
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
  /** Adds a header to the answer (a cookie); undefined on a socket, which has none. */
  readonly setHeader?: (name: string, value: string) => void;
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
  /** Mandatory arguments of single functions besides, by exact name, e.g. `{ updateThreads: ['revision'] }`. */
  readonly mandatoryFor?: Readonly<Record<string, readonly string[]>>;
  /** Answers CORS `*` without credentials, preflights included: the gateway may be called from any page. */
  readonly cors?: boolean;
  /**
   * A package that accepts `text/event-stream` and subscribes to topics is answered by a stream: its answer, then pushes.
   * Streams show no signs of life of their own.
   */
  readonly streams?: boolean;
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
  /** Keys of buffered server → client calls that `update` of this caller and subject picks up, e.g. `thread_user_42`. */
  bufferKeys?(caller: Caller, subject: Subject, args: Readonly<Record<string, unknown>>): readonly string[];
  /** A sign of life of a socket (heartbeat, pong or package): counts as a ping of that side. @param topics what it subscribed to */
  onHeartbeat?(caller: Caller, topics: ReadonlySet<string>): void | Promise<void>;
  /** A socket ended because its page was closed or left for another one; a network that breaks is none of that. */
  onLeave?(caller: Caller, topics: ReadonlySet<string>): void | Promise<void>;
  /** Looks at calls of functions at the client before they are sent (recipient, one thread). @throws RpcError */
  checkCalls?(calls: readonly ClientCall[]): void;
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
    ? {
        readonly [K in keyof F]: {
          readonly args: InferInput<F[K]['input']>;
          readonly result: InferOutput<F[K]['output']>;
        };
      }
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
  call(
    processor: string,
    keys: readonly string[],
    calls: readonly ClientCall[],
    callback?: { readonly function: string; readonly arguments: Readonly<Record<string, unknown>> },
  ): Promise<void>;
  /** For carriers. Runs one package. Never throws for what a caller sent. */
  run(
    processor: string,
    caller: unknown,
    text: string,
    request: CallerRequest,
    session?: CarrierSession,
  ): Promise<RunOutcome>;
  identify(processor: string, request: CallerRequest): Promise<unknown>;
  /** Processors known now, with their paths. */
  processors(): readonly ProcessorSpec<never, never>[];
  /**
   * The gateway of a processor as a route: packages by POST in both encodings, the upgrade to a socket, CORS. The plugin
   * that claims the path registers it, beside contributing the processor.
   * @example ctx.route(ctx.use.rpc.gateway(spec))
   */
  gateway<Caller, Subject>(spec: ProcessorSpec<Caller, Subject>): RouteSpec;
  /** What a processor may know about a request over HTTP that is no package. */
  request(context: Context): CallerRequest;
  /**
   * Counts one against what a caller may send, for whoever answers requests that are no packages.
   * @returns 0, or the seconds after which another try makes sense
   */
  take(key: string): number;
  /** The text of a package that calls functions at clients and wants no answer. */
  packageOf(calls: readonly ClientCall[]): string;
  /** Lends the sockets of a carrier to the gateways and to `call`. */
  attach(carrier: SocketCarrier): SocketHost;
}

/** What a carrier of sockets lends to rpc. */
export interface SocketCarrier {
  /** Sends the text to every socket that subscribed to `topic`. @returns number of sockets reached */
  send(topic: string, text: string): number;
  /** Is any socket subscribed? */
  listens(topic: string): boolean;
  /** Answers an upgrade at the processor's path. `request` is what the socket's caller is identified by, once he said hello. */
  upgrade(
    spec: ProcessorSpec<never, never>,
    context: Context,
    request: (visitor: string | undefined) => CallerRequest,
  ): Response | Promise<Response>;
  /** Answers a package by a stream, if it subscribes to anything and there is room; else it is just run. */
  stream(
    context: Context,
    facts: StreamFacts,
    run: (session: CarrierSession | undefined) => Promise<RunOutcome>,
  ): Promise<RunOutcome | SentOutcome>;
  /** The processor went away: its sockets and streams must go. */
  drop(processor: string): void;
}
/** The carrier writes the answer itself. */
export interface SentOutcome {
  /** What the gateway returns in its place. */
  readonly sent: Response;
}
/** Whose a stream is. */
export interface StreamFacts {
  readonly processor: string;
  readonly address: string;
  /** See ProcessorSpec. */
  readonly key: string | undefined;
  /** Headers of the answer besides. */
  readonly headers: Readonly<Record<string, string>>;
}
/** What rpc gives to a carrier of sockets. */
export interface SocketHost {
  /** A socket subscribed to `topic`: calls that wait for it are sent. */
  subscribed(topic: string): void;
  /** The answer to a frame that is refused before it reaches {@link RpcService.run}. */
  refuse(processor: string, refusal: Refusal['refusal'], text?: string): RunOutcome;
  detach(): void;
}
export interface RunOutcome {
  readonly status: 200 | 400 | 403 | 413 | 429;
  /** JSON; `''` when there is nothing to answer. */
  readonly body: string;
  readonly retryAfter?: number;
  readonly location?: string;
  /** Headers that functions added. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}
export const rpcService = defineService<RpcService>('rpc');

/** `<prefix>RequestReceived`: the decoded package before it runs. */
export const packageReceived = defineHook.filter<Readonly<Record<string, unknown>>, [{ readonly processor: string }]>(
  'rpc.package.received',
);
/** `<prefix>FunctionCall`: results of each function, built-in or not, after it ran; listeners may change or add. */
export const functionCalled = defineHook.filter<
  Readonly<Record<string, unknown>>,
  [
    {
      readonly processor: string;
      readonly function: string;
      readonly arguments: Readonly<Record<string, unknown>>;
      readonly caller: unknown;
    },
  ]
>('rpc.function.called');
/** `<prefix>RequestError`: a package was refused. */
export const packageRefused =
  defineHook.notify<[{ readonly processor: string; readonly code: number; readonly name: string }]>(
    'rpc.package.refused',
  );
/** `<prefix>CallError`: a function threw something that is not an RpcError. */
export const functionFailed =
  defineHook.notify<[{ readonly processor: string; readonly function: string; readonly error: unknown }]>(
    'rpc.function.failed',
  );

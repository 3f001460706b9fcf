/** The executor: runs the requests of a package, which was found good, and gathers the replies. */
import {
  type CallerRequest,
  type CarrierSession,
  protocolCodes,
  RpcError,
  rpcCodes,
  type PackagedCall,
} from './api.ts';
import { type Arguments, type Package, type PackageFunction, type PackageRequest, packageText } from './codec.ts';
import type { Rates } from './rates.ts';
import { messageOf, isRefusal, type ProtocolName } from './refusals.ts';
import { type AnyCall, type AnySpec, type RegisteredFunction, runCounted } from './registry.ts';

type Results = Readonly<Record<string, unknown>>;
type Reply = Record<string, unknown>;

/** What the executor asks of the rest of the plugin. */
export interface ExecutorNeeds {
  find(processor: string, name: string): RegisteredFunction | undefined;
  readonly rates: Rates;
  /** Listeners change or add results of a function. */
  called(
    results: Results,
    about: { processor: string; function: string; arguments: Arguments; caller: unknown },
  ): Promise<Results>;
  /** A function failed for a reason that is not the caller's. */
  failed(about: { processor: string; function: string; error: unknown }): void;
  /** Buffered calls of these keys, as texts of requests; undefined when there are none, without asking anybody. */
  buffered(keys: readonly string[]): Promise<readonly string[]> | undefined;
  /** Is there a callback for this token? */
  expects(processor: string, token: string): boolean | Promise<boolean>;
  /** Takes the callback of a token. */
  callback(
    processor: string,
    token: string,
  ): Promise<{ readonly function: string; readonly arguments: Arguments } | undefined>;
}

/** One package on its way. */
interface Run {
  readonly spec: AnySpec;
  readonly caller: unknown;
  readonly request: CallerRequest;
  readonly session: CarrierSession | undefined;
  readonly setHeader: ((name: string, value: string) => void) | undefined;
}

const fault = (name: ProtocolName) => new RpcError(1000 + protocolCodes[name], name, messageOf(name));
const nothing: Results = Object.freeze({});

/** An own key, whatever its name: `__proto__` is a key like any other. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

const entriesOf = (map: unknown): readonly (readonly [string, unknown])[] | undefined => {
  if (map === undefined || map === null) return [];
  return typeof map === 'object' ? Object.entries(map) : undefined;
};

/** Values that the original's peers take for absent. */
const isBlank = (value: unknown) =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  value === '0' ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Replaces arguments that refer to results of earlier functions. @throws RpcError 1009, 1017, 1019, 1021 */
function resolveReferences(args: Arguments, earlier: readonly Results[]): Arguments {
  const references = entriesOf(args['references']);
  if (!references) throw fault('WRONG_ARGUMENTS_TYPE');
  if (references.length === 0) return args;
  const resolved = { ...args };
  for (const [argument, position] of references) {
    const number = typeof position === 'string' && /^\d{1,9}$/.test(position) ? Number(position) : position;
    const results = typeof number === 'number' ? earlier[number - 1] : undefined;
    if (!results) throw fault('WRONG_FUNCTION_NUM_IN_REFERENCE');
    const named = Object.hasOwn(args, argument) ? args[argument] : undefined;
    if (isBlank(named)) throw fault('EMPTY_VARIABLE_IN_REFERENCE');
    const key = typeof named === 'number' ? String(named) : named;
    const value = typeof key === 'string' && Object.hasOwn(results, key) ? results[key] : undefined;
    if (value === undefined || value === null) throw fault('VARIABLE_IS_UNDEFINED_IN_REFERENCE');
    put(resolved, argument, value);
  }
  return resolved;
}

/** Copies what `return` asks for under its aliases. @throws RpcError 1018, 1019 */
function copyReturns(wanted: unknown, results: Results, reply: Reply): void {
  const entries = entriesOf(wanted);
  if (!entries) throw fault('WRONG_ARGUMENTS_TYPE');
  for (const [key, alias] of entries) {
    if (typeof alias !== 'string' && typeof alias !== 'number') throw fault('WRONG_ARGUMENTS_TYPE');
    const value = Object.hasOwn(results, key) ? results[key] : undefined;
    if (value === undefined || value === null) throw fault('VARIABLE_IS_UNDEFINED_IN_RESULT');
    put(reply, String(alias), value);
  }
}

export interface Executor {
  /** @returns the text of the package to send back, `''` when there is nothing to answer */
  execute(pack: Package, run: Run): Promise<string>;
}

export function createExecutor(needs: ExecutorNeeds): Executor {
  /** An error as results. */
  function failure(error: unknown, processor: string, name: string): Results {
    if (error instanceof RpcError) return { errorCode: error.errorCode, errorMessage: error.message };
    needs.failed({ processor, function: name, error });
    return { errorCode: rpcCodes.internal, errorMessage: 'The server could not do this: try again later' };
  }

  /** A reference may put in what `admit` could not see: it is asked again, about the call as it is now. */
  async function admitResolved({ spec, caller }: Run, packaged: PackagedCall): Promise<void> {
    const refused = await spec.admit?.(caller, [packaged]);
    if (!isRefusal(refused)) return;
    const { code, name, message } = refused.refusal;
    throw new RpcError(code, name, message);
  }

  function limitRate({ name, rate }: RegisteredFunction, { spec, caller, request }: Run): void {
    if (!rate) return;
    const key = `${spec.rateKey(caller, request)} ${spec.processor.name}.${name}`;
    if (needs.rates.take(key, rate) > 0)
      throw new RpcError(rpcCodes.rate, 'RATE_LIMIT', 'Too many calls: try again later');
  }

  /**
   * The checks in their order, then the function, then the listeners. Awaited is only what is a promise: a poll that
   * finds nothing new passes here twice a second for everybody who has a window open.
   */
  async function runFunction(
    one: PackageFunction,
    earlier: readonly Results[],
    run: Run,
    prepend: string[] | undefined,
  ): Promise<Results> {
    const { spec, caller } = run;
    const processor = spec.processor.name;
    const args = resolveReferences(one.arguments, earlier);
    const packaged: PackagedCall = args === one.arguments ? one : { function: one.function, arguments: args };
    const fn = needs.find(processor, one.function);
    let subject: unknown;
    let results = nothing;
    try {
      if (packaged !== one) await admitResolved(run, packaged);
      if (fn) {
        if (fn.first) await fn.first(caller);
        const found = spec.subject(caller, args, packaged);
        subject = found instanceof Promise ? await found : found;
        const read = readArguments(fn, spec, args);
        const authorized = spec.authorize(caller, args, subject);
        if (authorized instanceof Promise) await authorized;
        limitRate(fn, run);
        const given = runCounted(fn, read, callOf(run, subject));
        results = (given instanceof Promise ? await given : given) ?? nothing;
      }
    } catch (error) {
      results = failure(error, processor, one.function);
    }
    results = (await needs.called(results, { processor, function: one.function, arguments: args, caller })) ?? results;
    if (fn?.name === 'update' && prepend && !results['errorCode']) {
      const keys = spec.bufferKeys?.(caller, subject, args);
      const waiting = keys && needs.buffered(keys);
      if (waiting) prepend.push(...(await waiting));
    }
    return results;
  }

  /** The right to answer comes with the token: nobody is asked who he is. */
  async function runCallback(token: string, args: Arguments, run: Run): Promise<void> {
    const { spec, caller } = run;
    const processor = spec.processor.name;
    const stored = await needs.callback(processor, token);
    if (!stored) return;
    const name = stored.function;
    const merged: Arguments = { ...stored.arguments, ...args };
    let results = nothing;
    try {
      const fn = needs.find(processor, name);
      if (fn) {
        const about = Object.keys(spec.mandatory).some((key) => merged[key] !== null && merged[key] !== undefined);
        const subject = about ? await spec.subject(caller, merged, { function: name, arguments: merged }) : undefined;
        results = (await runCounted(fn, readArguments(fn, spec, merged), callOf(run, subject))) ?? nothing;
      }
    } catch (error) {
      // Whoever sent the reply has nothing to do with what becomes of it.
      needs.failed({ processor, function: name, error });
      return;
    }
    await needs.called(results, { processor, function: name, arguments: merged, caller });
  }

  /** Runs the functions of a request until the first error, and gathers what they return. @throws RpcError from 1000 */
  async function runCalls(
    { token, functions }: PackageRequest,
    run: Run,
    reply: Reply,
    prepend: string[] | undefined,
  ): Promise<void> {
    const expected = needs.expects(run.spec.processor.name, token);
    if (expected instanceof Promise ? await expected : expected) throw fault('NO_RESULT_FUNCTION');
    const earlier: Results[] = [];
    for (const one of functions) {
      const results = await runFunction(one, earlier, run, prepend);
      if (results['errorCode']) {
        reply['errorCode'] = results['errorCode'];
        reply['errorMessage'] = results['errorMessage'] ?? '';
        return;
      }
      earlier.push(results);
      copyReturns(one.arguments['return'], results, reply);
    }
  }

  /** One request. What is sent back for it is added to `texts`; calls that waited stand before its own reply. */
  async function runRequest(request: PackageRequest, async: boolean, run: Run, texts: string[]): Promise<void> {
    const { token, functions } = request;
    const reply: Reply = {};
    // Without `async` the functions run and nothing is answered, except that the protocol was broken.
    let answers = async;
    try {
      const answered = onlyResult(functions);
      if (answered && !async) throw fault('RESULT_FUNCTION_EXISTS');
      if (answered) {
        await runCallback(token, answered.arguments, run);
        return;
      }
      await runCalls(request, run, reply, async ? texts : undefined);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      reply['errorCode'] = error.errorCode;
      reply['errorName'] = error.errorName;
      reply['errorMessage'] = error.message;
      answers = true;
    }
    if (answers) texts.push(replyText(token, reply, run.spec));
  }

  function replyText(token: string, reply: Reply, spec: AnySpec): string {
    for (const key in spec.mandatory) if (!Object.hasOwn(reply, key)) reply[key] = null;
    if (!Object.hasOwn(reply, 'references')) reply['references'] = [];
    if (!Object.hasOwn(reply, 'return')) reply['return'] = [];
    if (!Object.hasOwn(reply, 'errorCode')) reply['errorCode'] = 0;
    try {
      return requestText(token, [{ function: 'result', arguments: reply }]);
    } catch (error) {
      // A function gave what JSON cannot carry; the other replies go out nevertheless.
      return replyText(token, { ...failure(error, spec.processor.name, 'result') }, spec);
    }
  }

  return {
    async execute(pack, run) {
      const texts: string[] = [];
      // One after the other: a poll after a post sees what was posted.
      for (const request of pack.requests) await runRequest(request, pack.async, run, texts);
      return packageText(texts);
    },
  };
}

/** @throws RpcError when there is more than one */
function onlyResult(functions: readonly PackageFunction[]): PackageFunction | undefined {
  let found: PackageFunction | undefined;
  for (const one of functions) {
    if (one.function !== 'result') continue;
    if (found) throw fault('RESULT_FUNCTION_ALREADY_EXISTS');
    found = one;
  }
  return found;
}

/** @throws RpcError 3, or what the processor has in its place */
function readArguments(fn: RegisteredFunction, { wrongArguments }: AnySpec, args: Arguments): Arguments {
  const read = fn.read(args);
  if ('wrong' in read) throw new RpcError(wrongArguments, 'ERROR_WRONG_ARGUMENTS', `Wrong arguments: ${read.wrong}`);
  return read.args;
}

const callOf = ({ spec, caller, request, session, setHeader }: Run, subject: unknown): AnyCall => ({
  caller,
  subject,
  processor: spec.processor.name,
  carrier: request.carrier,
  request,
  session,
  setHeader,
});

export const requestText = (token: string, functions: readonly PackageFunction[]): string =>
  JSON.stringify({ token, functions });

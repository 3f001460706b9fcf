/** The executor: runs the requests of a package, which was found good, and gathers the replies. */
import {
  type CallerRequest,
  type Carrier,
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

export type Results = Readonly<Record<string, unknown>>;

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
export interface Run {
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
export function resolveReferences(args: Arguments, earlier: readonly Results[]): Arguments {
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
export function copyReturns(wanted: unknown, results: Results, reply: Record<string, unknown>): void {
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
  /** The checks in their order, then the function. */
  async function perform(
    fn: RegisteredFunction,
    { spec, caller, request, session, setHeader }: Run,
    packaged: PackagedCall,
    subjects: { subject: unknown },
  ): Promise<Results> {
    const args = packaged.arguments;
    if (fn.first) await fn.first(caller);
    const subject = spec.subject(caller, args, packaged);
    subjects.subject = subject instanceof Promise ? await subject : subject;
    const read = fn.read(args);
    if ('wrong' in read)
      throw new RpcError(spec.wrongArguments, 'ERROR_WRONG_ARGUMENTS', `Wrong arguments: ${read.wrong}`);
    const authorized = spec.authorize(caller, args, subjects.subject);
    if (authorized instanceof Promise) await authorized;
    const processor = spec.processor.name;
    if (fn.rate && needs.rates.take(`${spec.rateKey(caller, request)} ${processor}.${fn.name}`, fn.rate) > 0)
      throw new RpcError(rpcCodes.rate, 'RATE_LIMIT', 'Too many calls: try again later');
    const carrier: Carrier = request.carrier;
    const call: AnyCall = { caller, subject: subjects.subject, processor, carrier, request, session, setHeader };
    return (await runCounted(fn, read.args, call)) ?? nothing;
  }

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

  async function runFunction(
    one: PackageFunction,
    earlier: readonly Results[],
    run: Run,
    prepend: string[] | undefined,
  ): Promise<Results> {
    const processor = run.spec.processor.name;
    const args = resolveReferences(one.arguments, earlier);
    const packaged: PackagedCall = args === one.arguments ? one : { function: one.function, arguments: args };
    const fn = needs.find(processor, one.function);
    const subjects: { subject: unknown } = { subject: undefined };
    let results = nothing;
    try {
      if (packaged !== one) await admitResolved(run, packaged);
      if (fn) results = await perform(fn, run, packaged, subjects);
    } catch (error) {
      results = failure(error, processor, one.function);
    }
    results =
      (await needs.called(results, { processor, function: one.function, arguments: args, caller: run.caller })) ??
      results;
    if (fn?.name === 'update' && prepend && !results['errorCode']) {
      const keys = run.spec.bufferKeys?.(run.caller, subjects.subject, args);
      const waiting = keys && needs.buffered(keys);
      if (waiting) prepend.push(...(await waiting));
    }
    return results;
  }

  /** Runs the functions of a request until the first error. @returns whether the protocol was kept */
  async function runCalls(
    functions: readonly PackageFunction[],
    run: Run,
    reply: Record<string, unknown>,
    prepend: string[] | undefined,
  ): Promise<boolean> {
    const earlier: Results[] = [];
    try {
      for (const one of functions) {
        const results = await runFunction(one, earlier, run, prepend);
        if (results['errorCode']) {
          reply['errorCode'] = results['errorCode'];
          reply['errorMessage'] = results['errorMessage'] ?? '';
          return true;
        }
        earlier.push(results);
        copyReturns(one.arguments['return'], results, reply);
      }
      return true;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      tell(reply, error);
      return false;
    }
  }

  function tell(reply: Record<string, unknown>, { errorCode, errorName, message }: RpcError): void {
    reply['errorCode'] = errorCode;
    reply['errorName'] = errorName;
    reply['errorMessage'] = message;
  }

  async function runCallback(token: string, args: Arguments, run: Run): Promise<void> {
    const processor = run.spec.processor.name;
    const stored = await needs.callback(processor, token);
    if (!stored) return;
    const name = stored.function;
    const merged: Arguments = { ...stored.arguments, ...args };
    let results = nothing;
    try {
      const fn = needs.find(processor, name);
      if (fn) results = await answer(fn, name, merged, run);
    } catch (error) {
      // Whoever sent the reply has nothing to do with what becomes of it.
      needs.failed({ processor, function: name, error });
      return;
    }
    await needs.called(results, { processor, function: name, arguments: merged, caller: run.caller });
  }

  /** The right to answer comes with the token: nobody is asked who he is. */
  async function answer(fn: RegisteredFunction, name: string, args: Arguments, run: Run): Promise<Results> {
    const { spec, caller, request, session, setHeader } = run;
    const about = Object.keys(spec.mandatory).some((key) => args[key] !== null && args[key] !== undefined);
    const subject = about ? await spec.subject(caller, args, { function: name, arguments: args }) : undefined;
    const read = fn.read(args);
    if ('wrong' in read)
      throw new RpcError(spec.wrongArguments, 'ERROR_WRONG_ARGUMENTS', `Wrong arguments: ${read.wrong}`);
    const call: AnyCall = {
      caller,
      subject,
      processor: spec.processor.name,
      carrier: request.carrier,
      request,
      session,
      setHeader,
    };
    return (await runCounted(fn, read.args, call)) ?? nothing;
  }

  /** One request. @returns the texts to send back for it, in order */
  async function runRequest(
    { token, functions }: PackageRequest,
    async: boolean,
    run: Run,
  ): Promise<readonly string[]> {
    const reply: Record<string, unknown> = {};
    const replies = functions.filter((one) => one.function === 'result');
    const [answered] = replies;
    if (replies.length > 1) tell(reply, fault('RESULT_FUNCTION_ALREADY_EXISTS'));
    else if (answered && !async) tell(reply, fault('RESULT_FUNCTION_EXISTS'));
    else if (answered) {
      await runCallback(token, answered.arguments, run);
      return none;
    } else {
      const expected = needs.expects(run.spec.processor.name, token);
      if (expected instanceof Promise ? await expected : expected) tell(reply, fault('NO_RESULT_FUNCTION'));
      else {
        const prepend: string[] | undefined = async ? [] : undefined;
        const kept = await runCalls(functions, run, reply, prepend);
        const own = replyText(token, reply, run.spec);
        if (prepend) return prepend.length > 0 ? [...prepend, own] : [own];
        // Without `async` the functions run and nothing is answered, except that the protocol was broken.
        return kept ? none : [own];
      }
    }
    return [replyText(token, reply, run.spec)];
  }

  function replyText(token: string, reply: Record<string, unknown>, { mandatory, processor }: AnySpec): string {
    for (const key in mandatory) if (!Object.hasOwn(reply, key)) reply[key] = null;
    for (const key of ['references', 'return']) if (!Object.hasOwn(reply, key)) reply[key] = [];
    if (!Object.hasOwn(reply, 'errorCode')) reply['errorCode'] = 0;
    try {
      return requestText(token, [{ function: 'result', arguments: reply }]);
    } catch (error) {
      // A function gave what JSON cannot carry; the other replies go out nevertheless.
      return replyText(token, { ...failure(error, processor.name, 'result') }, { mandatory, processor } as AnySpec);
    }
  }

  return {
    async execute(pack, run) {
      const texts: string[] = [];
      // One after the other: a poll after a post sees what was posted.
      for (const request of pack.requests) texts.push(...(await runRequest(request, pack.async, run)));
      return packageText(texts);
    },
  };
}
const none: readonly string[] = [];

export const requestText = (token: string, functions: readonly PackageFunction[]): string =>
  JSON.stringify({ token, functions });

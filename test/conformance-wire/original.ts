/** A client that keeps the original's rules of matching and no others: RPC spec sections 1 to 5, 8 and 12. */
import type { Json } from '../support/wire.ts';
import type { Browser, Call, Package } from './people.ts';
import { readFormPackage } from './people.ts';

type Results = Readonly<Record<string, unknown>>;
type Handler = (args: Json) => Results | undefined;
type Callback = (args: Json) => void;
interface Request {
  readonly token: string;
  readonly functions: readonly Call[];
}

export interface OriginalClient {
  /** Each function that builds goes into every package, as a request of its own. */
  periodically(build: () => readonly Call[], callback?: Callback): void;
  /** Queued before what is periodic; `force` sends at once. */
  callFunctions(functions: readonly Call[], callback: Callback | undefined, force: true): Promise<void>;
  callFunctions(functions: readonly Call[], callback?: Callback): void;
  registerFunction(name: string, handler: Handler): void;
  /** One round: what is queued, then what is periodic. */
  poll(): Promise<void>;
  /** What went over the wire in the latest round. */
  readonly sent: Package | undefined;
  readonly received: Package | undefined;
  /** What `onResponseError` was told. */
  readonly errors: readonly unknown[];
  readonly pending: number;
}

/** Which arguments every function has, and what a reply holds for them. */
export const chatArguments = { threadId: null, token: null, references: {}, return: {} } as const;
export const usersArguments = { agentId: null, references: {}, return: {} } as const;

export function createOriginalClient(
  browser: Browser,
  path: string,
  mandatory: typeof chatArguments | typeof usersArguments,
): OriginalClient {
  const callbacks = new Map<string, Callback>();
  const handlers = new Map<string, Handler[]>();
  const periodic: { build: () => readonly Call[]; callback: Callback | undefined }[] = [];
  const errors: unknown[] = [];
  let queue: Request[] = [];
  let sent: Package | undefined;
  let received: Package | undefined;

  function newToken(): string {
    for (;;) {
      const token = `wnd${Date.now()}${Math.round(Math.random() * 50)}`;
      if (!callbacks.has(token)) return token;
    }
  }

  function enqueue(functions: readonly Call[], callback: Callback | undefined): void {
    const token = newToken();
    if (callback) callbacks.set(token, callback);
    // The clock of a fast machine stands still between two tokens.
    else callbacks.set(token, () => {});
    queue.push({ token, functions });
  }

  function check({ signature, proto, async, requests }: Package): void {
    if (signature !== '' || proto !== '1.0' || !async) throw new Error('the envelope is wrong');
    if (!Array.isArray(requests) || requests.length === 0) throw new Error('a package without requests');
    for (const { token, functions } of requests) {
      if (typeof token !== 'string' || token === '') throw new Error('a request without a token');
      if (!Array.isArray(functions) || functions.length === 0) throw new Error('a request without functions');
      for (const one of functions as readonly Call[]) {
        if (!one.function) throw new Error('a function without a name');
        const wanted = Object.keys(mandatory).concat(one.function === 'result' ? ['errorCode'] : []);
        for (const key of wanted)
          if (!Object.hasOwn(one.arguments, key)) throw new Error(`${one.function} lacks "${key}"`);
      }
    }
  }

  /** What the server called; each function that runs is answered by a `result` of its own. */
  function execute({ token, functions }: Request): void {
    const earlier: Results[] = [];
    const replies: Call[] = [];
    for (const one of functions) {
      const args: Record<string, unknown> = { ...one.arguments };
      for (const [argument, position] of Object.entries((args['references'] ?? {}) as Record<string, number>))
        args[argument] = earlier[position - 1]?.[String(args[argument])];
      const found = handlers.get(one.function) ?? [];
      const results = Object.assign({}, ...found.map((handler) => handler(args) ?? {})) as Results;
      earlier.push(results);
      const reply: Record<string, unknown> = {};
      for (const [key, alias] of Object.entries((args['return'] ?? {}) as Record<string, string>))
        reply[alias] = results[key];
      replies.push({ function: 'result', arguments: { ...reply, ...mandatory, errorCode: 0 } });
    }
    queue.push({ token, functions: replies });
  }

  function handle({ requests }: Package): void {
    for (const request of requests) {
      const callback = callbacks.get(request.token);
      const result = request.functions.find((one) => one.function === 'result');
      if (callback && !result) throw new Error(`${request.token} was asked for and has no result`);
      if (!callback && result) throw new Error(`${request.token} has a result that nobody asked for`);
      if (callback && result) {
        callbacks.delete(request.token);
        callback(result.arguments);
      } else execute(request);
    }
  }

  async function poll(): Promise<void> {
    for (const { build, callback } of periodic) enqueue(build(), callback);
    if (queue.length === 0) return;
    sent = { signature: '', proto: '1.0', async: true, requests: queue };
    queue = [];
    const answer = await browser.form(path, sent);
    received = undefined;
    if (answer.status !== 200) throw new Error(`answered with ${answer.status}: ${answer.text}`);
    if (answer.text === '') return;
    try {
      received = readFormPackage(answer);
      check(received);
      handle(received);
    } catch (error) {
      errors.push(error);
    }
  }

  function callFunctions(functions: readonly Call[], callback: Callback | undefined, force: true): Promise<void>;
  function callFunctions(functions: readonly Call[], callback?: Callback): void;
  function callFunctions(functions: readonly Call[], callback?: Callback, force?: true): Promise<void> | void {
    enqueue(functions, callback);
    return force ? poll() : undefined;
  }

  return {
    periodically: (build, callback) => void periodic.push({ build, callback }),
    callFunctions,
    registerFunction: (name, handler) => void handlers.set(name, [...(handlers.get(name) ?? []), handler]),
    poll,
    get sent() {
      return sent;
    },
    get received() {
      return received;
    },
    errors,
    get pending() {
      return callbacks.size;
    },
  };
}

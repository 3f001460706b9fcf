/** Requests on their way: what waits to be sent, what waits for a reply, what is asked again and again. */
import { execute, wantsAnswer } from './execute.ts';
import type { ClientFunction } from './execute.ts';
import { complete, isTransient, maxRequests, resultOf } from './wire.ts';
import type { CallFailed, FunctionCall, Interaction, Result, WireRequest } from './wire.ts';

interface Settle {
  done(result: Result): void;
  failed(error: CallFailed): void;
}

/** A question that is asked anew in each round. */
export interface Periodic {
  build(): readonly FunctionCall[];
  readonly settle: Settle;
  /** Its package was refused once: it travels alone from now on, so that it cannot spoil those of others. */
  suspect: boolean;
}

interface Outgoing {
  readonly request: WireRequest;
  readonly settle?: Settle;
  readonly periodic?: Periodic;
  alone: boolean;
}

/** Requests that travel in one package. */
export interface Batch {
  readonly tokens: readonly string[];
  readonly requests: readonly WireRequest[];
}

export interface Exchange {
  readonly periodic: Set<Periodic>;
  readonly waiting: boolean;
  add(functions: readonly FunctionCall[], settle?: Settle): void;
  /** Empties the queue into packages; `all` adds the periodic requests. */
  take(all: boolean): readonly Batch[];
  /** Settles replies, runs calls. @returns true when an answer to the server was queued */
  receive(requests: readonly WireRequest[]): boolean;
  fail(tokens: Iterable<string>, error: CallFailed): void;
  /** Some of these still have no reply. */
  unanswered(tokens: readonly string[]): readonly string[];
  stop(error: CallFailed): void;
}

interface ExchangeOptions {
  readonly interaction: Interaction;
  readonly handlers: (name: string) => readonly ClientFunction[];
  readonly report: (error: unknown) => void;
  readonly now: () => number;
}

export function createExchange({ interaction, handlers, report, now }: ExchangeOptions): Exchange {
  const queue: Outgoing[] = [];
  const awaiting = new Map<string, Outgoing>();
  const periodic = new Set<Periodic>();
  let serial = 0;

  function outgoing(functions: readonly FunctionCall[], settle?: Settle, source?: Periodic): Outgoing {
    const token = `wnd${now()}${(serial = (serial + 1) % 1_000_000)}`;
    const request = { token, functions: functions.map((call) => complete(interaction, call)) };
    return { request, settle, periodic: source, alone: source?.suspect ?? false };
  }

  function settled(run: () => void): void {
    try {
      run();
    } catch (error) {
      report(error);
    }
  }

  function receiveOne(request: WireRequest): boolean {
    const known = awaiting.get(request.token);
    if (known) {
      const result = resultOf(request);
      if (!result) {
        report(new Error(`a call came back under the token of our own request ${request.token}`));
        return false;
      }
      awaiting.delete(request.token);
      settled(() => known.settle?.done(result));
      return false;
    }
    if (resultOf(request)) return false; // an answer that came too late: its caller was told already
    const reply = execute(request, interaction, handlers, report);
    if (!wantsAnswer(request)) return false;
    queue.push({ request: reply, alone: false });
    return true;
  }

  /** Nothing of a refused package has run, so each of its requests may try alone: only the guilty one is refused then. */
  function separate(refused: readonly Outgoing[]): void {
    for (const each of refused) {
      if (each.periodic) each.periodic.suspect = true;
      each.alone = true;
    }
    queue.unshift(...refused);
  }

  return {
    periodic,
    get waiting() {
      return queue.length > 0;
    },
    add: (functions, settle) => void queue.push(outgoing(functions, settle)),
    take(all) {
      const taken = queue.splice(0);
      if (all) {
        for (const each of periodic) {
          const functions = each.build();
          if (functions.length > 0) taken.push(outgoing(functions, each.settle, each));
        }
      }
      const groups: Outgoing[][] = [];
      const shared = taken.filter((each) => !each.alone);
      for (let start = 0; start < shared.length; start += maxRequests)
        groups.push(shared.slice(start, start + maxRequests));
      groups.push(...taken.filter((each) => each.alone).map((each) => [each]));
      for (const each of taken) if (each.settle) awaiting.set(each.request.token, each);
      return groups.map((group) => ({
        tokens: group.filter((each) => each.settle).map((each) => each.request.token),
        requests: group.map((each) => each.request),
      }));
    },
    receive: (requests) => requests.map(receiveOne).includes(true),
    fail(tokens, error) {
      const failed: Outgoing[] = [];
      for (const token of tokens) {
        const each = awaiting.get(token);
        if (each) failed.push(each);
        awaiting.delete(token);
      }
      if (failed.length > 1 && !isTransient(error)) return separate(failed);
      for (const each of failed) settled(() => each.settle?.failed(error));
    },
    unanswered: (tokens) => tokens.filter((token) => awaiting.has(token)),
    stop(error) {
      const all = [...queue.splice(0), ...awaiting.values()];
      awaiting.clear();
      for (const each of all) settled(() => each.settle?.failed(error));
    },
  };
}

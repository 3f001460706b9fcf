/** The POST carrier: one request at a time, again after a pause, with growing pauses while nothing answers. */
import type { Environment } from './environment.ts';
import type { Batch, Exchange } from './exchange.ts';
import { CallFailed, decode, encodePackage, isTransient, refused } from './wire.ts';

export interface PollingOptions {
  readonly environment: Environment;
  readonly exchange: Exchange;
  readonly url: string;
  /** Milliseconds between an answer and the next question. */
  readonly frequency: number;
  /** First pause after a failure, ms. */
  readonly pause: number;
  readonly timeout: number;
  readonly visitor: () => string | undefined;
  /** After each package: did the server answer? */
  onOutcome(answered: boolean): void;
}

export interface Polling {
  start(): void;
  stop(): void;
  /** Sends what waits, and the periodic requests, at once. */
  send(): void;
}

const longestPause = 30_000;

export function createPolling(options: PollingOptions): Polling {
  const { environment, exchange } = options;
  let timer: unknown;
  let active = false;
  let running = false;
  let again = false;
  let failures = 0;

  async function answerOf(batch: Batch): Promise<void> {
    const abort = new AbortController();
    const patience = environment.setTimeout(() => abort.abort(), options.timeout);
    const visitor = options.visitor();
    try {
      const response = await environment.fetch(options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(visitor ? { 'x-mibew-visitor': visitor } : {}) },
        body: encodePackage(batch.requests),
        credentials: visitor ? 'omit' : 'same-origin',
        cache: 'no-store',
        signal: abort.signal,
      });
      const incoming = decode(await response.text());
      if (incoming.kind === 'refusal') {
        throw refused(incoming.refusal, response.status, Number(response.headers.get('retry-after')) || undefined);
      }
      if (response.status !== 200)
        throw new CallFailed('refused', `status ${response.status}`, { status: response.status });
      if (incoming.kind !== 'package') throw new CallFailed('network', 'the answer is not a package');
      if (exchange.receive(incoming.requests)) again = true;
    } catch (error) {
      if (error instanceof CallFailed) throw error;
      throw new CallFailed(abort.signal.aborted ? 'timeout' : 'network', String(error));
    } finally {
      environment.clearTimeout(patience);
    }
  }

  /** @returns the failure, if any; a final refusal is an answer */
  async function exchangeOne(batch: Batch): Promise<CallFailed | undefined> {
    let failure: CallFailed | undefined;
    try {
      await answerOf(batch);
      exchange.fail(batch.tokens, new CallFailed('unanswered', 'the answer holds no reply to this request'));
    } catch (error) {
      failure = error as CallFailed;
      exchange.fail(batch.tokens, failure);
    }
    options.onOutcome(!failure || !isTransient(failure));
    return failure;
  }

  const going = () => active;

  /** One time round. @returns milliseconds to wait before the next */
  async function send(): Promise<number> {
    let succeeded = false;
    let failure: CallFailed | undefined;
    do {
      again = false;
      for (const batch of exchange.take(true)) {
        // Without an answer to one package there is no point in asking with the next.
        if (failure && isTransient(failure)) exchange.fail(batch.tokens, failure);
        else if ((failure = await exchangeOne(batch)) === undefined) succeeded = true;
      }
    } while (going() && !(failure && isTransient(failure)) && (again || exchange.waiting));
    if (!failure || (succeeded && !isTransient(failure))) {
      failures = 0;
      return options.frequency;
    }
    const pause = Math.min(options.pause * 2 ** failures, longestPause) * (0.5 + environment.random() / 2);
    failures = Math.min(failures + 1, 10);
    return Math.max(pause, (failure.retryAfter ?? 0) * 1000, isTransient(failure) ? 0 : options.frequency);
  }

  async function rounds(): Promise<void> {
    const pause = await send();
    running = false;
    if (active) timer = environment.setTimeout(round, pause);
  }

  function round(): void {
    environment.clearTimeout(timer);
    if (running) {
      again = true;
      return;
    }
    running = true;
    void rounds();
  }

  return {
    start() {
      if (active) return;
      active = true;
      round();
    },
    stop() {
      active = false;
      environment.clearTimeout(timer);
    },
    send: () => void (active && round()),
  };
}

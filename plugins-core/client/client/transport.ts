/** The one way to the server: a socket where there is one, POST where not; calls in both directions. */
import { hostEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { createExchange } from './exchange.ts';
import type { Batch, Periodic } from './exchange.ts';
import type { ClientFunction } from './execute.ts';
import { closeCodes, openLink, socketAddress } from './link.ts';
import type { Link, Loss } from './link.ts';
import { createPolling } from './polling.ts';
import { createModel, reportError } from './store.ts';
import type { Model } from './store.ts';
import { CallFailed, encodePackage, refused } from './wire.ts';
import type { FunctionCall, Incoming, Interaction, Result } from './wire.ts';

export interface TransportOptions {
  /** Address of the gateway; the socket is upgraded at the same one. */
  readonly url: string;
  readonly interaction: Interaction;
  readonly environment?: Environment;
  /** Seconds between polls. Default 2. */
  readonly requestsFrequency?: number;
  /** Seconds before the first new attempt after a loss. Default 1. */
  readonly reconnectPause?: number;
  /** Milliseconds that the server has for an answer. Default 5000. */
  readonly timeout?: number;
  /** The visitor's secret, where it is not in a cookie. */
  readonly visitor?: () => string | undefined;
  readonly onError?: (error: unknown) => void;
}

export interface TransportStatus {
  readonly connection: 'idle' | 'connecting' | 'online' | 'offline';
  readonly carrier: 'socket' | 'polling' | undefined;
}

export interface Transport {
  readonly status: Model<TransportStatus>;
  /** One request. The callback gets the arguments of its `result`; it is not called when there is none. */
  callFunctions(functions: readonly FunctionCall[], callback?: (result: Result) => void, force?: boolean): void;
  /** The same as a promise. @throws CallFailed when there is no result; a function's `errorCode` is no failure */
  call(functions: readonly FunctionCall[], options?: { readonly force?: boolean }): Promise<Result>;
  /** A request that is made anew in each round; no functions: left out. @returns id to stop it */
  callFunctionsPeriodically(
    build: () => readonly FunctionCall[],
    callback: (result: Result) => void,
    failed?: (error: CallFailed) => void,
  ): number;
  stopCallFunctionsPeriodically(id: number): void;
  /** Lets the server call `name` here; results of several handlers are merged. @returns id to unregister it */
  registerFunction(name: string, handler: ClientFunction): number;
  unregisterFunction(id: number): void;
  /** Starts, or asks all periodic questions now. */
  runUpdater(): void;
  /** Drops the connection and makes a new one after `reconnectPause`. */
  restartUpdater(): void;
  /** The network may be back, or the page is looked at again: try now. */
  wake(): void;
  stop(): void;
}

const defaultHeartbeat = 20;
const longestDrop = 5;
const longestRetry = 300_000;

/**
 * Makes a transport; `runUpdater()` starts it.
 *
 * @example
 * const transport = createTransport({ url: '/thread/update', interaction: threadInteraction });
 * transport.runUpdater();
 * const { closed } = await transport.call([{ function: 'close', arguments: { …thread, user: true, return: { closed: 'closed' } } }], { force: true });
 */
export function createTransport(options: TransportOptions): Transport {
  const environment = options.environment ?? hostEnvironment();
  const report = options.onError ?? reportError;
  const timeout = options.timeout ?? 5000;
  const pause = (options.reconnectPause ?? 1) * 1000;
  const visitor = options.visitor ?? (() => undefined);
  const status = createModel<TransportStatus>({ connection: 'idle', carrier: undefined });
  const handlers = new Map<number, { name: string; handler: ClientFunction }>();
  const periodic = new Map<number, Periodic>();
  const exchange = createExchange({
    interaction: options.interaction,
    handlers: (name) => [...handlers.values()].filter((each) => each.name === name).map((each) => each.handler),
    report,
    now: () => environment.now(),
  });
  const polling = createPolling({
    environment,
    exchange,
    timeout,
    visitor,
    pause,
    url: options.url,
    frequency: (options.requestsFrequency ?? 2) * 1000,
    onOutcome: polled,
  });

  let started = false;
  let link: Link | undefined;
  /** Requests sent over the present socket. */
  let carried = new Set<string>();
  let ready = false;
  /** A socket opened once on this page, so it is worth trying again. */
  let everOpened = false;
  /** The socket was refused for good: by the server's word, or while POST worked. */
  let socketsOver = environment.openSocket === undefined;
  let postsFailed = false;
  let drops = 0;
  let retries = 0;
  let lastReady = 0;
  let heartbeat = defaultHeartbeat * 1000;
  let beatTimer: unknown;
  let connectTimer: unknown;
  let flushing = false;
  let ids = 0;

  function sendOverLink(all: boolean): void {
    for (const batch of exchange.take(all)) {
      link?.send(encodePackage(batch.requests));
      const over = link;
      for (const token of batch.tokens) carried.add(token);
      if (batch.tokens.length > 0) environment.setTimeout(() => expire(batch, over), timeout);
    }
  }

  /** A socket that leaves a request without a reply is as good as cut. */
  function expire(batch: Batch, over: Link | undefined): void {
    if (over !== link) return;
    for (const token of batch.tokens) carried.delete(token);
    const late = exchange.unanswered(batch.tokens);
    if (late.length === 0) return;
    exchange.fail(late, new CallFailed('timeout', 'no answer in time'));
    link?.drop();
  }

  function beat(): void {
    environment.clearTimeout(beatTimer);
    if (!ready) return;
    sendOverLink(true);
    beatTimer = environment.setTimeout(beat, heartbeat);
  }

  function incoming(message: Incoming): void {
    if (message.kind === 'package') {
      if (exchange.receive(message.requests)) flush();
    } else if (message.kind === 'refusal') {
      exchange.fail(message.refusal.tokens ?? [], refused(message.refusal));
      flush();
    } else report(new Error('the server sent something that is not a package'));
  }

  function connect(): void {
    environment.clearTimeout(connectTimer);
    if (!started || link || socketsOver) return;
    const secret = visitor();
    postsFailed = false;
    if (status.get().carrier !== 'polling') status.set({ connection: everOpened ? 'offline' : 'connecting' });
    link = openLink({
      environment,
      timeout,
      url: socketAddress(options.url),
      hello: secret ? { visitor: secret } : {},
      onReady(seconds) {
        ready = everOpened = true;
        retries = 0;
        lastReady = environment.now();
        heartbeat = (seconds ?? defaultHeartbeat) * 1000;
        polling.stop();
        status.set({ connection: 'online', carrier: 'socket' });
        beat();
      },
      onIncoming: incoming,
      onLost: lost,
    });
  }

  function lost(loss: Loss): void {
    const unanswered = carried;
    link = undefined;
    ready = false;
    carried = new Set();
    everOpened ||= loss.opened;
    environment.clearTimeout(beatTimer);
    exchange.fail(unanswered, new CallFailed('network', `socket closed with ${loss.code}`));
    if (loss.code === closeCodes.refused) socketsOver = true;
    if (loss.ready && !socketsOver) {
      drops = environment.now() - lastReady > 10_000 ? 0 : drops + 1;
      status.set({ connection: 'offline', carrier: undefined });
      connectAfter(pause * Math.min(2 ** drops, longestDrop));
      return;
    }
    status.set({ carrier: 'polling' });
    polling.start();
    if (everOpened) connectAfter(Math.min(5 * pause * 2 ** retries++, longestRetry));
  }

  function connectAfter(ms: number): void {
    environment.clearTimeout(connectTimer);
    connectTimer = environment.setTimeout(connect, ms * (0.5 + environment.random() / 2));
  }

  function polled(answered: boolean): void {
    if (!answered) postsFailed = true;
    if (!started || ready) return;
    status.set({ connection: answered ? 'online' : 'offline' });
    // A socket that was refused while the server was away says nothing about sockets.
    if (answered && postsFailed && !link) connect();
  }

  /** Calls of one turn travel together. */
  function flush(): void {
    if (flushing) return;
    flushing = true;
    queueMicrotask(() => {
      flushing = false;
      if (!started) return;
      if (ready) sendOverLink(false);
      else polling.send();
    });
  }

  function call(functions: readonly FunctionCall[], { force = false } = {}): Promise<Result> {
    return new Promise((done, failed) => {
      exchange.add(functions, { done, failed });
      if (force || ready) flush();
    });
  }

  const transport: Transport = {
    status,
    call,
    callFunctions(functions, callback = () => undefined, force = false) {
      exchange.add(functions, { done: callback, failed: () => undefined });
      if (force || ready) flush();
    },
    callFunctionsPeriodically(build, done, failed = () => undefined) {
      const each: Periodic = { build, settle: { done, failed }, suspect: false };
      periodic.set(++ids, each);
      exchange.periodic.add(each);
      return ids;
    },
    stopCallFunctionsPeriodically(id) {
      const each = periodic.get(id);
      if (each) exchange.periodic.delete(each);
      periodic.delete(id);
    },
    registerFunction(name, handler) {
      handlers.set(++ids, { name, handler });
      return ids;
    },
    unregisterFunction: (id) => void handlers.delete(id),
    runUpdater() {
      if (started) return ready ? beat() : polling.send();
      started = true;
      if (socketsOver) {
        status.set({ connection: 'connecting', carrier: 'polling' });
        polling.start();
      } else connect();
    },
    restartUpdater() {
      transport.stop();
      connectTimer = environment.setTimeout(() => transport.runUpdater(), pause);
    },
    wake() {
      if (!started) return;
      if (ready) return beat();
      polling.send();
      if (everOpened && !link) connect();
    },
    stop() {
      started = ready = false;
      link?.close();
      link = undefined;
      carried.clear();
      polling.stop();
      environment.clearTimeout(beatTimer);
      environment.clearTimeout(connectTimer);
      exchange.stop(new CallFailed('stopped', 'the transport was stopped'));
      status.set({ connection: 'idle', carrier: undefined });
    },
  };
  return transport;
}

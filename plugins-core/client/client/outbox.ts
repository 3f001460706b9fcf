/** Messages on their way: each is sent, in order, until the server has it or refuses it for good. */
import { toJson } from './json.ts';
import { hostEnvironment, randomText } from './environment.ts';
import type { Environment } from './environment.ts';
import { createLeases, renewEvery } from './lease.ts';
import { createEmitter } from './store.ts';
import type { Emitter } from './store.ts';
import type { KeyValue } from './storage.ts';
import { CallFailed, isTransient } from './wire.ts';

/** Why a message was not sent, and never will be by itself. */
export interface Reason {
  readonly kind: 'refused' | 'expired';
  readonly code?: number;
  /** What the server said; `''` when it said nothing. */
  readonly message: string;
}

/** One message that the server has not acknowledged. */
export interface Entry {
  /** Random; the server stores one message per key, however often it is sent. */
  readonly key: string;
  readonly threadId: number;
  readonly token: number;
  readonly text: string;
  /** A note among operators: the visitor never sees it. */
  readonly private?: true;
  /** When it was written, ms. */
  readonly at: number;
  /** Present: final, the text stays visible until it is removed or tried again. */
  readonly reason?: Reason;
}

/** What the server answers to a post. */
export interface Receipt {
  readonly id: number;
  readonly created: number;
}

interface OutboxEvents {
  changed: readonly Entry[];
  sent: { readonly entry: Entry; readonly receipt: Receipt };
  refused: Entry;
}

export interface Outbox extends Pick<Emitter<OutboxEvents>, 'on'> {
  add(thread: { readonly id: number; readonly token: number }, text: string, options?: Pick<Entry, 'private'>): Entry;
  entries(threadId?: number): readonly Entry[];
  /** Tries a refused or expired message again, under its old key. */
  retry(key: string): void;
  remove(key: string): void;
  /** Ends all pauses: the connection is back. */
  wake(): void;
  /** Messages of this owner that wait in any tab. */
  waiting(): number;
  /** Throws away what this owner has in any tab (log-out). */
  discard(): void;
  start(): void;
  /** The page goes away. */
  stop(): void;
}

export interface OutboxOptions {
  readonly storage: KeyValue;
  readonly session: KeyValue;
  /** In front of all keys, e.g. `mibew:https://chat.example.com/:`. */
  readonly prefix: string;
  /** `visitor`, or `agent-3`: the outbox of one is never sent by another. */
  readonly owner: string;
  /** Sends one message. @throws CallFailed */
  send(entry: Entry): Promise<Receipt>;
  readonly environment?: Environment;
}

/** So long a message is tried. */
const entryLifetime = 24 * 3600_000;
const firstPause = 1000;
const longestPause = 30_000;

interface Lane {
  busy: boolean;
  failures: number;
  timer: unknown;
}

function read(text: string | undefined): Entry[] {
  try {
    const entries: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(entries) ? (entries as Entry[]) : [];
  } catch {
    return [];
  }
}

/**
 * Makes an outbox; `start()` loads what an earlier page left and begins to send.
 *
 * @example
 * const outbox = createOutbox({ storage, session, prefix: 'mibew:', owner: 'visitor', send: entry => post(transport, entry) });
 * outbox.start();
 * outbox.add({ id: 42, token: 1234567 }, 'Hello');
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { storage, owner } = options;
  const environment = options.environment ?? hostEnvironment();
  const prefix = `${options.prefix}outbox:${owner}:`;
  const emitter = createEmitter<OutboxEvents>();
  const leases = createLeases({ storage, session: options.session, prefix, environment });
  const boxPrefix = `${prefix}box:`;
  const lanes = new Map<number, Lane>();
  let entries: Entry[] = [];
  let started = false;
  let timer: unknown;

  const boxKey = () => boxPrefix + leases.tab;

  function save(next: readonly Entry[]): void {
    entries = [...next];
    if (entries.length > 0) {
      leases.renew();
      storage.set(boxKey(), toJson(entries));
    } else {
      storage.remove(boxKey());
      leases.remove(leases.tab);
    }
    emitter.emit('changed', entries);
  }

  /** A tab that was asleep for long finds its outbox taken over: the messages are somebody else's now. */
  function stillOurs(): boolean {
    if (entries.length === 0 || storage.get(boxKey()) !== undefined) return true;
    leases.rotate();
    entries = [];
    emitter.emit('changed', entries);
    return false;
  }

  function takeOver(): void {
    for (const key of storage.keys()) {
      if (!key.startsWith(boxPrefix)) continue;
      const tab = key.slice(boxPrefix.length);
      if (tab === leases.tab || !leases.expired(tab)) continue;
      // Ours first, then theirs away: a crash in between leaves two copies with the same keys, which the server makes one.
      const known = new Set(entries.map((entry) => entry.key));
      save([...entries, ...read(storage.get(key)).filter((entry) => !known.has(entry.key))]);
      storage.remove(key);
      leases.remove(tab);
    }
  }

  function replace(key: string, by?: Entry): void {
    save(entries.flatMap((entry) => (entry.key === key ? (by ? [by] : []) : [entry])));
  }

  function refuse(entry: Entry, reason: Reason): void {
    const refused = { ...entry, reason };
    replace(entry.key, refused);
    emitter.emit('refused', refused);
  }

  function lane(threadId: number): Lane {
    const known = lanes.get(threadId) ?? { busy: false, failures: 0, timer: undefined };
    lanes.set(threadId, known);
    return known;
  }

  function pump(threadId: number): void {
    const way = lane(threadId);
    if (!started || way.busy || way.timer !== undefined || !stillOurs()) return;
    const head = entries.find((entry) => entry.threadId === threadId && !entry.reason);
    if (!head) return;
    if (environment.now() - head.at > entryLifetime) {
      refuse(head, { kind: 'expired', message: '' });
      return pump(threadId);
    }
    way.busy = true;
    void options.send(head).then(
      (receipt) => acknowledged(way, head, receipt),
      (error: unknown) => unsent(way, head, error),
    );
  }

  function acknowledged(way: Lane, entry: Entry, receipt: Receipt): void {
    way.busy = false;
    way.failures = 0;
    if (stillOurs() && entries.some((each) => each.key === entry.key)) {
      emitter.emit('sent', { entry, receipt });
      replace(entry.key);
    }
    pump(entry.threadId);
  }

  function unsent(way: Lane, entry: Entry, error: unknown): void {
    way.busy = false;
    if (!isTransient(error)) {
      const { code, message } = error as CallFailed;
      if (entries.some((each) => each.key === entry.key)) refuse(entry, { kind: 'refused', code, message });
      return pump(entry.threadId);
    }
    if (!started) return;
    const pause = Math.min(firstPause * 2 ** way.failures, longestPause) * (0.5 + environment.random() / 2);
    const asked = error instanceof CallFailed ? (error.retryAfter ?? 0) * 1000 : 0;
    way.failures = Math.min(way.failures + 1, 10);
    way.timer = environment.setTimeout(() => resume(entry.threadId), Math.max(pause, asked));
  }

  function resume(threadId: number): void {
    const way = lane(threadId);
    environment.clearTimeout(way.timer);
    way.timer = undefined;
    pump(threadId);
  }

  function pumpAll(): void {
    for (const threadId of new Set(entries.map((entry) => entry.threadId))) pump(threadId);
  }

  function tick(): void {
    if (stillOurs() && entries.length > 0) leases.renew();
    takeOver();
    pumpAll();
    timer = environment.setTimeout(tick, renewEvery);
  }

  const boxes = () => storage.keys().filter((key) => key.startsWith(boxPrefix));

  return {
    on: emitter.on,
    add(thread, text, options) {
      stillOurs();
      const entry: Entry = {
        key: randomText(environment, 22),
        threadId: thread.id,
        token: thread.token,
        text,
        at: environment.now(),
        ...options,
      };
      save([...entries, entry]);
      pump(thread.id);
      return entry;
    },
    entries: (threadId) => (threadId === undefined ? entries : entries.filter((entry) => entry.threadId === threadId)),
    retry(key) {
      const entry = entries.find((each) => each.key === key);
      if (!entry?.reason) return;
      const { reason: _, ...again } = entry;
      save([...entries.filter((each) => each.key !== key), { ...again, at: environment.now() }]);
      pump(entry.threadId);
    },
    remove: (key) => replace(key),
    wake() {
      for (const [threadId, way] of lanes) {
        way.failures = 0;
        resume(threadId);
      }
    },
    waiting: () =>
      boxes()
        .flatMap((key) => read(storage.get(key)))
        .filter((entry) => !entry.reason).length,
    discard() {
      for (const key of boxes()) {
        storage.remove(key);
        leases.remove(key.slice(boxPrefix.length));
      }
      save([]);
    },
    start() {
      if (started) return;
      started = true;
      const old = environment.now() - 2 * entryLifetime;
      save(read(storage.get(boxKey())).filter((entry) => entry.at > old));
      tick();
    },
    stop() {
      started = false;
      environment.clearTimeout(timer);
      for (const way of lanes.values()) environment.clearTimeout(way.timer);
      lanes.clear();
      if (stillOurs() && entries.length > 0) leases.release();
    },
  };
}

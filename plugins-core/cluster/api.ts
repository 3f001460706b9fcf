/** What nodes share: bus, presence, locks. In one process everything lives in memory. */
import { defineService, type PluginState } from '../../kernel/tokens.ts';

/** A value that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Fire-and-forget messages between nodes; the own node hears its messages too. Carries ids and numbers, never secrets. */
export interface Bus {
  publish(topic: string, message: Json): void;
  /** @returns a function that ends the subscription */
  subscribe(topic: string, receive: (message: Json) => void): () => void;
  /** False while other nodes cannot be heard: what was cached on their behalf must not be trusted. */
  readonly connected: boolean;
  /** Calls back on each change of `connected`. @returns a function that ends the subscription */
  onConnection(changed: (connected: boolean) => void): () => void;
  /** True when other nodes may exist (a shared bus is configured). */
  readonly shared: boolean;
}

/**
 * Follows what nodes change: `reload` at each message of the topic, and when the bus is connected again, since what was
 * said meanwhile is lost. @returns a function that ends it
 */
export function followChanges(
  bus: Pick<Bus, 'subscribe' | 'onConnection'>,
  topic: string,
  reload: () => void,
): () => void {
  const ends = [bus.subscribe(topic, reload), bus.onConnection((connected) => connected && reload())];
  return () => ends.forEach((end) => end());
}

/** Alone, this process makes all changes itself; among others a message may be lost, and a second is what was promised. */
const lifetime = { alone: 60_000, shared: 1_000 } as const;
/** Milliseconds for which something read from the database may be trusted while the bus tells of no change. */
export const trustedFor = (bus: Pick<Bus, 'shared' | 'connected'>): number =>
  !bus.shared ? lifetime.alone : bus.connected ? lifetime.shared : 0;

/** Who is here, and since when: entries with a time limit. Times are milliseconds since the epoch. */
export interface Presence {
  /** Marks `key` as present for `ttl` ms from now, with a small value (typing, status …). */
  touch(key: string, ttl: number, value?: Json): void | Promise<void>;
  /** @returns the entry; `at` is the time of the last touch, also when it has run out but is still remembered (one hour) */
  get(key: string): PresenceEntry | undefined | Promise<PresenceEntry | undefined>;
  getMany(
    keys: readonly string[],
  ): readonly (PresenceEntry | undefined)[] | Promise<readonly (PresenceEntry | undefined)[]>;
  remove(key: string): void | Promise<void>;
  /** Since when presence can be read without a gap: nobody is declared gone within `connection_timeout` of it. */
  readonly reliableSince: number;
}
export interface PresenceEntry {
  readonly at: number;
  readonly present: boolean;
  readonly value?: Json;
}

/** Locks with a time limit, held by one node. */
export interface Locks {
  /**
   * Runs `work` if nobody holds `name`; otherwise does nothing. The lock is renewed while the work runs.
   * @returns whether it ran
   */
  run(name: string, ttl: number, work: () => Promise<void>): Promise<boolean>;
}

/** Bus, presence and locks of this installation. */
export interface Cluster {
  readonly nodeId: string;
  readonly bus: Bus;
  readonly presence: Presence;
  readonly locks: Locks;
}

/**
 * @example
 * needs: { cluster },
 * setup(ctx) { ctx.use.cluster.bus.publish('chat.thread.changed', { threadId: 42 }) }
 */
export const cluster = defineService<Cluster>('cluster');

/**
 * What stands behind the service. The driver of this version keeps everything in the memory of one process; one for many
 * nodes brings the list of enabled plugins as well, which then takes the place of the kernel's file.
 */
export interface ClusterDriver extends Cluster {
  readonly pluginState?: PluginState;
  /** Housekeeping, once a minute. */
  sweep(): void;
  close(): Promise<void>;
}

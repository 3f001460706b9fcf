/** Presence in the memory of a single process. */
import type { Json, Presence, PresenceEntry } from './api.ts';

interface Kept {
  readonly at: number;
  readonly until: number;
  readonly value: Json | undefined;
}

/** How long somebody is remembered after his time ran out. */
export const remembered = 3_600_000;

export interface MemoryPresence extends Presence {
  touch(key: string, ttl: number, value?: Json): void;
  get(key: string): PresenceEntry | undefined;
  getMany(keys: readonly string[]): readonly (PresenceEntry | undefined)[];
  remove(key: string): void;
  /** Forgets whom nobody can ask about any more; the plugin calls it now and then. */
  sweep(): void;
  readonly size: number;
}

export function createMemoryPresence(): MemoryPresence {
  const kept = new Map<string, Kept>();

  function read(key: string): PresenceEntry | undefined {
    const entry = kept.get(key);
    const now = Date.now();
    if (!entry || now >= entry.until + remembered) return undefined;
    const { at, until, value } = entry;
    return { at, present: now < until, ...(value === undefined ? {} : { value }) };
  }

  return {
    touch(key, ttl, value) {
      const at = Date.now();
      kept.set(key, { at, until: at + ttl, value });
    },
    get: read,
    getMany: (keys) => keys.map(read),
    remove: (key) => void kept.delete(key),
    // What came before the start was kept by another process, and is not known here.
    reliableSince: Date.now(),
    sweep() {
      const now = Date.now();
      for (const [key, { until }] of kept) if (now >= until + remembered) kept.delete(key);
    },
    get size() {
      return kept.size;
    },
  };
}

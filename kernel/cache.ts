/** The cache: one Cacheable for the process, a corner of it for each plugin. */
import { Cacheable, createKeyv } from 'cacheable';
import type { NamespacedCache } from './plugin.ts';

/** Bounded, since nobody else bounds it: the least recently used entry goes first. */
export const createCache = (): Cacheable => new Cacheable({ primary: createKeyv({ lruSize: 20_000 }), ttl: '10m' });

/** A plugin's corner: its id in front of every key. */
export function cacheOf(cache: Cacheable, plugin: string): NamespacedCache {
  const at = (key: string) => `${plugin}:${key}`;
  return {
    get: async <T>(key: string, otherwise?: T) => (await cache.get<T>(at(key))) ?? otherwise,
    set: async (key, value, ttl) => void (await cache.set(at(key), value, ttl)),
    delete: async (key) => void (await cache.delete(at(key))),
    getOrSet: async <T>(key: string, compute: () => Promise<T>, ttl?: number) =>
      (await cache.getOrSet(at(key), compute, { ttl, throwErrors: true })) as T,
  };
}

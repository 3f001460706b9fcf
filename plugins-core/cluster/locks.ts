/** Locks of a single process. They end with the work, or with the process. */
import type { Locks } from './api.ts';

export function createMemoryLocks(): Locks {
  const held = new Set<string>();
  return {
    async run(name, _ttl, work) {
      if (held.has(name)) return false;
      held.add(name);
      try {
        await work();
      } finally {
        held.delete(name);
      }
      return true;
    },
  };
}

/** The driver of a single process. */
import { randomBytes } from 'node:crypto';
import type { ClusterDriver } from './api.ts';
import { createMemoryBus } from './bus.ts';
import { createMemoryLocks } from './locks.ts';
import { createMemoryPresence } from './presence.ts';

/** @param failed told when a subscriber of the bus throws */
export function createMemoryDriver(failed: (topic: string, error: unknown) => void): ClusterDriver {
  const presence = createMemoryPresence();
  return {
    nodeId: randomBytes(8).toString('hex'),
    bus: createMemoryBus(failed),
    presence,
    locks: createMemoryLocks(),
    sweep: () => presence.sweep(),
    close: () => Promise.resolve(),
  };
}

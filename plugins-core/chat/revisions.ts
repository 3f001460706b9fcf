/** The number of the last change of any thread, in memory: a queue with nothing new reads nothing. */
import type { Bus } from '../cluster/api.ts';

export interface Revisions {
  /** The last revision, if memory can be trusted. */
  known(): number | undefined;
  /** This one was committed, here or elsewhere. */
  saw(revision: number): void;
  /** The counter was read from the database. */
  read(revision: number): void;
}

const trustedFor = 1_000;

export function createRevisions(bus: Pick<Bus, 'shared' | 'connected'>): Revisions {
  let last = 0;
  let readAt = -Infinity;
  return {
    known() {
      const trusted = bus.shared ? bus.connected && Date.now() - readAt < trustedFor : readAt > -Infinity;
      return trusted ? last : undefined;
    },
    saw(revision) {
      last = Math.max(last, revision);
    },
    read(revision) {
      last = Math.max(last, revision);
      readAt = Date.now();
    },
  };
}

/** What pages of the original's script show: they do not say it themselves. */
import type { Presence } from '../cluster/api.ts';

export interface Memory {
  /** Thread of the invitation that was shown to a visitor of the site; 0 for none. */
  shown(trackedId: number): Promise<number>;
  /** @param threadId 0: none any more */
  show(trackedId: number, threadId: number): Promise<void>;
}

/** Nobody looks at one page longer without being heard. */
const lifetime = 3_600_000;

export function createMemory(presence: Pick<Presence, 'get' | 'touch' | 'remove'>): Memory {
  const key = (trackedId: number) => `invitation:${trackedId}`;
  return {
    async shown(trackedId) {
      const entry = await presence.get(key(trackedId));
      return entry?.present && typeof entry.value === 'number' ? entry.value : 0;
    },
    async show(trackedId, threadId) {
      if (threadId > 0) await presence.touch(key(trackedId), lifetime, threadId);
      else await presence.remove(key(trackedId));
    },
  };
}

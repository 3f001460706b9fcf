import { describe, expect, it } from 'vitest';
import type { Thread } from '../../chat/api.ts';
import type { RoutingMode } from '../api.ts';
import { createRouter } from '../router.ts';

/** Counts how often all open conversations are read. */
function routerOf(modes: readonly RoutingMode[]) {
  let reads = 0;
  const router = createRouter({
    threads: {
      since: async (revision) => {
        reads += 1;
        return { threads: [] as readonly Thread[], revision };
      },
      assign: async () => undefined,
      visibleTo: async (_, threads) => threads,
    },
    availability: { online: async () => [] },
    locks: {
      async run(_name, _ttl, work) {
        await work();
        return true;
      },
    },
    rules: { modeOf: () => modes[0]!, limitOf: () => 0, modes: () => modes },
    respite: () => 0,
    failed: (error) => {
      throw error;
    },
  });
  return {
    async kicked() {
      router.kick();
      await router.settled();
      return reads;
    },
  };
}

describe('a round', () => {
  it('costs nothing where everything is taken by hand', async () => {
    expect(await routerOf(['hand', 'hand']).kicked()).toBe(0);
  });

  it('takes place as soon as one group has another rule', async () => {
    expect(await routerOf(['hand', 'leastBusy']).kicked()).toBe(1);
  });
});

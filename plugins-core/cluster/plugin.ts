import { randomBytes } from 'node:crypto';
import { definePlugin } from '../../kernel/plugin.ts';
import { cluster } from './api.ts';
import { createMemoryBus } from './bus.ts';
import { createMemoryLocks } from './locks.ts';
import { createMemoryPresence } from './presence.ts';

export default definePlugin({
  id: 'cluster',
  provides: [cluster],
  async setup(ctx) {
    const bus = createMemoryBus((topic, error) => ctx.log.error({ err: error, topic }, 'a subscriber threw'));
    const presence = createMemoryPresence();
    ctx.provide(cluster, { nodeId: randomBytes(8).toString('hex'), bus, presence, locks: createMemoryLocks() });
    await ctx.effect(() => {
      const timer = setInterval(() => presence.sweep(), 60_000);
      return () => clearInterval(timer);
    }, 'forget who is long gone');
  },
});

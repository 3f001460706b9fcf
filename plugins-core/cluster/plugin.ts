import { definePlugin, pluginState } from '../../kernel/index.ts';
import { cluster } from './api.ts';
import { createMemoryDriver } from './memory.ts';

const minute = 60_000;

export default definePlugin({
  id: 'cluster',
  provides: [cluster],
  async setup(ctx) {
    const driver = createMemoryDriver((topic, error) => ctx.log.error({ err: error, topic }, 'a subscriber threw'));
    ctx.provide(cluster, driver);
    if (driver.pluginState) ctx.provide(pluginState, driver.pluginState);
    await ctx.effect(() => {
      const timer = setInterval(() => driver.sweep(), minute);
      return async () => {
        clearInterval(timer);
        await driver.close();
      };
    }, 'driver of the cluster');
  },
});

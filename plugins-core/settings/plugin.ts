import { commands, definePlugin } from '../../kernel/index.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { localesService } from '../locales/api.ts';
import { changes, settings, settingsChanged, settingsPage } from './api.ts';
import { createChanges } from './changes.ts';
import { settingCommands } from './commands.ts';
import { createRegistry } from './registry.ts';
import { createSettings } from './service.ts';
import { change, value } from './tables.ts';

export default definePlugin({
  id: 'settings',
  needs: { db, cluster, locales: localesService },
  provides: [settings, changes],
  contributes: [tables([value, change])],
  async setup(ctx) {
    const registry = createRegistry((key, reason) => ctx.log.warn({ key, reason }, 'stored setting ignored'));
    const log = createChanges(ctx.use.db);
    const service = createSettings({
      ...ctx.use,
      registry,
      changes: log,
      tell: (keys) => ctx.call(settingsChanged, { keys }),
      failed: (error) => ctx.log.error({ err: error }, 'settings could not be read again'),
      languages: () => ctx.use.locales.available().map(({ code }) => code),
    });
    await service.load();
    ctx.provide(settings, service);
    ctx.provide(changes, log);
    ctx.contribute(commands(settingCommands(service)));
    await ctx.effect(() => service.watch(), 'follow other nodes');
    await ctx.collect(settingsPage, (spec, owner) => registry.add(spec, owner.id));
  },
});

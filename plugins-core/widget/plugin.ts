import { join } from 'node:path';
import { productRoot } from '../../kernel/place.ts';
import { definePlugin, open } from '../../kernel/plugin.ts';
import { chatSettings } from '../chat/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { availability } from '../operators/api.ts';
import { settings } from '../settings/api.ts';
import { viewsService } from '../views/api.ts';
import { buttonImage } from './button.ts';
import { launcherScript } from './launcher.ts';
import { chatModuleHandler } from './module.ts';

const source = {
  script: join(productRoot, 'widget/launcher.ts'),
  styles: [join(productRoot, 'widget/launcher.css')],
};

export default definePlugin({
  id: 'widget',
  needs: { availability, locales: localesService, settings, views: viewsService },
  contributes: [locales('locales/')],
  setup(ctx) {
    const values = ctx.use.settings.of(chatSettings);
    ctx.route({
      name: 'launcher',
      method: 'GET',
      path: '/mibew.js',
      access: open,
      handler: launcherScript({
        ...ctx.use,
        source,
        title: () => values.chattitle,
        poll: () => values.updatefrequency_chat,
        // Relative to the folder of the script, whatever the base is.
        paths: { chat: 'chat', gateway: 'thread/update', module: 'plugins/widget/chat.js' },
      }),
    });
    ctx.route({ name: 'chat', method: 'GET', path: '/chat.js', access: open, handler: chatModuleHandler(ctx.use) });
    ctx.route({
      name: 'button',
      method: 'GET',
      path: '/b',
      access: open,
      handler: buttonImage({ ...ctx.use, folder: join(ctx.plugin.root, 'buttons') }),
    });
  },
});

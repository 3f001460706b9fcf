import { join } from 'node:path';
import { productRoot } from '../../kernel/place.ts';
import { definePlugin, open } from '../../kernel/plugin.ts';
import { kernel, optional, stopping } from '../../kernel/tokens.ts';
import { chatSettings } from '../chat/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { groups } from '../groups/api.ts';
import { availability, operatorRoute, operators, withPermission } from '../operators/api.ts';
import { realtime } from '../realtime/api.ts';
import { processor, rpc, rpcService } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { clientModule, defineView, menuItem, views, viewsService } from '../views/api.ts';
import { createAnswers } from './answers.ts';
import { filterCode, launcherPart, widget, widgetContacted, widgetRpc, widgetThreadRpc } from './api.ts';
import { buttonImage } from './button.ts';
import { createCodePage } from './code-page.ts';
import { createGateway } from './gateway.ts';
import { compatScript } from './compat.ts';
import { launcherScript } from './launcher.ts';
import { chatModuleHandler } from './module.ts';
import { createParts } from './parts.ts';
import { createFunctions, createProcessor } from './processor.ts';
import { createPushes } from './pushes.ts';
import { optionsOf, widgetSettings } from './settings.ts';

const source = {
  script: join(productRoot, 'widget/launcher.ts'),
  styles: [join(productRoot, 'widget/launcher.css')],
};

const panel = {
  script: join(productRoot, 'widget/panel.ts'),
  styles: [join(productRoot, 'widget/panel.css')],
};

export default definePlugin({
  id: 'widget',
  needs: {
    kernel,
    availability,
    operators,
    groups: optional(groups),
    locales: localesService,
    realtime,
    rpc: rpcService,
    settings,
    views: viewsService,
  },
  provides: [widget],
  contributes: [
    locales('locales/'),
    views(['button-code', 'preview'].map((name) => defineView(`widget/${name}`, { version: 1, side: 'server' }))),
    settingsPage(widgetSettings),
    clientModule({ name: 'panel', joins: ['chat'], styles: ['client/panel.css'] }),
    clientModule({ name: 'button-code', entry: 'client/page.ts', joins: ['page'], styles: ['client/page.css'] }),
    menuItem({
      label: 'widget.menu',
      route: 'widget.buttonCode',
      section: 'admin',
      weight: 890,
      icon: 'code',
      permission: 'admin',
    }),
  ],
  async setup(ctx) {
    const values = ctx.use.settings.of(chatSettings);
    const looks = ctx.use.settings.of(widgetSettings);
    const answers = createAnswers({
      rpc: ctx.use.rpc,
      contacted: (answer, contact) => ctx.call(widgetContacted, answer, contact),
    });
    ctx.on(stopping, answers.leave);
    const spec = createProcessor(ctx.use);
    ctx.contribute(processor(spec));
    const functions = createFunctions({ ...ctx.use, answers });
    ctx.contribute(rpc(widgetRpc, functions.widget));
    ctx.contribute(rpc(widgetThreadRpc, functions.thread));
    ctx.route(createGateway({ ...ctx.use, packages: ctx.use.rpc.gateway(spec), answers }));
    ctx.provide(widget, createPushes({ realtime: ctx.use.realtime, leaving: () => answers.left }));

    const parts = createParts(ctx.use.views, (part, error) =>
      ctx.log.error({ part, error }, 'a part of the launcher failed'),
    );
    await ctx.collect(launcherPart, parts.add);
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
        options: () => optionsOf(looks),
        parts: parts.wanted,
      }),
    });
    ctx.route({ name: 'part', method: 'GET', path: '/part/:file{[a-z-]+\\.js}', access: open, handler: parts.handler });
    ctx.route({
      name: 'chat',
      method: 'GET',
      path: '/chat.js',
      access: open,
      handler: chatModuleHandler({ ...ctx.use, panel }),
    });
    ctx.route({
      name: 'compat',
      method: 'GET',
      path: '/js/compiled/:file',
      access: open,
      handler: compatScript(ctx.use.views),
    });
    ctx.route({
      name: 'button',
      method: 'GET',
      path: '/b',
      access: open,
      handler: buttonImage({ ...ctx.use, folder: join(ctx.plugin.root, 'buttons') }),
    });
    const route = operatorRoute(ctx.use.operators, withPermission('admin'));
    const page = createCodePage({
      ...ctx.use,
      addresses: ctx,
      filter: (code, choice) => ctx.call(filterCode, code, choice),
      folder: join(ctx.plugin.root, 'buttons'),
    });
    ctx.route(route('buttonCode', 'GET', '/operator/button-code', page.show));
    ctx.route(route('codePreview', 'GET', '/operator/button-code/preview', page.preview));
  },
});

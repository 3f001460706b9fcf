import { definePlugin, kernel, listening, missing, open, routeAccess } from '../../kernel/index.ts';
import { db, tables } from '../database/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { attempts, availability, operators, withPermission } from '../operators/api.ts';
import { settings } from '../settings/api.ts';
import { defineView, menuItem, views, viewsService } from '../views/api.ts';
import { figure, notice, type Figure, type Notice } from './api.ts';
import { createDashboard } from './dashboard.ts';
import { firstStart } from './first-start.ts';
import { createPluginsPage } from './plugins-page.ts';
import { createSettingsPage } from './settings-page.ts';
import { createSetupLinks } from './setup-link.ts';
import { createSetup } from './setup.ts';
import { fact } from './tables.ts';
import { conversationFigures } from './conversations.ts';

const page = (name: string) => defineView(`admin/${name}`, { version: 1, side: 'server' });
const administer = withPermission('admin');

export default definePlugin({
  id: 'admin',
  needs: { kernel, db, settings, locales: localesService, views: viewsService, operators, availability, attempts },
  contributes: [
    tables([fact]),
    locales('locales/'),
    views(['dashboard', 'setup', 'setup-needed', 'setup-dead', 'plugins', 'plugin-change', 'settings'].map(page)),
    menuItem({ label: 'admin.menu.dashboard', route: 'admin.dashboard', section: 'work', weight: 0, icon: 'home' }),
    menuItem({
      label: 'admin.menu.settings',
      route: 'admin.settings',
      section: 'admin',
      weight: 900,
      icon: 'settings',
      permission: 'admin',
    }),
    menuItem({
      label: 'admin.menu.plugins',
      route: 'admin.plugins',
      section: 'admin',
      weight: 910,
      icon: 'puzzle',
      permission: 'admin',
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const figures = new Set<Figure>(conversationFigures(use.kernel));
    const notices = new Set<() => Notice | undefined | Promise<Notice | undefined>>();
    await ctx.collect(figure, keepIn(figures));
    await ctx.collect(notice, keepIn(notices));

    const links = createSetupLinks(use.db, () => use.operators.hasAdministrator());
    const setup = createSetup({ ...use, texts: use.locales, links });
    const setupPath = '/operator/setup/:token{[\\w-]{43}}';
    ctx.route({ name: 'setup', method: 'GET', path: setupPath, access: open, handler: setup.get });
    ctx.route({ name: 'setupSubmit', method: 'POST', path: setupPath, access: open, handler: setup.post });

    const dashboard = createDashboard({
      ...use,
      log: ctx.log,
      figures: () => [...figures],
      notices: () => [...notices],
      mayEnter: (question) => ctx.call(routeAccess, question),
      setupNotice: setup.notice,
    });
    const toDashboard = () => ctx.url('dashboard');
    ctx.route({ name: 'home', method: 'GET', path: '/', access: open, handler: (c) => c.redirect(toDashboard(), 302) });
    ctx.route({ name: 'dashboard', method: 'GET', path: '/operator', access: open, handler: dashboard });

    const plugins = createPluginsPage({ ...use, texts: use.locales });
    ctx.route({ name: 'plugins', method: 'GET', path: '/operator/plugin', access: administer, handler: plugins.list });
    for (const [name, change] of [
      ['pluginEnable', 'enable'],
      ['pluginDisable', 'disable'],
    ] as const) {
      const path = `/operator/plugin/:name{[\\w-]{1,64}}/${change}`;
      ctx.route({ name, method: 'GET', path, access: administer, handler: plugins.ask(change) });
      ctx.route({ name: `${name}Submit`, method: 'POST', path, access: administer, handler: plugins.run(change) });
    }

    const form = createSettingsPage(use);
    ctx.route({ name: 'settings', method: 'GET', path: '/operator/settings', access: administer, handler: form.get });
    ctx.route({
      name: 'settingsSave',
      method: 'POST',
      path: '/operator/settings',
      access: administer,
      handler: form.post,
    });

    ctx.on(routeAccess, ({ access, context }) => {
      if (access.kind !== missing.kind || !context.req.header('accept')?.includes('text/html')) return undefined;
      return use.views.error(context, 404, 'NOT_FOUND');
    });
    ctx.on(listening, async (server) => {
      await firstStart(use.db, use.kernel, ctx.log);
      const at = (path: string) => new URL(path, server.address).href;
      if (!(await use.operators.hasAdministrator())) {
        server.print(
          `Create the first administrator (good for one hour, and once): ${at(ctx.url('setup', { token: await links.make() }))}`,
        );
      }
      server.print(`Operators: ${at(toDashboard())}`);
      const demo = use.kernel.report().plugins.some(({ id, status }) => id === 'demo' && status === 'active');
      if (demo) server.print(`Demo page: ${at(use.kernel.url('demo.page'))}`);
    });
  },
});

const keepIn =
  <T>(kept: Set<T>) =>
  (value: T) => {
    kept.add(value);
    return () => void kept.delete(value);
  };

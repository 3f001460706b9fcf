import { definePlugin, kernel, listening, missing, open, routeAccess } from '../../kernel/index.ts';
import { db, tables } from '../database/api.ts';
import { job } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { attempts, availability, operatorRoute, operators, withPermission } from '../operators/api.ts';
import { changes, settings, settingsPage } from '../settings/api.ts';
import { clientModule, defineView, menuItem, views, viewsService } from '../views/api.ts';
import { figure, notice, presentShown, type Figure, type Notice } from './api.ts';
import { createChangesPage } from './changes-page.ts';
import { createDashboard } from './dashboard.ts';
import { createFeatures } from './features.ts';
import { firstStart } from './first-start.ts';
import { createPluginsPage } from './plugins-page.ts';
import { createSettingsPage, settingsRoutes } from './settings-page.ts';
import { adminSettings } from './settings.ts';
import { createSetupLinks } from './setup-link.ts';
import { createSetup } from './setup.ts';
import { fact } from './tables.ts';
import { createConversations } from './conversations.ts';

const page = (name: string) => defineView(`admin/${name}`, { version: 1, side: 'server' });
const administer = withPermission('admin');

export default definePlugin({
  id: 'admin',
  needs: {
    kernel,
    db,
    settings,
    changes,
    locales: localesService,
    views: viewsService,
    operators,
    availability,
    attempts,
  },
  contributes: [
    tables([fact]),
    locales('locales/'),
    views(['dashboard', 'setup', 'setup-needed', 'setup-dead', 'plugins', 'plugin-change'].map(page)),
    views(['settings', 'setting-field', 'changes'].map(page)),
    settingsPage(adminSettings),
    clientModule({ name: 'admin-pages', joins: ['page'], styles: ['client/pages.css'] }),
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
    const conversations = createConversations(use.kernel);
    const figures = new Set<Figure>(conversations.figures);
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
      waiting: conversations.waiting,
      notices: () => [...notices],
      mayEnter: (question) => ctx.call(routeAccess, question),
      presentShown: (list, operator) => ctx.call(presentShown, list, { operator }),
      setupNotice: setup.notice,
    });
    const toDashboard = () => ctx.url('dashboard');
    ctx.route({ name: 'home', method: 'GET', path: '/', access: open, handler: (c) => c.redirect(toDashboard(), 302) });
    ctx.route({ name: 'dashboard', method: 'GET', path: '/operator', access: open, handler: dashboard });

    const parts = { ...use, features: createFeatures(use.kernel), texts: use.locales };
    const route = operatorRoute(use.operators, administer);
    const plugins = createPluginsPage(parts);
    ctx.route(route('plugins', 'GET', '/operator/plugin', plugins.list));
    for (const [name, change] of [
      ['pluginEnable', 'enable'],
      ['pluginDisable', 'disable'],
    ] as const) {
      const path = `/operator/plugin/:name{[\\w-]{1,64}}/${change}`;
      ctx.route(route(name, 'GET', path, plugins.ask(change)));
      ctx.route(route(`${name}Submit`, 'POST', path, plugins.run(change)));
    }

    const form = createSettingsPage(use);
    const paths = { common: '', features: '/features', performance: '/performance' } as const;
    for (const place of ['common', 'features', 'performance'] as const) {
      const path = `/operator/settings${paths[place]}`;
      const name = settingsRoutes[place];
      ctx.route(route(name, 'GET', path, (context) => form.get(context, place)));
      ctx.route(route(`${name}Save`, 'POST', path, (context, session) => form.post(context, session, place)));
    }
    const log = createChangesPage(parts);
    ctx.route(route('changes', 'GET', '/operator/settings/log', log.list));
    ctx.route(route('changeUndo', 'POST', '/operator/settings/log/:id{\\d{1,15}}/undo', log.undo));
    const own = use.settings.of(adminSettings);
    ctx.contribute(
      job({
        name: 'admin.forget-changes',
        every: 3_600_000,
        async run() {
          if (own.change_log_days > 0) await use.changes.forget(Date.now() - own.change_log_days * 86_400_000);
        },
      }),
    );

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

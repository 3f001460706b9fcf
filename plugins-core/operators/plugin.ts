import { join } from 'node:path';
import { commands, definePlugin, kernel, open, routeAccess } from '../../kernel/index.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { job } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { defineView, menuItem, views, viewsService } from '../views/api.ts';
import { createBackPath, createGate } from './access.ts';
import { createAccounts } from './accounts.ts';
import { createAdministration } from './administration.ts';
import * as api from './api.ts';
import { createAvailability } from './availability.ts';
import { createChanges } from './changes.ts';
import { operatorCommands } from './commands.ts';
import { createForms } from './forms.ts';
import { createLogin } from './login.ts';
import { createLoginGuard } from './login-guard.ts';
import { createLogout } from './logout.ts';
import { createPasswords } from './passwords.ts';
import { corePermissions, createPermissionBook } from './permissions.ts';
import { createPictures } from './pictures.ts';
import { createRefuse } from './refusal.ts';
import { operatorRoutes, picturesPath } from './routes.ts';
import { createLastSeen } from './seen.ts';
import { createOperators } from './service.ts';
import { createSessions } from './sessions.ts';
import { operatorsSettings } from './settings.ts';
import { guard, operator, session } from './tables.ts';
import { createTabs, ownTabs } from './tabs.ts';
import { createAttempts } from './throttle.ts';

const page = (name: string) => defineView(`operators/${name}`, { version: 1, side: 'server' });
const pages = [
  'login',
  'logout',
  'operators',
  'operator_add',
  'operator_edit',
  'operator_fields',
  'operator_head',
  'operator_permissions',
  'operator_avatar',
  'operator_confirm',
];
const endedTopic = 'operators.session.ended';

export default definePlugin({
  id: 'operators',
  needs: { kernel, db, settings, cluster, locales: localesService, views: viewsService },
  provides: [api.operators, api.availability, api.attempts],
  contributes: [
    tables([operator, session, guard]),
    settingsPage(operatorsSettings),
    locales('locales/'),
    views(pages.map(page)),
    menuItem({
      label: 'operators.menu',
      route: 'operators.operators',
      section: 'people',
      weight: 290,
      icon: 'user',
      permission: 'admin',
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const { bus } = use.cluster;
    const loginUrl = () => ctx.url('login');
    const book = createPermissionBook();
    const changes = createChanges(bus);
    const passwords = createPasswords();
    const values = use.settings.of(operatorsSettings);
    const { base, data } = use.kernel.config;
    const accounts = createAccounts(
      use.db,
      changes,
      passwords,
      {
        created: (created) => ctx.call(api.operatorCreated, { operator: created }),
        updated: (updated, original) => ctx.call(api.operatorUpdated, { operator: updated, original }),
        deleted: (id) => ctx.call(api.operatorDeleted, { id }),
      },
      (file) => `${base}${picturesPath}/${file}`,
    );
    await accounts.prepare();

    // The bus carries it to every node, this one included: each of them has sockets to end.
    const ended = async (gone: { operatorId: number; sessionId: number }) => bus.publish(endedTopic, gone);
    const seen = createLastSeen(use.db);
    const sessions = createSessions(use.db, changes, accounts, use.kernel.config.secret, ended, seen.note);
    const attempts = createAttempts();
    const pictures = createPictures(join(data, 'avatars'));
    const mostBytes = () => values.max_uploaded_file_size;
    const tabs = createTabs(ctx, use.locales);
    const administration = createAdministration({
      accounts,
      sessions,
      passwords,
      pictures,
      permissions: book.list,
      passwordChanged: (operatorId) => ctx.call(api.passwordChanged, { operatorId }),
      proofs: attempts.of({ free: 5, first: 1_000, longest: 60_000, forget: 3_600_000 }),
      mostBytes,
    });
    const refuse = createRefuse(use.views, use.locales);
    const forms = createForms(use.kernel, refuse);
    const { service, peek } = createOperators({
      kernel: use.kernel,
      accounts,
      administration,
      tabs: tabs.links,
      sessions,
      forms,
      refuse,
      permissions: book.list,
      authenticate: (context) => ctx.call(api.authenticate, context),
      loggedIn: ({ id, operator: who }, remember) =>
        ctx.call(api.operatorLoggedIn, { operator: who, sessionId: id, remember }),
    });
    const availability = createAvailability({
      cluster: use.cluster,
      accounts,
      settings: values,
      changed: (operatorId) => ctx.call(api.availabilityChanged, { operatorId }),
      fitting: (list, groupId) => ctx.call(api.fitting, list, { groupId }),
      sessionSeen: (id) => sessions.markSeen(id),
      failed: (error) => ctx.log.error({ error }, 'who is online could not be looked up'),
    });
    ctx.provide(api.operators, service);
    ctx.provide(api.availability, availability);
    ctx.provide(api.attempts, attempts);

    await ctx.collect(api.permissions, book.add);
    await ctx.collect(api.operatorTab, tabs.add);
    for (const tab of ownTabs) ctx.contribute(api.operatorTab(tab));
    ctx.contribute(api.permissions(corePermissions));
    ctx.contribute(commands(operatorCommands(service, () => book.list().map(({ name }) => name))));
    ctx.contribute(job({ name: 'operators.end-expired', every: 60_000, run: sessions.endExpired }));

    const backPath = createBackPath(use.kernel);
    ctx.on(routeAccess, createGate(service, backPath, loginUrl));
    const guarding = createLoginGuard({
      attempts,
      address: (context) => use.kernel.facts(context).address,
      demand: (trial) => ctx.call(api.loginDemand, trial),
    });
    const loginLinks = new Set<api.LoginLink>();
    await ctx.collect(api.loginLink, (one) => {
      loginLinks.add(one);
      return () => void loginLinks.delete(one);
    });
    const login = createLogin({
      ...use,
      links: () => loginLinks,
      accounts,
      passwords,
      operators: service,
      guard: guarding,
      backPath,
    });
    const logout = createLogout({ ...use, operators: service, loginUrl });
    ctx.route({ name: 'login', method: 'GET', path: '/operator/login', access: open, handler: login.get });
    ctx.route({ name: 'loginSubmit', method: 'POST', path: '/operator/login', access: open, handler: login.post });
    ctx.route({ name: 'logout', method: 'GET', path: '/operator/logout', access: open, handler: logout.get });
    ctx.route({ name: 'logoutSubmit', method: 'POST', path: '/operator/logout', access: open, handler: logout.post });

    const about = { ...use, operators: service, availability, addresses: ctx, seen, pictures, mostBytes };
    for (const route of operatorRoutes(about)) ctx.route(route);
    // Coming and going is worth noting at once: between two notes lie minutes.
    ctx.on(api.availabilityChanged, ({ operatorId }) => seen.note(operatorId));

    await ctx.effect(() => changes.stop, 'hear of changes');
    await ctx.effect(() => availability.stop, 'hear of availability');
    await ctx.effect(() => {
      const timer = setInterval(() => {
        availability
          .review()
          .catch((error: unknown) => ctx.log.error({ error }, 'who is online could not be reviewed'));
      }, 1_000);
      return () => clearInterval(timer);
    }, 'notice who left');
    await ctx.effect(
      () =>
        bus.subscribe(endedTopic, (message) => {
          const { operatorId, sessionId } = message as { operatorId: number; sessionId: number };
          availability
            .ended(operatorId, sessionId)
            .catch((error: unknown) => ctx.log.error({ error }, 'who left could not be told'));
          void ctx.call(api.operatorLoggedOut, { operatorId, sessionId });
        }),
      'end what ended sessions leave behind',
    );
    await ctx.effect(
      () =>
        use.views.decorate(async (context, model) => {
          const current = await peek(context);
          if (!current) return;
          const { name, avatar } = current.operator;
          const own = book.list().filter((permission) => service.can(current.operator, permission.name));
          model.operator ??= { name, avatar, permissions: own.map((permission) => permission.name) };
          model.csrfToken ??= current.csrf;
          const label = use.locales.text(use.locales.of(context), 'operators.menu.logout');
          const profile = {
            label: use.locales.text(use.locales.of(context), 'operators.menu.profile'),
            href: ctx.url('operatorEdit', { operator: current.operator.id }),
            icon: 'user',
          };
          model.account = [
            profile,
            ...(model.account ?? []),
            { label, href: ctx.url('logout'), icon: 'sign-out', post: true },
          ];
        }),
      'tell pages who is logged in',
    );
  },
});

import { join } from 'node:path';
import { definePlugin, open } from '../../kernel/plugin.ts';
import { kernel } from '../../kernel/tokens.ts';
import { chatOptions, chatSettings, threadChanged, threadClosed, threadCreated, threads } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { availability, availabilityChanged, loggedIn, operators, operatorUpdated } from '../operators/api.ts';
import { realtime } from '../realtime/api.ts';
import { processor, rpc, rpcService } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { assets, clientModule, menuItem, views, viewsService } from '../views/api.ts';
import { activityRpc, factsTold, operatorsListed, threadsListed, usersOptions, usersRpc } from './api.ts';
import { manifestOf, workerScript, type InstallNeeds } from './install.ts';
import { workspacePage } from './page.ts';
import { createPresence } from './presence.ts';
import { createPush } from './push.ts';
import { createQueue } from './queue.ts';
import { createRetelling } from './retelling.ts';
import { patternName } from './rows.ts';
import { createActivity, createFunctions, createProcessor } from './rpc.ts';
import { usersSettings } from './settings.ts';
import { usersApp, usersViews, windowActivity } from './workspace.ts';

/** Nodes tell each other that the queue changed; each tells its own sockets. */
const changedTopic = 'users.queue.changed';

export default definePlugin({
  id: 'users',
  needs: {
    kernel,
    cluster,
    settings,
    locales: localesService,
    operators,
    availability,
    views: viewsService,
    rpc: rpcService,
    realtime,
    threads,
  },
  contributes: [
    settingsPage(usersSettings),
    locales('locales/'),
    assets('assets/'),
    views(usersViews),
    clientModule(usersApp),
    clientModule(windowActivity),
    menuItem({ label: 'users.menu', route: 'users.workspace', section: 'work', weight: 100, icon: 'inbox' }),
  ],
  async setup(ctx) {
    const values = ctx.use.settings.of(usersSettings);
    const { bus } = ctx.use.cluster;

    const queue = createQueue({
      threads: ctx.use.threads,
      operators: ctx.use.operators,
      pattern: () => values.usernamepattern,
      listed: (rows, facts) => ctx.call(threadsListed, rows, facts),
    });
    const push = createPush({
      threads: ctx.use.threads,
      queue,
      realtime: ctx.use.realtime,
      operators: ctx.use.operators,
      failed: (error) => ctx.log.warn({ err: error }, 'the queue could not be pushed; operators will pull it'),
    });
    await ctx.effect(() => () => push.stop(), 'push of the queue');
    await ctx.effect(() => bus.subscribe(changedTopic, () => push.changed()), 'news of the queue');

    const presence = createPresence({
      ...ctx.use,
      showOperators: () => values.showonlineoperators,
      listed: (list, operator) => ctx.call(operatorsListed, list, { operator }),
      failed: (error) => ctx.log.warn({ err: error }, 'who is online could not be pushed; operators will pull it'),
    });
    await ctx.effect(() => () => presence.stop(), 'push of who is online');
    ctx.on(availabilityChanged, ({ operatorId }) => presence.changed(operatorId));

    ctx.on(chatOptions, (options, { thread, side }) => {
      if (side !== 'agent') return undefined;
      const name = patternName(values.usernamepattern, thread);
      const { detectsIdle } = ctx.use.availability;
      return { ...options, user: { ...(options['user'] as object), name }, ...(detectsIdle && { detectsIdle }) };
    });

    const changed = () => bus.publish(changedTopic, null);
    ctx.on(threadCreated, changed);
    ctx.on(threadChanged, changed);
    ctx.on(threadClosed, changed);
    const retell = createRetelling(ctx.use.threads);
    ctx.on(operatorUpdated, retell);

    const loginAddress = () => ctx.url('operators.login', { back: ctx.url('users.workspace') });
    const spec = createProcessor({ ...ctx.use, loginAddress });
    ctx.contribute(processor(spec));
    ctx.route(ctx.use.rpc.gateway(spec));
    ctx.contribute(
      rpc(
        usersRpc,
        createFunctions({
          queue,
          push,
          threads: ctx.use.threads,
          availability: ctx.use.availability,
          presence,
          told: (facts, thread) => ctx.call(factsTold, facts, { thread }),
        }),
      ),
    );
    ctx.contribute(rpc(activityRpc, createActivity(ctx.use)));
    ctx.route({
      name: 'workspace',
      method: 'GET',
      path: '/operator/users',
      access: loggedIn,
      handler: workspacePage({
        ...ctx.use,
        addresses: ctx,
        complete: (page, operator) => ctx.call(usersOptions, page, { operator }),
      }),
    });
    const company = ctx.use.settings.of(chatSettings);
    const app: InstallNeeds = {
      ...ctx.use,
      addresses: ctx,
      title: () => company.title,
      worker: join(ctx.plugin.root, 'client/worker.ts'),
    };
    const below = '/operator/users';
    ctx.route({
      name: 'manifest',
      method: 'GET',
      path: `${below}/app.webmanifest`,
      access: open,
      handler: manifestOf(app),
    });
    ctx.route({ name: 'worker', method: 'GET', path: `${below}/worker.js`, access: open, handler: workerScript(app) });
  },
});

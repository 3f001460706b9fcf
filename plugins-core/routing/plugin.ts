import { definePlugin } from '../../kernel/plugin.ts';
import { optional } from '../../kernel/tokens.ts';
import { chatSettings, threadChanged, threadClosed, threadCreated, threads } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { groupMembersChanged, groups } from '../groups/api.ts';
import { job } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { availability, availabilityChanged, operatorDeleted, operators } from '../operators/api.ts';
import { settings, settingsChanged, settingsPage } from '../settings/api.ts';
import { defineView, menuItem, views, viewsService } from '../views/api.ts';
import * as api from './api.ts';
import { routingRoutes } from './pages.ts';
import { createRouter } from './router.ts';
import { createRules } from './rules.ts';
import { routingSettings } from './settings.ts';
import { limit, rule } from './tables.ts';

/** Who did not react may be asked again, and somebody may have been missed: looked at again so often, ms. */
const review = 5_000;

export default definePlugin({
  id: 'routing',
  needs: {
    cluster,
    db,
    settings,
    operators,
    availability,
    threads,
    locales: localesService,
    views: viewsService,
    groups: optional(groups),
  },
  provides: [api.routing],
  contributes: [
    tables([rule, limit]),
    settingsPage(routingSettings),
    locales('locales/'),
    views([defineView('routing/rules', { version: 1, side: 'server' })]),
    menuItem({
      label: 'routing.menu',
      route: 'routing.rules',
      section: 'people',
      weight: 310,
      icon: 'transfer',
      permission: 'admin',
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const values = use.settings.of(routingSettings);
    const chat = use.settings.of(chatSettings);
    const failed = (error: unknown) => ctx.log.error({ error }, 'conversations could not be given away');
    const rules = await createRules({ db: use.db, bus: use.cluster.bus, failed, changed: () => router.kick() });
    const modeOf = (groupId: number) => rules.modes().get(groupId) ?? values.routing_mode;
    const limitOf = (operatorId: number) => rules.limits().get(operatorId) ?? values.routing_limit;

    const router = createRouter({
      threads: use.threads,
      availability: use.availability,
      locks: use.cluster.locks,
      rules: { modeOf, limitOf, modes: () => [values.routing_mode, ...rules.modes().values()] },
      respite: () => chat.connection_timeout * 1000,
      failed,
    });
    await ctx.effect(() => () => router.stop(), 'give conversations away');
    await ctx.effect(() => rules.watch(), 'follow rules of other nodes');
    const kick = () => router.kick();
    for (const moment of [threadCreated, threadChanged, threadClosed, availabilityChanged, groupMembersChanged])
      ctx.on(moment, kick);
    ctx.on(operatorDeleted, async ({ id }) => void (await rules.change({ limits: new Map([[id, undefined]]) })));
    ctx.on(settingsChanged, ({ keys }) => {
      if (keys.some((key) => key in routingSettings.fields || key === 'enablegroups')) kick();
    });
    ctx.contribute(
      job({
        name: 'routing.review',
        every: review,
        async run() {
          kick();
          await router.settled();
        },
      }),
    );

    const service: api.RoutingService = {
      modeOf,
      limitOf,
      rules: rules.modes,
      limits: rules.limits,
      async setRule(groupId, mode) {
        await service.change({ rules: new Map([[groupId, mode]]) });
      },
      async setLimit(operatorId, most) {
        await service.change({ limits: new Map([[operatorId, most]]) });
      },
      async change(wanted, expected) {
        const conflicts = await rules.change(wanted, expected);
        if (!conflicts) kick();
        return conflicts;
      },
      async settle() {
        kick();
        await router.settled();
      },
    };
    ctx.provide(api.routing, service);
    for (const route of routingRoutes({ ...use, routing: service, settings: values, addresses: ctx })) ctx.route(route);
  },
});

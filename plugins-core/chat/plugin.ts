import { definePlugin } from '../../kernel/plugin.ts';
import { kernel } from '../../kernel/tokens.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { job } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { availability, type Operator, operators } from '../operators/api.ts';
import { realtime } from '../realtime/api.ts';
import { processor, rpc, rpcService } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { clientModule, views, viewsService } from '../views/api.ts';
import { closeForgotten, findAbsent } from './absence.ts';
import * as api from './api.ts';
import { chatApp, chatPane, clientViews, emojiPicker } from './app.ts';
import { type CallersNeeds, createCallers } from './callers.ts';
import { createCore } from './core.ts';
import { createHooks } from './hooks.ts';
import { operatorRoutes } from './operator-pages.ts';
import { type OptionsNeeds, visitorOptions } from './options.ts';
import { createPresence } from './presence.ts';
import { createProcessor } from './processor.ts';
import { createPush } from './push.ts';
import { nameHeader } from './requests.ts';
import { createMayRead } from './reading.ts';
import { createFunctions } from './rpc.ts';
import { chatSettings } from './settings.ts';
import { ensureRevisionRow } from './statements.ts';
import { message, revision, thread, visitor } from './tables.ts';
import { createThreads } from './threads.ts';
import { createSay } from './transitions.ts';
import { createVisitorPages, visitorRoutes } from './visitor-pages.ts';
import { createVisitors } from './visitors.ts';
import { serverViews } from './window.ts';

export default definePlugin({
  id: 'chat',
  needs: {
    kernel,
    db,
    settings,
    cluster,
    locales: localesService,
    operators,
    availability,
    rpc: rpcService,
    realtime,
    views: viewsService,
  },
  provides: [api.threads, api.visitors, api.callers, api.visitorPages],
  contributes: [
    tables([visitor, thread, message, revision]),
    settingsPage(chatSettings),
    locales('locales/'),
    locales('client/locales/'),
    views([...serverViews, ...clientViews]),
    clientModule(chatApp),
    clientModule(chatPane),
    clientModule(emojiPicker),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const { config } = use.kernel;
    const values = use.settings.of(chatSettings);
    const text = use.locales.text.bind(use.locales);
    await ensureRevisionRow(use.db);

    const core = createCore(use.db, use.cluster, createHooks(ctx));
    const presence = createPresence(use.cluster, values);
    const visitors = createVisitors(core);
    const speech = { say: createSay(text), nameOf: ({ name, commonName }: Operator) => name || commonName };
    const options: OptionsNeeds = {
      settings: values,
      operators: use.operators,
      addresses: ctx,
      text,
      complete: (made, about) => ctx.call(api.chatOptions, made, about),
    };
    const threads = createThreads({
      core,
      visitors,
      presence,
      speech,
      settings: values,
      availability: use.availability,
      operators: use.operators,
      guest: (locale) => text(locale, 'chat.guest'),
      locale: (asked) => (asked && use.locales.match(asked)) || 'en',
      options: (started) => visitorOptions(options, started),
      coming: (input, who) => ctx.call(api.visitorComing, input, { visitor: who }),
      mayStart: (who, input) => ctx.call(api.mayStart, { visitor: who, input }),
      beforeStart: (beginning) => ctx.call(api.beforeStart, beginning),
      prepare: (preparation, about) => ctx.call(api.prepareThread, preparation, about),
      visible: (list, operator) => ctx.call(api.threadsVisible, list, { operator }),
    });
    ctx.provide(api.threads, threads);
    ctx.provide(api.visitors, visitors);

    const mayRead = createMayRead(use.operators);
    const push = createPush({
      core,
      presence,
      realtime: use.realtime,
      bus: use.cluster.bus,
      nodeId: use.cluster.nodeId,
      async sight(id, thread) {
        const operator = await use.operators.byId(id);
        if (!operator || operator.disabled || (await threads.visibleTo(operator, [thread])).length === 0)
          return 'nothing';
        return mayRead(operator, thread) ? 'messages' : 'state';
      },
      failed: (error) => ctx.log.warn({ error }, 'a push failed; clients pull what they miss'),
    });
    await ctx.effect(() => {
      const stop = push.listen();
      return async () => {
        stop();
        await push.settled();
      };
    }, 'push what was committed');

    const { spec, enroll } = createProcessor({ ...use, heads: core.heads, visitors, threads });
    const localeOf: CallersNeeds['localeOf'] = ({ request }) => request.header('accept-language')?.split(/[,;]/)[0];
    const callers = createCallers({ threads, enroll, localeOf });
    ctx.provide(api.callers, callers);
    ctx.contribute(processor(spec));
    ctx.contribute(
      rpc(
        api.threadRpc,
        createFunctions({
          threads,
          push,
          mayRead,
          operators: use.operators,
          availability: use.availability,
          settings: values,
          callers,
          options,
          localeOf: (call) => use.locales.match(localeOf(call) ?? ''),
          nameCookie: nameHeader(config),
        }),
      ),
    );
    ctx.route(use.rpc.gateway(spec));

    const absence = { core, presence, speech, settings: values };
    ctx.contribute(job({ name: 'chat.presence', every: 3_000, run: () => findAbsent(absence) }));
    ctx.contribute(job({ name: 'chat.close-old', every: 10_000, run: () => closeForgotten(absence) }));

    const shared = { threads, views: use.views, settings: values, addresses: ctx, config, options };
    const pages = { ...shared, locales: use.locales };
    const facts = use.kernel.facts.bind(use.kernel);
    const links = (about: api.Thread, locale: string) => ctx.call(api.plainLinks, [], { thread: about, locale });
    const forVisitors = { ...pages, visitors, facts, heads: core.heads, links };
    ctx.provide(api.visitorPages, createVisitorPages(forVisitors));
    const forOperators = { ...pages, operators: use.operators, back: () => `${config.base}/operator/users` };
    for (const route of [...visitorRoutes(forVisitors), ...operatorRoutes(forOperators)]) ctx.route(route);
  },
});

import { definePlugin } from '../../kernel/plugin.ts';
import { kernel } from '../../kernel/tokens.ts';
import { mayPost, mayStart, threads } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { job, jobs } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { operators } from '../operators/api.ts';
import { settings, settingsChanged, settingsPage } from '../settings/api.ts';
import { undo, undoable } from '../undo/api.ts';
import { threadsListed, usersOptions } from '../users/api.ts';
import { clientModule, defineView, menuItem, views, viewsService } from '../views/api.ts';
import * as api from './api.ts';
import { createBans } from './bans.ts';
import { mark, openThreads, openThreadsOf } from './marks.ts';
import { banKind, banRoutes } from './pages.ts';
import { bansSettings } from './settings.ts';
import { ban } from './tables.ts';

const page = (name: string) => defineView(`bans/${name}`, { version: 1, side: 'server' });
/** One-off job: a ban has just ended. */
const ended = 'bans.ended';

export default definePlugin({
  id: 'bans',
  needs: {
    kernel,
    cluster,
    db,
    jobs,
    settings,
    locales: localesService,
    operators,
    threads,
    undo,
    views: viewsService,
  },
  provides: [api.bans],
  contributes: [
    tables([ban]),
    settingsPage(bansSettings),
    locales('locales/'),
    views([...['list', 'form', 'delete'].map(page), defineView('bans/icon', { version: 1, side: 'client' })]),
    clientModule({
      name: 'bans',
      entry: 'client/index.ts',
      joins: ['users'],
      templates: ['bans/icon'],
      texts: ['bans.client.'],
      styles: ['client/bans.css'],
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const { bus } = use.cluster;
    const values = use.settings.of(bansSettings);
    const enabled = () => values.enableban;

    /** Rows of the people concerned are read again, everywhere. */
    const refresh = async (...concerned: readonly (api.Ban | undefined)[]) => {
      const found = await openThreadsOf(use.threads, concerned);
      if (found.length > 0) await use.threads.touch(found.map(({ id }) => id));
    };
    const bans = createBans({
      db: use.db,
      bus,
      enabled,
      async changed(before, after) {
        const key = String((after ?? before)!.id);
        if (after?.till) await use.jobs.schedule(ended, after.till, { id: after.id }, key);
        else await use.jobs.cancel(ended, key);
        await refresh(before, after);
        if (!after) await ctx.call(api.banDeleted, { id: before!.id });
        else if (before) await ctx.call(api.banUpdated, { ban: after, original: before });
        else await ctx.call(api.banCreated, { ban: after });
      },
      failed: (error) => ctx.log.error({ err: error }, 'bans could not be read again'),
    });
    await bans.load();
    ctx.provide(api.bans, bans);
    await ctx.effect(() => bans.watch(), 'follow other nodes');

    const refusal = (locale: string) => ({
      code: api.bansErrors.banned,
      name: 'BANNED',
      message: use.locales.text(use.locales.match(locale) ?? 'en', 'bans.refused'),
    });
    ctx.on(mayStart, ({ visitor, input }) =>
      bans.match({ remote: input.remote, userId: visitor.userId }) ? refusal(input.locale ?? 'en') : undefined,
    );
    ctx.on(mayPost, ({ thread, side }) => (side === 'user' && bans.match(thread) ? refusal(thread.locale) : undefined));

    ctx.on(threadsListed, (rows, { threads }) => (enabled() ? mark(rows, threads, bans) : rows));
    ctx.on(usersOptions, (options) => ({ ...options, banLink: enabled() ? ctx.url('add') : '' }));
    ctx.contribute(
      job({
        name: ended,
        async run(payload) {
          await refresh(await bans.byId((payload as { id: number }).id));
        },
      }),
    );
    ctx.on(settingsChanged, async ({ keys }) => {
      if (!keys.includes('enableban')) return;
      const marked = (await openThreads(use.threads)).map(({ id }) => id);
      if (marked.length > 0) await use.threads.touch(marked);
    });

    ctx.contribute(
      menuItem({ label: 'bans.menu', route: 'bans.list', section: 'work', weight: 340, icon: 'ban', shown: enabled }),
    );
    ctx.contribute(
      undoable({
        kind: banKind,
        restore: async (value) => ((await bans.restore(value as api.Ban)) ? 'restored' : 'taken'),
        page: (_, done) => ctx.url('list', { done }),
      }),
    );
    for (const route of banRoutes({ ...use, bans, addresses: ctx, enabled })) ctx.route(route);
  },
});

import { definePlugin } from '../../kernel/plugin.ts';
import { kernel, optional } from '../../kernel/tokens.ts';
import { chatOptions, threads, visitors } from '../chat/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { operators } from '../operators/api.ts';
import { ratings } from '../rating/api.ts';
import { rpc } from '../rpc/api.ts';
import { threadsListed } from '../users/api.ts';
import { clientModule, views, viewsService } from '../views/api.ts';
import * as api from './api.ts';
import { logApp, logInChat, logInWorkspace, logViews } from './app.ts';
import { createFunctions } from './functions.ts';
import { createThreadLog } from './log.ts';
import { logRoutes } from './pages.ts';

export default definePlugin({
  id: 'thread-log',
  needs: {
    kernel,
    operators,
    threads,
    visitors,
    locales: localesService,
    views: viewsService,
    ratings: optional(ratings),
  },
  provides: [api.threadLog],
  contributes: [
    locales('locales/'),
    locales('client/locales/'),
    views(logViews),
    clientModule(logApp),
    clientModule(logInWorkspace),
    clientModule(logInChat),
  ],
  setup(ctx) {
    const { use } = ctx;
    const log = createThreadLog({
      ...use,
      allowed: (list, operator) => ctx.call(api.threadsReadable, list, { operator }),
    });
    ctx.provide(api.threadLog, log);

    const addresses = {
      thread: ({ id }: { readonly id: number }) => ctx.url('thread', { thread: id }),
      user: ({ userId }: { readonly userId: string }) => ctx.url('user', { user: userId }),
      messages: ({ id }: { readonly id: number }) => ctx.url('messages', { thread: id }),
      back: () => `${use.kernel.config.base}/operator/users`,
    };
    ctx.contribute(rpc(api.threadLogRpc, createFunctions({ ...use, log, addresses })));

    ctx.on(threadsListed, async (rows) => {
      // Rows that only say that a thread is gone say nothing else.
      const shown = rows.filter(({ token }) => token !== 0);
      if (shown.length === 0) return undefined;
      const counts = await use.threads.earlier(shown);
      return rows.map((row) => {
        const earlier = row.token === 0 ? 0 : (counts.get(row.id) ?? 0);
        return earlier > 0 ? { ...row, earlier } : row;
      });
    });
    ctx.on(chatOptions, async (options, { thread, side, operator }) => {
      if (side !== 'agent' || !operator) return undefined;
      const links = { ...(options['links'] as object | undefined), history: addresses.user(thread) };
      const [mayRead] = await log.readable(operator, [thread]);
      return { ...options, links: mayRead ? { ...links, log: addresses.thread(thread) } : links };
    });

    for (const route of logRoutes({
      ...use,
      log,
      addresses,
      recorded: (records, about) => ctx.call(api.threadsRecorded, records, about),
    }))
      ctx.route(route);
  },
});

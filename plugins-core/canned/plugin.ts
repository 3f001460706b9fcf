import { definePlugin } from '../../kernel/plugin.ts';
import { optional } from '../../kernel/tokens.ts';
import { chatOptions, chatSettings } from '../chat/api.ts';
import { db, tables } from '../database/api.ts';
import { groups } from '../groups/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { operators } from '../operators/api.ts';
import { settings } from '../settings/api.ts';
import { undo, undoable } from '../undo/api.ts';
import { clientModule, defineView, menuItem, views, viewsService } from '../views/api.ts';
import * as api from './api.ts';
import { createMessages } from './messages.ts';
import { cannedKind, cannedRoutes } from './pages.ts';
import { seed } from './seed.ts';
import { message, seeded } from './tables.ts';

const page = (name: string) => defineView(`canned/${name}`, { version: 1, side: 'server' });
const client = (name: string) => defineView(`canned/${name}`, { version: 1, side: 'client' });

export default definePlugin({
  id: 'canned',
  needs: {
    db,
    settings,
    locales: localesService,
    operators,
    undo,
    views: viewsService,
    groups: optional(groups),
  },
  provides: [api.canned],
  contributes: [
    tables([message, seeded]),
    locales('locales/'),
    views([...['list', 'form', 'delete'].map(page), ...['button', 'answers'].map(client)]),
    clientModule({
      name: 'canned',
      entry: 'client/index.ts',
      joins: ['chat-pane'],
      templates: ['canned/button', 'canned/answers'],
      texts: ['canned.client.'],
      styles: ['client/canned.css'],
    }),
    menuItem({
      label: 'canned.menu',
      route: 'canned.list',
      section: 'work',
      weight: 330,
      icon: 'chat',
      permission: 'admin',
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const company = use.settings.of(chatSettings);
    await seed(use.db, use.locales);
    const canned = createMessages({ ...use, title: () => company.title });
    ctx.provide(api.canned, canned);

    // For whose conversation it is; who only watches has nothing to send.
    ctx.on(chatOptions, async (options, { thread, side, operator }) => {
      if (side !== 'agent' || !operator || thread.agentId !== operator.id) return options;
      const messageForm = options['messageForm'] as object | undefined;
      return {
        ...options,
        messageForm: { ...messageForm, predefinedAnswers: await canned.answers(thread, operator) },
      };
    });
    ctx.contribute(
      undoable({
        kind: cannedKind,
        permission: 'admin',
        async restore(value) {
          await canned.restore(value as api.CannedMessage);
          return 'restored';
        },
        page: (value, done) => ctx.url('list', { lang: (value as api.CannedMessage).locale, done }),
      }),
    );
    for (const route of cannedRoutes({ ...use, canned, addresses: ctx })) ctx.route(route);
  },
});

import { definePlugin } from '../../kernel/plugin.ts';
import { kernel, optional } from '../../kernel/tokens.ts';
import { chatOptions, chatSettings, threads, threadState } from '../chat/api.ts';
import { groups } from '../groups/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { availability, operators } from '../operators/api.ts';
import { rpc } from '../rpc/api.ts';
import { settings } from '../settings/api.ts';
import { clientModule, defineView, views, viewsService } from '../views/api.ts';
import { handoverRpc } from './api.ts';
import { createHandOver } from './handing.ts';
import { handoverRoutes } from './pages.ts';
import { handoverFunctions } from './rpc.ts';
import { createTargets } from './targets.ts';

const page = (name: string) => defineView(`handover/${name}`, { version: 1, side: 'server' });
const client = (name: string) => defineView(`handover/${name}`, { version: 1, side: 'client' });

export default definePlugin({
  id: 'handover',
  needs: {
    kernel,
    settings,
    locales: localesService,
    operators,
    availability,
    threads,
    views: viewsService,
    groups: optional(groups),
  },
  contributes: [
    locales('locales/'),
    views([
      ...['links', 'confirm', 'done'].map(page),
      ...['button', 'icon', 'dialog', 'targets', 'note_button', 'note_icon'].map(client),
    ]),
    clientModule({
      name: 'handover',
      entry: 'client/index.ts',
      joins: ['chat-pane'],
      templates: ['handover/*'],
      texts: ['handover.client.', 'handover.note', 'handover.presence.', 'handover.warning.'],
      styles: ['client/handover.css'],
    }),
  ],
  setup(ctx) {
    const { use } = ctx;
    const chat = use.settings.of(chatSettings);
    const targets = createTargets(use);
    const handOver = createHandOver({ threads: use.threads, targets });
    const noteLimit = () => chat.message_max_length;

    ctx.contribute(
      rpc(handoverRpc, handoverFunctions({ targets, handOver, noteLimit, locale: () => use.locales.home })),
    );
    ctx.on(chatOptions, (options, { thread, side, operator }) => {
      const own = side === 'agent' && thread.state === threadState.chatting && thread.agentId === operator?.id;
      if (!own) return undefined;
      const redirect = ctx.url('links', { thread: thread.id, token: thread.token });
      return { ...options, links: { ...(options['links'] as object), redirect } };
    });
    const back = () => `${use.kernel.config.base}/operator/users`;
    for (const route of handoverRoutes({ ...use, addresses: ctx, targets, handOver, noteLimit, back }))
      ctx.route(route);
  },
});

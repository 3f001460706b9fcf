import { definePlugin } from '../../kernel/plugin.ts';
import {
  chatOptions,
  chatSettings,
  messageKind,
  messagePosted,
  threadClosed,
  threadOf,
  threads,
  threadState,
  windowTopic,
  type ThreadSubject,
} from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { locales } from '../locales/api.ts';
import { realtime } from '../realtime/api.ts';
import { rpc, RpcError } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { clientModule } from '../views/api.ts';
import { previewErrors, previewRpc } from './api.ts';
import { createDrafts } from './drafts.ts';
import { previewSettings } from './settings.ts';

export default definePlugin({
  id: 'preview',
  needs: { settings, cluster, threads, realtime },
  contributes: [
    settingsPage(previewSettings),
    locales('locales/'),
    clientModule({ name: 'preview-offer', entry: 'client/offer.ts', joins: ['chat'] }),
    clientModule({
      name: 'preview',
      entry: 'client/app.ts',
      partOf: ['chat'],
      texts: ['preview.visitor.'],
      styles: ['client/notice.css'],
    }),
    clientModule({
      name: 'preview-agent',
      entry: 'client/agent.ts',
      joins: ['chat-pane'],
      texts: ['preview.agent.'],
      styles: ['client/preview.css'],
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const values = use.settings.of(previewSettings);
    const chat = use.settings.of(chatSettings);
    const failed = (error: unknown) => ctx.log.warn({ error }, 'what is typed could not be shown');
    const drafts = createDrafts({
      presence: use.cluster.presence,
      bus: use.cluster.bus,
      limit: () => chat.message_max_length,
      failed,
      async tell(threadId, text) {
        const windows = windowTopic(threadId, 'agent');
        if (use.realtime.count(windows) === 0) return;
        const thread = await use.threads.byId(threadId);
        if (!thread) return;
        const args = { threadId, token: thread.token, recipient: 'agent', text: await text() };
        use.realtime.publish(windows, [{ function: 'receivePreview', arguments: args }]);
      },
    });
    await ctx.effect(() => drafts.follow(), 'show what is typed');
    ctx.on(messagePosted, ({ kind, threadId }) => (kind === messageKind.user ? drafts.clear(threadId) : undefined));
    ctx.on(threadClosed, ({ id }) => drafts.clear(id));
    ctx.on(chatOptions, (options) => (values.preview_enabled ? { ...options, preview: true } : options));

    function shownThread(subject: ThreadSubject) {
      const thread = threadOf(subject);
      if (!values.preview_enabled)
        throw new RpcError(previewErrors.off, 'PREVIEW_OFF', 'Nobody sees what is typed before it is sent.');
      return thread;
    }
    ctx.contribute(
      rpc(previewRpc, {
        async preview({ text }, { subject }) {
          const thread = shownThread(subject);
          const over = thread.state === threadState.closed || thread.state === threadState.left;
          if (!over) await use.threads.assertHeard(thread, 'user');
          await drafts.put(thread, over ? '' : text);
          return {};
        },
        async previewed(_, { subject }) {
          return { text: await drafts.of(shownThread(subject).id) };
        },
      }),
    );
  },
});

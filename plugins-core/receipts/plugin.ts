import { definePlugin } from '../../kernel/plugin.ts';
import { threadOf, threads } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { locales } from '../locales/api.ts';
import { realtime } from '../realtime/api.ts';
import { rpc, RpcError } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { clientModule } from '../views/api.ts';
import { receiptsErrors, receiptsRpc } from './api.ts';
import { createKept } from './kept.ts';
import { createLedger } from './ledger.ts';
import { createSeen } from './seen.ts';
import { receiptsSettings } from './settings.ts';
import { progress } from './tables.ts';

/** What is new is stored together after so long, ms: a server that is killed loses that much of the marks. */
const pause = 5_000;

export default definePlugin({
  id: 'receipts',
  needs: { db, settings, cluster, threads, realtime },
  contributes: [
    tables([progress]),
    settingsPage(receiptsSettings),
    locales('locales/'),
    clientModule({ name: 'receipts-offer', entry: 'client/offer.ts', joins: ['chat', 'chat-pane'] }),
    clientModule({
      name: 'receipts',
      entry: 'client/app.ts',
      partOf: ['chat', 'chat-pane'],
      texts: ['receipts.mark.'],
      styles: ['client/receipts.css'],
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const values = use.settings.of(receiptsSettings);
    const ledger = createLedger(createKept(use.db));
    const seen = createSeen({
      ledger,
      settings: values,
      threads: use.threads,
      realtime: use.realtime,
      bus: use.cluster.bus,
      nodeId: use.cluster.nodeId,
      failed: (error) => ctx.log.warn({ error }, 'what was read could not be told; windows ask for it'),
    });
    await ctx.effect(() => seen.follow(), 'tell what was read');
    await ctx.effect(() => {
      const save = () =>
        ledger.flush().catch((error: unknown) => ctx.log.warn({ error }, 'what was read could not be stored yet'));
      let running = Promise.resolve();
      const timer = setInterval(() => (running = running.then(save)), pause);
      return async () => {
        clearInterval(timer);
        await running;
        await save();
      };
    }, 'store what was read');

    ctx.contribute(
      rpc(receiptsRpc, {
        async seen({ user, delivered, read }, { subject, caller }) {
          if (!values.receipts_enabled)
            throw new RpcError(receiptsErrors.off, 'RECEIPTS_OFF', 'Messages are not marked.');
          const thread = threadOf(subject);
          // Who only watches has read nothing on behalf of whoever has the conversation.
          const counts = user || thread.agentId === caller.session?.operator.id;
          return { ...(await seen.report(thread, user ? 'user' : 'agent', counts ? { delivered, read } : undefined)) };
        },
      }),
    );
  },
});

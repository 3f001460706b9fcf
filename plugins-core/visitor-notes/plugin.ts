import { definePlugin } from '../../kernel/plugin.ts';
import { kernel, optional } from '../../kernel/tokens.ts';
import { chatSettings, threads } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { locales } from '../locales/api.ts';
import { operators } from '../operators/api.ts';
import { realtime } from '../realtime/api.ts';
import { rpc, type CarrierSession } from '../rpc/api.ts';
import { settings } from '../settings/api.ts';
import { threadLog } from '../thread-log/api.ts';
import { undo, undoable } from '../undo/api.ts';
import { clientModule, defineView, views } from '../views/api.ts';
import { notesRpc, type ReceiveVisitorNotes } from './api.ts';
import { createFunctions, noteKind } from './functions.ts';
import { createNotes } from './notes.ts';
import { note, type NoteRow } from './tables.ts';

const news = 'visitor-notes.changed';
const topicOf = (userId: string) => `visitor-notes:${userId}`;
const client = (name: string) => defineView(`visitor-notes/${name}`, { version: 1, side: 'client' });

export default definePlugin({
  id: 'visitor-notes',
  needs: { kernel, cluster, db, settings, operators, threads, realtime, undo, log: optional(threadLog) },
  contributes: [
    tables([note]),
    locales('locales/'),
    locales('client/locales/'),
    views(['panel', 'list'].map(client)),
    clientModule({
      name: 'visitor-notes',
      entry: 'client/index.ts',
      joins: ['users'],
      templates: ['visitor-notes/*'],
      texts: ['visitor-notes.panel.'],
      styles: ['client/notes.css'],
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const { bus } = use.cluster;
    const chat = use.settings.of(chatSettings);
    const notes = createNotes({ ...use, changed: (userId) => bus.publish(news, { userId }) });

    // Only that something changed is told: what each operator may see of it he is told when he asks.
    await ctx.effect(
      () =>
        bus.subscribe(news, (message) => {
          const { userId } = message as { readonly userId: string };
          const told: ReceiveVisitorNotes = { agentId: null, userId };
          use.realtime.publish(topicOf(userId), [{ function: 'receiveVisitorNotes', arguments: { ...told } }]);
        }),
      'tell that notes changed',
    );
    /** The panel shows one visitor at a time. */
    const followed = new WeakMap<CarrierSession, string>();
    const follow = (session: CarrierSession, userId: string) => {
      const before = followed.get(session);
      if (before !== undefined && before !== userId) session.unsubscribe(topicOf(before));
      followed.set(session, userId);
      session.subscribe(topicOf(userId));
    };

    ctx.contribute(
      undoable({
        kind: noteKind,
        async restore(value) {
          await notes.restore(value as NoteRow);
          return 'restored';
        },
        page: () => use.kernel.url('users.workspace'),
      }),
    );
    const enterSaves = () => chat.sendmessagekey === 'enter';
    ctx.contribute(rpc(notesRpc, createFunctions({ ...use, notes, follow, enterSaves })));
  },
});

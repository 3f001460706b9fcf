import { definePlugin } from '../../kernel/plugin.ts';
import { threadChanged, threadClosed, threadCreated, threads, windowTopic, type ThreadSubject } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { groupDeleted, groupMembersChanged, groupUpdated } from '../groups/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { availability, availabilityChanged } from '../operators/api.ts';
import { realtime } from '../realtime/api.ts';
import { rpc } from '../rpc/api.ts';
import { settings, settingsChanged, settingsPage } from '../settings/api.ts';
import { clientModule } from '../views/api.ts';
import { queue, waitingRpc } from './api.ts';
import { createBoard } from './board.ts';
import { createEstimates } from './estimate.ts';
import { createFeed } from './feed.ts';
import { createLine } from './line.ts';
import { waitingSettings } from './settings.ts';

export default definePlugin({
  id: 'waiting',
  needs: { threads, cluster, settings, locales: localesService, availability, realtime },
  provides: [queue],
  contributes: [
    settingsPage(waitingSettings),
    locales('locales/'),
    clientModule({ name: 'waiting', entry: 'client/position.ts', joins: ['chat'] }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const line = createLine();
    const board = createBoard({
      line,
      estimates: createEstimates(),
      settings: use.settings.of(waitingSettings),
      isAttended: (groupId) => use.availability.hasOnlineOperators(groupId),
      text: use.locales.text.bind(use.locales),
      hears: (id) => use.realtime.count(windowTopic(id, 'user')) > 0,
      thread: (id) => use.threads.byId(id),
      push({ id: threadId, token }, standing) {
        const args = { threadId, token, recipient: 'user', ...standing };
        use.realtime.publish(windowTopic(threadId, 'user'), [{ function: 'receivePosition', arguments: args }]);
      },
      now: () => Date.now(),
    });
    ctx.provide(queue, { place: (id) => line.place(id), waiting: (groupId) => line.of(groupId).map(({ id }) => id) });

    const feed = createFeed({
      board,
      threads: use.threads,
      bus: use.cluster.bus,
      nodeId: use.cluster.nodeId,
      failed: (error) => ctx.log.warn({ error }, 'places in the queue could not be told; windows ask for them'),
    });
    await ctx.effect(() => feed.follow(), 'follow the queue');
    // Listens before it reads: what happens in between is told, and older news do no harm.
    ctx.on(threadCreated, (thread) => feed.changed(thread));
    ctx.on(threadChanged, ({ thread }) => feed.changed(thread));
    ctx.on(threadClosed, (thread) => feed.changed(thread));
    // Who answers for a group hangs on its members and on the groups below it, too.
    for (const moment of [availabilityChanged, groupMembersChanged, groupUpdated, groupDeleted])
      ctx.on(moment, () => feed.review());
    ctx.on(settingsChanged, ({ keys }) => (keys.includes('enablegroups') ? feed.review() : undefined));
    await feed.load();

    const standing = (thread: ThreadSubject) =>
      thread ? board.standing(thread) : { position: 0, low: 0, high: 0, text: '' };
    ctx.contribute(rpc(waitingRpc, { position: async (_, { subject }) => ({ ...(await standing(subject)) }) }));
  },
});

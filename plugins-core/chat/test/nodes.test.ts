import { describe, expect, it } from 'vitest';
import { connect, eachDialect } from '../../database/testing.ts';
import { threadState } from '../api.ts';
import { allTables, ann, bob, createWorld, listen, memoryCluster, type World } from './world.ts';

eachDialect((_dialect, openDatabase) => {
  /** Two servers on one database; what one tells the bus, the other hears when it is let. */
  async function twoNodes(): Promise<{ one: World; two: World; silence: () => void; end: () => Promise<void> }> {
    const database = await openDatabase(allTables);
    const second = connect(database.url);
    const cluster = memoryCluster();
    Object.assign(cluster.bus, { shared: true });
    const other = { ...cluster, nodeId: 'two', bus: { ...cluster.bus } };
    const [one, two] = [await createWorld(database, { cluster }), await createWorld(second, { cluster: other })];
    const silence = () => Object.assign(other.bus, { connected: false });
    return { one, two, silence, end: () => second.close() };
  }

  describe('several servers', () => {
    it('let exactly one of two operators on two servers take, round after round', async () => {
      const { one, two, end } = await twoNodes();
      for (let round = 0; round < 50; round++) {
        const thread = await one.thread();
        const outcomes = await Promise.allSettled([one.threads.take(thread.id, ann), two.threads.take(thread.id, bob)]);
        expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
        const joined = (await one.stored(thread.id)).filter(({ kind }) => kind === 6);
        expect(joined).toHaveLength(1);
      }
      await end();
    });

    it('number the messages of one thread together, and keep a key once', async () => {
      const { one, two, end } = await twoNodes();
      const thread = await one.thread();
      const posts = await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          (n % 2 ? one : two).threads.post(thread.id, 'user', { message: `m${n >> 1}`, key: `k${n >> 1}` }),
        ),
      );
      expect(new Set(posts.map(({ id }) => id)).size).toBe(30);
      const stored = await two.stored(thread.id);
      expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: thread.lastSeq + 30 }, (_, n) => n + 1));
      await end();
    });

    it('never refuse on a memory that another server has made old', async () => {
      const { one, two, end } = await twoNodes();
      const thread = await one.thread();
      await two.threads.byId(thread.id);
      await one.threads.take(thread.id, ann);
      // Nothing told the second server yet.
      await two.threads.post(thread.id, 'agent', { message: 'm', operator: ann });
      await one.threads.close(thread.id, 'user');
      await expect(two.threads.post(thread.id, 'user', { message: 'm' })).rejects.toMatchObject({ errorCode: 5 });
      await end();
    });

    it('hear of each other: news makes memory read again, and silence makes it read always', async () => {
      const { one, two, silence, end } = await twoNodes();
      const sockets = listen(two, 'two');
      const thread = await one.thread();
      await two.threads.byId(thread.id);
      sockets.join(thread, 'user');
      await one.threads.take(thread.id, ann);
      expect((await two.threads.byId(thread.id))?.state).toBe(threadState.chatting);
      await expect.poll(() => sockets.pushed.map((push) => push.function)).toEqual(['receiveMessages', 'receiveState']);
      silence();
      sockets.stop();
      await one.threads.close(thread.id, 'user');
      expect((await two.threads.byId(thread.id))?.state).toBe(threadState.closed);
      const since = await two.threads.since(1);
      expect(since.threads.map(({ state }) => state)).toEqual([threadState.closed]);
      await end();
    });
  });
});

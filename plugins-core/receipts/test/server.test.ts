import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../../kernel/server.ts';
import { threads } from '../../chat/api.ts';
import { newcomer, serve, startedIn, wim, type ChatServer } from '../../chat/test/server.ts';
import { ann } from '../../chat/test/world.ts';
import { db } from '../../database/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { settings } from '../../settings/api.ts';
import { progress } from '../tables.ts';
import { openWindow } from './window.ts';

const asked = { return: { delivered: 'delivered', read: 'read' } };

eachDialect((dialect) => {
  let server: ChatServer;
  beforeAll(async () => {
    server = await serve(dialect, ['receipts']);
    const off = { max_connections_from_one_host: 0, start_rate: 0, message_rate: 0 };
    await server.kernel.service(settings).change(off, 'test');
    server.online.add(ann.id);
  });
  afterAll(() => server?.stop());

  /** A conversation that Ann has: her greeting, three messages of the visitor, a note. */
  async function talk() {
    const who = newcomer();
    const { results } = await server.call(who, ['start', { return: { options: 'options' } }]);
    const { threadId, token } = startedIn(results[0]);
    const service = server.kernel.service(threads);
    await service.take(threadId, ann);
    for (const message of ['One', 'Two', 'Three']) await service.post(threadId, 'user', { message });
    await service.post(threadId, 'agent', { message: 'Only for us', operator: ann, private: true });
    const { lastSeq, lastVisibleSeq } = (await service.byId(threadId))!;
    const seen = async (caller: Parameters<ChatServer['call']>[0], user: boolean, delivered: number, read: number) =>
      (await server.call(caller, ['seen', { threadId, token, user, delivered, read, ...asked }])).results[0];
    return {
      threadId,
      token,
      who,
      lastSeq,
      lastVisibleSeq,
      visitor: (delivered: number, read: number) => seen(who, true, delivered, read),
      agent: (delivered: number, read: number, operator = ann) => seen({ operator }, false, delivered, read),
      seen,
    };
  }
  const stored = async (threadId: number) => {
    const database = server.kernel.service(db);
    const t = database.table(progress);
    const rows = (await database.query.select().from(t)).filter((row) => row.threadId === threadId);
    return Object.fromEntries(rows.map(({ side, delivered, read }) => [side, { delivered, read }]));
  };

  describe('how far somebody has come', () => {
    it('is told to the other side, and never goes back', async () => {
      const { visitor, agent } = await talk();
      expect(await visitor(0, 0)).toMatchObject({ errorCode: 0, delivered: 0, read: 0 });
      await agent(3, 2);
      expect(await visitor(1, 0)).toMatchObject({ delivered: 3, read: 2 });
      await agent(1, 1);
      expect(await visitor(0, 0)).toMatchObject({ delivered: 3, read: 2 });
      expect(await agent(3, 3)).toMatchObject({ delivered: 1, read: 0 });
      expect(await visitor(0, 0)).toMatchObject({ delivered: 3, read: 3 });
    });

    it('ends with the last message that this side can see, and what was read was delivered', async () => {
      const { visitor, agent, lastSeq, lastVisibleSeq } = await talk();
      expect(lastSeq).toBeGreaterThan(lastVisibleSeq);
      await visitor(0, 9_999);
      expect(await agent(9_999, 0)).toMatchObject({ delivered: lastVisibleSeq, read: lastVisibleSeq });
      expect(await visitor(0, 0)).toMatchObject({ delivered: lastSeq, read: 0 });
    });

    it('does not count for an operator who only watches; he is told like the others', async () => {
      const { visitor, agent } = await talk();
      await visitor(2, 1);
      expect(await agent(3, 3, wim)).toMatchObject({ delivered: 2, read: 1 });
      expect(await visitor(0, 0)).toMatchObject({ delivered: 0, read: 0 });
    });

    it('has limits, and is nobody else’s business', async () => {
      const { visitor, seen } = await talk();
      for (const wrong of [-1, 1.5, 'many', null])
        expect(await visitor(wrong as never, 0), String(wrong)).toMatchObject({ errorCode: 3 });
      expect(await seen(newcomer(), true, 1, 1)).toBeUndefined();
      expect(await seen({}, false, 1, 1)).toBeUndefined();
      expect((await server.call(newcomer(), ['seen', { user: true, delivered: 1, read: 1 }])).results[0]).toMatchObject(
        {
          errorCode: 4,
        },
      );
    });

    it('is stored after a while, not with every call, and found again after a restart', async () => {
      const { visitor, agent, threadId } = await talk();
      await visitor(3, 2);
      await agent(2, 2);
      expect(await stored(threadId)).toEqual({});
      await server.kernel.disable('receipts');
      expect(await stored(threadId)).toEqual({ user: { delivered: 3, read: 2 }, agent: { delivered: 2, read: 2 } });
      expect((await visitor(3, 3))?.['errorCode']).not.toBe(0);
      await server.kernel.enable('receipts');
      expect(await visitor(1, 0)).toMatchObject({ delivered: 2, read: 2 });
      await agent(3, 3);
      await server.kernel.disable('receipts');
      await server.kernel.enable('receipts');
      expect(await stored(threadId)).toEqual({ user: { delivered: 3, read: 2 }, agent: { delivered: 3, read: 3 } });
    });

    it('is kept to oneself where that is wanted', async () => {
      const { visitor, agent } = await talk();
      const change = (values: object) => server.kernel.service(settings).change(values as never, 'test');
      await visitor(3, 3);
      await agent(3, 3);
      await change({ receipts_visitors: false });
      expect(await agent(0, 0)).toMatchObject({ delivered: 3, read: 0 });
      expect(await visitor(0, 0)).toMatchObject({ delivered: 3, read: 3 });
      await change({ receipts_visitors: true, receipts_operators: false });
      expect(await visitor(0, 0)).toMatchObject({ delivered: 3, read: 0 });
      await change({ receipts_operators: true, receipts_enabled: false });
      for (const said of [await visitor(3, 3), await agent(3, 3)]) {
        expect(said).toMatchObject({ errorCode: 240 });
        expect(said).not.toHaveProperty('read');
      }
      await change({ receipts_enabled: true });
    });

    it('is pushed to the windows of the other side, once', async () => {
      const { threadId, token, who, visitor, agent } = await talk();
      const web = await listen(server.kernel.kernel);
      const window = await openWindow(web.port, who.secret, { threadId, token });
      try {
        await agent(2, 0);
        await agent(2, 0);
        await visitor(1, 1);
        await agent(3, 3);
        const told = () => window.called.filter(({ name }) => name === 'receiveSeen').map(({ args }) => args);
        await expect
          .poll(() => told().map(({ delivered, read, recipient }) => [delivered, read, recipient]))
          .toEqual([
            [2, 0, 'user'],
            [3, 3, 'user'],
          ]);
      } finally {
        window.close();
        await web.close();
      }
    });
  });
});

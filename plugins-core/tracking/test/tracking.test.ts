/** The plugin in the product: the board, the trail, conversations, and the switch. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { definePlugin, listen, type Server } from '../../../kernel/index.ts';
import { callBySocket, openSocket, type Json } from '../../../test/support/wire.ts';
import { prepareThread, threads, visitors as chatters } from '../../chat/api.ts';
import { db } from '../../database/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { settings } from '../../settings/api.ts';
import { tracking, visitorsListed, visitorsLoaded, type ReceiveVisitors, type WireVisitor } from '../api.ts';
import { makeSecret } from '../visitors.ts';
import { unasked } from './site.ts';
import { createWorld, type Person, type World } from './world.ts';

/** What other plugins say of the board. */
const said: { load?: number[]; rename?: string } = {};
const listener = definePlugin({
  id: 'listener',
  needs: { tracking },
  setup(ctx) {
    ctx.on(visitorsLoaded, () => {
      if (!said.load) return undefined;
      return ctx.use.tracking.present().filter(({ id }) => said.load!.includes(id));
    });
    ctx.on(visitorsListed, (rows) =>
      said.rename ? rows.map((row) => ({ ...row, userName: said.rename! })) : undefined,
    );
    ctx.on(prepareThread, (preparation, { input }) => {
      begun.push(input.fields ?? {});
      return preparation;
    });
  },
});
const begun: Readonly<Record<string, string>>[] = [];
const plugin = {
  definition: listener,
  manifest: { id: 'listener', version: '1.0.0', plugins: { tracking: '*', chat: '*' } },
};

eachDialect((dialect) => {
  describe('tracking', () => {
    let world: World;
    let ann: Person;
    let server: Server;
    beforeAll(async () => {
      world = await createWorld(dialect, ['thread-log', 'groups', plugin]);
      ann = await world.person('ann', ['admin', 'viewthreads']);
      server = await listen(world.kernel.kernel);
      await world.change({ tracking_newcomers: 0, visitors_limit: 0 });
    });
    afterAll(async () => {
      await server?.close();
      await world?.stop();
    });

    const service = () => world.kernel.service(tracking);
    /** Somebody new on the site. */
    async function come(fields: Parameters<World['contact']>[0] = {}) {
      const userId = makeSecret();
      await world.contact({ userId, ...fields });
      const visitor = (await service().byUserId(userId))!;
      return { userId, visitor, id: visitor.id };
    }
    const board = async (who = ann) => {
      const given = { return: { visitors: 'visitors', total: 'total' } };
      return (await world.call(who, 'updateVisitors', given)) as unknown as { visitors: WireVisitor[]; total: number };
    };
    const row = async (id: number) => (await board()).visitors.find((one) => one.id === id);

    it('lists who is on the site, as the original does and more', async () => {
      const { id, visitor } = await come({ custom: { identify: '{"id":"7","plan":"<b>"}' } });
      expect(await row(id)).toEqual({
        id,
        userId: visitor.userId,
        userName: 'Guest',
        userAgent: 'Firefox 128.0',
        userIp: '192.0.2.7',
        remote: '192.0.2.7',
        firstTime: Math.floor(visitor.firstTime / 1000),
        lastTime: Math.floor(visitor.lastTime / 1000),
        invitations: 0,
        chats: 0,
        invitationInfo: false,
        page: 'https://shop.example/',
        title: 'Shop',
        pages: 1,
        visits: 0,
        entry: 'https://search.example/?q=shoes',
        system: 'Linux',
        country: '',
        city: '',
        attributes: { plan: '<b>' },
        identity: { id: '7', verified: false },
        invited: 0,
      });
    });

    it('lists as many as are wanted, and lets other plugins choose and change rows', async () => {
      const people = [await come(), await come(), await come()];
      await world.change({ visitors_limit: 2 });
      const { visitors, total } = await board();
      expect(visitors).toHaveLength(2);
      expect(total).toBeGreaterThanOrEqual(3);
      await world.change({ visitors_limit: 0 });
      said.load = [people[1]!.id];
      said.rename = 'Somebody';
      expect((await board()).visitors.map(({ id, userName }) => [id, userName])).toEqual([[people[1]!.id, 'Somebody']]);
      delete said.load;
      delete said.rename;
    });

    it('tells over sockets who comes, where he goes, and nothing that nobody asked for', async () => {
      const origin = `http://127.0.0.1:${server.port}`;
      const socket = await openSocket(`${origin}/operator/users/update`, { headers: { cookie: ann.cookie, origin } });
      const told: ReceiveVisitors[] = [];
      socket.on('message', (data: Buffer) => {
        const { requests = [] } = JSON.parse(String(data) || '{}') as {
          requests?: { functions: { function: string; arguments: Json }[] }[];
        };
        for (const { functions } of requests)
          for (const one of functions)
            if (one.function === 'receiveVisitors') told.push(one.arguments as unknown as ReceiveVisitors);
      });
      const before = await come();
      const asked = { function: 'updateVisitors', arguments: { agentId: ann.id, references: {}, return: {} } };
      await callBySocket(socket, asked);
      const { userId, id } = await come();
      await vi.waitFor(() => expect(told.at(-1)?.visitors.map((one) => one.id)).toEqual([id]));
      expect(told.flatMap(({ visitors }) => visitors).some((one) => one.id === before.id)).toBe(false);
      await world.contact({ userId, page: 'https://shop.example/cart' });
      await vi.waitFor(() => expect(told.at(-1)?.visitors[0]).toMatchObject({ id, page: 'https://shop.example/cart' }));
      const count = told.length;
      await world.contact({ userId, page: 'https://shop.example/cart' });
      await world.begin(await world.chatter(), { fields: { user_id: userId } });
      await vi.waitFor(() => expect(told.at(-1)?.gone).toEqual([id]));
      expect(told).toHaveLength(count + 1);
      socket.terminate();
    });

    it('joins whoever begins a conversation to it, and keeps his secret to itself', async () => {
      const { userId, id } = await come();
      const chatter = await world.chatter();
      begun.length = 0;
      const thread = await world.begin(chatter, { fields: { user_id: userId, order: '4711' }, message: 'Hello' });
      expect(begun).toEqual([{ order: '4711' }]);
      await vi.waitFor(async () =>
        expect(await service().ofThread(thread.id)).toMatchObject({
          id,
          threadId: thread.id,
          visitorId: chatter.id,
          userId: chatter.userId,
          name: 'Vera',
          chats: 1,
        }),
      );
      expect(await row(id)).toBeUndefined();
      const database = world.kernel.service(db);
      const stored = await database.rows<object>(sql`select * from chat_thread`);
      const messages = await database.rows<object>(sql`select * from chat_message`);
      expect(JSON.stringify([stored, messages])).not.toContain(userId);
      await world.kernel.service(threads).close(thread.id, 'user');
      await vi.waitFor(async () => expect(await row(id)).toMatchObject({ chats: 1, userName: 'Vera' }));
      expect(await service().ofThread(thread.id)).toBeUndefined();

      // He comes again from the same browser, and nobody says who he is.
      const again = await world.begin((await world.kernel.service(chatters).byUserId(chatter.userId))!);
      await vi.waitFor(async () => expect(await service().ofThread(again.id)).toMatchObject({ id, chats: 2 }));
    });

    it('joins the conversation to the site from which it began, where one browser visits several', async () => {
      const [shop, blog] = [await come(), await come()];
      const chatter = await world.chatter();
      for (const { userId, id } of [shop, blog, shop]) {
        const thread = await world.begin(chatter, { fields: { user_id: userId } });
        await vi.waitFor(async () => expect(await service().ofThread(thread.id)).toMatchObject({ id }));
        await world.kernel.service(threads).close(thread.id, 'user');
        await vi.waitFor(async () => expect(await service().byId(id)).toMatchObject({ threadId: 0 }));
      }
    });

    it('turns newcomers of one network away, whichever of its addresses they have', async () => {
      await world.change({ tracking_newcomers: 2 });
      const next = [];
      for (const end of [1, 2, 3])
        next.push((await world.contact({ userId: makeSecret(), address: `2001:db8:1:2::${end}` })).next);
      next.push((await world.contact({ userId: makeSecret(), address: '2001:db8:1:3::1' })).next);
      await world.change({ tracking_newcomers: 0 });
      expect(next).toEqual([10, 10, 60, 10]);
    });

    it('begins conversations of those who bring no secret, or none that is known', async () => {
      for (const user_id of ['', 'x', makeSecret()]) {
        const thread = await world.begin(await world.chatter(), { fields: { user_id } });
        expect(await service().ofThread(thread.id)).toBeUndefined();
      }
    });

    it('tells the way of one visitor, by his number or by his conversation', async () => {
      const { userId, id } = await come();
      await world.contact({
        userId,
        page: 'https://shop.example/cart',
        custom: { track: '[{"name":"filled","data":{"items":3}}]' },
      });
      const wanted = { return: { visitor: 'visitor', pages: 'pages', events: 'events' } };
      const track = await world.call(ann, 'visitorTrack', { visitor: id, ...wanted });
      expect(track).toMatchObject({
        errorCode: 0,
        visitor: { id },
        pages: [
          { address: 'https://shop.example/', title: 'Shop' },
          { address: 'https://shop.example/cart', title: 'Shop' },
        ],
        events: [{ name: 'filled', data: { items: '3' } }],
      });
      const thread = await world.begin(await world.chatter(), { fields: { user_id: userId } });
      await vi.waitFor(async () => expect(await service().ofThread(thread.id)).toBeDefined());
      expect(await world.call(ann, 'visitorTrack', { thread: thread.id, ...wanted })).toMatchObject({
        visitor: { id },
      });
      for (const args of [{ visitor: 999_999 }, { thread: 999_999 }, {}])
        expect(await world.call(ann, 'visitorTrack', args)).toMatchObject({ errorCode: 280 });
      await world.kernel.service(threads).close(thread.id, 'user');
      const bob = await world.person(`bob${dialect}`);
      expect(await world.call(bob, 'visitorTrack', { thread: thread.id })).toMatchObject({ errorCode: 280 });
      expect(await world.call(ann, 'visitorTrack', { thread: thread.id, ...wanted })).toMatchObject({
        visitor: { id },
      });
    });

    it('tells the way of who has left to those alone who may read what he talked about', async () => {
      const { userId, id } = await come();
      const bob = await world.person(`carl${dialect}`);
      const seen = async (who: Person) => (await world.call(who, 'visitorTrack', { visitor: id })).errorCode;
      expect([await seen(ann), await seen(bob)]).toEqual([0, 0]);
      const thread = await world.begin(await world.chatter(), { fields: { user_id: userId } });
      await vi.waitFor(async () => expect(await service().byId(id)).toMatchObject({ threadId: thread.id }));
      await world.kernel.service(threads).close(thread.id, 'user');
      await vi.waitFor(async () => expect(await service().byId(id)).toMatchObject({ threadId: 0 }));
      expect(await seen(bob)).toBe(0);
      const { lastTime } = (await service().byId(id))!;
      const clock = vi.spyOn(Date, 'now').mockReturnValue(lastTime + 601_000);
      const later = [await seen(ann), await seen(bob)];
      const page = await bob.browser.get(`/operator/history/user-track?visitor=${id}`);
      clock.mockRestore();
      expect([...later, page.status]).toEqual([0, 280, 400]);
    });

    it('shows the way of a visitor on a page without scripts, escaped', async () => {
      const { userId, id } = await come({ title: '<i>Shop</i>', entry: 'https://search.example/?q=<x>' });
      const custom = {
        identify: '{"id":"<4711>","plan":"<b>gold</b>","name":"Vera <V>"}',
        track: '[{"name":"<u>filled</u>","data":{"a":"<s>"}}]',
      };
      await world.contact({ userId, page: 'https://shop.example/?a="b"', custom });
      const page = async (query: string, who = ann) => {
        const response = await who.browser.get(`/operator/history/user-track${query}`);
        return { status: response.status, html: await response.text() };
      };
      const { status, html } = await page(`?visitor=${id}`);
      expect(status).toBe(200);
      expect(html).toContain('Visit of Vera &lt;V&gt;');
      for (const text of [
        '&lt;i&gt;Shop',
        '&lt;b&gt;gold',
        '&lt;u&gt;filled',
        '&lt;4711&gt;',
        'Not confirmed',
        'Linux',
      ])
        expect(html).toContain(text);
      expect(html).not.toMatch(/<(i|b|u|s)>/);
      expect(html.match(/rel="noopener noreferrer nofollow"/g)!.length).toBeGreaterThanOrEqual(2);
      for (const query of ['', '?visitor=', '?visitor=x', '?visitor=1&thread=1', '?thread=-1', '?visitor=12345678901'])
        expect((await page(query)).status).toBe(400);
      for (const query of ['?visitor=999999', '?thread=999999']) expect((await page(query)).status).toBe(400);
      const strange = await world.begin(await world.chatter());
      expect((await page(`?thread=${strange.id}`)).html).toContain('Nothing is known of this visit');
      await world.kernel.service(threads).close(strange.id, 'user');
      const eve = await world.person(`eve${dialect}`);
      expect((await page(`?thread=${strange.id}`, eve)).status).toBe(400);
    });

    it('serves the original’s script', async () => {
      const headers = { cookie: 'mibewRndValue=0.5', referer: 'https://shop.example/old' };
      const ask = async (more = '') => {
        const response = await world.kernel.request(`/widget?rnd=0.5&entry=https%3A%2F%2Fa.example%2F${more}`, {
          headers,
        });
        return JSON.parse(/onResponse\((.*)\);$/s.exec(await response.text())![1]!) as {
          handlers: string[];
          data: { user?: { id: string } };
        };
      };
      const first = await ask();
      expect(first.handlers).toEqual(['updateCookiesBlockStatus', 'updateUserId']);
      const secret = first.data.user!.id;
      expect((await ask(`&user_id=${secret}`)).handlers).toEqual(['updateCookiesBlockStatus']);
      expect(await service().byUserId(secret)).toMatchObject({
        page: { address: 'https://shop.example/old' },
        entry: 'https://a.example/',
      });
    });

    it('refuses a file of places that is none', async () => {
      const change = (path: string) => world.kernel.service(settings).change({ tracking_geoip: path }, 'test');
      for (const path of ['/nowhere/at-all.mmdb', process.execPath, '/'])
        await expect(change(path)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    });

    it('stores what is new when it is switched off, tells pages to stop, and goes on where it was', async () => {
      const launcher = async () => (await world.kernel.request('/mibew.js')).text();
      expect(await launcher()).toMatch(/"name":"tracking","facts":\{"poll":10,"consent":false,"dnt":true\}/);
      const { userId, id } = await come({ page: 'https://shop.example/late' });
      const page = await openSocket(`http://127.0.0.1:${server.port}/widget`, { headers: {}, secret: userId });
      const stopped = new Promise<void>((done) =>
        page.on('message', (data: Buffer) => {
          if (String(data).includes('stopWidget')) done();
        }),
      );
      const contact = {
        function: 'widgetContact',
        arguments: { page: 'https://shop.example/late', references: {}, return: { next: 'next' } },
      };
      expect((await callBySocket(page, contact))[0]).toMatchObject({ next: 10 });
      await world.kernel.disable('listener');
      await world.kernel.disable('tracking');
      await stopped;
      expect((await callBySocket(page, contact))[0]).toMatchObject({ next: 0 });
      page.terminate();
      expect(await world.contact({ userId })).toBe(unasked);
      expect(await launcher()).not.toContain('"name":"tracking"');
      expect((await world.kernel.request('/operator/history/user-track?visitor=1')).status).toBe(404);
      await world.kernel.enable('tracking');
      expect(await service().byUserId(userId)).toMatchObject({ id, page: { address: 'https://shop.example/late' } });
      expect((await world.contact({ userId, page: 'https://shop.example/late' })).next).toBe(10);
      expect(await service().path(id)).toHaveLength(1);
    });
  });
});

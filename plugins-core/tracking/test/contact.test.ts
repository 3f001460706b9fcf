import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { invitationState, threadState, type Thread } from '../../chat/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { attributeLimits } from '../api.ts';
import { allTables, createSite, unasked, type Site } from './site.ts';

const second = 1_000;

eachDialect((_, open) => {
  describe('a contact', () => {
    const start = async (options?: Parameters<typeof createSite>[1]): Promise<Site> =>
      createSite(await open(allTables), options);

    it('makes a visitor of whoever brings a secret, and keeps nothing of the secret but its hash', async () => {
      const site = await start();
      const userId = site.secret();
      expect(await site.contact({ userId })).toEqual({ ...unasked, next: 10 });
      await site.writer.flush();
      const [row] = await site.rows.visitors();
      expect(row).toMatchObject({
        secretHash: createHash('sha256').update(userId).digest('base64url'),
        entry: 'https://search.example/?q=shoes',
        remote: '192.0.2.7',
        locale: 'en',
        visits: 0,
      });
      expect(row!.userId).toMatch(/^[0-9a-f]{24}$/);
      expect(JSON.stringify([await site.rows.visitors(), await site.rows.pages()])).not.toContain(userId);
      expect(JSON.stringify([...site.visitors.all()])).not.toContain(userId);
      expect(site.told.created).toEqual([row!.id]);
      expect(site.told.tracked).toEqual([true]);
      expect(await site.rows.pages()).toMatchObject([
        { visitorId: row!.id, address: 'https://shop.example/', title: 'Shop' },
      ]);
    });

    it('makes one of those who come at the same moment with one secret', async () => {
      const site = await start();
      const userId = site.secret();
      await Promise.all(['/', '/a', '/b'].map((path) => site.contact({ userId, page: `https://shop.example${path}` })));
      expect(await site.rows.visitors()).toHaveLength(1);
      expect(site.visitors.size).toBe(1);
    });

    it('follows nobody without a secret, but gives one to the original’s script', async () => {
      const site = await start();
      expect(await site.contact({})).toBe(unasked);
      const answer = await site.contact({ carrier: 'jsonp', invitation: undefined });
      const { user } = answer.data as { user: { id: string } };
      expect(answer).toMatchObject({ handlers: ['updateUserId'], dependencies: { updateUserId: [] }, next: 10 });
      expect(user.id).toMatch(/^[\w-]{43}$/);
      const again = await site.contact({ carrier: 'jsonp', invitation: undefined, userId: user.id });
      expect(again).toEqual({ ...unasked, next: 10 });
      expect(site.visitors.size).toBe(1);
    });

    it('leaves operators out unless they are wanted, and those who declined unless that is ignored', async () => {
      const site = await start();
      const userId = site.secret();
      for (const fields of [{ operator: true }, { declined: true }])
        expect(await site.contact({ userId, ...fields })).toBe(unasked);
      expect(await site.rows.visitors()).toEqual([]);
      Object.assign(site.settings, { trackoperators: true, tracking_respect_dnt: false });
      for (const fields of [{ operator: true }, { declined: true }])
        expect((await site.contact({ userId, ...fields })).next).toBe(10);
      expect(site.visitors.size).toBe(1);
    });

    it('is asked for three times less often of pages out of sight, which lead nobody elsewhere', async () => {
      const site = await start();
      const userId = site.secret();
      await site.contact({ userId });
      expect((await site.contact({ userId, hidden: true, page: 'https://shop.example/other' })).next).toBe(30);
      expect((await site.visitors.bySecret(userId))!.page!.address).toBe('https://shop.example/');
      await site.contact({ userId, page: 'https://shop.example/other' });
      expect((await site.visitors.bySecret(userId))!.page!.address).toBe('https://shop.example/other');
    });

    it('records a page only where it is another one, and only what a browser can go to', async () => {
      const site = await start();
      const userId = site.secret();
      const pages = ['/', '/', '/cart', '/cart', '/'].map((path) => `https://shop.example${path}`);
      for (const address of [...pages, '', 'javascript:alert(1)', 'data:text/html,x', 'about:blank'])
        await site.contact({ userId, page: address });
      expect(site.told.tracked).toEqual([true, false, true, false, true, false, false, false, false]);
      const { id, pages: count } = (await site.visitors.bySecret(userId))!;
      expect(count).toBe(3);
      const path = await site.tracking.path(id);
      expect(path.map(({ address }) => address)).toEqual([pages[0], pages[2], pages[4]]);
      expect((await site.tracking.path(id, 2)).map(({ address }) => address)).toEqual([pages[2], pages[4]]);
    });

    it('cuts what is too long and what no database takes, and never in the middle of a character', async () => {
      const site = await start();
      const userId = site.secret();
      await site.contact({
        userId,
        page: `https://shop.example/${'ä'.repeat(2_000)}`,
        title: `${'x'.repeat(254)}😀 rest`,
        entry: 'javascript:alert(1)',
        userAgent: `a\u0000b\ud800c${'y'.repeat(300)}`,
        locale: 'x'.repeat(40),
      });
      const known = (await site.visitors.bySecret(userId))!;
      expect(known.page!.address).toHaveLength(1_024);
      expect(known.page!.title).toBe('x'.repeat(254));
      expect(known.entry).toBe('');
      expect(known.userAgent).toMatch(/^a bcy+$/);
      expect(known.locale).toHaveLength(16);
      expect((await site.contact({ userId, page: `https://shop.example/${'ä'.repeat(2_000)}` })).next).toBe(10);
      await site.writer.flush();
      expect(await site.rows.pages()).toHaveLength(1);
    });

    it('keeps what the page tells about him within limits, as texts', async () => {
      const site = await start();
      const userId = site.secret();
      const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, 'v'.repeat(300)]));
      await site.contact({ userId, custom: { identify: JSON.stringify(many) } });
      const known = (await site.visitors.bySecret(userId))!;
      expect(Object.keys(known.attributes)).toHaveLength(attributeLimits.count);
      expect(known.attributes['key0']).toHaveLength(attributeLimits.value);
      for (const identify of ['no json', '[1]', '7', 'null', '"text"'])
        await site.contact({ userId, custom: { identify } });
      expect(Object.keys(known.attributes)).toHaveLength(attributeLimits.count);
      const odd = '{"plan":"<b>gold</b>","age":42,"vip":true,"deep":{"a":1},"none":null,"__proto__":"x","":"y"}';
      await site.contact({ userId, custom: { identify: odd } });
      expect(Object.entries(known.attributes)).toEqual([
        ['plan', '<b>gold</b>'],
        ['age', '42'],
        ['vip', 'true'],
      ]);
      await site.contact({ userId, custom: { identify: '{"name":" Vera ","email":"vera@shop.example"}' } });
      expect(known).toMatchObject({ name: 'Vera', attributes: { email: 'vera@shop.example' } });
    });

    it('keeps the last events, each within limits', async () => {
      const site = await start();
      const userId = site.secret();
      const told = (names: readonly string[]) => ({
        track: JSON.stringify(names.map((name) => ({ name, data: { n: name, deep: {} } }))),
      });
      for (let turn = 0; turn < 12; turn += 1)
        await site.contact({ userId, custom: told(Array.from({ length: 12 }, (_, index) => `e${turn}-${index}`)) });
      const known = (await site.visitors.bySecret(userId))!;
      // Ten of each contact, fifty of each visitor.
      expect(known.events).toHaveLength(attributeLimits.events);
      expect(known.events.at(-1)).toMatchObject({ name: 'e11-9', data: { n: 'e11-9' } });
      for (const track of ['{}', '[7,null,{"data":{}},{"name":""},{"name":5}]', 'x'])
        await site.contact({ userId, custom: { track } });
      expect(known.events.at(-1)).toMatchObject({ name: 'e11-9' });
    });

    it('takes a customer’s number for his only where the page’s server signed it', async () => {
      const site = await start();
      const userId = site.secret();
      const key = 'a shared secret';
      const sign = (id: string, secret = key) => createHmac('sha256', secret).update(id).digest('hex');
      const identify = async (said: object) => {
        await site.contact({ userId, custom: { identify: JSON.stringify(said) } });
        return (await site.visitors.bySecret(userId))!.identity;
      };
      const good = { id: '4711', hash: sign('4711') };
      expect(await identify(good)).toEqual({ id: '4711', verified: false });
      site.settings.tracking_identity_secret = key;
      expect(await identify(good)).toEqual({ id: '4711', verified: true });
      expect(await identify({ ...good, hash: good.hash.toUpperCase() })).toEqual({ id: '4711', verified: true });
      const bad = [
        { id: '4712', hash: good.hash },
        { id: '4711' },
        { id: '4711', hash: '' },
        { id: '4711', hash: good.hash.slice(2) },
        { id: '4711', hash: sign('4711', 'guessed') },
        { id: '4711', hash: [good.hash] },
      ];
      for (const said of bad) expect(await identify(said)).toMatchObject({ verified: false });
      expect(await identify({ id: 'x'.repeat(256), hash: sign('x'.repeat(256)) })).toBeUndefined();
      expect(await identify({ plan: 'gold' })).toBeUndefined();
      const known = (await site.visitors.bySecret(userId))!;
      expect(JSON.stringify(known.attributes)).toBe('{"plan":"gold"}');
    });

    it('lets other plugins have the last word, and remembers for the original’s script what it showed', async () => {
      const site = await start();
      const userId = site.secret();
      const asked: (number | undefined)[] = [];
      const say = (handlers: readonly string[], data = {}) => {
        site.answering.answered = async (response, { contact }) => {
          asked.push(contact.invitation);
          return { ...response, handlers, data };
        };
      };
      const old = { userId, carrier: 'jsonp', invitation: undefined } as const;
      say(['invitationCreate'], { invitation: { threadId: 42 } });
      expect((await site.contact(old)).handlers).toEqual(['invitationCreate']);
      say([]);
      await site.contact(old);
      say(['invitationClose']);
      await site.contact(old);
      say([]);
      await site.contact(old);
      await site.contact({ userId, invitation: 7 });
      expect(asked).toEqual([0, 42, 42, 0, 7]);
    });

    it('writes nothing for a contact alone, and what is new in batches', async () => {
      const site = await start();
      const secrets = Array.from({ length: 60 }, () => site.secret());
      for (const userId of secrets) await site.contact({ userId });
      await site.writer.flush();
      expect(await site.rows.pages()).toHaveLength(60);
      Object.assign(site.count, { transactions: 0, writes: 0 });
      for (let poll = 0; poll < 2; poll += 1) {
        site.clock.now += 10 * second;
        for (const userId of secrets) await site.contact({ userId });
      }
      await site.writer.flush();
      expect(site.count).toEqual({ transactions: 0, writes: 0 });
      // Times are stored now and then, many at once.
      site.clock.now += 20 * second;
      for (const userId of secrets) await site.contact({ userId });
      await site.writer.flush();
      expect(site.count).toEqual({ transactions: 1, writes: 3 });
      Object.assign(site.count, { transactions: 0, writes: 0 });
      // Fifty new pages are two statements, and nothing else.
      for (let turn = 0; turn < 25; turn += 1)
        for (const userId of secrets.slice(0, 2)) await site.contact({ userId, page: `https://shop.example/${turn}` });
      await site.writer.flush();
      expect(site.count).toEqual({ transactions: 1, writes: 2 });
      expect(site.told.stored.at(-1)).toHaveLength(2);
      expect(await site.rows.pages()).toHaveLength(110);
    });

    it('has pages ask again when the database fails or takes its time, and never tells them to stop', async () => {
      const site = await start();
      const userId = site.secret();
      const find = vi.spyOn(site.kept, 'find').mockRejectedValueOnce(new Error('away'));
      expect(await site.contact({ userId })).toEqual({ ...unasked, next: 60 });
      expect(site.failed).toHaveLength(1);
      let found: (nobody: undefined) => void = () => undefined;
      find.mockReturnValueOnce(new Promise((done) => (found = done)));
      const custom = { identify: '{"plan":"gold"}', track: '[{"name":"order"}]' };
      const answer = await site.contact({ carrier: 'jsonp', invitation: undefined, custom });
      expect(answer).toMatchObject({ handlers: ['updateUserId'], next: 10 });
      // Whatever was told is heard all the same: the page does not tell it twice.
      found(undefined);
      const { user } = answer.data as { user: { id: string } };
      await vi.waitFor(async () =>
        expect(await site.visitors.bySecret(user.id)).toMatchObject({
          attributes: { plan: 'gold' },
          events: [{ name: 'order' }],
          page: { address: 'https://shop.example/' },
        }),
      );
      // A plugin that takes its time holds up nobody either.
      site.answering.answered = () => new Promise(() => undefined);
      expect(await site.contact({ userId })).toEqual({ ...unasked, next: 10 });
    });

    it('is answered within a second though everything takes its time, lest the kernel leaves all pages without an answer', async () => {
      const site = await start();
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      try {
        const { find } = site.kept;
        const looked = vi.fn<() => void>();
        vi.spyOn(site.kept, 'find').mockImplementationOnce(async (...args) => {
          const found = await find(...args);
          looked();
          return new Promise((done) => setTimeout(done, 600, found));
        });
        site.answering.answered = () => new Promise(() => undefined);
        let answer: unknown;
        const answered = site.contact({ userId: site.secret() }).then((given) => (answer = given));
        await vi.waitFor(() => expect(looked).toHaveBeenCalled());
        await vi.advanceTimersByTimeAsync(600);
        await vi.waitFor(() => expect(site.told.tracked).toEqual([true]));
        await vi.advanceTimersByTimeAsync(300);
        expect(answer).toEqual({ ...unasked, next: 10 });
        await answered;
      } finally {
        vi.useRealTimers();
      }
    });

    it('keeps what could not be stored, and stores it later', async () => {
      const site = await start();
      const userId = site.secret();
      await site.contact({ userId });
      const { kept } = site;
      const away = vi.spyOn(kept, 'write').mockRejectedValueOnce(new Error('away'));
      await expect(site.writer.flush()).rejects.toThrow('away');
      expect(await site.rows.pages()).toEqual([]);
      await site.contact({ userId, page: 'https://shop.example/later' });
      await site.writer.flush();
      expect(away).toHaveBeenCalledTimes(2);
      expect((await site.rows.pages()).map(({ address }) => address)).toEqual([
        'https://shop.example/',
        'https://shop.example/later',
      ]);
    });

    it('knows the visitor again after a restart: his page, his path, what was told of him', async () => {
      const db = await open(allTables);
      const before = createSite(db);
      const userId = before.secret();
      await before.contact({ userId, address: '192.0.2.99' });
      const custom = { identify: '{"id":7,"plan":"gold"}', track: '[{"name":"bought","data":{"what":"shoes"}}]' };
      await before.contact({ userId, page: 'https://shop.example/cart', custom, address: '192.0.2.99' });
      await before.writer.flush();
      const after = createSite(db);
      const known = (await after.visitors.bySecret(userId))!;
      expect(known).toMatchObject({
        page: { address: 'https://shop.example/cart' },
        pages: 2,
        visits: 0,
        country: 'SE',
        city: 'Lund',
        attributes: { plan: 'gold' },
        identity: { id: '7', verified: false },
        events: [{ name: 'bought', data: { what: 'shoes' } }],
      });
      await after.contact({ userId, page: 'https://shop.example/cart', address: '192.0.2.99' });
      expect(after.told).toMatchObject({ created: [], tracked: [false] });
      expect(known).toMatchObject({ pages: 2, visits: 0 });
    });

    it('begins another visit when he was away for long', async () => {
      const site = await start();
      const userId = site.secret();
      await site.contact({ userId });
      site.clock.now += 599 * second;
      await site.contact({ userId });
      const known = (await site.visitors.bySecret(userId))!;
      expect(known).toMatchObject({ visits: 0, pages: 1 });
      site.clock.now += 601 * second;
      await site.contact({ userId, entry: 'https://news.example/' });
      expect(known).toMatchObject({
        visits: 1,
        pages: 1,
        firstTime: site.clock.now,
        entry: 'https://news.example/',
      });
      expect(site.told.tracked).toEqual([true, false, true]);
    });

    it('takes over another address and browser', async () => {
      const site = await start();
      const userId = site.secret();
      await site.contact({ userId });
      await site.contact({ userId, address: '192.0.2.99', userAgent: 'Other/1' });
      await site.writer.flush();
      expect((await site.rows.visitors())[0]).toMatchObject({
        remote: '192.0.2.99',
        userAgent: 'Other/1',
        country: 'SE',
      });
    });

    it('turns away new visitors of one address that come too fast, and tells them to come later', async () => {
      const site = await start();
      site.settings.tracking_newcomers = 3;
      const known = site.secret();
      const answers = [await site.contact({ userId: known })];
      for (let index = 0; index < 4; index += 1) answers.push(await site.contact({ userId: site.secret() }));
      expect(answers.map(({ next }) => next)).toEqual([10, 10, 10, 60, 60]);
      expect((await site.contact({ userId: known })).next).toBe(10);
      expect((await site.contact({ userId: site.secret(), address: '192.0.2.8' })).next).toBe(10);
      expect(await site.rows.visitors()).toHaveLength(4);
    });

    it('stores no more of what one address brings than there would be of people, and shows it all the same', async () => {
      const site = await start();
      site.settings.tracking_newcomers = 2;
      const userId = site.secret();
      const track = JSON.stringify(Array.from({ length: 10 }, (_, at) => ({ name: `event ${at}` })));
      for (let turn = 0; turn < 10; turn += 1)
        await site.contact({ userId, page: `https://shop.example/${turn}`, custom: { track } });
      await site.contact({ userId: site.secret(), address: '192.0.2.8', custom: { track } });
      await site.writer.flush();
      expect([(await site.rows.pages()).length, (await site.rows.events()).length]).toEqual([6, 55]);
      expect(await site.visitors.bySecret(userId)).toMatchObject({ page: { address: 'https://shop.example/9' } });
    });

    it('holds no more visitors in memory than there is room for', async () => {
      const site = await start({ most: 2 });
      const [one, two, three] = [site.secret(), site.secret(), site.secret()];
      for (const userId of [one, two]) expect((await site.contact({ userId })).next).toBe(10);
      expect((await site.contact({ userId: three })).next).toBe(60);
      expect(site.told.full).toBe(1);
      expect((await site.contact({ userId: one })).next).toBe(10);
      // Whoever is not here makes room.
      site.clock.now += 50 * second;
      await site.contact({ userId: one });
      await site.writer.flush();
      site.upkeep.sweep();
      expect((await site.contact({ userId: three })).next).toBe(10);
      expect(site.visitors.size).toBe(2);
    });
  });

  describe('upkeep', () => {
    it('forgets in memory who was not seen for the length of a visit, unless he is in a conversation', async () => {
      const site = createSite(await open(allTables));
      const [gone, chatting] = [site.secret(), site.secret()];
      for (const userId of [gone, chatting]) await site.contact({ userId });
      const thread = { id: 5, state: threadState.chatting, invitationState: invitationState.none } as Thread;
      site.threads.set(5, thread);
      await site.tracking.change((await site.visitors.bySecret(chatting))!.id, { threadId: 5 });
      site.clock.now += 50 * second;
      expect(site.tracking.present()).toEqual([]);
      site.clock.now += 600 * second;
      site.upkeep.sweep();
      await site.writer.flush();
      site.upkeep.sweep();
      expect([...site.visitors.all()].map(({ threadId }) => threadId)).toEqual([5]);
      expect((await site.visitors.bySecret(gone))!.pages).toBe(1);
    });

    it('deletes visitors, their pages and events after the time for which they are kept', async () => {
      const site = createSite(await open(allTables));
      const [old, chatting, fresh] = [site.secret(), site.secret(), site.secret()];
      const custom = { track: '[{"name":"bought"}]' };
      for (const userId of [old, chatting]) await site.contact({ userId, custom });
      await site.writer.flush();
      const { id } = (await site.visitors.bySecret(old))!;
      const thread = { id: 5, state: threadState.chatting, invitationState: invitationState.none } as Thread;
      site.threads.set(5, thread);
      await site.tracking.change((await site.visitors.bySecret(chatting))!.id, { threadId: 5 });
      site.clock.now += 31 * 86_400 * second;
      await site.contact({ userId: fresh, custom });
      await site.writer.flush();
      site.settings.tracking_retention = 0;
      await site.upkeep.clean();
      expect(await site.rows.visitors()).toHaveLength(3);
      site.settings.tracking_retention = 30;
      await site.upkeep.clean();
      expect(site.told.deleted).toEqual([id]);
      expect(await site.rows.visitors()).toHaveLength(2);
      expect(await site.rows.pages()).toHaveLength(1);
      expect(await site.rows.events()).toHaveLength(1);
      expect(await site.tracking.byId(id)).toBeUndefined();
      // A conversation that ended while nobody was told.
      site.threads.set(5, { ...thread, state: threadState.closed });
      await site.upkeep.clean();
      expect(site.told.deleted).toHaveLength(2);
      expect(await site.rows.visitors()).toHaveLength(1);
    });
  });
});

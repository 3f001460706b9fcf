/** The administrators' pages: rules, and what became of invitations. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { db } from '../../database/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { fieldsIn, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import { usersOptions } from '../../users/api.ts';
import { invitations } from '../api.ts';
import { rule } from '../tables.ts';
import { createWorld, eventually, home, type World } from './world.ts';

const root = '/operator/invitation';

eachDialect((dialect) => {
  describe('the pages of rules', () => {
    let world: World;
    let browser: Browser;
    beforeAll(async () => {
      world = await createWorld(dialect);
      browser = await world.logIn(world.ann);
    });
    afterAll(() => world.stop());
    const get = async (path: string) => (await browser.get(`${root}${path}`)).text();
    const post = async (path: string, fields: Record<string, string>) => {
      const { csrf_token = '' } = fieldsIn(await get('/add'));
      return browser.post(`${root}${path}`, { ...fields, csrf_token });
    };
    const list = () => {
      const rows = world.service(db);
      const t = rows.table(rule);
      return rows.query.select().from(t).orderBy(t.weight, t.id);
    };
    /** Adds a rule. @returns the beginning of its addresses */
    async function add(name: string, more: Record<string, string> = {}): Promise<string> {
      expect((await post('/add', { ...fieldsIn(await get('/add')), name, ...more })).status).toBe(302);
      return `/${(await list()).find((one) => one.name === name)!.id}`;
    }

    it('say what there is to say while there are none', async () => {
      expect(await get('')).toContain('No rules');
    });

    it('keep what is typed, and tell it in words', async () => {
      await add('Cart', { page: '/cart*', secondsOnPage: '60', visitor: 'returning', attribute: 'plan', value: 'pro' });
      const html = await get('');
      for (const words of ['looks at /cart*', 'for 60 seconds', 'has been here before', 'has “plan”: pro'])
        expect(html).toContain(words);
    });

    it('mark what does not fit, and store nothing of it', async () => {
      const before = await list();
      const answer = await post('/add', {
        name: ' ',
        page: 'x'.repeat(256),
        value: 'pro',
        visitor: 'some',
        secondsOnPage: '-1',
        secondsOnSite: '86401',
        pagesSeen: 'many',
        operators: '0',
        hours: '0',
        groupId: '7',
        greeting: 'a\u0007b',
      });
      expect(answer.status).toBe(422);
      const html = await answer.text();
      for (const name of [
        'name',
        'page',
        'attribute',
        'secondsOnPage',
        'secondsOnSite',
        'pagesSeen',
        'operators',
        'hours',
        'greeting',
        'visitor',
        'groupId',
      ])
        expect(html, name).toMatch(new RegExp(`name="${name}"[^>]*aria-invalid="true"|mb-${name}-error`));
      expect(await list()).toEqual(before);
    });

    it('bring back what was deleted, where it was', async () => {
      const path = await add('lost', { greeting: 'Two\nlines' });
      await add('after');
      const before = await list();
      const done = (await post(`${path}/delete`, {})).headers.get('location')!;
      expect(await list()).toHaveLength(before.length - 1);
      const html = await (await browser.get(done)).text();
      const action = /action="(\/operator\/undo\/\d+)"/.exec(html)![1]!;
      const back = await browser.submit(`${root}/add`, {}, action);
      expect(back.headers.get('location')).toBe(`${root}?done=restored`);
      expect(await list()).toEqual(before);
    });

    it('lose nobody’s change when two change one rule at once', async () => {
      const path = await add('both', { greeting: 'Hello' });
      const shown = fieldsIn(await get(`${path}/edit`));
      expect((await post(`${path}/edit`, { ...shown, greeting: 'Hers' })).status).toBe(302);
      expect((await post(`${path}/edit`, { ...shown, hours: '7' })).status).toBe(302);
      expect(fieldsIn(await get(`${path}/edit`))).toMatchObject({ greeting: 'Hers', hours: '7' });
      const late = await post(`${path}/edit`, { ...shown, greeting: 'His', name: 'his' });
      expect(late.status).toBe(409);
      const html = await late.text();
      expect(html).toMatch(/id="mb-greeting-error">[^]{0,400}?Changed meanwhile to “Hers”/);
      const again = fieldsIn(html);
      expect(again).toMatchObject({ greeting: 'His', name: 'his', hours: '7' });
      expect((await post(`${path}/edit`, again)).status).toBe(302);
      expect(fieldsIn(await get(`${path}/edit`))).toMatchObject({ greeting: 'His', hours: '7' });
    });

    it('keep what was typed for a rule that somebody deleted meanwhile', async () => {
      const path = await add('away');
      const shown = fieldsIn(await get(`${path}/edit`));
      await post(`${path}/delete`, {});
      const answer = await post(`${path}/edit`, { ...shown, name: 'Typed <b>' });
      expect(answer.status).toBe(404);
      expect((await post('/add', fieldsIn(await answer.text()))).status).toBe(302);
      expect((await list()).at(-1)).toMatchObject({ name: 'Typed <b>' });
    });

    it('move a rule past the one that was seen there, once', async () => {
      const [one, two] = [await add('one'), await add('two')];
      const names = async () => (await list()).map(({ name }) => name).slice(-2);
      for (let time = 0; time < 2; time += 1) {
        expect((await post(`${two}/move/up`, { past: one.slice(1) })).headers.get('location')).toBe(root);
        expect(await names()).toEqual(['two', 'one']);
      }
      const late = await post(`${one}/move/up`, { past: '4711' });
      expect(late.headers.get('location')).toContain('done=order');
    });

    it('are for administrators, and statistics for who may see them', async () => {
      const plain = await world.logIn(await world.operator('plain'));
      for (const path of ['', '/add', '/statistics']) expect((await plain.get(`${root}${path}`)).status).toBe(403);
      const watcher = await world.logIn(await world.operator('watcher', ['statistics']));
      expect((await watcher.get(root)).status).toBe(403);
      expect((await watcher.get(`${root}/statistics`)).status).toBe(200);
    });

    it('the workspace learns where to invite', async () => {
      expect(await world.kernel.call(usersOptions, {}, { operator: world.ann })).toMatchObject({
        inviteLink: '/operator/invite',
        operatorCouldNotInvite: false,
      });
    });
  });

  describe('the statistics', () => {
    let world: World;
    let browser: Browser;
    beforeAll(async () => {
      world = await createWorld(dialect);
      browser = await world.logIn(world.ann);
    });
    afterAll(() => world.stop());
    const page = async (query = '') => (await browser.get(`${root}/statistics${query}`)).text();
    /** Cells of the row that begins with these words. */
    const row = (html: string, name: string) => {
      const found = html.split('<tr>').find((one) => one.includes(`>${name}<`)) ?? '';
      return [...found.matchAll(/mb-number">([^<]*)</g)].map(([, cell]) => cell);
    };

    it('say that nobody was invited, then what became of each, by rule and by page', async () => {
      expect(await page()).toContain('Nobody was invited');
      const at = (path: string) => world.page(`${home}${path}`);

      const accepted = await world.invited(at('cart?item=1'));
      await world.come(await world.chatter(), accepted.page);
      const rejected = await world.invited(at('cart?item=2#top'));
      await rejected.page.contact({ rejected: true });
      const canceled = await world.invited(at('help'));
      await world.service(invitations).cancel(canceled.visitor.id, world.ann);
      const ignored = await world.invited(at('help'));
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
      await world.expire();
      await eventually(async () => {
        const html = await page();
        expect(row(html, 'By hand')).toEqual(['4', '1', '25%', '1', '1']);
        expect(row(html, 'All')).toEqual(['4', '1', '25%', '1', '1']);
        expect(row(html, `${home}cart`)).toEqual(['2', '1', '50%', '1', '0']);
        expect(row(html, `${home}help`)).toEqual(['2', '0', '0%', '0', '1']);
      });
      expect(ignored.thread.id).toBeGreaterThan(0);

      // By a rule that is deleted later.
      const form = fieldsIn(await (await browser.get(`${root}/add`)).text());
      await browser.post(`${root}/add`, { ...form, name: 'Sale', page: '/sale', secondsOnPage: '0' });
      await world.online(world.ann);
      const sale = at('sale');
      await sale.contact();
      await eventually(async () => expect((await sale.visitor()).threadId).toBeGreaterThan(0));
      expect(row(await page(), 'Sale')).toEqual(['1', '0', '0%', '0', '0']);
      const { csrf_token = '' } = form;
      const id = /invitation\/(\d+)\/delete"/.exec(await (await browser.get(root)).text())![1]!;
      await browser.post(`${root}/${id}/delete`, { csrf_token });
      expect(row(await page(), `A rule that was deleted (${id})`)).toEqual(['1', '0', '0%', '0', '0']);

      // Another day, another period.
      await world.service(invitations).cancel((await sale.visitor()).id, world.ann);
      vi.setSystemTime(Date.now() + 8 * 86_400_000);
      const later = await world.logIn(world.ann);
      const html = await (await later.get(`${root}/statistics?days=7`)).text();
      expect(html).toContain('Nobody was invited');
      vi.useRealTimers();
    });

    it('count for as long as the setting says that an invitation lives', async () => {
      await world.service(settings).change({ invitation_lifetime: 10 }, 'test');
      const { page: visited, thread } = await world.invited();
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11_000 });
      await world.expire();
      vi.useRealTimers();
      await eventually(async () => expect((await visited.visitor()).threadId).toBe(0));
      expect((await world.thread(thread.id)).invitationState).toBe(4);
    });
  });
});

/** Invitations by rule, in the whole product. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { threadState } from '../../chat/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { groups } from '../../groups/api.ts';
import { availability, type Operator } from '../../operators/api.ts';
import { fieldsIn, type Browser } from '../../operators/test/browser.ts';
import { createWorld, eventually, home, invitationIn, type Page, type World } from './world.ts';

const root = '/operator/invitation';

eachDialect((dialect) => {
  describe('a rule', () => {
    let world: World;
    let browser: Browser;
    let bob: Operator;
    beforeAll(async () => {
      // It goes on from test to test: what was written in the future would be of no use in the past.
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
      world = await createWorld(dialect, { plugins: ['groups'] });
      browser = await world.logIn(world.ann);
      bob = await world.operator('bob');
    });
    afterAll(async () => {
      vi.useRealTimers();
      await world.stop();
    });
    afterEach(async () => {
      // Nobody waits for an answer any more.
      pass(61);
      await world.expire();
      for (const [, id] of (await (await browser.get(root)).text()).matchAll(/invitation\/(\d+)\/delete"/g))
        await browser.submit(`${root}/add`, {}, `${root}/${id}/delete`);
      for (const one of [world.ann, bob]) await world.service(availability).gone(one.id);
    });
    const add = async (fields: Record<string, string>) => {
      const shown = fieldsIn(await (await browser.get(`${root}/add`)).text());
      const answer = await browser.post(`${root}/add`, { ...shown, name: 'rule', secondsOnPage: '0', ...fields });
      expect(answer.status).toBe(302);
    };
    /** Seconds pass; the clock is looked at each second. */
    const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
    const comes = async (page: Page) => {
      await eventually(async () => expect((await page.visitor()).threadId).toBeGreaterThan(0));
      return world.thread((await page.visitor()).threadId);
    };
    /** Another visitor is invited by the same rule, so this one would have been, too. */
    const staysAlone = async (page: Page, other: Page) => {
      await other.contact();
      await comes(other);
      expect((await page.visitor()).threadId).toBe(0);
    };

    it('invites who looks at a page, in the name of who has least to do', async () => {
      await world.online(world.ann);
      await world.online(bob);
      await add({ page: '/cart*', greeting: 'Any questions about your cart?' });
      const [elsewhere, one, other] = [world.page(), world.page(`${home}cart`), world.page(`${home}cart/2`)];
      await elsewhere.contact();
      await one.contact();
      const first = await comes(one);
      await other.contact();
      const second = await comes(other);
      expect(new Set([first.agentId, second.agentId])).toEqual(new Set([world.ann.id, bob.id]));
      expect(first.state).toBe(threadState.invited);
      expect(invitationIn(await one.contact())?.greeting).toBe('Any questions about your cart?');
      expect((await elsewhere.visitor()).threadId).toBe(0);
    });

    it('waits for its time on the page, without another word of the page, and starts anew on the next one', async () => {
      await world.online(world.ann);
      await add({ secondsOnPage: '60' });
      const page = world.page();
      await page.contact();
      pass(50);
      await page.contact({ page: `${home}next` });
      pass(50);
      await world.online(world.ann);
      const other = world.page();
      await other.contact();
      expect((await page.visitor()).threadId).toBe(0);
      pass(11);
      await world.online(world.ann);
      expect((await comes(page)).state).toBe(threadState.invited);
      expect((await other.visitor()).threadId).toBe(0);
    });

    it('invites nobody who was not heard of for so long that he must have left', async () => {
      await world.online(world.ann);
      await add({ secondsOnPage: '100' });
      const [gone, here] = [world.page(), world.page()];
      await gone.contact();
      await here.contact();
      pass(80);
      await here.contact();
      pass(21);
      await world.online(world.ann);
      await comes(here);
      expect((await gone.visitor()).threadId).toBe(0);
    });

    it('invites nobody while too few are available, and does when they are', async () => {
      await world.online(world.ann);
      await add({ operators: '2' });
      const page = world.page();
      await page.contact();
      // In this order: the queue behind the contact may still be looking.
      await world.service(availability).setStatus(bob.id, 'away');
      await world.online(bob);
      pass(6);
      await world.online(world.ann);
      await world.online(bob);
      await page.contact();
      expect((await page.visitor()).threadId).toBe(0);
      await world.service(availability).setStatus(bob.id, 'available');
      pass(6);
      await world.online(world.ann);
      await world.online(bob);
      await page.contact();
      await comes(page);
    });

    it('leaves alone for its hours whoever was invited, by whomever', async () => {
      await world.online(world.ann);
      const { page, visitor } = await world.invited();
      await page.contact({ rejected: true });
      await eventually(async () => expect((await page.visitor()).threadId).toBe(0));
      await add({ hours: '2' });
      await page.contact();
      await staysAlone(page, world.page());
      pass(2 * 3_600 + 1);
      await world.online(world.ann);
      await page.contact();
      await comes(page);
      expect((await page.visitor()).id).toBe(visitor.id);
    });

    it('invites nobody who is in a conversation', async () => {
      await world.online(world.ann);
      const page = world.page();
      await page.contact();
      const { thread } = await world.come(await world.chatter(), page);
      await eventually(async () => expect((await page.visitor()).threadId).toBe(thread!.id));
      await add({});
      await page.contact();
      const other = world.page();
      await other.contact();
      await comes(other);
      expect((await page.visitor()).threadId).toBe(thread!.id);
    });

    it('knows what a page told of its visitor', async () => {
      await world.online(world.ann);
      await add({ attribute: 'plan', value: 'pro' });
      const [free, pro] = [world.page(), world.page()];
      await free.contact({ custom: { identify: JSON.stringify({ plan: 'free' }) } });
      await pro.contact({ custom: { identify: JSON.stringify({ plan: 'pro' }) } });
      await comes(pro);
      expect((await free.visitor()).threadId).toBe(0);
    });

    it('has those of its group invite', async () => {
      await world.set({ enablegroups: true });
      try {
        const [sales, help] = [
          await world.service(groups).create({ name: `Sales ${dialect}` }),
          await world.service(groups).create({ name: `Help ${dialect}` }),
        ];
        await world.service(groups).changeMembers(sales.id, { add: [world.ann.id] });
        await world.service(groups).changeMembers(help.id, { add: [bob.id] });
        await world.online(world.ann);
        await world.online(bob);
        await add({ groupId: String(help.id) });
        for (const page of [world.page(), world.page()]) {
          await page.contact();
          expect((await comes(page)).agentId).toBe(bob.id);
        }
      } finally {
        await world.set({ enablegroups: false });
      }
    });

    it('gives nobody more than five invitations to wait for', async () => {
      await world.online(bob);
      await add({});
      const pages = Array.from({ length: 7 }, () => world.page());
      for (const page of pages) await page.contact();
      const invited = async () =>
        (await Promise.all(pages.map((page) => page.visitor()))).filter(({ threadId }) => threadId > 0);
      await eventually(async () => expect(await invited()).toHaveLength(5));
      for (const page of pages) await page.contact();
      // Somebody has answered: there is room for one more.
      const [{ id } = { id: 0 }] = await invited();
      const ids = (await Promise.all(pages.map((page) => page.visitor()))).map((one) => one.id);
      const page = pages[ids.indexOf(id)]!;
      await world.come(await world.chatter(), page);
      await eventually(async () => expect((await page.visitor()).chats).toBe(1));
      pass(6);
      await world.online(bob);
      for (const page of pages) await page.contact();
      await eventually(async () => expect(await invited()).toHaveLength(6));
    });

    it('that is switched off invites nobody', async () => {
      await world.online(world.ann);
      const shown = fieldsIn(await (await browser.get(`${root}/add`)).text());
      const { enabled: _, ...off } = shown;
      expect((await browser.post(`${root}/add`, { ...off, name: 'off', secondsOnPage: '0' })).status).toBe(302);
      const page = world.page();
      await page.contact();
      await add({ page: '*/other' });
      await staysAlone(page, world.page(`${home}other`));
    });
  });
});

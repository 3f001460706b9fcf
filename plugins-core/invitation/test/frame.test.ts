import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { threads, threadState } from '../../chat/api.ts';
import { createBrowser } from '../../operators/test/browser.ts';
import { eachDialect } from '../../database/testing.ts';
import { invitations } from '../api.ts';
import { createWorld, eventually, invitationIn, type Page, type World } from './world.ts';

const typed = { 'sec-fetch-site': 'none' };

eachDialect((dialect) => {
  describe('the conversation inside an invitation', () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld(dialect);
    });
    afterAll(() => world.stop());
    /** Path of the frame that a page was told. */
    const frameOf = async (page: Page) => {
      const { pathname, search } = new URL(invitationIn(await page.contact())!.threadUrl);
      return pathname + search;
    };
    const get = (path: string) => world.kernel.request(path, { redirect: 'manual' });
    const leads = async (path: string, to = '/chat') => {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('location')]).toEqual([302, to]);
      expect(await answer.text()).not.toContain('Hello');
      expect(answer.headers.getSetCookie().join()).not.toContain('MibewVisitor');
    };

    it('is shown to read, by any page, and loads itself again', async () => {
      const { page, thread } = await world.invited();
      const path = await frameOf(page);
      const answer = await get(path);
      expect(answer.status).toBe(200);
      const html = await answer.text();
      expect(html).toContain('Hello, how can I help you?');
      expect(html).not.toContain('invites');
      expect(html).not.toMatch(/<(form|textarea|button)/);
      expect(answer.headers.get('content-security-policy')).toContain('frame-ancestors *');
      expect(answer.headers.get('x-frame-options')).toBeNull();
      expect(answer.headers.get('refresh')).toMatch(/^5; url=\/chat\/invitation\?.*again=1/);
      await world.service(threads).post(thread.id, 'agent', { message: 'Are you <b>there</b>?', operator: world.ann });
      const again = answer.headers.get('refresh')!.replace(/^.*url=/, '');
      expect(await (await get(again)).text()).toContain('Are you &lt;b&gt;there&lt;/b&gt;?');
    });

    it('makes the browser the one who was invited: it comes straight into the chat', async () => {
      const { page, thread } = await world.invited();
      const browser = createBrowser(world.kernel);
      expect((await browser.get(await frameOf(page))).status).toBe(200);
      // Now it knows the invitation by its cookie, too.
      expect(await (await browser.get('/chat/invitation')).text()).toContain('Hello');
      const came = await browser.get('/chat', typed);
      expect([came.status, came.headers.get('location')]).toEqual([302, `/chat/${thread.id}/${thread.token}`]);
      expect((await world.thread(thread.id)).state).toBe(threadState.chatting);
      await eventually(async () => expect((await page.visitor()).chats).toBe(1));
      expect((await browser.get('/chat/invitation')).status).toBe(302);
    });

    it('is left to whom the chat knows already, in whose name nobody else looks at it', async () => {
      const page = world.page();
      await page.contact();
      const chatter = await world.chatter();
      await world.online(world.ann);
      const before = (await world.come(chatter, page)).thread!;
      await world.service(threads).close(before.id, 'user');
      await eventually(async () => expect(await page.visitor()).toMatchObject({ visitorId: chatter.id, threadId: 0 }));
      const { thread } = await world.invited(page);
      // A page elsewhere has no cookie of ours: its frame is somebody new each time.
      const answer = await get(await frameOf(page));
      expect(answer.status).toBe(200);
      expect(answer.headers.getSetCookie().join()).not.toContain('MibewVisitor');
      expect((await world.thread(thread.id)).visitorId).toBe(chatter.id);
      expect((await world.come(chatter)).thread?.id).toBe(thread.id);
    });

    it('leaves no visitor behind when it loads itself again', async () => {
      const { page } = await world.invited();
      const answer = await get(`${await frameOf(page)}&again=1`);
      expect(answer.status).toBe(200);
      expect(answer.headers.getSetCookie().join()).not.toContain('MibewVisitor');
    });

    it('is for nobody with a wrong ticket, none, or that of another invitation', async () => {
      const [one, other] = [await world.invited(), await world.invited()];
      const [path, foreign] = [await frameOf(one.page), await frameOf(other.page)];
      const ticket = new URLSearchParams(foreign.split('?')[1]).get('ticket');
      const { id } = one.thread;
      for (const query of [
        `thread=${id}&ticket=${ticket}`,
        `thread=${id}&ticket=${'A'.repeat(22)}`,
        `thread=${id}&ticket=`,
        `thread=${id}`,
        `thread=${'9'.repeat(30)}&ticket=${ticket}`,
        `thread=-1&ticket=${ticket}`,
        `ticket=${ticket}`,
        '',
      ])
        await leads(`/chat/invitation?${query}`);
      expect((await get(path)).status).toBe(200);
      expect((await world.thread(id)).visitorId).not.toBe(one.thread.visitorId);
      expect((await world.thread(other.thread.id)).visitorId).toBe(other.thread.visitorId);
    });

    it('is over with its ticket when the invitation is, and says nothing of it any more', async () => {
      const { page, visitor } = await world.invited();
      const path = await frameOf(page);
      await world.service(invitations).cancel(visitor.id, world.ann);
      await leads(path);
      // Inside the page there is no place for a chat.
      const again = await get(`${path}&again=1`);
      expect(again.status).toBe(200);
      expect(again.headers.get('refresh')).toBeNull();
      const html = await again.text();
      expect(html).toContain('This invitation is over.');
      expect(html).not.toContain('Hello');

      const accepted = await world.invited();
      const used = await frameOf(accepted.page);
      await world.come(await world.chatter(), accepted.page);
      await eventually(() => leads(used));
    });

    it('has a sound with each of its endings', async () => {
      for (const [ending, type] of Object.entries({ wav: 'audio/wav', mp3: 'audio/mpeg', ogg: 'audio/ogg' })) {
        const answer = await get(`/chat/invitation/invite.${ending}`);
        expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
        expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
      }
      expect((await get('/chat/invitation/invite.exe')).status).toBe(404);
    });
  });

  describe('the page that invites', () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld(dialect);
    });
    afterAll(() => world.stop());

    it('invites at once who came by himself, and leads to the conversation', async () => {
      const page = world.page();
      await page.contact();
      const { id } = await page.visitor();
      const browser = await world.logIn(world.ann);
      const answer = await browser.get(`/operator/invite?visitor=${id}`, { 'sec-fetch-site': 'same-origin' });
      const { threadId } = await page.visitor();
      const { token } = await world.thread(threadId);
      expect([answer.status, answer.headers.get('location')]).toEqual([302, `/operator/chat/${threadId}/${token}`]);

      const again = await browser.get(`/operator/invite?visitor=${id}`, typed);
      expect(again.status).toBe(200);
      expect(await again.text()).toContain('Invitation failed!');
    });

    it('asks first whom another site sent', async () => {
      const page = world.page();
      await page.contact();
      const { id } = await page.visitor();
      const browser = await world.logIn(world.ann);
      const path = `/operator/invite?visitor=${id}`;
      const asked = await browser.get(path, { 'sec-fetch-site': 'cross-site' });
      expect(await asked.text()).toContain('Invite this visitor?');
      expect((await browser.get(path, { ...typed, 'sec-purpose': 'prefetch' })).status).toBe(200);
      expect((await page.visitor()).threadId).toBe(0);
      expect((await browser.post(path, {})).status).toBe(400);
      expect((await page.visitor()).threadId).toBe(0);
      const token = /name="csrf_token" value="([^"]+)"/.exec(
        await (await browser.get(path, { 'sec-fetch-site': 'cross-site' })).text(),
      )![1]!;
      expect((await browser.post(path, { csrf_token: token })).status).toBe(302);
      expect((await page.visitor()).threadId).toBeGreaterThan(0);
    });

    it.each(['', '?visitor=', '?visitor=x', '?visitor=-1', '?visitor=12345678901', '?visitor=1.5'])(
      'refuses the address "%s"',
      async (query) => {
        const browser = await world.logIn(world.ann);
        expect((await browser.get(`/operator/invite${query}`, typed)).status).toBe(400);
      },
    );

    it('says that nobody is there, and lets no stranger in', async () => {
      const browser = await world.logIn(world.ann);
      const answer = await browser.get('/operator/invite?visitor=4711', typed);
      expect(await answer.text()).toContain('not on the site any more');
      expect((await world.kernel.request('/operator/invite?visitor=1', { redirect: 'manual' })).status).not.toBe(200);
    });
  });
});

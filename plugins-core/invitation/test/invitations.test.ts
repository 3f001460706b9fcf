import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { invitationState, threads, threadState, type Thread } from '../../chat/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { groups } from '../../groups/api.ts';
import { tracking } from '../../tracking/api.ts';
import { invitationAccepted, invitationCreated, invitationIgnored, invitationRejected, invitations } from '../api.ts';
import { closes, createWorld, eventually, home, invitationIn, type World } from './world.ts';

const events = [invitationAccepted, invitationRejected, invitationIgnored];

eachDialect((dialect) => {
  describe('an invitation', () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld(dialect);
    });
    afterAll(() => world.stop());
    const service = () => world.service(invitations);
    const of = (hook: (typeof events)[number], id: number) =>
      world.told(hook).filter(([thread]) => thread.id === id).length;
    /** Which of the events were called for a thread. */
    const ended = (id: number) => events.map((hook) => of(hook, id));
    const lastWords = async (id: number) => (await world.messages(id)).at(-1);

    it('makes a thread that waits with a greeting, and is told to the page of the visitor', async () => {
      const { page, thread, visitor } = await world.invited();
      expect(thread).toMatchObject({
        state: threadState.invited,
        invitationState: invitationState.pending,
        agentId: world.ann.id,
        referrer: home,
      });
      expect((await world.messages(thread.id)).map(({ kind }) => kind)).toEqual([3, 2]);
      expect(await page.visitor()).toMatchObject({ threadId: thread.id, invitations: 1 });
      expect(world.told(invitationCreated).at(-1)?.[0].id).toBe(thread.id);

      const answer = await page.contact();
      expect(answer.dependencies).toMatchObject({ invitationCreate: [] });
      expect(invitationIn(answer)).toMatchObject({
        operatorName: 'ann',
        avatarUrl: '',
        threadId: thread.id,
        greeting: 'Hello, how can I help you?',
        soundFile: 'https://chat.example/chat/invitation/invite',
      });
      expect(invitationIn(answer)?.threadUrl).toMatch(
        new RegExp(`^https://chat\\.example/chat/invitation\\?thread=${thread.id}&ticket=[\\w-]{22}$`),
      );
      // Who shows it already is told nothing.
      expect((await page.contact({ invitation: thread.id })).handlers).toEqual([]);
      expect(visitor.threadId).toBe(thread.id);
    });

    it('speaks the language of the page, and is silent where the page wants it', async () => {
      const { page } = await world.invited();
      expect(invitationIn(await page.contact({ locale: 'de', silent: true }))).toMatchObject({
        operatorName: 'Anna',
        soundFile: false,
      });
      await world.set({ invitation_sound: false });
      expect(invitationIn(await page.contact())?.soundFile).toBe(false);
      await world.set({ invitation_sound: true });
    });

    it('has the words that the operator chose, as he wrote them', async () => {
      const page = world.page();
      await page.contact();
      const greeting = `May I <help> & "advise" you? It's free`;
      await service().invite((await page.visitor()).id, world.ann, { greeting });
      expect(invitationIn(await page.contact())?.greeting).toBe(greeting);
    });

    it('is refused while there is one, and of who is not there; only one of two operators invites', async () => {
      const { visitor } = await world.invited();
      expect(await service().invite(visitor.id, world.ann)).toEqual({ refused: 'pending' });
      expect(await service().invite(4_711_000, world.ann)).toEqual({ refused: 'unknown' });
      const page = world.page();
      await page.contact();
      const { id } = await page.visitor();
      const both = await Promise.all([1, 2].map(() => service().invite(id, world.ann)));
      expect(both.filter((one) => 'thread' in one)).toHaveLength(1);
    });

    it('is refused while the visitor is in a conversation, and possible when that is over', async () => {
      const page = world.page();
      await page.contact();
      const chatter = await world.chatter();
      await world.online(world.ann);
      const { thread } = await world.come(chatter, page);
      await eventually(async () => expect((await page.visitor()).threadId).toBe(thread!.id));
      const { id } = await page.visitor();
      expect(await service().invite(id, world.ann)).toEqual({ refused: 'pending' });

      await world.service(threads).close(thread!.id, 'user');
      const outcome = await service().invite(id, world.ann);
      // It waits under who he is in the chat.
      expect(outcome).toMatchObject({ thread: { visitorId: chatter.id } });
    });

    it('is accepted by coming from the page, without being asked anything', async () => {
      const { page, thread } = await world.invited();
      const { next, thread: begun } = await world.come(await world.chatter(), page);
      expect(next).toBe('chat');
      expect(begun).toMatchObject({
        id: thread.id,
        state: threadState.chatting,
        invitationState: invitationState.accepted,
        agentId: world.ann.id,
      });
      await eventually(async () => expect(ended(thread.id)).toEqual([1, 0, 0]));
      await eventually(async () => expect(await page.visitor()).toMatchObject({ threadId: thread.id, chats: 1 }));
      expect(await lastWords(thread.id)).toMatchObject({ kind: 3 });
      expect(closes(await page.contact({ invitation: thread.id }))).toBe(true);
    });

    it('leads two windows that accept at once into the same conversation, and is counted once', async () => {
      const { page, thread } = await world.invited();
      const chatter = await world.chatter();
      const both = await Promise.all([1, 2].map(() => world.come(chatter, page)));
      expect(both.map((one) => one.thread?.id)).toEqual([thread.id, thread.id]);
      await eventually(async () => expect((await page.visitor()).chats).toBe(1));
      expect(ended(thread.id)).toEqual([1, 0, 0]);
    });

    it('is nobody’s who does not come from the page', async () => {
      const { thread } = await world.invited();
      await world.online(world.ann);
      const other = world.page();
      await other.contact();
      expect((await world.come(await world.chatter(), other)).thread?.id).not.toBe(thread.id);
      expect((await world.come(await world.chatter())).thread?.id).not.toBe(thread.id);
      expect((await world.thread(thread.id)).state).toBe(threadState.invited);
    });

    it('is rejected by closing it', async () => {
      const { page, thread } = await world.invited();
      await page.contact();
      expect((await page.contact({ rejected: true })).handlers).toEqual([]);
      expect(await world.thread(thread.id)).toMatchObject({
        state: threadState.closed,
        invitationState: invitationState.rejected,
      });
      expect(await lastWords(thread.id)).toMatchObject({ kind: 3 });
      await eventually(async () => expect((await page.visitor()).threadId).toBe(0));
      await eventually(() => expect(ended(thread.id)).toEqual([0, 1, 0]));
      // Another window of his shows it still.
      expect(closes(await page.contact({ invitation: thread.id }))).toBe(true);
      // What is closed late rejects no later one.
      const { thread: next } = await world.invited(page);
      await page.contact({ invitation: thread.id, rejected: true });
      expect((await world.thread(next.id)).state).toBe(threadState.invited);
    });

    it('is rejected by going to another page, and not by looking at a window that shows it, too', async () => {
      const page = world.page();
      await page.contact({ page: `${home}other` });
      await page.contact();
      const { thread } = await world.invited(page);
      const shown = { invitation: thread.id };
      expect((await page.contact({ page: `${home}other`, ...shown })).handlers).toEqual([]);
      expect((await page.contact(shown)).handlers).toEqual([]);
      expect((await world.thread(thread.id)).state).toBe(threadState.invited);
      expect(closes(await page.contact({ page: `${home}new`, ...shown }))).toBe(true);
      expect((await world.thread(thread.id)).invitationState).toBe(invitationState.rejected);
      await eventually(() => expect(ended(thread.id)).toEqual([0, 1, 0]));

      const { thread: next } = await world.invited(page);
      await page.contact({ page: `${home}other` });
      expect((await world.thread(next.id)).invitationState).toBe(invitationState.rejected);
    });

    it('that nobody answers is ignored after its time, and takes no other visitor with it', async () => {
      const old = await world.invited();
      const fresh = await world.invited();
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 });
      try {
        await world.expire();
        expect((await world.thread(old.thread.id)).state).toBe(threadState.invited);
        const later = await world.invited();
        vi.setSystemTime(Date.now() + 31_000);
        await world.expire();
        for (const { thread, page } of [old, fresh]) {
          expect((await world.thread(thread.id)).invitationState).toBe(invitationState.ignored);
          expect(await lastWords(thread.id)).toMatchObject({ kind: 3 });
          await eventually(() => expect(ended(thread.id)).toEqual([0, 0, 1]));
          await eventually(async () => expect((await page.visitor()).threadId).toBe(0));
          expect(closes(await page.contact({ invitation: thread.id }))).toBe(true);
        }
        expect((await world.thread(later.thread.id)).state).toBe(threadState.invited);
        expect((await later.page.visitor()).threadId).toBe(later.thread.id);
      } finally {
        vi.useRealTimers();
      }
    });

    it('is ignored though another one, which is older, cannot be ended', async () => {
      const [broken, { thread }] = [await world.invited(), await world.invited()];
      const talks = world.service(threads);
      const answerInvitation = talks.answerInvitation.bind(talks);
      const spy = vi.spyOn(talks, 'answerInvitation').mockImplementation(async (id, answer) => {
        if (id === broken.thread.id) throw new Error('broken');
        return answerInvitation(id, answer);
      });
      const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
      await world.expire().catch(() => undefined);
      clock.mockRestore();
      expect((await world.thread(thread.id)).invitationState).toBe(invitationState.ignored);
      spy.mockRestore();
      await service().cancel(broken.visitor.id, world.ann);
    });

    it('is taken back by who invited, and by nobody else; it stays pending in the records', async () => {
      const { page, thread, visitor } = await world.invited();
      const bob = await world.operator('bob');
      expect(await service().cancel(visitor.id, bob)).toBe(false);
      expect(await service().cancel(visitor.id, world.ann)).toBe(true);
      expect(await service().cancel(visitor.id, world.ann)).toBe(false);
      expect(await world.thread(thread.id)).toMatchObject({
        state: threadState.closed,
        invitationState: invitationState.pending,
      });
      expect(await lastWords(thread.id)).toMatchObject({ kind: 3 });
      expect(closes(await page.contact({ invitation: thread.id }))).toBe(true);
      await eventually(async () => expect((await page.visitor()).threadId).toBe(0));
      expect(ended(thread.id)).toEqual([0, 0, 0]);
    });

    it('that is taken back while the visitor comes leaves him his conversation', async () => {
      const { page, thread, visitor } = await world.invited();
      const talks = world.service(threads);
      const byId = talks.byId.bind(talks);
      const spy = vi.spyOn(talks, 'byId').mockImplementationOnce(async (id) => {
        const seen = await byId(id);
        await world.come(await world.chatter(), page);
        return seen;
      });
      expect(await service().cancel(visitor.id, world.ann)).toBe(false);
      spy.mockRestore();
      expect((await world.thread(thread.id)).state).toBe(threadState.chatting);
      await eventually(() => expect(ended(thread.id)).toEqual([1, 0, 0]));
    });

    it('is withdrawn where the visitor began a conversation himself meanwhile', async () => {
      const page = world.page();
      await page.contact();
      const { id } = await page.visitor();
      const talks = world.service(threads);
      const invite = talks.invite.bind(talks);
      const made: Thread[] = [];
      let own: Thread | undefined;
      await world.online(world.ann);
      const spy = vi.spyOn(talks, 'invite').mockImplementationOnce(async (...given) => {
        own = (await world.come(await world.chatter(), page)).thread;
        await eventually(async () => expect((await page.visitor()).threadId).toBe(own?.id));
        const thread = await invite(...given);
        made.push(thread!);
        return thread;
      });
      expect(await service().invite(id, world.ann)).toEqual({ refused: 'pending' });
      spy.mockRestore();
      expect(await page.visitor()).toMatchObject({ threadId: own?.id, invitations: 0 });
      expect((await world.thread(made[0]!.id)).state).toBe(threadState.closed);
      expect(invitationIn(await page.contact())).toBeUndefined();
    });

    it('is told to open pages at once, when it comes and when it goes', async () => {
      const pushed: (readonly [number, readonly string[]])[] = [];
      const service_ = world.service(tracking);
      const spy = vi.spyOn(service_, 'tell').mockImplementation((id, { handlers = [] }) => {
        pushed.push([id, handlers]);
        return 1;
      });
      const { visitor, thread } = await world.invited();
      const told = () => pushed.flatMap(([id, handlers]) => (id === visitor.id ? [handlers] : []));
      expect(told()).toEqual([['invitationCreate']]);
      await service().cancel(visitor.id, world.ann);
      await eventually(() => expect(told()).toEqual([['invitationCreate'], ['invitationClose']]));
      expect(thread.id).toBeGreaterThan(0);
      spy.mockRestore();
    });

    it('is remembered for pages of the original, which do not say what they show', async () => {
      const page = world.page(home, { carrier: 'jsonp', invitation: undefined });
      const { thread, visitor } = await world.invited(page);
      expect(invitationIn(await page.contact())?.threadId).toBe(thread.id);
      expect((await page.contact()).handlers).toEqual([]);
      await service().cancel(visitor.id, world.ann);
      expect(closes(await page.contact())).toBe(true);
      expect((await page.contact()).handlers).toEqual([]);
      const next = await world.invited(page);
      expect(invitationIn(await page.contact())?.threadId).toBe(next.thread.id);
      expect(closes(await page.contact({ rejected: true }))).toBe(true);
      expect((await world.thread(next.thread.id)).invitationState).toBe(invitationState.rejected);
    });
  });

  it('that waits when the plugin is switched off is over', async () => {
    const world = await createWorld(dialect);
    const { page, thread, visitor } = await world.invited();
    const tell = vi.spyOn(world.service(tracking), 'tell');
    await world.kernel.disable('invitation');
    expect(tell.mock.calls.map(([id, { handlers }]) => [id, handlers])).toContainEqual([
      visitor.id,
      ['invitationClose'],
    ]);
    expect(await world.thread(thread.id)).toMatchObject({
      state: threadState.closed,
      invitationState: invitationState.ignored,
    });
    await eventually(async () => expect((await page.visitor()).threadId).toBe(0));
    await world.kernel.enable('invitation');
    expect('thread' in (await world.service(invitations).invite(visitor.id, world.ann))).toBe(true);
    await world.stop();
  });

  it('nobody without a group invites while groups are switched on', async () => {
    const world = await createWorld(dialect, { plugins: ['groups'] });
    try {
      const page = world.page();
      await page.contact();
      const { id } = await page.visitor();
      await world.set({ enablegroups: true });
      expect(await world.service(invitations).invite(id, world.ann)).toEqual({ refused: 'group' });
      const group = await world.service(groups).create({ name: 'Sales' });
      await world.service(groups).changeMembers(group.id, { add: [world.ann.id] });
      expect(await world.service(invitations).invite(id, world.ann)).toHaveProperty('thread');
    } finally {
      await world.stop();
    }
  });
});

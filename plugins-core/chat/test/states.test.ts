import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { messageKind, threadState } from '../api.ts';
import { closeForgotten, findAbsent } from '../absence.ts';
import { makeSecret } from '../visitors.ts';
import * as allTables from '../tables.ts';
import { ann, bob, open, operator, type World } from './world.ts';

const events = async (world: World, id: number, kind: number = messageKind.events) =>
  (await world.stored(id)).filter((message) => message.kind === kind).map(({ body }) => body);

eachDialect((_dialect, openDatabase) => {
  describe('states of a thread', () => {
    let world: World;
    beforeAll(async () => {
      world = await open(openDatabase);
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('lets exactly one of two operators take, 200 times, and tells the other who has it', async () => {
      for (let round = 0; round < 200; round++) {
        const thread = await world.thread();
        const outcomes = await Promise.allSettled([ann, bob].map((one) => world.threads.take(thread.id, one)));
        const [won] = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
        const [lost] = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
        expect(lost).toMatchObject({ errorCode: 105, message: expect.stringContaining(won?.agentName ?? 'nobody') });
        expect(await world.core.heads.fresh(thread.id)).toMatchObject({
          state: threadState.chatting,
          agentId: won?.agentId,
        });
        expect(await events(world, thread.id)).toEqual([`en chat.event.operatorJoined ${won?.agentName}`]);
      }
    });

    it('tells each change by itself, however close they follow each other', async () => {
      const moves: string[] = [];
      const busy = await open(openDatabase, {
        hooks: {
          changed: ({ thread, original }) =>
            void (original.state !== thread.state && moves.push(`${original.state} ${thread.state}`)),
        },
      });
      const closed = () => busy.told.closed.length;
      for (let round = 0; round < 50; round++) {
        const thread = await busy.thread();
        await busy.threads.seen(thread, 'user');
        moves.length = 0;
        // The first message is a change of its own: the queue shows it.
        await Promise.all([
          busy.threads.post(thread.id, 'user', { message: 'Hello?' }),
          busy.threads.take(thread.id, ann),
        ]);
        const before = closed();
        await Promise.allSettled([
          busy.threads.redirect(thread.id, ann, { agent: bob }),
          busy.threads.close(thread.id, 'user'),
          busy.threads.take(thread.id, bob, { force: true }),
        ]);
        await busy.threads.close(thread.id, 'user');
        expect(closed() - before).toBe(1);
        // Whatever state was entered was left once, but the last one; what is told may come in another order.
        const chain = moves.map((move) => move.split(' '));
        const sorted = (states: readonly (string | undefined)[]) => states.map(Number).toSorted((a, b) => a - b);
        expect(sorted([...chain.map(([from]) => from), '3'])).toEqual(sorted([...chain.map(([, to]) => to), '0']));
      }
    });

    it('takes once for one operator, however often he asks', async () => {
      const thread = await world.thread();
      await Promise.all(Array.from({ length: 10 }, () => world.threads.take(thread.id, ann)));
      const taken = await world.threads.take(thread.id, ann);
      expect(taken).toMatchObject({ agentId: ann.id, agentName: 'Ann', state: threadState.chatting });
      expect(await events(world, thread.id)).toHaveLength(1);
    });

    it('hands over only by force and with the right', async () => {
      const thread = await world.thread();
      await world.threads.take(thread.id, ann);
      const started = (await world.threads.byId(thread.id))?.chatStartedAt;
      await expect(world.threads.take(thread.id, bob)).rejects.toMatchObject({ errorCode: 105 });
      await expect(world.threads.take(thread.id, operator(5, 'Cem'), { force: true })).rejects.toMatchObject({
        errorCode: 105,
      });
      expect(await world.threads.take(thread.id, bob, { force: true })).toMatchObject({
        agentId: bob.id,
        chatStartedAt: started,
      });
      expect((await events(world, thread.id)).at(-1)).toBe('en chat.event.operatorChanged Bob Ann');
    });

    it('refuses to take what is closed with 106', async () => {
      const thread = await world.thread();
      await world.threads.close(thread.id, 'user');
      await expect(world.threads.take(thread.id, ann)).rejects.toMatchObject({ errorCode: 106 });
    });

    it('closes once and says so once, whoever closes at the same moment', async () => {
      const thread = await world.thread();
      await world.threads.take(thread.id, ann);
      world.told.closed.length = 0;
      await Promise.all([
        ...Array.from({ length: 10 }, () => world.threads.close(thread.id, 'user')),
        ...Array.from({ length: 10 }, () => world.threads.close(thread.id, 'agent', ann)),
      ]);
      expect(world.told.closed).toHaveLength(1);
      expect(await events(world, thread.id)).toHaveLength(2);
      expect(await world.core.heads.fresh(thread.id)).toMatchObject({
        state: threadState.closed,
        closedAt: expect.any(Number),
      });
    });

    it('lets only its operator close from the other side', async () => {
      const thread = await world.thread();
      await world.threads.take(thread.id, ann);
      expect(await world.threads.close(thread.id, 'agent', bob)).toMatchObject({ state: threadState.chatting });
      expect(await world.threads.close(thread.id, 'agent', ann)).toMatchObject({ state: threadState.closed });
    });

    it('gives every change one revision of its own, ever higher, and shows them by `since` without loss', async () => {
      let seen = (await world.threads.since(0)).revision;
      const known = new Map<number, number>();
      const threads = await Promise.all(Array.from({ length: 20 }, () => world.thread()));
      await Promise.all(
        threads.flatMap((thread) => [
          world.threads.take(thread.id, ann),
          world.threads.rename(thread.id, `Name ${thread.id}`),
          world.threads.post(thread.id, 'user', { message: 'hello' }),
        ]),
      );
      const { threads: changed, revision } = await world.threads.since(seen);
      for (const thread of changed) known.set(thread.id, thread.revision);
      expect(new Set(known.values()).size).toBe(20);
      expect(Math.max(...known.values())).toBe(revision);
      expect(revision).toBe(seen + 20 * 4);
      for (const { id } of threads)
        expect(changed.find((thread) => thread.id === id)).toMatchObject({
          agentId: ann.id,
          userName: `Name ${id}`,
          shownMessage: 'hello',
        });
      seen = revision;
      expect(await world.threads.since(seen)).toEqual({ threads: [], revision: seen });
      expect((await world.threads.since(seen + 1000)).revision).toBe(seen + 1000);
    });

    it('tells many changes page by page, none left out', async () => {
      const many = await open(openDatabase);
      const { revision } = await many.threads.since(0);
      const row = await many.core.heads.fresh((await many.thread()).id);
      const rows = Array.from({ length: 1_500 }, (_, n) => ({ ...row, id: undefined, revision: revision + 2 + n }));
      const t = many.core.db.table(allTables.thread);
      for (let n = 0; n < rows.length; n += 500)
        await many.core.db.query.insert(t).values(rows.slice(n, n + 500) as never);
      await many.core.db.query.update(many.core.db.table(allTables.revision)).set({ value: revision + 1_501 });
      for (const from of [0, revision]) {
        const first = await many.threads.since(from);
        const second = await many.threads.since(first.revision);
        const seen = [...first.threads, ...second.threads].map((thread) => thread.revision);
        expect(new Set(seen).size).toBe(1_501);
        expect([first.more, second.more]).toEqual([true, undefined]);
        expect(second.revision).toBe(revision + 1_501);
      }
    });

    it('moves a new thread into the queue with the first sign of the visitor', async () => {
      const thread = await world.thread();
      expect(thread.state).toBe(threadState.loading);
      expect(await world.threads.seen(thread, 'user', false)).toMatchObject({ state: threadState.queue });
    });

    it('gives one thread to a visitor who starts many times at once', async () => {
      const visitor = await world.visitor();
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => world.threads.start(visitor, world.input)));
      expect(new Set(outcomes.map(({ thread }) => thread?.id)).size).toBe(1);
      const id = outcomes[0]?.thread?.id ?? 0;
      expect(await events(world, id)).toEqual([]);
      expect(world.told.created.filter((thread) => thread.id === id)).toHaveLength(1);
    });

    it('makes one visitor of a secret that arrives many times at once', async () => {
      const secret = makeSecret();
      expect(await world.visitors.find(secret)).toBeUndefined();
      const made = await Promise.all(Array.from({ length: 20 }, () => world.visitors.bySecret(secret)));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    });

    it('lets a visitor back into his open thread, and into a new one after it was closed', async () => {
      const visitor = await world.visitor();
      const { thread } = await world.threads.start(visitor, world.input);
      if (!thread) throw new Error('no thread');
      await world.threads.seen(thread, 'user', false);
      const again = await world.threads.start(visitor, world.input);
      expect(again.thread?.id).toBe(thread.id);
      expect(await events(world, thread.id)).toEqual(['en chat.event.visitorBack Guest']);
      await world.threads.close(thread.id, 'user');
      const next = await world.threads.start(visitor, world.input);
      expect(next.thread?.id).toBeGreaterThan(thread.id);
    });

    it('refuses one address more than its share of open threads', async () => {
      world.settings.max_connections_from_one_host = 2;
      const from = { remote: '198.51.100.9' };
      const first = await world.thread(from);
      await world.thread(from);
      await expect(world.thread(from)).rejects.toMatchObject({ errorCode: 107 });
      await world.threads.close(first.id, 'user');
      await world.thread(from);
      world.settings.max_connections_from_one_host = 0;
    });

    it('tells honestly whether somebody is there, and escapes what people typed', async () => {
      const alone = await world.thread({ url: 'https://shop/<b>', email: 'a@b.example' });
      const said = await world.stored(alone.id);
      expect(said.map(({ kind, body }) => [kind, body])).toEqual([
        [messageKind.forAgent, 'en chat.event.cameFrom https://shop/&lt;b&gt; '],
        [messageKind.info, 'en chat.greeting.nobody'],
        [messageKind.forAgent, 'en chat.event.email a@b.example'],
      ]);
      world.online.add(ann.id);
      expect(await events(world, (await world.thread()).id, messageKind.info)).toEqual(['en chat.greeting.welcome']);
      const wanted = await world.thread({ operatorCode: 'ANN' });
      expect(wanted.nextAgent).toBe(ann.id);
      expect(await events(world, (await world.thread({ operatorCode: 'bob' })).id, messageKind.info)).toEqual([
        'en chat.greeting.requestedAway Bob',
      ]);
      world.online.clear();
    });
  });

  describe('absence', () => {
    const start = new Date('2026-01-01T12:00:00Z').getTime();
    const clock = () => vi.useFakeTimers({ toFake: ['Date'], now: start });
    afterEach(() => {
      vi.useRealTimers();
    });

    async function chatting(world: World) {
      const thread = await world.thread();
      await world.threads.seen(thread, 'user', false);
      return world.threads.take(thread.id, ann);
    }
    const needs = ({ core, presence, settings, speech }: World) => ({ core, presence, settings, speech });

    it('makes the visitor wait, once, when his operator is not heard for longer than the timeout', async () => {
      clock();
      const world = await open(openDatabase);
      const thread = await chatting(world);
      vi.setSystemTime(start + 29_000);
      await world.presence.ping(thread, 'user');
      await findAbsent(needs(world));
      expect((await world.threads.byId(thread.id))?.state).toBe(threadState.chatting);
      vi.setSystemTime(start + 31_000);
      await findAbsent(needs(world));
      await findAbsent(needs(world));
      expect(await world.threads.byId(thread.id)).toMatchObject({
        state: threadState.waiting,
        agentId: ann.id,
        nextAgent: 0,
      });
      const lost = (await world.stored(thread.id)).filter(({ kind }) => kind === messageKind.conn);
      expect(lost.map(({ createdAt }) => createdAt)).toEqual([start + 30_000]);

      const back = await world.threads.seen((await world.threads.byId(thread.id)) ?? thread, 'agent', false, ann);
      expect(back).toMatchObject({ state: threadState.chatting, agentId: ann.id });
      expect((await events(world, thread.id)).at(-1)).toBe('en chat.event.operatorBack Ann');
    });

    it('tells the operator once for each time that the visitor is gone, and the visitor never', async () => {
      clock();
      const world = await open(openDatabase);
      const thread = await chatting(world);
      vi.setSystemTime(start + 31_000);
      await world.presence.ping(thread, 'agent');
      for (let n = 0; n < 3; n++) await findAbsent(needs(world));
      const gone = () => events(world, thread.id, messageKind.forAgent);
      expect(await gone()).toEqual(['en chat.event.visitorGone']);
      expect((await world.threads.byId(thread.id))?.state).toBe(threadState.chatting);
      expect((await world.threads.messages(thread.id, 'user', 0)).messages.map(({ kind }) => kind)).not.toContain(3);

      await world.threads.seen((await world.threads.byId(thread.id)) ?? thread, 'user', false);
      vi.setSystemTime(start + 70_000);
      await world.presence.ping(thread, 'agent');
      await findAbsent(needs(world));
      expect(await gone()).toHaveLength(2);
    });

    it('declares nobody gone within the timeout after a start', async () => {
      clock();
      const world = await open(openDatabase);
      const thread = await chatting(world);
      vi.setSystemTime(start + 3_600_000);
      world.cluster.since = start + 3_590_000;
      world.cluster.entries.clear();
      await findAbsent(needs(world));
      expect((await world.threads.byId(thread.id))?.state).toBe(threadState.chatting);
      vi.setSystemTime(start + 3_621_000);
      await findAbsent(needs(world));
      expect((await world.threads.byId(thread.id))?.state).toBe(threadState.waiting);
    });

    it('closes what everybody left for its lifetime, and says so once', async () => {
      clock();
      const world = await open(openDatabase);
      const [left, kept] = [await world.thread(), await world.thread()];
      vi.setSystemTime(start + 599_000);
      await world.presence.ping(kept, 'user');
      vi.setSystemTime(start + 601_000);
      await Promise.all([closeForgotten(needs(world)), closeForgotten(needs(world))]);
      expect((await world.threads.byId(left.id))?.state).toBe(threadState.closed);
      expect((await world.threads.byId(kept.id))?.state).toBe(threadState.loading);
      expect(world.told.closed.map(({ id }) => id)).toEqual([left.id]);
    });

    it('shows typing only as long as it may be true', async () => {
      clock();
      const world = await open(openDatabase);
      const thread = await chatting(world);
      await world.threads.seen(thread, 'user', true);
      expect(await world.threads.state(thread, 'agent', ann)).toEqual({
        threadState: threadState.chatting,
        threadAgentId: ann.id,
        agentName: ann.name,
        typing: true,
        canPost: true,
      });
      expect((await world.threads.state(thread, 'agent', bob)).canPost).toBe(false);
      vi.setSystemTime(start + 31_000);
      expect((await world.threads.state(thread, 'agent', ann)).typing).toBe(false);
    });
  });
});

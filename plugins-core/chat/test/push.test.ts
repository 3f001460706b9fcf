import { describe, expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { messageKind, type WireMessage } from '../api.ts';
import { change } from '../changes.ts';
import { systemDraft } from '../core.ts';
import { ann, bob, listen, open, type Pushed } from './world.ts';

const messagesTo = (pushed: readonly Pushed[], recipient: string) =>
  pushed
    .filter((call) => call.function === 'receiveMessages' && call.arguments['recipient'] === recipient)
    .map(({ arguments: args }) => ({
      after: args['after'],
      ids: (args['messages'] as WireMessage[]).map(({ id }) => id),
      lastId: args['lastId'],
    }));

const hidden = systemDraft(messageKind.forAgent, 'for the operator alone');

eachDialect((_dialect, openDatabase) => {
  describe('pushes', () => {
    it('name the message before, as each side may see it, with hidden ones in between', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      await world.threads.take(thread.id, ann);
      const sockets = listen(world);
      sockets.join(thread, 'user');
      sockets.join(thread, 'agent', ann.id);
      const last = (await world.core.heads.fresh(thread.id))?.lastSeq ?? 0;
      const post = async (message: string) => {
        await world.threads.post(thread.id, 'user', { message });
        await sockets.idle();
      };
      const hide = async () => {
        await world.threads.postSystem(thread.id, hidden);
        await sockets.idle();
      };
      await hide();
      await post('one');
      await hide();
      await hide();
      await post('two');
      const first = last + 1;
      expect(messagesTo(sockets.pushed, 'user')).toEqual([
        { after: last, ids: [first + 1], lastId: first + 1 },
        { after: first + 1, ids: [first + 4], lastId: first + 4 },
      ]);
      expect(messagesTo(sockets.pushed, 'agent')).toEqual(
        [0, 1, 2, 3, 4].map((n) => ({ after: first + n - 1, ids: [first + n], lastId: first + n })),
      );
      expect(JSON.stringify(sockets.pushed.filter(({ topic }) => topic.endsWith(':user')))).not.toContain(hidden.body);
    });

    it('name the last visible message also after a batch that ended with a hidden one', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      const sockets = listen(world);
      sockets.join(thread, 'user');
      // The second one is not told; the hidden one after it brings it along, in one batch.
      const first = await world.threads.post(thread.id, 'user', { message: 'one' });
      await sockets.idle();
      world.cluster.silent = true;
      const second = await world.threads.post(thread.id, 'user', { message: 'two' });
      world.cluster.silent = false;
      await world.threads.postSystem(thread.id, hidden);
      await sockets.idle();
      const third = await world.threads.post(thread.id, 'user', { message: 'three' });
      await sockets.idle();
      expect(messagesTo(sockets.pushed, 'user').slice(1)).toEqual([
        { after: first.id, ids: [second.id], lastId: second.id },
        { after: second.id, ids: [third.id], lastId: third.id },
      ]);
    });

    it('end with the sight of the thread: nothing that happens afterwards, and one word that something did', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      const sockets = listen(world);
      sockets.join(thread, 'agent', ann.id);
      await world.threads.post(thread.id, 'user', { message: 'seen' });
      await sockets.idle();
      expect(messagesTo(sockets.pushed, 'agent')).toHaveLength(1);
      sockets.pushed.length = 0;
      world.asked.visible = async (list, who) => (who.id === ann.id ? [] : list);
      // Both before anything of them is pushed.
      await world.threads.touch([thread.id]);
      await world.threads.post(thread.id, 'user', { message: 'secret' });
      await sockets.idle();
      await world.threads.take(thread.id, bob);
      await world.threads.post(thread.id, 'agent', { message: 'answer', operator: bob });
      await sockets.idle();
      // A window that finds a gap asks, and is told that there is no such thread.
      expect(messagesTo(sockets.pushed, 'agent')).toEqual([
        { after: expect.any(Number), ids: [], lastId: expect.any(Number) },
      ]);
      expect(messagesTo(sockets.pushed, 'agent')[0]?.after).toBeGreaterThan(thread.lastSeq);
      expect(sockets.pushed.filter((one) => one.function === 'receiveState')).toEqual([]);
    });

    it('go on for whoever has the thread, in sight or not', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      await world.threads.take(thread.id, ann);
      const sockets = listen(world);
      sockets.join(thread, 'agent', ann.id);
      world.asked.visible = async () => [];
      await world.threads.touch([thread.id]);
      await world.threads.post(thread.id, 'user', { message: 'one' });
      await sockets.idle();
      expect(messagesTo(sockets.pushed, 'agent')).toHaveLength(1);
    });

    it('are looked at again for a window that came while the thread went out of sight', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      const sockets = listen(world);
      sockets.join(thread, 'agent', bob.id);
      await world.threads.post(thread.id, 'user', { message: 'one' });
      await sockets.idle();
      sockets.pushed.length = 0;
      world.asked.visible = async (list, who) => (who.id === ann.id ? [] : list);
      await world.threads.touch([thread.id]);
      await sockets.idle();
      sockets.join(thread, 'agent', ann.id);
      await world.threads.post(thread.id, 'user', { message: 'two' });
      await sockets.idle();
      expect(sockets.pushed.filter(({ topic }) => topic.endsWith(`:${ann.id}`))).toHaveLength(1);
    });

    it('leave no gap and no double, however many post at once', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      const sockets = listen(world);
      sockets.join(thread, 'user');
      await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          world.threads.post(thread.id, 'user', { message: `m${n}`, key: `k${n}` }),
        ),
      );
      await expect.poll(() => messagesTo(sockets.pushed, 'user').at(-1)?.lastId).toBe(thread.lastSeq + 100);
      // What comes late is skipped by the pusher and pulled by the client; whatever is pushed is contiguous.
      let before = messagesTo(sockets.pushed, 'user')[0]?.after as number;
      for (const push of messagesTo(sockets.pushed, 'user')) {
        expect(push.after).toBe(before);
        expect(push.ids[0]).toBeGreaterThan(push.after as number);
        before = push.lastId as number;
      }
    });

    it('go out only after the message is stored', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      const sockets = listen(world);
      sockets.join(thread, 'user');
      await expect(
        world.core.db.transaction(async (tx) => {
          await tx.next(world.core.sql.counters.system.visible, { id: thread.id });
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      await sockets.idle();
      expect(sockets.pushed).toEqual([]);
    });

    it('tell each operator whether he may write', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      await world.threads.take(thread.id, ann);
      const sockets = listen(world);
      sockets.join(thread, 'agent', ann.id);
      sockets.join(thread, 'agent', bob.id);
      await world.threads.take(thread.id, bob, { force: true });
      await sockets.idle();
      const states = sockets.pushed.filter((call) => call.function === 'receiveState');
      expect(states.map(({ topic, arguments: args }) => [topic, args['canPost'], args['threadAgentId']])).toEqual([
        [`thread:${thread.id}:agent:${ann.id}`, false, bob.id],
        [`thread:${thread.id}:agent:${bob.id}`, true, bob.id],
      ]);
    });

    it('tell operators that the visitor is gone, and that he is back; him nothing of it', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      const taken = await world.threads.take(thread.id, ann);
      const sockets = listen(world);
      sockets.join(taken, 'user');
      sockets.join(taken, 'agent', ann.id);
      const gone = (await change(world.core, thread.id, () => ({ set: { visitorGone: true }, quiet: true })))!;
      await sockets.idle();
      await world.threads.seen(gone.thread, 'user', false);
      await sockets.idle();
      const states = sockets.pushed.filter((call) => call.function === 'receiveState');
      const told = (recipient: string) =>
        states
          .filter(({ arguments: args }) => args['recipient'] === recipient)
          .map(({ arguments: args }) => args['visitorGone']);
      expect(told('agent')).toEqual([true, undefined]);
      expect(told('user')).toEqual([undefined, undefined]);
    });

    it('tell the other side that somebody types, once', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      const taken = await world.threads.take(thread.id, ann);
      const sockets = listen(world);
      sockets.join(taken, 'agent', ann.id);
      const queued = await world.threads.seen(taken, 'user', true);
      await world.threads.seen(queued, 'user', true);
      await sockets.idle();
      const states = sockets.pushed.filter((call) => call.function === 'receiveState');
      expect(states.map(({ arguments: args }) => args['typing'])).toEqual([true]);
    });

    it('carry what a listener made of a message, and the cursor of what is stored', async () => {
      const world = await open(openDatabase, { hooks: { loaded: async () => [] } });
      const thread = await world.thread();
      const sockets = listen(world);
      sockets.join(thread, 'user');
      const { id } = await world.threads.post(thread.id, 'user', { message: 'm' });
      await sockets.idle();
      expect(messagesTo(sockets.pushed, 'user')).toEqual([{ after: thread.lastVisibleSeq, ids: [], lastId: id }]);
      expect(await world.threads.messages(thread.id, 'user', 0)).toEqual({ messages: [], lastId: id });
    });
  });

  describe('a poll', () => {
    it('with nothing new reads nothing and writes nothing', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      await world.threads.seen(thread, 'user', false);
      const taken = await world.threads.take(thread.id, ann);
      await world.threads.post(thread.id, 'user', { message: 'm' });
      const { lastSeq } = (await world.threads.byId(thread.id)) ?? taken;
      const { revision } = await world.threads.since(0);

      let statements = 0;
      const statementsOf = world.core.sql as unknown as Record<string, Record<string, unknown>>;
      for (const statement of Object.values(statementsOf))
        for (const way of ['all', 'first', 'run', 'next']) {
          const original = statement[way];
          if (typeof original !== 'function') continue;
          statement[way] = (...args: unknown[]) => {
            statements++;
            return (original as (...all: unknown[]) => unknown).apply(statement, args);
          };
        }
      const poll = async () => {
        const head = await world.threads.byId(thread.id);
        if (!head) throw new Error('gone');
        const seen = await world.threads.seen(head, 'user', false);
        await world.threads.state(seen, 'user');
        return [await world.threads.messages(thread.id, 'user', lastSeq), await world.threads.since(revision)] as const;
      };
      for (let n = 0; n < 3; n++) expect((await poll())[0]).toEqual({ messages: [], lastId: lastSeq });
      expect(statements).toBe(0);
      await world.threads.post(thread.id, 'user', { message: 'n' });
      statements = 0;
      // Even what is new is in memory, on the node that stored it.
      expect((await poll())[0].messages).toHaveLength(1);
      expect(statements).toBe(0);
      expect((await world.threads.messages(thread.id, 'agent', 0)).messages).toHaveLength(lastSeq + 1);
      expect(statements).toBe(1);
    });

    it('gives what is missing, page by page, and keeps the cursor of a caller who is ahead', async () => {
      const world = await open(openDatabase);
      const thread = await world.thread();
      for (let n = 0; n < 7; n++) await world.threads.postSystem(thread.id, n % 2 ? hidden : systemDraft(4, `m${n}`));
      const page = await world.threads.messages(thread.id, 'user', 0, 3);
      expect(page.messages).toHaveLength(3);
      const rest = await world.threads.messages(thread.id, 'user', page.lastId, 3);
      expect([...page.messages, ...rest.messages].map(({ kind }) => kind)).toEqual([4, 4, 4, 4, 4]);
      expect(await world.threads.messages(thread.id, 'user', 10_000)).toEqual({ messages: [], lastId: 10_000 });
    });
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { RpcError } from '../../rpc/api.ts';
import { ann, bob, open, type World } from './world.ts';

const code = (errorCode: number) => expect.objectContaining({ errorCode });

eachDialect((_dialect, openDatabase) => {
  describe('posting', () => {
    let world: World;
    beforeAll(async () => {
      world = await open(openDatabase);
    });

    it('numbers 200 messages posted at once without gaps or doubles', async () => {
      const thread = await world.thread();
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          world.threads.post(thread.id, 'user', { message: `m${n}`, key: `k${n}` }),
        ),
      );
      const numbers = answers.map(({ id }) => id).toSorted((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 200 }, (_, n) => thread.lastSeq + 1 + n));
      const stored = await world.stored(thread.id);
      expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: thread.lastSeq + 200 }, (_, n) => n + 1));
      const fresh = await world.core.heads.fresh(thread.id);
      expect(fresh).toMatchObject({
        lastSeq: thread.lastSeq + 200,
        lastVisibleSeq: thread.lastSeq + 200,
        messageCount: 200,
      });
      expect(world.core.heads.peek(thread.id)).toMatchObject({ lastSeq: thread.lastSeq + 200 });
    });

    it('gives a number back that a failing transaction took', async () => {
      const thread = await world.thread();
      const last = thread.lastSeq;
      await expect(
        world.core.db.transaction(async (tx) => {
          await tx.next(world.core.sql.counters.user.visible, { id: thread.id, operatorId: 0 });
          throw new Error('disk full');
        }),
      ).rejects.toThrow('disk full');
      expect(await world.threads.post(thread.id, 'user', { message: 'a' })).toMatchObject({ id: last + 1 });
    });

    it('stores one message for a key, however often and however simultaneously it is sent', async () => {
      const thread = await world.thread();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => world.threads.post(thread.id, 'user', { message: 'once', key: 'same' })),
      );
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect(new Set(answers.map(({ created }) => created)).size).toBe(1);
      const later = await world.threads.post(thread.id, 'user', { message: 'once', key: 'same' });
      expect(later).toEqual(answers[0]);
      const stored = await world.stored(thread.id);
      expect(stored.filter(({ body }) => body === 'once')).toHaveLength(1);
      expect(stored.at(-1)?.seq).toBe(stored.length);
    });

    it('refuses the same key with another body with 103, also when both arrive at once', async () => {
      const thread = await world.thread();
      await world.threads.post(thread.id, 'user', { message: 'one', key: 'k' });
      await expect(world.threads.post(thread.id, 'user', { message: 'two', key: 'k' })).rejects.toEqual(code(103));
      const outcomes = await Promise.allSettled(
        ['x', 'y'].map((message) => world.threads.post(thread.id, 'user', { message, key: 'race' })),
      );
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    });

    it('tells keys apart by every character: case, accents, trailing space', async () => {
      const thread = await world.thread();
      const keys = ['a', 'A', 'a ', 'ä', 'á', '😀', '😁'];
      const answers = await Promise.all(
        keys.map((key) => world.threads.post(thread.id, 'user', { message: 'm', key })),
      );
      expect(new Set(answers.map(({ id }) => id)).size).toBe(keys.length);
    });

    it('keeps keys apart by sender and by thread', async () => {
      const [one, two] = [await world.thread(), await world.thread()];
      await world.threads.take(one.id, ann);
      const posts = [
        await world.threads.post(one.id, 'user', { message: 'm', key: 'k' }),
        await world.threads.post(one.id, 'agent', { message: 'm', key: 'k', operator: ann }),
      ];
      expect(new Set(posts.map(({ id }) => id)).size).toBe(2);
      await world.threads.post(two.id, 'user', { message: 'other', key: 'k' });
    });

    it('answers a resend with its number after the thread was closed', async () => {
      const thread = await world.thread();
      const first = await world.threads.post(thread.id, 'user', { message: 'm', key: 'k' });
      await world.threads.close(thread.id, 'user');
      expect(await world.threads.post(thread.id, 'user', { message: 'm', key: 'k' })).toEqual(first);
      await expect(world.threads.post(thread.id, 'user', { message: 'm', key: 'new' })).rejects.toEqual(code(5));
    });

    it('answers a resend of an operator after another took the thread over', async () => {
      const thread = await world.thread();
      await world.threads.take(thread.id, ann);
      const first = await world.threads.post(thread.id, 'agent', { message: 'm', key: 'k', operator: ann });
      await world.threads.take(thread.id, bob, { force: true });
      expect(await world.threads.post(thread.id, 'agent', { message: 'm', key: 'k', operator: ann })).toEqual(first);
      await expect(world.threads.post(thread.id, 'agent', { message: 'm', operator: ann })).rejects.toEqual(code(5));
    });

    it('answers a resend although the sender is over his rate', async () => {
      const thread = await world.thread();
      world.settings.message_rate = 1;
      const first = await world.threads.post(thread.id, 'user', { message: 'm', key: 'k' });
      const rest = await Promise.allSettled(
        Array.from({ length: 20 }, () => world.threads.post(thread.id, 'user', { message: 'm' })),
      );
      expect(rest.some((one) => one.status === 'rejected' && one.reason.errorCode === 102)).toBe(true);
      expect(await world.threads.post(thread.id, 'user', { message: 'm', key: 'k' })).toEqual(first);
      world.settings.message_rate = 0;
    });

    it('takes nothing from the rate for a resend', async () => {
      const thread = await world.thread();
      world.settings.message_rate = 1;
      const first = await world.threads.post(thread.id, 'user', { message: 'm', key: 'k' });
      for (let again = 0; again < 30; again += 1)
        expect(await world.threads.post(thread.id, 'user', { message: 'm', key: 'k' })).toEqual(first);
      expect(await world.threads.post(thread.id, 'user', { message: 'n', key: 'l' })).toMatchObject({
        id: first.id + 1,
      });
      world.settings.message_rate = 0;
    });

    it('answers a resend although a filter refuses it by now', async () => {
      let strict = false;
      const filtered = await open(openDatabase, {
        hooks: {
          filter: async (draft) => {
            if (strict) throw new RpcError(4711, 'SPAM', 'No.');
            return draft;
          },
        },
      });
      const thread = await filtered.thread();
      const first = await filtered.threads.post(thread.id, 'user', { message: 'm', key: 'k' });
      strict = true;
      expect(await filtered.threads.post(thread.id, 'user', { message: 'm', key: 'k' })).toEqual(first);
      await expect(filtered.threads.post(thread.id, 'user', { message: 'm', key: 'l' })).rejects.toEqual(code(4711));
    });

    it('compares the body as it was sent, not what a filter made of it', async () => {
      const filtered = await open(openDatabase, {
        hooks: { filter: async (draft) => ({ ...draft, body: `${draft.body} (${Math.random()})` }) },
      });
      const thread = await filtered.thread();
      const first = await filtered.threads.post(thread.id, 'user', { message: 'm', key: 'k' });
      expect(await filtered.threads.post(thread.id, 'user', { message: 'm', key: 'k' })).toEqual(first);
      expect((await filtered.stored(thread.id)).filter(({ body }) => body.startsWith('m ('))).toHaveLength(1);
    });

    it('refuses empty text with 100, long text with 101, and stores nothing', async () => {
      const thread = await world.thread();
      await expect(world.threads.post(thread.id, 'user', { message: ' \n\t ' })).rejects.toEqual(code(100));
      await expect(world.threads.post(thread.id, 'user', { message: 'x'.repeat(4001) })).rejects.toEqual(code(101));
      await world.threads.post(thread.id, 'user', { message: '😀'.repeat(4000) });
      expect(await world.stored(thread.id)).toHaveLength(thread.lastSeq + 1);
    });

    it('refuses an operator who does not have the thread with 5', async () => {
      const thread = await world.thread();
      await expect(world.threads.post(thread.id, 'agent', { message: 'm', operator: ann })).rejects.toEqual(code(5));
      await expect(world.threads.post(999_999, 'user', { message: 'm' })).rejects.toEqual(code(4));
    });

    it('keeps every character of a message', async () => {
      const thread = await world.thread();
      const message = ` + % "quotes' </script> 😀 Äß \\ \u0001 {0} end `;
      await world.threads.post(thread.id, 'user', { message });
      expect((await world.stored(thread.id)).at(-1)?.body).toBe(message);
      // Databases cut text at NUL and replace half characters; that must not take the rest along.
      await world.threads.post(thread.id, 'user', { message: 'a\u0000b\ud83dc' });
      expect((await world.stored(thread.id)).at(-1)?.body).toBe('ab\ufffdc');
    });

    it('shows the first message of the visitor in the queue, under one new revision', async () => {
      const thread = await world.thread();
      const before = await world.threads.since(0);
      await Promise.all(
        Array.from({ length: 5 }, (_, n) => world.threads.post(thread.id, 'user', { message: `first ${n}` })),
      );
      const { threads, revision } = await world.threads.since(before.revision);
      expect(threads).toHaveLength(1);
      expect(revision).toBe(before.revision + 1);
      expect(threads[0]?.shownMessage).toMatch(/^first /);
      expect(world.core.heads.peek(thread.id)?.shownMessage).toBe(threads[0]?.shownMessage);
    });
  });
});

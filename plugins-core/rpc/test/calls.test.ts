import { describe, expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { createCallbacks, databaseCallbacks } from '../callbacks.ts';
import type { News } from '../news.ts';
import { storedCallback, waitingCall } from '../tables.ts';
import { createWaiting, databaseWaiting } from '../waiting.ts';
import { ann, call, createWorld, memoryWaiting, pack, quiet, request, send } from './world.ts';

const flash = { function: 'flashTitle', arguments: { recipient: 'user' } };
const poll = pack(request('p', call('update', { user: true, typed: false })));
const tokens = (body: unknown) => (body as { requests: { token: string }[] }).requests.map(({ token }) => token);

describe('a call at the client', () => {
  it('is put before the reply of the update that fetched it', async () => {
    const world = createWorld();
    await world.service.call('thread', ['thread_user_42'], [flash]);
    await world.service.call('thread', ['thread_user_42'], [flash, flash]);
    const { body } = await send(
      world,
      '/thread/update',
      pack(request('first', call('echo')), request('p', call('UPDATE', { user: true, typed: false }))),
      'json',
      ann,
    );
    const found = tokens(body);
    expect([found[0], found.length, found.at(-1)]).toEqual(['first', 4, 'p']);
  });

  it('waits for an update that succeeds and is answered', async () => {
    const world = createWorld();
    await world.service.call('thread', ['thread_user_42'], [flash]);
    const wrong = pack(request('p', call('update', { user: true, typed: 'x' })));
    expect(tokens((await send(world, '/thread/update', wrong, 'json', ann)).body)).toEqual(['p']);
    expect((await send(world, '/thread/update', { ...poll, async: false }, 'json', ann)).text).toBe('');
    expect(tokens((await send(world, '/thread/update', poll, 'json', ann)).body)).toHaveLength(2);
  });

  it('costs who has none no look into the database', async () => {
    const waiting = memoryWaiting();
    const world = createWorld({ waiting });
    await world.service.call('thread', ['thread_user_1'], [flash]);
    await send(world, '/thread/update', poll, 'json', ann);
    expect(waiting.reads).toBe(0);
  });

  it.each([
    ['the name result', [{ function: 'result', arguments: { recipient: 'user' } }], 10],
    ['no name', [{ function: '', arguments: { recipient: 'user' } }], 3],
    ['nothing to call', [], 4],
    ['what the processor does not like', [{ function: 'x', arguments: {} }], 1],
  ])('is refused with %s', async (_, calls, errorCode) => {
    await expect(createWorld().service.call('thread', ['thread_user_42'], calls)).rejects.toMatchObject({ errorCode });
  });
});

eachDialect((dialect, open) => {
  describe(`what waits in ${dialect}`, () => {
    it('is taken once, in order, and found again after a restart', async () => {
      const store = databaseWaiting(await open([waitingCall]));
      const before = createWaiting(store, quiet);
      await before.add(['ann', 'bob'], 'one');
      await before.add(['ann'], 'two 👍');
      const after = createWaiting(store, quiet);
      await after.load();
      expect(after.take(['nobody'])).toBeUndefined();
      expect(await after.take(['ann'])).toEqual(['one', 'two 👍']);
      expect(after.take(['ann'])).toBeUndefined();
      expect(await before.take(['ann'])).toEqual([]);
      const [first, second] = await Promise.all([before.take(['bob']), after.take(['bob'])]);
      expect([...(first ?? []), ...(second ?? [])]).toEqual(['one']);
    });

    it('is asked of the database while other nodes cannot be heard', async () => {
      const store = databaseWaiting(await open([waitingCall]));
      const deaf: News = { ...quiet, complete: false };
      const here = createWaiting(store, deaf);
      await createWaiting(store, quiet).add(['ann'], 'from there');
      expect(await here.take(['ann'])).toEqual(['from there']);
    });

    it('is forgotten after a while', async () => {
      const store = databaseWaiting(await open([waitingCall]));
      await store.add(['ann'], 'old');
      await store.forgetBefore(Date.now() + 1);
      expect(await store.addressees()).toEqual([]);
    });
  });

  describe(`callbacks in ${dialect}`, () => {
    const token = 'a'.repeat(32);
    const callback = { function: 'answered', arguments: { note: 'mine 👍' } };

    it('are kept over a restart, and taken as often as there are addressees', async () => {
      const store = databaseCallbacks(await open([storedCallback]));
      await createCallbacks(store, quiet).add(token, 'thread', callback, 2);
      const after = createCallbacks(store, quiet);
      await after.load();
      expect([after.expects('thread', token), after.expects('users', token)]).toEqual([true, false]);
      expect(await after.take('users', token)).toBeUndefined();
      expect(await after.take('thread', token)).toEqual(callback);
      expect(await after.take('thread', token)).toEqual(callback);
      expect(await after.take('thread', token)).toBeUndefined();
      expect(after.expects('thread', token)).toBe(false);
    });

    it('expire', async () => {
      const store = databaseCallbacks(await open([storedCallback]));
      const callbacks = createCallbacks(store, quiet);
      await callbacks.add(token, 'thread', callback, 1);
      await callbacks.expire(Date.now() + 25 * 3_600_000);
      expect(callbacks.expects('thread', token)).toBe(false);
      expect(await store.tokens(0)).toEqual([]);
    });
  });
});

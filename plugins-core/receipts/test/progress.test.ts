import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { call, createWorld, type World } from '../../client/test/world.ts';
import { createProgress } from '../client/progress.ts';

let world: World;
beforeEach(() => {
  vi.useFakeTimers();
  world = createWorld();
});
afterEach(() => void vi.useRealTimers());
const soon = () => vi.advanceTimersByTimeAsync(300);
const asked = () =>
  world.ran.filter(({ name }) => name === 'seen').map(({ args }) => [args['delivered'], args['read']]);

function open({ socket = true, waits = false } = {}) {
  if (!socket) world.socket = 'forbidden';
  const state = { waits, drawn: 0 };
  const transport = world.transport();
  const progress = createProgress({
    transport,
    threadId: 7,
    token: 70,
    user: true,
    waits: () => state.waits,
    changed: () => (state.drawn += 1),
  });
  transport.runUpdater();
  return { transport, progress, state };
}

it('tells over a socket what came and what was read, together, and nothing twice', async () => {
  world.answer = () => ({ delivered: 0, read: 0 });
  const { progress, transport } = open();
  await soon();
  world.ran.length = 0;
  for (const id of [1, 2, 3]) {
    progress.drew(id);
    progress.later();
  }
  progress.saw(2);
  progress.later();
  await soon();
  expect(asked()).toEqual([[3, 2]]);
  progress.later();
  await soon();
  expect(asked()).toHaveLength(1);
  transport.stop();
});

it('knows nothing of own messages until the server says so, and then only the better', async () => {
  world.answer = () => ({ delivered: 4, read: 2 });
  const { progress, transport, state } = open();
  expect(progress.step(1)).toBeUndefined();
  await soon();
  expect([2, 4, 5].map((id) => progress.step(id))).toEqual(['read', 'delivered', 'sent']);
  const args = { threadId: 7, token: 70, recipient: 'user', delivered: 5, read: 1 };
  world.sockets[0]!.push([call('receiveSeen', args)]);
  await soon();
  expect([2, 4, 5].map((id) => progress.step(id))).toEqual(['read', 'delivered', 'delivered']);
  world.sockets[0]!.push([call('receiveSeen', { ...args, threadId: 8, delivered: 9, read: 9 }, 'server2')]);
  await soon();
  expect(progress.step(9)).toBe('sent');
  expect(state.drawn).toBe(2);
  transport.stop();
});

it('asks in each round of polling while something is unread, and then no more', async () => {
  world.answer = () => ({ delivered: 0, read: 0 });
  const { progress, transport, state } = open({ socket: false, waits: true });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked().length).toBeGreaterThan(1);
  state.waits = false;
  await vi.advanceTimersByTimeAsync(5_000);
  world.ran.length = 0;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked()).toEqual([]);
  progress.drew(4);
  progress.later();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked()).toEqual([[4, 0]]);
  transport.stop();
});

it('tells again what did not arrive', async () => {
  world.answer = () => ({ delivered: 0, read: 0 });
  const { progress, transport } = open({ socket: false });
  await vi.advanceTimersByTimeAsync(5_000);
  world.post = 'down';
  progress.saw(3);
  await vi.advanceTimersByTimeAsync(5_000);
  world.ran.length = 0;
  world.post = 'ok';
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toEqual([[3, 3]]);
  transport.stop();
});

it('asks no more when marks are switched off', async () => {
  world.answer = (name) => (name === 'seen' ? { errorCode: 240 } : {});
  const { progress, transport } = open({ waits: true });
  await soon();
  world.ran.length = 0;
  progress.saw(3);
  progress.later();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toEqual([]);
  expect(progress.step(1)).toBeUndefined();
  transport.stop();
});

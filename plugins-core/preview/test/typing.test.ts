import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createWorld, type World } from '../../client/test/world.ts';
import { createTyping } from '../client/typing.ts';

let world: World;
beforeEach(() => {
  vi.useFakeTimers();
  world = createWorld();
});
afterEach(() => void vi.useRealTimers());
const sent = () => world.ran.filter(({ name }) => name === 'preview').map(({ args }) => args['text']);

async function open(socket = true) {
  if (!socket) world.socket = 'forbidden';
  const ended = vi.fn();
  const transport = world.transport();
  const typing = createTyping({ transport, threadId: 7, token: 70, ended });
  transport.runUpdater();
  await vi.advanceTimersByTimeAsync(100);
  return { transport, typing, ended };
}
async function type(typing: { changed(text: string): void }, text: string) {
  for (let end = 1; end <= text.length; end += 1) {
    typing.changed(text.slice(0, end));
    await vi.advanceTimersByTimeAsync(100);
  }
}

it('sends over a socket what stands there, not with every key, and the last of it always', async () => {
  world.answer = () => ({});
  const { transport, typing } = await open();
  await type(typing, 'Hello you');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent().at(-1)).toBe('Hello you');
  expect(sent().length).toBeGreaterThan(2);
  expect(sent().length).toBeLessThan(5);
  typing.changed('Hello you!');
  typing.changed('');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent().at(-1)).toBe('');
  const count = sent().length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent()).toHaveLength(count);
  transport.stop();
});

it('goes along with the questions of a window that polls, and again where it was lost', async () => {
  world.answer = () => ({});
  const { transport, typing } = await open(false);
  await type(typing, 'Hello');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent().at(-1)).toBe('Hello');
  expect(sent().length).toBeLessThan(3);
  world.post = 'down';
  typing.changed('Hello there');
  await vi.advanceTimersByTimeAsync(5_000);
  world.post = 'ok';
  world.ran.length = 0;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(sent()).toEqual(['Hello there']);
  transport.stop();
});

it.each([
  ['over a socket', true],
  ['by polls', false],
])('is told again in good time as long as it stands there, %s', async (_, socket) => {
  world.answer = () => ({});
  const { transport, typing } = await open(socket);
  await type(typing, 'Hello');
  await vi.advanceTimersByTimeAsync(1_000);
  world.ran.length = 0;
  for (let minute = 1; minute <= 10; minute += 1) {
    const before = sent().length;
    await vi.advanceTimersByTimeAsync(45_000);
    expect(sent().length, `in round ${minute}`).toBeGreaterThan(before);
    await vi.advanceTimersByTimeAsync(15_000);
  }
  expect(new Set(sent())).toEqual(new Set(['Hello']));
  expect(sent().length).toBeLessThanOrEqual(30);
  transport.stop();
});

it('is not told again once it is emptied, nor while there are only blanks', async () => {
  world.answer = () => ({});
  const { transport, typing } = await open();
  await type(typing, 'Hello');
  for (const last of ['', '  ']) {
    typing.changed(last);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent().at(-1)).toBe(last);
    const count = sent().length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sent()).toHaveLength(count);
  }
  transport.stop();
});

it('is taken back when the page goes, and told anew when it comes back', async () => {
  world.answer = () => ({});
  const { transport, typing } = await open();
  typing.left();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent()).toEqual([]);
  await type(typing, 'Hello');
  await vi.advanceTimersByTimeAsync(1_000);
  typing.left();
  // Before anything else has its turn: there is no later.
  await Promise.resolve();
  expect(sent().at(-1)).toBe('');
  transport.wake();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent().at(-1)).toBe('Hello');
  transport.stop();
});

it('ends when nobody is to see it any more', async () => {
  world.answer = () => ({ errorCode: 250 });
  const { transport, typing, ended } = await open();
  await type(typing, 'Hello');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toHaveBeenCalledOnce();
  expect(sent()).toHaveLength(1);
  transport.stop();
});

it('sends nothing while nothing was typed', async () => {
  const { transport } = await open();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent()).toEqual([]);
  transport.stop();
});

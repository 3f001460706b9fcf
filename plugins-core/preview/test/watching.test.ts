import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { call, createWorld, type World } from '../../client/test/world.ts';
import { createWatching } from '../client/watching.ts';

let world: World;
/** What the visitor does, and what the server lets be seen of it. */
let visitor: { typing: boolean; text: string; on: boolean };
beforeEach(() => {
  vi.useFakeTimers();
  world = createWorld();
  visitor = { typing: false, text: '', on: true };
  world.answer = () => (visitor.on ? { text: visitor.text } : { errorCode: 250 });
});
afterEach(() => void vi.useRealTimers());
const asked = () => world.ran.filter(({ name }) => name === 'previewed').length;

async function open(socket: boolean) {
  if (!socket) world.socket = 'forbidden';
  let shown = '';
  const transport = world.transport();
  const typing = () => visitor.typing;
  const watching = createWatching({ transport, threadId: 7, token: 70, typing, show: (text) => void (shown = text) });
  transport.runUpdater();
  await vi.advanceTimersByTimeAsync(100);
  const push = (text: string, threadId = 7) =>
    world.sockets[0]!.push([call('receivePreview', { threadId, token: 70, recipient: 'agent', text })]);
  return { transport, watching, push, shown: () => shown };
}

it('shows what stood there when the window was opened', async () => {
  visitor.text = 'Hel';
  const { transport, shown } = await open(true);
  expect(shown()).toBe('Hel');
  transport.stop();
});

it('asks by polls while the visitor writes and until nothing is left, and not otherwise', async () => {
  const { transport, shown } = await open(false);
  expect(asked()).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked()).toBe(1);
  Object.assign(visitor, { typing: true, text: 'Hello' });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(shown()).toBe('Hello');
  Object.assign(visitor, { typing: false, text: '' });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(shown()).toBe('');
  const count = asked();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(count);
  transport.stop();
});

it('needs not be opened anew where it is switched on later', async () => {
  visitor.on = false;
  const { transport, push, shown } = await open(true);
  visitor.on = true;
  push('Somebody else’s', 8);
  await vi.advanceTimersByTimeAsync(100);
  expect(shown()).toBe('');
  push('Hello');
  await vi.advanceTimersByTimeAsync(100);
  expect(shown()).toBe('Hello');
  transport.stop();
});

it('finds out by polls, too, asking once whenever the visitor begins to write', async () => {
  visitor.on = false;
  const { transport, shown } = await open(false);
  expect(asked()).toBe(1);
  visitor.typing = true;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked()).toBe(2);
  visitor.typing = false;
  await vi.advanceTimersByTimeAsync(5_000);
  Object.assign(visitor, { typing: true, text: 'Hello', on: true });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(shown()).toBe('Hello');
  visitor.on = false;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(shown()).toBe('');
  transport.stop();
});

it('shows nothing of what was sent, and nothing at all after its end', async () => {
  const { transport, watching, push, shown } = await open(true);
  push('Hello');
  await vi.advanceTimersByTimeAsync(100);
  watching.sent();
  expect(shown()).toBe('');
  watching.stop();
  push('And');
  await vi.advanceTimersByTimeAsync(100);
  expect(shown()).toBe('');
  transport.stop();
});

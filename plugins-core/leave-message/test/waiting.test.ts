import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cluster } from '../../cluster/api.ts';
import type { Operator } from '../../operators/api.ts';
import type { Store } from '../store.ts';
import { createWaiting, tellLeft, withNews } from '../waiting.ts';
import { createWorld, typed } from './world.ts';

function createBus() {
  const listeners = new Set<(message: never) => void>();
  return {
    listeners,
    publish: () => listeners.forEach((listener) => listener(null as never)),
    subscribe(_: string, listener: (message: never) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

describe('how many left messages wait', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function world(count = 2) {
    const bus = createBus();
    const published: string[] = [];
    const waiting = createWaiting({
      bus,
      realtime: { publish: (topic, calls) => published.push(`${topic} ${calls[0]?.function}`) },
      count: async ({ id }: Operator) => (id === 3 ? count : 0),
      address: () => '/operator/left-messages',
    });
    const ask = (id: number, topics: string[] = []) =>
      waiting.functions.leftMessages({}, {
        caller: { session: { operator: { id } } },
        session: { subscribe: (topic: string) => topics.push(topic) },
      } as never);
    return { bus, published, waiting, ask };
  }

  it('is what the operator sees of them, and his socket hears when that may change', async () => {
    const { ask } = world();
    const topics: string[] = [];
    expect(await ask(3, topics)).toEqual({ count: 2, more: false, address: '/operator/left-messages' });
    expect(await ask(4)).toMatchObject({ count: 0 });
    expect(topics).toEqual(['leave-message.waiting']);
  });

  it('is not counted for ever', async () => {
    expect(await world(300).ask(3)).toMatchObject({ count: 300, more: true });
  });

  it('is told once, however much changes at a time', () => {
    const { bus, published, waiting } = world();
    for (let change = 0; change < 5; change += 1) tellLeft(bus);
    vi.advanceTimersByTime(1000);
    expect(published).toEqual(['leave-message.waiting leftMessagesChanged']);
    tellLeft(bus);
    waiting.stop();
    vi.advanceTimersByTime(1000);
    expect([published.length, bus.listeners.size]).toEqual([1, 0]);
  });

  it('may change with whatever is done about a message', async () => {
    const { bus, published } = world();
    const store = withNews(
      { change: async () => true, answered: async () => undefined, undelivered: async () => {} } as unknown as Store,
      bus,
    );
    expect(await store.change(1, ['open'], 'done', { id: 3, name: 'Ann' })).toBe(true);
    vi.advanceTimersByTime(1000);
    await store.answered(1, { id: 3, name: 'Ann' }, 'key', 'Yes');
    vi.advanceTimersByTime(1000);
    await store.undelivered(1);
    vi.advanceTimersByTime(1000);
    expect(published).toHaveLength(3);
  });
});

it('tells everybody who asked when a message was left', async () => {
  await using world = await createWorld();
  const { bus } = world.kernel.service(cluster);
  const heard: unknown[] = [];
  bus.subscribe('leave-message.waiting', (message) => heard.push(message));
  expect(await world.call(world.visitor(), 'processLeaveMessage', typed)).toMatchObject({ errorCode: 0 });
  await expect.poll(() => heard.length).toBe(1);
});

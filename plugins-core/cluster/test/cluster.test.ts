import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { cluster } from '../api.ts';
import { createMemoryBus } from '../bus.ts';
import { createMemoryLocks } from '../locks.ts';
import { createMemoryPresence, remembered } from '../presence.ts';

describe('the bus', () => {
  it('brings messages to all subscribers in order, after the publisher went on', async () => {
    const bus = createMemoryBus(() => {});
    const heard: unknown[] = [];
    bus.subscribe('news', (message) => heard.push(['a', message]));
    bus.subscribe('news', (message) => heard.push(['b', message]));
    bus.subscribe('other', (message) => heard.push(['c', message]));
    bus.publish('news', 1);
    bus.publish('news', { n: 2 });
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', { n: 2 }],
      ['b', { n: 2 }],
    ]);
  });

  it('goes on when a subscriber throws, and names the topic', async () => {
    const blamed: unknown[] = [];
    const bus = createMemoryBus((topic, error) => blamed.push([topic, (error as Error).message]));
    const heard: unknown[] = [];
    bus.subscribe('news', () => {
      throw new Error('deaf');
    });
    bus.subscribe('news', (message) => heard.push(message));
    bus.publish('news', 1);
    await Promise.resolve();
    expect(heard).toEqual([1]);
    expect(blamed).toEqual([['news', 'deaf']]);
  });

  it('stops at the end of a subscription, of that one only', async () => {
    const bus = createMemoryBus(() => {});
    const receive = vi.fn<(message: unknown) => void>();
    const end = bus.subscribe('news', receive);
    bus.subscribe('news', receive);
    end();
    bus.publish('news', 1);
    await Promise.resolve();
    expect(receive).toHaveBeenCalledTimes(1);
  });
});

describe('presence', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('lasts as long as it was given, and is remembered for an hour', () => {
    const presence = createMemoryPresence();
    const start = Date.now();
    presence.touch('visitor:1', 1000, { typing: true });
    expect(presence.get('visitor:1')).toEqual({ at: start, present: true, value: { typing: true } });
    vi.advanceTimersByTime(1000);
    expect(presence.get('visitor:1')).toEqual({ at: start, present: false, value: { typing: true } });
    vi.advanceTimersByTime(remembered);
    expect(presence.get('visitor:1')).toBeUndefined();
    expect(presence.size).toBe(1);
    presence.sweep();
    expect(presence.size).toBe(0);
  });

  it('is renewed by each touch, which replaces the value', () => {
    const presence = createMemoryPresence();
    presence.touch('visitor:1', 1000, 'old');
    vi.advanceTimersByTime(900);
    presence.touch('visitor:1', 1000);
    vi.advanceTimersByTime(900);
    expect(presence.getMany(['visitor:1', 'visitor:2'])).toEqual([{ at: Date.now() - 900, present: true }, undefined]);
    presence.remove('visitor:1');
    expect(presence.get('visitor:1')).toBeUndefined();
  });
});

describe('a lock', () => {
  it('lets one in and tells the others that they did not run', async () => {
    const locks = createMemoryLocks();
    let resolve = () => {};
    const promise = new Promise<void>((done) => (resolve = done));
    const first = locks.run('job', 1000, () => promise);
    const work = vi.fn<() => Promise<void>>(async () => {});
    expect(await locks.run('job', 1000, work)).toBe(false);
    expect(await locks.run('another', 1000, work)).toBe(true);
    resolve();
    expect(await first).toBe(true);
    expect(await locks.run('job', 1000, work)).toBe(true);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('is free again after work that failed', async () => {
    const locks = createMemoryLocks();
    await expect(locks.run('job', 1000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await locks.run('job', 1000, async () => {})).toBe(true);
  });
});

it('the plugin provides a cluster of one node', async () => {
  await using t = await createTestKernel({ plugins: ['cluster'] });
  const node = t.kernel.service(cluster);
  expect(node.nodeId).toMatch(/^[0-9a-f]{16}$/);
  expect(node.bus).toMatchObject({ connected: true, shared: false });
});

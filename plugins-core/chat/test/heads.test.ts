import { describe, expect, it } from 'vitest';
import { threadState, type Thread } from '../api.ts';
import { createHeads, newer } from '../heads.ts';
import { Lru } from '../lru.ts';
import { createRate } from '../rate.ts';

const thread = (changes: Partial<Thread>): Thread =>
  ({
    id: 1,
    revision: 5,
    state: threadState.queue,
    lastSeq: 3,
    lastVisibleSeq: 2,
    messageCount: 1,
    ...changes,
  }) as Thread;

describe('heads of threads in memory', () => {
  it('never go back to an older state, whichever is seen last', () => {
    const taken = thread({ revision: 6, state: threadState.chatting });
    const older = thread({ lastSeq: 9, lastVisibleSeq: 8 });
    for (const merged of [newer(taken, older), newer(older, taken)])
      expect(merged).toMatchObject({ revision: 6, state: threadState.chatting, lastSeq: 9, lastVisibleSeq: 8 });
  });

  it('are read once, however many ask, and once again when they are not to be trusted', async () => {
    let reads = 0;
    const bus = { shared: false, connected: true };
    const heads = createHeads(async () => {
      reads++;
      return thread({});
    }, bus);
    await Promise.all([heads.load(1), heads.load(1), heads.load(1)]);
    await heads.load(1);
    expect(reads).toBe(1);
    bus.shared = true;
    await heads.load(1);
    expect(reads).toBe(1);
    heads.stale(1);
    await heads.load(1);
    expect(reads).toBe(2);
    bus.connected = false;
    await heads.load(1);
    expect(reads).toBe(3);
  });

  it('follow messages that were stored, in whatever order they are told', async () => {
    const heads = createHeads(async () => thread({}), { shared: false, connected: true });
    await heads.load(1);
    heads.advance(1, 5, true);
    heads.advance(1, 4, true);
    heads.advance(1, 6, false);
    expect(heads.peek(1)).toMatchObject({ lastSeq: 6, lastVisibleSeq: 5 });
  });
});

describe('what is kept in memory', () => {
  it('is forgotten when it was not used for long, and never grows beyond its capacity', () => {
    const kept = new Lru<string, number>(4);
    kept.set('used', 0);
    kept.set('unused', 0);
    for (let n = 1; n < 100; n++) {
      expect(kept.get('used')).toBe(0);
      kept.set(`other ${n}`, n);
    }
    const there = Array.from({ length: 100 }, (_, n) => kept.peek(`other ${n}`)).filter((n) => n !== undefined);
    expect(there.at(-1)).toBe(99);
    expect(there.length).toBeLessThanOrEqual(3);
    expect(kept.peek('unused')).toBeUndefined();
  });

  it('lets a sender post a burst, then as fast as the setting says', () => {
    const rate = createRate(() => 1);
    const first = Array.from({ length: 11 }, () => rate.take('a'));
    expect(first.filter(Boolean)).toHaveLength(10);
    expect(rate.take('b')).toBe(true);
    expect(createRate(() => 0).take('a')).toBe(true);
    rate.giveBack('a');
    expect([rate.take('a'), rate.take('a')]).toEqual([true, false]);
  });
});

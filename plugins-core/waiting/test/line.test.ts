import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { threadState, type Thread } from '../../chat/api.ts';
import { createLine, isWaiting } from '../line.ts';
import { threadOf } from './threads.ts';

const { queue, waiting, chatting, closed, loading } = threadState;

describe('the line', () => {
  it('puts those ahead who had an operator before, then whoever came earlier', () => {
    const line = createLine();
    line.put(threadOf({ id: 1, state: queue, createdAt: 10 }));
    line.put(threadOf({ id: 2, state: loading, createdAt: 5 }));
    line.put(threadOf({ id: 3, state: waiting, createdAt: 20, modifiedAt: 30 }));
    expect([3, 2, 1].map((id) => line.place(id))).toEqual([1, 2, 3]);
    expect(line.of(0).map(({ id }) => id)).toEqual([3, 2, 1]);
  });

  it('keeps a line for each group, and moves a thread that changes its group', () => {
    const line = createLine();
    line.put(threadOf({ id: 1, groupId: 7, createdAt: 1 }));
    line.put(threadOf({ id: 2, groupId: 8, createdAt: 2 }));
    expect([line.place(1), line.place(2)]).toEqual([1, 1]);
    expect(line.put(threadOf({ id: 2, groupId: 7, createdAt: 2 })).groups).toEqual([8, 7]);
    expect([line.place(1), line.place(2)]).toEqual([1, 2]);
    expect(line.groups()).toEqual([7]);
  });

  it('passes over news that come late', () => {
    const line = createLine();
    const early = threadOf({ id: 1 });
    const late = threadOf({ id: 1, state: closed });
    line.put(late);
    line.put(early);
    expect(line.place(1)).toBeUndefined();
  });

  it('keeps the place of somebody who comes back to his window while he waits', () => {
    const line = createLine();
    line.put(threadOf({ id: 1, state: waiting, createdAt: 1, modifiedAt: 10 }));
    line.put(threadOf({ id: 2, state: waiting, createdAt: 2, modifiedAt: 11 }));
    line.put(threadOf({ id: 1, state: waiting, createdAt: 1, modifiedAt: 99 }));
    expect(line.place(1)).toBe(1);
    expect(line.entry(1)?.since).toBe(10);
  });

  it('tells who was attended to, and where his wait began', () => {
    const line = createLine();
    line.put(threadOf({ id: 1, createdAt: 1 }));
    line.put(threadOf({ id: 2, createdAt: 2 }));
    const { taken } = line.put(threadOf({ id: 2, state: chatting, createdAt: 2, modifiedAt: 500 }));
    expect(taken).toMatchObject({ at: 500, entry: { since: 2, beganAt: 2 } });
    expect(line.put(threadOf({ id: 1, state: closed, createdAt: 1 })).taken).toBeUndefined();
  });

  it('tells nothing of waits whose beginning was not seen', () => {
    const line = createLine();
    line.put(threadOf({ id: 1, createdAt: 1 }), false);
    expect(line.put(threadOf({ id: 1, state: chatting })).taken?.entry.beganAt).toBe(0);
  });
});

/** The definition, without any cleverness. */
function naive(threads: Iterable<Thread>, id: number): number | undefined {
  const all = [...threads];
  const own = all.find((one) => one.id === id);
  if (!own || !isWaiting(own)) return undefined;
  const sorted = all
    .filter((one) => isWaiting(one) && one.groupId === own.groupId)
    .toSorted(
      (a, b) => Number(b.state === waiting) - Number(a.state === waiting) || a.createdAt - b.createdAt || a.id - b.id,
    );
  return sorted.findIndex((one) => one.id === id) + 1;
}

describe('whatever happens', () => {
  it.each([1, 2, 3, 4, 5])('places are those of a naive sort (seed %i)', (seed) => {
    const random = createRandom(seed);
    const line = createLine();
    const threads = new Map<number, Thread>();
    const told: Thread[] = [];
    for (let step = 0; step < 3_000; step++) {
      const id = 1 + random.below(60);
      const known = threads.get(id);
      const thread = threadOf({
        id,
        state: random.pick([queue, waiting, chatting, closed, loading]),
        groupId: random.pick([0, 0, 1, 2]),
        createdAt: known?.createdAt ?? random.below(20),
        modifiedAt: step,
      });
      threads.set(id, thread);
      told.push(thread);
      line.put(thread);
      // News are told twice, and late.
      if (random.chance(0.3)) line.put(random.pick(told));
      const asked = 1 + random.below(60);
      expect(line.place(asked), `step ${step}, thread ${asked}`).toBe(naive(threads.values(), asked));
    }
    for (const group of [0, 1, 2])
      expect(line.of(group).map(({ id }) => line.place(id))).toEqual(line.of(group).map((_, index) => index + 1));
  });
});

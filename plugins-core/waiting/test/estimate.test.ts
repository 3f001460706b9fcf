import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { createEstimates, type Promised } from '../estimate.ts';

const minute = 60_000;
const start = 1_000 * minute;

/** Somebody whose wait began on a place of group 0 and took so many minutes. */
const taken = (minutes: number, beganAt = 1, at = start, groupId = 0) => ({
  at,
  entry: { id: 1, groupId, priority: false, createdAt: 0, since: at - minutes * minute, beganAt },
});

describe('the estimate', () => {
  it('claims nothing while too little is known, or what is known is old', () => {
    const estimates = createEstimates();
    for (let i = 0; i < 4; i++) estimates.learn(taken(2));
    expect(estimates.of(0, 1, start, undefined).estimate).toEqual({ late: false });
    estimates.learn(taken(2));
    expect(estimates.of(0, 1, start, undefined).estimate.range).toEqual({ low: 2, high: 2 });
    expect(estimates.of(0, 1, start + 61 * minute, undefined).estimate).toEqual({ late: false });
  });

  it('divides a wait by the place on which it began, and grows with the place asked about', () => {
    const estimates = createEstimates();
    for (const minutes of [3, 6, 6, 6, 12]) estimates.learn(taken(minutes, 3));
    expect(estimates.of(0, 1, start, undefined).estimate.range).toEqual({ low: 2, high: 2 });
    expect(estimates.of(0, 4, start, undefined).estimate.range).toEqual({ low: 8, high: 8 });
  });

  it('tells the range that most waits lay in, whole minutes, at least one', () => {
    const estimates = createEstimates();
    for (const minutes of [0.1, 1, 2, 3, 4, 5, 20]) estimates.learn(taken(minutes));
    expect(estimates.of(0, 1, start, undefined).estimate.range).toEqual({ low: 1, high: 5 });
    const quick = createEstimates();
    for (let i = 0; i < 5; i++) quick.learn(taken(0.1));
    expect(quick.of(0, 1, start, undefined).estimate.range).toEqual({ low: 1, high: 1 });
  });

  it('keeps what it claimed: it counts down, and says so when the time has run out', () => {
    const estimates = createEstimates();
    for (let i = 0; i < 6; i++) estimates.learn(taken(4));
    const first = estimates.of(0, 1, start, undefined);
    expect(first.estimate.range).toEqual({ low: 4, high: 4 });
    const later = estimates.of(0, 1, start + 2.5 * minute, first.promised);
    expect(later.estimate.range).toEqual({ low: 2, high: 2 });
    const over = estimates.of(0, 1, start + 4 * minute, later.promised);
    expect(over.estimate).toEqual({ late: true });
    expect(estimates.of(0, 1, start + 30 * minute, over.promised).estimate).toEqual({ late: true });
  });

  it('claims anew when somebody was let ahead', () => {
    const estimates = createEstimates();
    for (let i = 0; i < 6; i++) estimates.learn(taken(4));
    const first = estimates.of(0, 1, start, undefined);
    expect(estimates.of(0, 2, start + minute, first.promised).estimate.range).toEqual({ low: 8, high: 8 });
  });

  it('does not guess at waits of more than an hour, and knows groups apart', () => {
    const estimates = createEstimates();
    for (let i = 0; i < 6; i++) estimates.learn(taken(30));
    expect(estimates.of(0, 3, start, undefined).estimate.range).toBeUndefined();
    expect(estimates.of(1, 1, start, undefined).estimate.range).toBeUndefined();
  });

  it.each([1, 2, 3])('is never negative, nor turned round, nor growing while the place is not (seed %i)', (seed) => {
    const random = createRandom(seed);
    const estimates = createEstimates();
    let [promised, place, now]: [Promised | undefined, number, number] = [undefined, 9, start];
    let last = Infinity;
    for (let step = 0; step < 2_000; step++) {
      now += random.next() * 20_000;
      if (random.chance(0.1)) estimates.learn(taken(random.next() * 20, 1 + random.below(4), now));
      if (random.chance(0.02)) place = Math.max(1, place - 1);
      if (random.chance(0.01)) [promised, place, last] = [undefined, 9, Infinity];
      const said = estimates.of(0, place, now, promised);
      ({ promised } = said);
      const { range } = said.estimate;
      if (!range) continue;
      expect(range.low).toBeGreaterThanOrEqual(1);
      expect(range.high).toBeGreaterThanOrEqual(range.low);
      expect(range.high).toBeLessThanOrEqual(last);
      last = range.high;
    }
  });
});

import { expect, it } from 'vitest';
import { createRates } from '../rates.ts';

it('gives back what time refills, and forgets callers whose bucket is full', () => {
  let now = 0;
  const rates = createRates(() => now);
  const rate = { perSecond: 2, burst: 4 };
  const taken = Array.from({ length: 6 }, () => rates.take('ann', rate));
  expect(taken).toEqual([0, 0, 0, 0, 1, 1]);
  now += 500;
  expect([rates.take('ann', rate), rates.take('ann', rate)]).toEqual([0, 1]);
  now += 20_000;
  expect(rates.take('bob', rate)).toBe(0);
  expect(rates.size).toBe(1);
});

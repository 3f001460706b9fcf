import { beforeEach, expect, it, vi } from 'vitest';
import { basicCost, createCost } from '../cost.ts';

const now = vi.fn<() => number>();
beforeEach(() => now.mockReturnValue(1_000_000));
const ask = (times: number, next: () => number) => Array.from({ length: times }, next);

it('asks for little work of somebody who comes now and then', () => {
  const cost = createCost(now);
  expect(ask(10, () => cost.next('192.0.2.1'))).toEqual(Array(10).fill(basicCost));
});

it('asks for more of whoever comes often, and refuses in the end', () => {
  const cost = createCost(now);
  const costs = ask(70, () => cost.next('192.0.2.1'));
  expect(costs[15]).toBe(basicCost * 2);
  expect(costs[40]).toBe(basicCost * 4);
  expect(costs.at(-1)).toBe(0);
  expect(cost.next('192.0.2.2')).toBe(basicCost);
});

it('forgets within minutes', () => {
  const cost = createCost(now);
  ask(70, () => cost.next('192.0.2.1'));
  now.mockReturnValue(1_000_000 + 5 * 60_000);
  expect(cost.next('192.0.2.1')).toBe(basicCost);
});

it('asks for more of everybody while very many come from everywhere', () => {
  const cost = createCost(now);
  for (let n = 0; n < 700; n++) cost.next(`network ${n}`);
  expect(cost.next('192.0.2.1')).toBe(basicCost * 2);
});

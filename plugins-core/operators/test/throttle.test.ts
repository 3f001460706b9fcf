import { expect, it } from 'vitest';
import { createAttempts } from '../throttle.ts';

const limits = { free: 3, first: 1_000, longest: 10_000, forget: 60_000 };

function begin() {
  const clock = { now: 0 };
  return { clock, service: createAttempts(() => clock.now) };
}

it('lets a few failures pass and then makes pauses that grow', () => {
  const { clock, service } = begin();
  const attempts = service.of(limits);
  const pauses: number[] = [];
  for (let failures = 0; failures < 9; failures += 1) {
    const wait = attempts.begin('ann');
    pauses.push(wait);
    clock.now += wait;
    if (wait > 0) expect(attempts.begin('ann')).toBe(0);
  }
  expect(pauses).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 10_000]);
});

it('counts attempts that run at the same time', () => {
  const { service } = begin();
  const attempts = service.of(limits);
  const made = Array.from({ length: 50 }, () => attempts.begin('ann')).filter((wait) => wait === 0);
  expect(made).toHaveLength(4);
});

it('keeps one key out of the way of another, and one use out of the way of another', () => {
  const { service } = begin();
  const [attempts, other] = [service.of(limits), service.of(limits)];
  for (let failures = 0; failures < 9; failures += 1) attempts.begin('ann');
  expect(attempts.begin('ann')).toBeGreaterThan(0);
  expect(attempts.begin('bob')).toBe(0);
  expect(other.begin('ann')).toBe(0);
});

it('counts nothing while it says to wait', () => {
  const { clock, service } = begin();
  const attempts = service.of(limits);
  for (let failures = 0; failures < 100; failures += 1) attempts.begin('ann');
  clock.now += 1_000;
  expect(attempts.begin('ann')).toBe(0);
});

it('forgets after a success, after a long time, and takes back what was good', () => {
  const { clock, service } = begin();
  const attempts = service.of(limits);
  const fail = () => {
    for (let failures = 0; failures < 4; failures += 1) attempts.begin('ann');
  };
  fail();
  expect(attempts.begin('ann')).toBe(1_000);
  attempts.forget('ann');
  expect(attempts.begin('ann')).toBe(0);
  fail();
  clock.now += 60_001;
  expect(attempts.begin('ann')).toBe(0);
  for (let rounds = 0; rounds < 100; rounds += 1) {
    expect(attempts.begin('office')).toBe(0);
    attempts.undo('office');
  }
});

it('counts an IPv6 network as one caller', () => {
  const network = (address: string) => createAttempts().network(address);
  expect(network('192.0.2.7')).toBe('192.0.2.7');
  expect(network('2001:db8:1:2::1')).toBe(network('2001:db8:1:2:ffff::9'));
  expect(network('2001:db8:1:2::1')).not.toBe(network('2001:db8:1:3::1'));
  expect(network('::1')).toBe('0:0:0:0::/64');
});

it('makes nobody wait longer than was meant when the clock was put back', () => {
  const { clock, service } = begin();
  clock.now = 3_600_000;
  const attempts = service.of(limits);
  for (let failures = 0; failures < 9; failures += 1) attempts.begin('ann');
  clock.now = 0;
  expect(attempts.begin('ann')).toBeLessThanOrEqual(limits.longest);
});

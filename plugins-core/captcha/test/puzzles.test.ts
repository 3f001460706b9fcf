import { createHmac } from 'node:crypto';
import { createChallenge } from 'altcha-lib/v1';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { eachDialect, type TestDatabase } from '../../database/testing.ts';
import type { CaptchaChallenge } from '../api.ts';
import { payloadOf, solve } from '../client/solver.ts';
import { basicCost } from '../cost.ts';
import { createPuzzles } from '../puzzles.ts';
import { solution } from '../tables.ts';

const now = vi.fn<() => number>();
const start = 1_800_000_000_000;
beforeEach(() => now.mockReturnValue(start));

const server = (db: TestDatabase, { secret = 'secret', cost = 500 } = {}) =>
  createPuzzles({ db, secret, cost: { next: () => cost }, network: (address) => address, now });

async function solved(challenge: CaptchaChallenge | undefined): Promise<string> {
  return payloadOf(challenge!, (await solve(challenge!))!);
}
const change = (payload: string, what: Record<string, unknown>) =>
  btoa(JSON.stringify({ ...(JSON.parse(atob(payload)) as object), ...what }));

eachDialect((_dialect, open) => {
  describe('a solution', () => {
    it('is good once, and for what its challenge was asked for', async () => {
      const puzzles = server(await open([solution]));
      const payload = await solved(await puzzles.challenge('login', '192.0.2.1'));
      expect(await puzzles.verify('leave-message', payload)).toBe(false);
      expect(await puzzles.verify('login', payload)).toBe(true);
      expect(await puzzles.verify('login', payload)).toBe(false);
    });

    it('is good once also when it is brought many times at the same moment', async () => {
      const puzzles = server(await open([solution]));
      const payload = await solved(await puzzles.challenge('login', '192.0.2.1'));
      const answers = await Promise.all(Array.from({ length: 8 }, () => puzzles.verify('login', payload)));
      expect(answers.filter(Boolean)).toHaveLength(1);
    });

    it('stays used after a restart, and its challenge stays ours', async () => {
      const db = await open([solution]);
      const first = server(db);
      const [used, unused] = [await first.challenge('login', '::1'), await first.challenge('login', '::1')];
      expect(await first.verify('login', await solved(used))).toBe(true);
      const second = server(db);
      expect(await second.verify('login', await solved(used))).toBe(false);
      expect(await second.verify('login', await solved(unused))).toBe(true);
    });

    it('runs out', async () => {
      const puzzles = server(await open([solution]));
      const payload = await solved(await puzzles.challenge('login', '192.0.2.1'));
      now.mockReturnValue(start + 20 * 60_000 + 1_000);
      expect(await puzzles.verify('login', payload)).toBe(false);
    });

    it('is refused when anything in it was changed, or when it is none', async () => {
      const puzzles = server(await open([solution]));
      const payload = await solved(await puzzles.challenge('login', '192.0.2.1'));
      const { number, salt } = JSON.parse(atob(payload)) as { number: number; salt: string };
      const wrong = [
        undefined,
        '',
        'no base64 %%%',
        btoa('null'),
        btoa('[]'),
        'A'.repeat(5_000),
        change(payload, { number: number + 1 }),
        change(payload, { number: String(number) }),
        change(payload, { number: -1 }),
        change(payload, { salt: salt.replace('login', 'leave') }),
        change(payload, { salt: salt.replace(/expires=\d+/, 'expires=9999999999') }),
        // Digits moved from the number into the salt give the same hash.
        change(payload, { salt: salt.slice(0, -1), number }),
        change(payload, { algorithm: 'SHA-1' }),
        change(payload, { signature: 'a'.repeat(64) }),
        change(payload, { salt: { split: 'x' } }),
      ];
      for (const one of wrong) expect(await puzzles.verify('login', one), one).toBe(false);
      expect(await puzzles.verify('login', payload)).toBe(true);
    });

    it('of a challenge that somebody made himself is refused', async () => {
      const puzzles = server(await open([solution]));
      const own = await createChallenge({
        hmacKey: createHmac('sha256', 'another secret').update('captcha').digest('hex'),
        maxnumber: 100,
        expires: new Date(start + 60_000),
        params: { purpose: 'login' },
      });
      expect(await puzzles.verify('login', await solved(own))).toBe(false);
    });
  });

  it('forgets used solutions only when they have run out', async () => {
    const db = await open([solution]);
    const puzzles = server(db);
    const payload = await solved(await puzzles.challenge('login', '192.0.2.1'));
    await puzzles.verify('login', payload);
    await puzzles.forget();
    expect(await puzzles.verify('login', payload)).toBe(false);
    expect(await db.query.count(db.table(solution))).toBe(1);
    now.mockReturnValue(start + 22 * 60_000);
    await puzzles.forget();
    expect(await db.query.count(db.table(solution))).toBe(0);
  });
});

it('is solved in slices, and stops when nobody wants it any more', async () => {
  const challenge = await createChallenge({ hmacKey: 'key', maxnumber: basicCost, number: basicCost });
  let looks = 0;
  expect(await solve(challenge, () => ++looks === 2)).toBeUndefined();
  expect(looks).toBe(2);
  expect(await solve(challenge)).toBe(basicCost);
});

it('has no solution beyond the largest number', async () => {
  const challenge = await createChallenge({ hmacKey: 'key', maxnumber: 100, number: 200 });
  expect(await solve(challenge)).toBeUndefined();
});

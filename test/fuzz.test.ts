import { expect, it } from 'vitest';
import { runFuzz } from './fuzz.ts';
import { seedFromEnvironment } from './support/random.ts';

// With one rule of the codec removed this is red: tried with the mandatory arguments (13), the token of a request (8), the
// depth (113) and the number of functions (112), each by itself.
it('answers 10,000 damaged packages at both processors over all carriers as the protocol says', async () => {
  const seed = seedFromEnvironment();
  process.stdout.write(`fuzz: seed ${seed}\n`);
  const { sent, outcomes, faults } = await runFuzz(seed, 10_000);
  process.stdout.write(`fuzz: ${sent} packages, ${JSON.stringify(outcomes)}\n`);
  expect(faults).toEqual([]);
  expect(sent).toBe(10_000);
  // Every rule was met, else its loss would not be noticed.
  const met = new Set(Object.keys(outcomes).map((outcome) => Number(outcome.split('/')[1] ?? outcome)));
  for (const code of [200, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 16, 19, 20, 23, 108, 110, 111, 112, 113])
    expect(met, `code ${code}`).toContain(code);
}, 600_000);

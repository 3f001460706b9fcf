/** The short form; `npm run soak -- --only simulation` is the long one. */
import { expect, it } from 'vitest';
import { runSimulation } from './simulation/run.ts';
import { seedFromEnvironment } from './support/random.ts';

it('200 conversations: nobody has too many, nobody waits in vain, all end, all is told, nothing is lost', async () => {
  const seed = seedFromEnvironment();
  const { faults, counts, totals, rounds } = await runSimulation({ seed, chats: 200, operators: 8, restarts: 1 });
  process.stdout.write(`simulation: seed ${seed}, ${rounds} rounds ${JSON.stringify({ counts, totals })}\n`);
  expect(faults).toEqual([]);
  // It was worth the while.
  for (const what of ['taken', 'redirected', 'closed', 'lost']) expect(totals[what], what).toBeGreaterThan(0);
}, 300_000);

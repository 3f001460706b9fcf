import { afterAll, expect, it } from 'vitest';
import { createTestUrl, missingDialect } from '../plugins-core/database/testing.ts';
import { runNothingLost, type Plan } from './nothing-lost/run.ts';
import { describeWith } from './support/needs.ts';
import { seedFromEnvironment } from './support/random.ts';

const short = { messages: 400, visitors: 20, operators: 5, kills: 3 };
const kills = { 'before-commit': 3, 'after-commit': 3, 'between-answer-and-push': 3 };

async function run(title: string, more: Partial<Plan> = {}) {
  const seed = seedFromEnvironment();
  process.stdout.write(`nothing lost, ${title}: seed ${seed}\n`);
  const outcome = await runNothingLost({ ...short, seed, ...more });
  process.stdout.write(`nothing lost, ${title}: ${JSON.stringify(outcome)}\n`);
  expect(outcome.faults).toEqual([]);
  expect(outcome.acknowledged).toBeGreaterThanOrEqual(short.messages);
  expect(outcome.kills).toMatchObject(kills);
}

describeWith([], 'nothing is lost and nothing doubled while servers die and answers get lost', () => {
  it('on SQLite', () => run('SQLite'), 300_000);
});

const missing = missingDialect('mysql');
const mariadb = { what: missing ?? 'MariaDB', present: missing === undefined };
describeWith([mariadb], 'nothing is lost and nothing doubled on MariaDB', () => {
  const drops: (() => Promise<void>)[] = [];
  afterAll(() => Promise.all(drops.map((drop) => drop())));

  it('while servers die and answers get lost', async () => {
    const { url, drop } = await createTestUrl('mysql');
    drops.push(drop);
    await run('MariaDB', { database: url });
  }, 300_000);
});

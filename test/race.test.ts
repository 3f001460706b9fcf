import { expect, it } from 'vitest';
import { createTestUrl, missingDialect } from '../plugins-core/database/testing.ts';
import { runTakeRace } from './race.ts';
import { describeWith } from './support/needs.ts';
import { beforeChat, startServer } from './support/server.ts';

const rounds = 200;
const env = { MIBEW_TRUSTED_PROXIES: '127.0.0.1' };

describeWith([], 'two operators take one conversation at the same instant', () => {
  it('and one of them has it, on SQLite', async () => {
    const server = await startServer({ env, without: beforeChat });
    try {
      const { faults, wins } = await runTakeRace([server, server], rounds);
      process.stdout.write(`take race, SQLite: ${rounds} rounds, won ${JSON.stringify(wins)}\n`);
      expect(faults).toEqual([]);
    } finally {
      await server.stop();
    }
  }, 300_000);
});

const missing = missingDialect('mysql');
describeWith(
  [{ what: missing ?? 'MariaDB', present: !missing }],
  'two operators take one conversation, each at a server of his own',
  () => {
    it('and one of them has it, on MariaDB', async () => {
      const { url, drop } = await createTestUrl('mysql');
      const more = { ...env, MIBEW_DATABASE: url };
      const one = await startServer({ env: more, without: beforeChat });
      const other = await startServer({ env: more, without: beforeChat });
      try {
        const { faults, wins } = await runTakeRace([one, other], rounds);
        process.stdout.write(`take race, MariaDB, two servers: ${rounds} rounds, won ${JSON.stringify(wins)}\n`);
        expect(faults).toEqual([]);
      } finally {
        await one.stop();
        await other.stop();
        await drop();
      }
    }, 300_000);
  },
);

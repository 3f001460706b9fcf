/** `npm run soak`: the long forms of the tests that need hours to be worth something. `-- --only nothing-lost|fuzz|race|simulation|workspace`. */
import { parseArgs } from 'node:util';
import { runFuzz } from './fuzz.ts';
import { runNothingLost, type Plan } from './nothing-lost/run.ts';
import { runTakeRace } from './race.ts';
import { runSimulation } from './simulation/run.ts';
import { missingMariaDb, startMariaDb, type MariaDb } from './support/mariadb.ts';
import { seedFromEnvironment } from './support/random.ts';
import { beforeChat, startServer } from './support/server.ts';
import { runWorkspace, type WorkspacePlan } from './workspace/run.ts';

const groups = ['nothing-lost', 'race', 'simulation', 'workspace', 'fuzz'] as const;
type Group = (typeof groups)[number];

interface Soak {
  readonly group: Group;
  readonly title: string;
  readonly mariadb?: boolean;
  /** @returns what to print, and what went wrong */
  run(seed: number, mariadb: MariaDb | undefined): Promise<{ readonly faults: readonly string[] }>;
}

const long = { messages: 5000, visitors: 20, operators: 5, kills: 20 } satisfies Omit<Plan, 'seed'>;
const crowd = { chats: 2000, operators: 20, restarts: 3 } satisfies Omit<Parameters<typeof runSimulation>[0], 'seed'>;
/** A minute each: what the page keeps after the second is compared with what it keeps after the tenth. */
const morning = { open: 1000, parts: 10, changes: 3000, perSecond: 50 } satisfies WorkspacePlan;
const env = { MIBEW_TRUSTED_PROXIES: '127.0.0.1' };

async function race(count: number, database?: string) {
  const more = database ? { ...env, MIBEW_DATABASE: database } : env;
  const servers = [];
  try {
    for (let index = 0; index < count; index += 1) servers.push(await startServer({ env: more, without: beforeChat }));
    return await runTakeRace([servers[0]!, servers.at(-1)!], 1000);
  } finally {
    for (const server of servers) await server.stop();
  }
}

const soaks: readonly Soak[] = [
  { group: 'nothing-lost', title: 'SQLite', run: (seed) => runNothingLost({ ...long, seed }) },
  {
    group: 'nothing-lost',
    title: 'SQLite, sockets refused',
    run: (seed) => runNothingLost({ ...long, seed, polling: true }),
  },
  {
    group: 'nothing-lost',
    title: 'MariaDB',
    mariadb: true,
    run: async (seed, mariadb) => runNothingLost({ ...long, seed, database: await mariadb!.create('mibew_soak') }),
  },
  { group: 'race', title: 'SQLite', run: () => race(1) },
  {
    group: 'race',
    title: 'MariaDB, two servers',
    mariadb: true,
    run: async (_seed, mariadb) => race(2, await mariadb!.create('mibew_race')),
  },
  { group: 'simulation', title: 'SQLite', run: (seed) => runSimulation({ ...crowd, seed }) },
  {
    group: 'simulation',
    title: 'MariaDB',
    mariadb: true,
    run: async (seed, mariadb) =>
      runSimulation({ ...crowd, seed, database: await mariadb!.create('mibew_simulation') }),
  },
  { group: 'workspace', title: 'Chromium', run: () => runWorkspace(morning) },
  // In tenths, so that no conversation gets so old that the server ends it.
  ...Array.from({ length: 10 }, (_, part): Soak => {
    const title = `100,000 of a million packages, part ${part + 1}`;
    return { group: 'fuzz', title, run: (seed) => runFuzz(seed + 1000 * part, 100_000) };
  }),
];

const out = (line: string) => process.stdout.write(`${line}\n`);
const failures = (error: unknown) => ({
  faults: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
});

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const only = values.only?.split(',') ?? groups;
const unknown = only.filter((one) => !groups.includes(one as Group));
if (unknown.length > 0) {
  out(`--only takes ${groups.join(', ')}, not ${unknown.join(', ')}`);
  process.exit(2);
}

const chosen = soaks.filter(({ group }) => only.includes(group));
const mariadb = missingMariaDb || !chosen.some((one) => one.mariadb) ? undefined : await startMariaDb();
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const soak of chosen) {
  const title = `${soak.group}, ${soak.title}`;
  if (soak.mariadb && !mariadb) {
    counts.skipped += 1;
    out(`${title}: skipped, ${missingMariaDb}`);
    continue;
  }
  const seed = seedFromEnvironment();
  out(`${title}: seed ${seed}`);
  const started = Date.now();
  const { faults, ...facts } = await soak.run(seed, mariadb).catch(failures);
  out(`  ${Math.round((Date.now() - started) / 1000)} s ${JSON.stringify(facts)}`);
  for (const fault of faults) out(`  FAULT ${fault}`);
  out(`  ${faults.length === 0 ? 'passed' : 'failed'}`);
  counts[faults.length === 0 ? 'passed' : 'failed'] += 1;
}
await mariadb?.stop();
const bad = counts.failed > 0 || (process.env['CI'] === 'true' && counts.skipped > 0);
process.exitCode = bad ? 1 : 0;
out(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);

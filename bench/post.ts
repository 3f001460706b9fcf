/** `post-…`: stored and acknowledged messages per second over POST, beside the bare driver doing the same statements. */
import { closeSync, cpSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Server } from '../test/support/server.ts';
import { startMariaDb } from '../test/support/mariadb.ts';
import { runBaseline } from './baseline/start.ts';
import { median, throughput } from './load.ts';
import { openVisitor, postOf, startUnlimited, type BenchVisitor } from './product.ts';
import { result, type Bench, type Result } from './result.ts';

const rounds = 5;
const seconds = 3;
const text = 'x'.repeat(80);

export const openVisitors = (server: Server, count: number): Promise<BenchVisitor[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => openVisitor(server, index)));

export const workersOf = (people: readonly BenchVisitor[]) =>
  people.map((one) => async () => {
    const answer = await one.call(postOf(one, text));
    if (!answer.includes('"errorCode":0')) throw new Error(`a post was refused: ${answer}`);
  });

/** Milliseconds of one fdatasync after a small append, where the data lie. */
function fdatasyncTime(folder: string): number {
  const file = openSync(join(folder, 'fdatasync-probe'), 'w');
  const times: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    writeSync(file, Buffer.alloc(4096));
    const start = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  return median(times);
}

async function sqlite(connections: number, least: number): Promise<Result> {
  const server = await startUnlimited();
  const copy = mkdtempSync(join(tmpdir(), 'mibew-bench-'));
  try {
    const people = await openVisitors(server, connections);
    await throughput(workersOf(people), 1);
    // The schema and the conversations as they are; the server has checkpointed or not, so the log goes along.
    for (const suffix of ['', '-wal', '-shm'])
      cpSync(join(server.data, `mibew.db${suffix}`), join(copy, `raw.db${suffix}`));
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push((await runBaseline('sqlite', join(copy, 'raw.db'), String(seconds))).perSecond);
      ours.push(await throughput(workersOf(people), seconds));
    }
    const notes = { fdatasync: `${fdatasyncTime(copy).toFixed(3)} ms` };
    return result(`post-sqlite-${connections}`, median(ours), 'posts/s', median(theirs), { least }, notes);
  } finally {
    await server.stop();
    rmSync(copy, { recursive: true, force: true });
  }
}

async function mariadb(connections: number, least: number): Promise<Result> {
  const database = await startMariaDb();
  try {
    const server = await startUnlimited({ MIBEW_DATABASE: await database.create('mibew_bench') });
    try {
      const people = await openVisitors(server, connections);
      await throughput(workersOf(people), 1);
      const raw = await database.copy('mibew_bench', 'mibew_bench_raw');
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        theirs.push((await runBaseline('mariadb', raw, String(seconds), String(connections))).perSecond);
        ours.push(await throughput(workersOf(people), seconds));
      }
      const notes = { fdatasync: `${fdatasyncTime(database.folder).toFixed(3)} ms` };
      return result(`post-mariadb-${connections}`, median(ours), 'posts/s', median(theirs), { least }, notes);
    } finally {
      await server.stop();
    }
  } finally {
    await database.stop();
  }
}

const runs: Readonly<Record<string, () => Promise<Result>>> = {
  'post-sqlite-16': () => sqlite(16, 0.8),
  'post-sqlite-64': () => sqlite(64, 1),
  'post-mariadb-16': () => mariadb(16, 0.7),
};

export const postBench: Bench = {
  names: Object.keys(runs),
  run: async (only) => {
    const results: Result[] = [];
    for (const [name, run] of Object.entries(runs)) if (only(name)) results.push(await run());
    return results;
  },
};

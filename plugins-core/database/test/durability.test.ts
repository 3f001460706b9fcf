import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Database } from '../api.ts';
import { durabilityWarnings } from '../durability.ts';
import { eachDialect } from '../testing.ts';

const run = promisify(execFile);

function missingStrace(): string | undefined {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true']);
    return undefined;
  } catch {
    if (process.env['CI'] === 'true')
      throw new Error('strace is missing or may not trace, and in CI nothing is skipped');
    return 'strace is missing, or may not trace here';
  }
}
const missing = missingStrace();

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean();
});

/** System calls of the small server, in order. */
async function trace(synchronous: 'FULL' | 'OFF'): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mibew-test-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, 'trace');
  const server = fileURLToPath(new URL('durability.server.ts', import.meta.url));
  const calls = 'trace=fdatasync,fsync,write,writev,sendto,pwrite64';
  const node = [
    process.execPath,
    '--import',
    import.meta.resolve('tsx'),
    server,
    join(folder, 'mibew.db'),
    synchronous,
  ];
  await run('strace', ['-f', '-y', '-s', '64', '-e', calls, '-o', log, ...node]);
  return (await readFile(log, 'utf8')).split('\n');
}

/** Acknowledgements that left while frames of the log were written and not yet on disk. */
function premature(calls: readonly string[]): { acknowledged: number; premature: string[] } {
  let dirty = false;
  let acknowledged = 0;
  const early: string[] = [];
  for (const call of calls) {
    if (/pwrite64\(\d+<[^>]*-wal>/.test(call)) dirty = true;
    else if (/f(data)?sync\(\d+<[^>]*-wal>/.test(call)) dirty = false;
    else if (/write\(1<.*"stored \d+/.test(call)) {
      acknowledged++;
      if (dirty) early.push(call);
    }
  }
  return { acknowledged, premature: early };
}

describe.skipIf(missing)(missing ? `durability (skipped: ${missing})` : 'durability', () => {
  it('acknowledges nothing before the fdatasync that covers its frames', async () => {
    expect(premature(await trace('FULL'))).toEqual({ acknowledged: 15, premature: [] });
  });

  it('would be seen to do so with synchronous=OFF', async () => {
    const found = premature(await trace('OFF'));
    expect(found.acknowledged).toBe(15);
    expect(found.premature.length).toBeGreaterThan(0);
  });
});

describe('a database server that acknowledges too early', () => {
  const saying = (variables: Record<string, string>) => {
    const rows = async () => Object.entries(variables).map(([Variable_name, Value]) => ({ Variable_name, Value }));
    return { dialect: 'mysql', rows } as unknown as Database;
  };

  it('is warned of', async () => {
    const lax = { innodb_flush_log_at_trx_commit: '2', log_bin: 'ON', sync_binlog: '0' };
    const warnings = await durabilityWarnings(saying(lax));
    expect(warnings).toEqual([
      expect.stringContaining('innodb_flush_log_at_trx_commit is 2'),
      expect.stringContaining('sync_binlog is 0'),
    ]);
    const strict = { innodb_flush_log_at_trx_commit: '1', log_bin: 'OFF', sync_binlog: '0' };
    expect(await durabilityWarnings(saying(strict))).toEqual([]);
  });
});

eachDialect((_dialect, open) => {
  it('asks the running server', async () => {
    expect(await durabilityWarnings(await open())).toEqual([]);
  });
});

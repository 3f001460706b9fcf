/** For tests of whatever touches tables: the same suite on SQLite and on MariaDB, each file with databases of its own. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createConnection } from 'mysql2/promise';
import { afterAll, describe } from 'vitest';
import { startWorker } from '../../kernel/worker.ts';
import { parseAddress } from './address.ts';
import type { AnyTable, Database, Dialect } from './api.ts';
import { createDatabase } from './database.ts';
import type { Driver } from './driver.ts';
import { difference } from './generate.ts';
import { openDriver } from './open.ts';

export interface TestDatabase extends Database {
  /** As MIBEW_DATABASE takes it, e.g. for a kernel or another process. */
  readonly url: string;
  readonly driver: Driver;
  readonly close: () => Promise<void>;
}
/** Opens an empty database with these tables. It is removed after the tests of the file. */
export type OpenTestDatabase = (tables?: readonly AnyTable[]) => Promise<TestDatabase>;

const plugin = { id: 'database', version: '1.0.0', root: fileURLToPath(new URL('.', import.meta.url)) };
const startReader = (file: string) => startWorker(Worker, plugin, 'reader.worker.ts', file);

/** Why a dialect cannot be tested here, or undefined. The server is started by `test/setup/mariadb.ts`. */
export function missingDialect(dialect: Dialect): string | undefined {
  if (dialect === 'sqlite' || process.env['MIBEW_TEST_MYSQL']) return undefined;
  return process.env['MIBEW_TEST_MYSQL_MISSING'] ?? 'no MariaDB was started';
}

/** An empty database. @returns its address for MIBEW_DATABASE, and the way to remove it */
export async function createTestUrl(dialect: Dialect): Promise<{ url: string; drop: () => Promise<void> }> {
  if (dialect === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'mibew-test-'));
    return { url: `sqlite:${join(folder, 'mibew.db')}`, drop: () => rm(folder, { recursive: true, force: true }) };
  }
  const server = new URL(process.env['MIBEW_TEST_MYSQL'] as string);
  server.pathname = '';
  const name = `mibew_test_${randomBytes(6).toString('hex')}`;
  const administer = async (statement: string) => {
    const connection = await createConnection(server.href);
    await connection.query(statement);
    await connection.end();
  };
  await administer(`create database ${name}`);
  return {
    url: Object.assign(new URL(server.href), { pathname: `/${name}` }).href,
    drop: () => administer(`drop database if exists ${name}`),
  };
}

/** Opens a database at an address, as one more server would. */
export function connect(url: string): TestDatabase {
  const driver = openDriver(parseAddress(url, process.cwd()), startReader);
  return Object.assign(createDatabase(driver), { url, driver });
}

export async function createTables(driver: Driver, tables: readonly AnyTable[]): Promise<void> {
  const { statements } = await difference(driver.dialect, undefined, tables);
  await driver.locked(async (connection) => {
    for (const statement of statements) await connection.execute(statement);
  });
}

/**
 * Runs a suite once per dialect. Where no MariaDB is to be had its half is listed as skipped, with the reason.
 *
 * @example
 * eachDialect((dialect, open) => {
 *   it('keeps what was stored', async () => {
 *     const db = await open([thread, message]);
 *   });
 * });
 */
export function eachDialect(suite: (dialect: Dialect, open: OpenTestDatabase) => void): void {
  for (const dialect of ['sqlite', 'mysql'] as const) {
    const missing = missingDialect(dialect);
    describe.skipIf(missing)(missing ? `on ${dialect} (skipped: ${missing})` : `on ${dialect}`, () => {
      const cleanUp: (() => Promise<void>)[] = [];
      afterAll(async () => {
        for (const clean of cleanUp.toReversed()) await clean();
      });
      suite(dialect, async (tables = []) => {
        const { url, drop } = await createTestUrl(dialect);
        cleanUp.push(drop);
        const database = connect(url);
        cleanUp.push(database.close);
        await createTables(database.driver, tables);
        return database;
      });
    });
  }
}

/** A MariaDB of its own for one run, in a temporary folder on a free port. */
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type Connection } from 'mysql2/promise';
import { freePort } from './port.ts';

const run = promisify(execFile);

export interface MariaDb {
  /** Address of the server, without a database. */
  readonly url: string;
  /** Where its data lie. */
  readonly folder: string;
  /** Makes an empty database; one of that name is removed before. @returns its address, for MIBEW_DATABASE */
  create(name: string): Promise<string>;
  /** Makes a database with the tables and rows of another one. @returns its address */
  copy(from: string, to: string): Promise<string>;
  stop(): Promise<void>;
}

function find(...names: string[]): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const daemon = find('mariadbd', 'mysqld');
const installer = find('mariadb-install-db', 'mysql_install_db');

/** Why none can be started here; undefined when one can. */
export const missingMariaDb = daemon && installer ? undefined : 'there is no mariadbd in the PATH';

/** Asks until the server answers; gives up when it has ended. */
async function answering(url: string, server: ChildProcess, log: () => string): Promise<void> {
  while (server.exitCode === null) {
    try {
      const connection = await createConnection(url);
      await connection.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`mariadbd ended with ${server.exitCode}:\n${log()}`);
}

async function within<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection(url);
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

async function copyTables(connection: Connection, from: string, to: string): Promise<void> {
  const [rows] = await connection.query(
    'select table_name as name from information_schema.tables where table_schema = ?',
    [from],
  );
  for (const { name } of rows as { name: string }[]) {
    await connection.query('create table ??.?? like ??.??', [to, name, from, name]);
    await connection.query('insert into ??.?? select * from ??.??', [to, name, from, name]);
  }
}

/** Starts one and resolves when it answers. It ends with this process at the latest. */
export async function startMariaDb(): Promise<MariaDb> {
  if (!daemon || !installer) throw new Error(missingMariaDb);
  const folder = await mkdtemp(join(tmpdir(), 'mibew-mariadb-'));
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const normal = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
  await run(installer, ['--no-defaults', `--datadir=${join(folder, 'data')}`, ...normal, ...user]);
  const port = await freePort();
  const places = { datadir: 'data', socket: 'socket', 'pid-file': 'pid' };
  const server = spawn(
    daemon,
    [
      '--no-defaults',
      ...Object.entries(places).map(([option, name]) => `--${option}=${join(folder, name)}`),
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=64M',
      ...user,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let text = '';
  server.stderr.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-4000)));
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  const url = `mysql://root@127.0.0.1:${port}`;
  await answering(url, server, () => text);

  const create = async (name: string) => {
    await within(url, async (connection) => {
      await connection.query('drop database if exists ??', [name]);
      await connection.query('create database ??', [name]);
    });
    return `${url}/${name}`;
  };
  return {
    url,
    folder,
    create,
    async copy(from, to) {
      const address = await create(to);
      await within(url, (connection) => copyTables(connection, from, to));
      return address;
    },
    async stop() {
      process.off('exit', kill);
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

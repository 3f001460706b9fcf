/**
 * Starts a MariaDB of its own for one run of the tests, in a temporary folder on a free port, and tells the tests by
 * MIBEW_TEST_MYSQL. Set that variable yourself to use a server that you have.
 */
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';

const run = promisify(execFile);

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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

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

async function startServer(daemon: string, installer: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'mibew-mariadb-'));
  const data = join(folder, 'data');
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const normal = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
  await run(installer, ['--no-defaults', `--datadir=${data}`, ...normal, ...user]);
  const port = await freePort();
  const server = spawn(
    daemon,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
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
  return {
    url,
    async stop() {
      process.off('exit', kill);
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env['MIBEW_TEST_MYSQL']) return undefined;
  const daemon = find('mariadbd', 'mysqld');
  const installer = find('mariadb-install-db', 'mysql_install_db');
  if (!daemon || !installer) {
    if (process.env['CI'] === 'true')
      throw new Error('There is no mariadbd in the PATH, and in CI nothing is skipped.');
    process.env['MIBEW_TEST_MYSQL_MISSING'] = 'there is no mariadbd in the PATH';
    return undefined;
  }
  const { url, stop } = await startServer(daemon, installer);
  process.env['MIBEW_TEST_MYSQL'] = url;
  return async () => {
    delete process.env['MIBEW_TEST_MYSQL'];
    await stop();
  };
}

/** The product as a process of its own, as a user runs it; killed and started again where a test wants it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './port.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const tsx = import.meta.resolve('tsx');

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Run what `npm run build` made, not the sources. */
  readonly built?: boolean;
  /** Text of a configuration file, for a server with a folder of its own. */
  readonly config?: string;
  /** Ids of plugins that are switched off from the first start on. */
  readonly without?: readonly string[];
  /** Ids of plugins that are switched on from the first start on. */
  readonly with?: readonly string[];
  /** Give the port where it must be known beforehand. */
  readonly port?: number;
  /** A command that runs the server, and leaves it the process id that it was started with. */
  readonly under?: readonly string[];
}
export interface Server {
  readonly port: number;
  readonly url: string;
  readonly data: string;
  /** All that it printed so far. */
  output(): string;
  /** Resolves when the running process ends by itself or is killed; gives the signal or exit code. */
  ended(): Promise<string | number>;
  /** SIGKILL, no warning. */
  kill(): Promise<void>;
  /** Starts again with the same data and port, after it ended; `env` on top of what it was first started with. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** SIGTERM; the data stay. */
  quit(): Promise<void>;
  /** SIGTERM, and the data folder is removed. */
  stop(): Promise<void>;
  /** Runs a command line against the same data folder. @returns exit code and output */
  command(args: readonly string[], stdin?: string): { readonly code: number; readonly output: string };
}

/** What may stand between a visitor and his conversation: a survey, and the form for a message while nobody is there. */
export const beforeChat: readonly string[] = ['survey', 'leave-message'];

/** Lines of the log that tell of an error. */
export const errorsIn = (output: string) => output.split('\n').filter((line) => /^\{"level":(50|60)/.test(line));

/** Starts the server and resolves when it listens. Rejects with its output when it ends before that. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const port = options.port ?? (await freePort());
  const data = await mkdtemp(join(tmpdir(), 'mibew-'));
  const entry = options.built ? [join(root, 'dist/kernel/cli.js')] : ['--import', tsx, join(root, 'kernel/cli.ts')];
  const cwd = options.config === undefined ? root : data;
  if (options.config !== undefined) await writeFile(join(data, 'mibew.config.ts'), options.config);
  const switched = Object.fromEntries([
    ...(options.without ?? []).map((id) => [id, false]),
    ...(options.with ?? []).map((id) => [id, true]),
  ]);
  await writeFile(join(data, 'plugins.json'), JSON.stringify(switched));
  // A server runs as it does for its users, whoever starts it: inside the test runner the kernel takes modules another way.
  const { VITEST: _, ...outside } = process.env;
  const env = { ...outside, HOST: '127.0.0.1', PORT: String(port), MIBEW_DATA: data, ...options.env };
  let child: ChildProcess | undefined;
  let printed = '';
  let end: Promise<string | number> = Promise.resolve(0);

  const start = async (extra: Readonly<Record<string, string>> = {}) => {
    const command = [...(options.under ?? []), process.execPath, ...entry, 'start'];
    const running = spawn(command[0]!, command.slice(1), {
      cwd,
      env: { ...env, ...extra },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = running;
    end = once(running, 'close').then(([code, signal]) => (signal ?? code) as string | number);
    let mine = '';
    await new Promise<void>((listening, failed) => {
      const read = (chunk: Buffer) => {
        printed += String(chunk);
        mine += String(chunk);
        if (/listens on/.test(mine)) listening();
      };
      running.stdout.on('data', read);
      running.stderr.on('data', read);
      end.then((why) => failed(new Error(`the server ended (${why}) before it listened:\n${mine}`)), failed);
    });
  };
  const quit = async () => {
    child?.kill('SIGTERM');
    await end;
  };
  await start();

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    data,
    output: () => printed,
    ended: () => end,
    kill: async () => {
      child?.kill('SIGKILL');
      await end;
    },
    start,
    quit,
    stop: async () => {
      await quit();
      await rm(data, { recursive: true, force: true });
    },
    command: (args, stdin = '') => {
      const done = spawnSync(process.execPath, [...entry, ...args], { cwd, env, input: stdin, encoding: 'utf8' });
      return { code: done.status ?? -1, output: done.stdout + done.stderr };
    },
  };
}

/** The socket in the data folder through which the command line runs commands in the running server. */
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { PluginError, reasonOf } from '../../kernel/index.ts';
import type { CommandIo } from './api.ts';
import type { CommandBook } from './book.ts';

/** One line of JSON in either direction. */
interface Line {
  readonly argv?: readonly string[];
  readonly needsInput?: true;
  readonly input?: string;
  readonly print?: string;
  readonly exit?: number;
  readonly error?: string;
}

const send = (socket: Socket, line: Line): void => void socket.write(`${JSON.stringify(line)}\n`);

// The path of a socket may have about a hundred bytes; a data folder may lie deeper than that.
const pathIn = (data: string): string => {
  const path = join(data, 'mibew.sock');
  return Buffer.byteLength(path) > 100 ? relative('.', path) : path;
};

async function open(data: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(pathIn(data), () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** Whether a server runs on this data folder. */
export async function isServed(data: string): Promise<boolean> {
  const socket = await open(data);
  socket?.destroy();
  return socket !== undefined;
}

/** Answers the command line. @returns a function that ends it. @throws PluginError ALREADY_RUNNING */
export async function serveCommands(data: string, commands: CommandBook): Promise<() => void> {
  const path = pathIn(data);
  const server = createServer((socket) => void answer(socket, commands));
  const listen = () =>
    new Promise<boolean>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error));
      server.once('error', failed).listen(path, () => {
        server.off('error', failed);
        resolve(true);
      });
    });
  // Of two servers that start at the same moment one gets the name; a file that nobody answers was left by a crash.
  if (!(await listen())) {
    if (await isServed(data)) throw running(data);
    rmSync(path, { force: true });
    if (!(await listen())) throw running(data);
  }
  // Whoever may connect may do everything.
  chmodSync(path, 0o600);
  server.unref();
  return () => void server.close();
}

const running = (folder: string) => new PluginError('ALREADY_RUNNING', { plugin: 'console', folder });

async function answer(socket: Socket, commands: CommandBook): Promise<void> {
  socket.on('error', () => socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async (): Promise<Line> => JSON.parse(String((await lines.next()).value ?? '{}')) as Line;
  try {
    const { argv = [] } = await next();
    const print = (line: string) => send(socket, { print: line });
    const stdin = async () => {
      send(socket, { needsInput: true });
      return (await next()).input ?? '';
    };
    send(socket, { exit: await commands.run(argv, { stdin, print }) });
  } catch (error) {
    send(socket, {
      exit: 1,
      error: error instanceof PluginError ? `${error.code}: ${error.message}` : reasonOf(error),
    });
  }
  socket.end();
}

/** Runs a command in the running server. @returns its exit code, or undefined when none runs */
export async function runRemotely(
  data: string,
  argv: readonly string[],
  { stdin, print, complain }: CommandIo & { readonly complain: (line: string) => void },
): Promise<number | undefined> {
  const socket = await open(data);
  if (!socket) return undefined;
  send(socket, { argv });
  for await (const text of createInterface({ input: socket })) {
    const line = JSON.parse(text) as Line;
    if (line.print !== undefined) print(line.print);
    if (line.needsInput) send(socket, { input: await stdin() });
    if (line.error !== undefined) complain(line.error);
    if (line.exit !== undefined) return line.exit;
  }
  complain('the server went away before the command ended');
  return 1;
}

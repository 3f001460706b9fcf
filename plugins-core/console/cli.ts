/** `mibew`: `start` runs the server, every other command runs in it, or in a kernel of its own when none runs. */
import { text } from 'node:stream/consumers';
import { createKernel, formatReport, listen, listening, PluginError, reasonOf } from '../../kernel/index.ts';
import type { KernelReport } from '../../kernel/index.ts';
import { createLog } from '../../kernel/log.ts';
import { commandLine } from './api.ts';
import { isServed, runRemotely } from './socket.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** Why the product cannot run: what failed first, not all that waits for it. */
function causesOf({ plugins }: KernelReport): readonly { readonly code: string; readonly text: string }[] {
  const broken = plugins.filter(({ status, essential }) => essential && status !== 'active');
  const failed = broken.filter(({ status }) => status === 'failed');
  return (failed.length > 0 ? failed : broken).flatMap(({ id, problems }) =>
    problems.map(({ code, message, hint }) => ({ code, text: `${id}: ${code}: ${message}${hint && `\n${hint}`}` })),
  );
}

async function start(): Promise<void> {
  // Whoever read what is printed may go away; that is no reason to end a server.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const kernel = await createKernel();
  const { data } = kernel.config;
  // Two servers on one embedded database would be two writers of one file: find out before anything is opened.
  if (await isServed(data)) throw new PluginError('ALREADY_RUNNING', { plugin: 'kernel', folder: data });
  const report = await kernel.boot();
  const causes = causesOf(report);
  if (causes.length > 0) {
    complain(causes.map(({ text }) => text).join('\n'));
    await kernel.stop();
    process.exit(causes.some(({ code }) => code === 'CONFIG_INVALID') ? 2 : 1);
  }
  if (report.plugins.some(({ problems }) => problems.length > 0)) complain(formatReport(report));
  await kernel.service(commandLine).serve();
  const server = await listen(kernel);
  let ending = false;
  const end = async (code: number): Promise<void> => {
    if (ending) process.exit(1);
    ending = true;
    await server.close();
    process.exit(code);
  };
  const log = kernel.log.child({ plugin: 'kernel' });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(0));
  process.on('unhandledRejection', (error) => log.error({ error }, 'a rejection that nobody handled'));
  process.on('uncaughtException', (error) => {
    log.fatal({ error }, 'an exception that nobody caught');
    void end(1);
  });
  print(`mibew ${kernel.version} listens on ${server.address}`);
  await kernel.call(listening, { address: server.address, print });
}

async function run(argv: readonly string[]): Promise<number> {
  const kernel = await createKernel({ log: createLog({ level: 'warn' }) });
  const stdin = () => text(process.stdin);
  const remote = await runRemotely(kernel.config.data, argv, { stdin, print, complain });
  if (remote !== undefined) return remote;
  // A command that is not there may be one of those that could not start.
  for (const { text } of causesOf(await kernel.boot())) complain(text);
  try {
    return await kernel.service(commandLine).run(argv, { stdin, print });
  } finally {
    await kernel.stop();
  }
}

const argv = process.argv.slice(2);
try {
  if (argv[0] === 'start') await start();
  else process.exitCode = await run(argv.length === 0 || argv[0] === '--help' ? ['help'] : argv);
} catch (error) {
  const known = error instanceof PluginError;
  complain(known ? `${error.code}: ${error.message}\n${error.hint}` : `failed: ${reasonOf(error)}`);
  process.exit(known && error.code === 'CONFIG_INVALID' ? 2 : 1);
}

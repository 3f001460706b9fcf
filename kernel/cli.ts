/** The command line `mibew`: `start` runs the server, every other command runs in it, or in a kernel of its own. */
import { text } from 'node:stream/consumers';
import { PluginError, reasonOf } from './errors.ts';
import { createKernel } from './kernel.ts';
import { createLog } from './log.ts';
import { formatReport } from './report.ts';
import { listen } from './server.ts';
import { runRemotely, serveCommands } from './socket.ts';
import { listening } from './tokens.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

async function start(): Promise<void> {
  const kernel = await createKernel();
  const endCommands = await serveCommands(kernel.config.data, kernel.commands);
  const report = await kernel.boot();
  const broken = report.plugins.filter(({ status, essential }) => essential && status !== 'active');
  if (report.plugins.some(({ problems }) => problems.length > 0)) complain(formatReport(report));
  if (broken.length > 0) {
    await kernel.stop();
    process.exit(broken.some(({ problems }) => problems[0]?.code === 'CONFIG_INVALID') ? 2 : 1);
  }
  const server = await listen(kernel);
  let ending = false;
  const end = async (code: number): Promise<void> => {
    if (ending) process.exit(1);
    ending = true;
    endCommands();
    await server.close();
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(0));
  const log = kernel.log.child({ plugin: 'kernel' });
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
  await kernel.boot();
  try {
    return await kernel.commands.run(argv, { stdin, print });
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

/** Commands: contributed to a point of the kernel, run in the running server over a socket, or in a kernel of their own. */
import { parseArgs, type ArgsDef } from 'citty';
import { asPluginError, PluginError, reasonOf } from './errors.ts';
import type { Kernel } from './plugin.ts';
import type { PointRegistry } from './points.ts';
import { formatReport } from './report.ts';
import { definePoint, type PointToken } from './tokens.ts';

/** What a command gets. */
export interface CommandCall {
  /** Flags and positionals by name. */
  readonly args: Readonly<Record<string, string | boolean | undefined>>;
  /** Reads all of the standard input of whoever typed the command. */
  stdin(): Promise<string>;
  print(line: string): void;
}

/** A command of the command line. */
export interface Command {
  /** One or two words: `backup`, `plugin list`. */
  readonly name: string;
  readonly summary: string;
  readonly args?: Readonly<Record<string, CommandArg>>;
  /** @returns the exit code, 0 unless given */
  run(call: CommandCall): Promise<number | void> | number | void;
}

/** One flag (`--name value`, `--name`), or a word by its position. */
export interface CommandArg {
  readonly type: 'string' | 'boolean' | 'positional';
  readonly description?: string;
  readonly required?: boolean;
  readonly default?: string | boolean;
}

/**
 * The point for commands.
 *
 * @example
 * contributes: [commands([{ name: 'greet', summary: 'Says hello', args: { name: { type: 'string' } },
 *   run({ args, print }) { print(`Hello, ${args.name ?? 'you'}`); } }])]
 */
export const commands: PointToken<readonly Command[]> = definePoint('kernel.commands');

/** The commands of one kernel. */
export interface CommandBook {
  collect(points: PointRegistry, kernel: Kernel, blame: (error: PluginError) => void): Promise<void>;
  list(): readonly Command[];
  /** @returns the exit code. @throws PluginError COMMAND_INVALID */
  run(argv: readonly string[], io: Pick<CommandCall, 'stdin' | 'print'>): Promise<number>;
}

/** Makes the book, with the kernel's own commands in it. */
export function commandBook(): CommandBook {
  const book = new Map<string, Command>();
  const add = (list: readonly Command[]) => {
    for (const { name } of list) if (book.has(name)) throw new Error(`there already is a command "${name}"`);
    for (const command of list) book.set(command.name, command);
    return () => list.forEach(({ name }) => book.delete(name));
  };
  return {
    async collect(points, kernel, blame) {
      add([...ownCommands(kernel), help(() => this.list())]);
      const rejected = (_: string, error: PluginError) => blame(error);
      await points.collect('kernel', commands.id, (value) => add(value as readonly Command[]), rejected);
    },
    list: () => [...book.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    async run(argv, io) {
      const words = [2, 1].find((count) => book.has(argv.slice(0, count).join(' ')) && argv.length >= count);
      if (!words) throw invalid(`there is no command "${argv.slice(0, 2).join(' ')}"`);
      const command = book.get(argv.slice(0, words).join(' '))!;
      const args = readArgs(command, argv.slice(words));
      return (await command.run({ ...io, args })) ?? 0;
    },
  };
}

const invalid = (reason: string) => new PluginError('COMMAND_INVALID', { plugin: 'kernel', reason });

function readArgs({ name, args = {} }: Command, argv: readonly string[]): CommandCall['args'] {
  try {
    const parsed = parseArgs([...argv], args as ArgsDef) as Record<string, string | boolean | undefined>;
    const unknown = Object.keys(parsed).find(
      (key) => key !== '_' && !Object.hasOwn(args, camel(key)) && !Object.hasOwn(args, kebab(key)),
    );
    if (unknown) throw new Error(`there is no flag --${kebab(unknown)}`);
    return Object.fromEntries(Object.keys(args).map((key) => [key, parsed[key]]));
  } catch (error) {
    throw asPluginError(error, 'COMMAND_INVALID', { plugin: 'kernel', reason: `mibew ${name}: ${reasonOf(error)}` });
  }
}

const camel = (key: string) => key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const id = { id: { type: 'positional', required: true, description: 'id of the plugin' } } as const;

const help = (list: () => readonly Command[]): Command => ({
  name: 'help',
  summary: 'Lists the commands',
  run({ print }) {
    print('mibew start: runs the server');
    for (const { name, summary, args = {} } of list()) {
      const flags = Object.entries(args).map(([key, { type, required }]) => {
        const text = type === 'positional' ? `<${key}>` : `--${kebab(key)}${type === 'string' ? ' <text>' : ''}`;
        return required ? ` ${text}` : ` [${text}]`;
      });
      print(`mibew ${name}${flags.join('')}: ${summary}`);
    }
  },
});

function ownCommands(kernel: Kernel): Command[] {
  const plan = (change: { enable?: string; disable?: string }, print: (line: string) => void): number => {
    const { starts, stops, refused } = kernel.plan(change);
    if (refused) print(`refused  ${refused.code}  ${refused.message} (${refused.hint})`);
    else print(`stops: ${stops.join(', ') || 'nothing else'}\nstarts: ${starts.join(', ') || 'nothing else'}`);
    return refused ? 1 : 0;
  };
  const switchTo = (what: 'enable' | 'disable'): Command => ({
    name: `plugin ${what}`,
    summary: `${what === 'enable' ? 'Starts' : 'Stops'} a plugin, without a restart`,
    args: id,
    async run({ args, print }) {
      const name = String(args['id']);
      const report = await kernel[what](name);
      const { status, problems } = report.plugins.find((plugin) => plugin.id === name)!;
      print([`${name}: ${status}`, ...problems.map(({ code, message }) => `${code}  ${message}`)].join('\n'));
      return what === 'enable' && status !== 'active' ? 1 : 0;
    },
  });
  return [
    {
      name: 'plugin list',
      summary: 'Lists all plugins and their states',
      run: ({ print }) => print(formatReport(kernel.report(), true)),
    },
    {
      name: 'plugin plan',
      summary: 'Tells what switching a plugin would stop and start',
      args: { ...id, disable: { type: 'boolean', description: 'plan for switching it off' } },
      run: ({ args, print }) => plan({ [args['disable'] ? 'disable' : 'enable']: String(args['id']) }, print),
    },
    switchTo('enable'),
    switchTo('disable'),
    {
      name: 'doctor',
      summary: 'Checks configuration, data folder and plugins',
      run({ print }) {
        const { config, version } = kernel;
        const report = kernel.report();
        print(`mibew ${version} on Node ${process.version}\ndata: ${config.data}\nport: ${config.port}`);
        print(`address: ${config.publicUrl?.href ?? 'not set, taken from each request'}\n${formatReport(report)}`);
        return report.plugins.some(({ status }) => status === 'failed' || status === 'waiting') ? 1 : 0;
      },
    },
  ];
}

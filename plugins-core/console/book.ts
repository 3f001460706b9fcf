/** The book of commands: who contributed which, and how the words after `mibew` become a call. */
import { parseArgs } from 'node:util';
import { asPluginError, PluginError } from '../../kernel/errors.ts';
import type { Command, CommandCall } from '../../kernel/index.ts';
import type { CommandIo } from './api.ts';

/** All commands, by name. */
export interface CommandBook {
  /** @returns a function that takes them out again. @throws Error when a name is taken */
  readonly add: (commands: readonly Command[]) => () => void;
  readonly list: () => readonly Command[];
  readonly run: (argv: readonly string[], io: CommandIo) => Promise<number>;
}

/** Makes an empty book. */
export function createBook(): CommandBook {
  const book = new Map<string, Command>();
  return {
    add(commands) {
      const taken = commands.find(({ name }) => book.has(name));
      if (taken) throw new Error(`there already is a command "${taken.name}"`);
      for (const command of commands) book.set(command.name, command);
      return () => commands.forEach(({ name }) => book.delete(name));
    },
    list: () => [...book.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    async run(argv, io) {
      const words = [2, 1].find((count) => argv.length >= count && book.has(argv.slice(0, count).join(' ')));
      const command = words && book.get(argv.slice(0, words).join(' '));
      if (!command) throw invalid(`there is no command "${argv.slice(0, 2).join(' ')}"`);
      return (await command.run({ ...io, args: readArgs(command, argv.slice(words)) })) ?? 0;
    },
  };
}

const invalid = (reason: string) => new PluginError('COMMAND_INVALID', { plugin: 'console', reason });

/** Reads flags and positionals as the command declares them. @throws PluginError COMMAND_INVALID */
export function readArgs({ name, args = {} }: Command, argv: readonly string[]): CommandCall['args'] {
  const declared = Object.entries(args);
  const flags = declared.flatMap(([key, { type }]) => (type === 'positional' ? [] : [[key, { type }] as const]));
  const places = declared.filter(([, { type }]) => type === 'positional').map(([key]) => key);
  try {
    const read = parseArgs({ args: [...argv], options: Object.fromEntries(flags), allowPositionals: true });
    if (read.positionals.length > places.length) throw new Error(`what is "${read.positionals[places.length]}"?`);
    const given = {
      ...read.values,
      ...Object.fromEntries(read.positionals.map((word, index) => [places[index], word])),
    };
    const missing = declared.find(([key, { required }]) => required && given[key] === undefined);
    if (missing) throw new Error(`${missing[0]} is missing`);
    const values = declared.map(([key, { default: preset }]) => [key, given[key] ?? preset]);
    return Object.fromEntries(values) as CommandCall['args'];
  } catch (error) {
    throw asPluginError(error, 'COMMAND_INVALID', {
      plugin: 'console',
      reason: `mibew ${name}: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

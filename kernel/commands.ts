/** Commands of the command line. Contributions only: whoever collects them finds, checks and runs them. */
import { definePoint } from './tokens.ts';

/** What a command gets. */
export interface CommandCall {
  /** Flags and positionals by name. */
  readonly args: Readonly<Record<string, string | boolean | undefined>>;
  /** Reads all of the standard input of whoever typed the command. */
  readonly stdin: () => Promise<string>;
  readonly print: (line: string) => void;
}

/** A flag (`--name value`, `--name`), or a word by its position. */
export interface CommandArg {
  readonly type: 'string' | 'boolean' | 'positional';
  readonly description?: string;
  readonly required?: boolean;
  readonly default?: string | boolean;
}

/** A command. */
export interface Command {
  /** One or two words: `backup`, `plugin list`. */
  readonly name: string;
  readonly summary: string;
  readonly args?: Readonly<Record<string, CommandArg>>;
  /** @returns the exit code, 0 unless given */
  run(call: CommandCall): Promise<number | void> | number | void;
}

/**
 * The point for commands: they run in the running server, or in a kernel of their own when none runs.
 *
 * @example
 * contributes: [
 *   commands([{ name: 'hello', summary: 'Says hello', run: ({ print }) => print('Hello') }]),
 * ]
 */
export const commands = definePoint<readonly Command[]>('kernel.commands');

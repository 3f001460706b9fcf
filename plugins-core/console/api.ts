/** The command line: runs what plugins contribute to `commands` of `mibew/kernel`. */
import { defineService } from '../../kernel/tokens.ts';

/** Where a command reads and writes. */
export interface CommandIo {
  /** Reads all of the standard input of whoever typed the command. */
  readonly stdin: () => Promise<string>;
  readonly print: (line: string) => void;
}

/** Finds and runs commands. */
export interface CommandLine {
  /**
   * Runs a command in this process.
   *
   * @returns its exit code
   * @throws PluginError COMMAND_INVALID, when there is no such command, flag or word
   * @example
   * await commandLine.run(['plugin', 'list'], { print: console.log, stdin: async () => '' });
   */
  readonly run: (argv: readonly string[], io: CommandIo) => Promise<number>;
  /**
   * Answers the command line over a socket in the data folder, until the plugin stops.
   *
   * @throws PluginError ALREADY_RUNNING
   */
  readonly serve: () => Promise<void>;
}

/** The command line as a service. */
export const commandLine = defineService<CommandLine>('console.commandLine');

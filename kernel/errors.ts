/** One catalogue of everything the kernel reports: code, message, and how to cure it. Each has a page in docs/reference/errors. */
import type { Problem } from './plugin.ts';

/** Code → [message pattern, hint]. `{name}` is filled from the details. */
export const catalogue = {
  MANIFEST_INVALID: ['{reason}', 'Correct package.json beside the plugin; docs/guides/plugin.md shows one.'],
  PLUGIN_DUPLICATE: ['"{id}" is also in {other}', 'Remove one of the two folders, or give one plugin another id.'],
  PLUGIN_UNKNOWN: ['there is no plugin "{id}"', 'Look at `mibew plugin list`.'],
  PLUGIN_ESSENTIAL: ['essential, it cannot be disabled', 'Nothing to do: the product does not run without it.'],
  PLUGIN_STOPPED: [
    'used {what} after it was stopped',
    'Put timers and sockets into ctx.effect, so that they end with it.',
  ],
  KERNEL_RANGE: ['needs mibew {range}, this is {version}', 'Install a version of the plugin made for this product.'],
  DEPENDENCY_MISSING: ['needs {chain} {range}, not installed', 'Install the missing plugin.'],
  DEPENDENCY_TOO_OLD: ['needs {chain} {range}, installed {version}', 'Update the plugin that is too old.'],
  DEPENDENCY_TOO_NEW: ['needs {chain} {range}, installed {version}', 'Update the plugin that asks for the older one.'],
  DEPENDENCY_DISABLED: ['needs {chain}, which is disabled', 'Enable it, and this plugin starts with it.'],
  DEPENDENCY_CYCLE: ['needs itself: {chain}', 'Break the circle: one of them listens to a hook instead.'],
  DEPENDENCY_FAILED: ['needs {chain}, which did not start', 'Cure the other plugin first; its own line tells how.'],
  IMPORT_FAILED: ['{reason}', 'Look at the stack in the log; is the plugin built, its default export a definition?'],
  CONFIG_INVALID: ['{reason}', 'Correct the value in the file or variable named.'],
  SERVICE_MISSING: ['service "{service}": {reason}', 'Name the provider under mibew.plugins in package.json.'],
  SERVICE_CONFLICT: ['service "{service}" is already provided by {other}', 'Disable one of the two.'],
  SERVICE_NOT_PROVIDED: ['setup ended without providing "{service}"', 'Call ctx.provide, or take it out of provides.'],
  CONTRIBUTION_REJECTED: [
    'contribution to "{point}": {reason}',
    'Correct the contribution, or depend on its collector.',
  ],
  ROUTE_CONFLICT: ['{route} is already taken by {other}', 'Change the path or name, or disable one of the two.'],
  ROUTE_UNKNOWN: ['no address for route "{route}": {reason}', 'Check name and parameters; is its plugin active?'],
  SETUP_FAILED: ['{reason}', 'Look at the stack in the log; everything it had switched on was undone.'],
  SETUP_TIMEOUT: ['setup took longer than {seconds} s', 'Move slow work into an effect; do not wait for the network.'],
  HOOK_FAILED: ['{hook}: {reason}', 'Look at the stack in the log, next to plugin and hook.'],
  HOOK_TRIPPED: ['{hook}: {reason}; it is left out for now', 'Make the listener cheaper, or correct what it throws.'],
  DISPOSE_FAILED: ['{effect}: {reason}', 'The effect may still be there; a restart ends it.'],
  KERNEL_TWICE: ['a second copy of the kernel: {second}, running is {first}', 'Import only mibew/…, never a path.'],
  LISTEN_FAILED: ['{reason}', 'Choose another PORT or HOST, or stop the other program.'],
  ALREADY_RUNNING: ['a server is running on {folder}', 'Stop it first, or give this one a data folder of its own.'],
  COMMAND_INVALID: ['{reason}', '`mibew --help` lists the commands.'],
  NOT_FOUND: ['there is nothing at this address', 'Check the address.'],
  METHOD_NOT_ALLOWED: ['this address does not take {method}', 'Use one of the methods in the Allow header.'],
  ACCESS_REFUSED: ['you may not open this address', 'Log in, or ask for the permission.'],
  PLUGIN_STOPPING: ['this part of the server is being switched', 'Try again in a moment.'],
  INTERNAL_ERROR: ['something went wrong on the server', 'The log tells more.'],
  NOT_READY: ['{reason}', 'Wait, or look at the log.'],
} as const satisfies Record<string, readonly [string, string]>;

/** A code of the {@link catalogue}. */
export type ErrorCode = keyof typeof catalogue;

/** Message and hint of a code; a code of a plugin's own has the `reason` for its message. */
export function describeError(code: string, details: Readonly<Record<string, unknown>> = {}): Omit<Problem, 'code'> {
  const [pattern, hint] = Object.hasOwn(catalogue, code) ? catalogue[code as ErrorCode] : ['{reason}', ''];
  return {
    message: pattern.replace(/\{(\w+)\}/g, (_, key: string) => (details[key] as string | undefined) ?? ''),
    hint,
  };
}

/** What went wrong, in whose name, and where. Plugins may use codes of their own; `reason` is then the message. */
export type ErrorDetails = {
  plugin: string;
  where?: string;
  cause?: unknown;
  reason?: string;
  [detail: string]: unknown;
};

/**
 * An error with a code and an author. There are no subclasses: look at `code`.
 *
 * @example
 * throw new PluginError('CONTRIBUTION_REJECTED', { plugin: owner.id, point: 'db.tables', reason: 'no columns' });
 */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  readonly code: string;
  readonly plugin: string;
  readonly where: string | undefined;
  readonly hint: string;

  constructor(code: ErrorCode | (string & {}), details: ErrorDetails) {
    const { message, hint } = describeError(code, details);
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    [this.code, this.hint, this.plugin, this.where] = [code, hint, details.plugin, details.where];
  }

  /** As the report shows it. */
  toProblem(): Problem {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}

/** The sentence in anything that was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Makes a PluginError of anything thrown; one that already is stays itself. */
export const asPluginError = (error: unknown, code: ErrorCode, details: ErrorDetails): PluginError =>
  error instanceof PluginError ? error : new PluginError(code, { reason: reasonOf(error), cause: error, ...details });

// Two copies of the kernel would each have a PluginError, so `instanceof` would lie. A test runner evaluates the same
// file anew for each test file; that is a reload of one copy, not a second one.
const running = globalThis as { [key: symbol]: string | undefined };
const mark = Symbol.for('mibew.kernel');
const first = running[mark];
if (first !== undefined && (first !== import.meta.url || process.env['VITEST'] === undefined))
  throw new PluginError('KERNEL_TWICE', { plugin: 'kernel', first, second: import.meta.url });
running[mark] = import.meta.url;

/** Workers of plugins: one helper, since source and built code start differently. */
import { pathToFileURL } from 'node:url';
import { runnable } from './place.ts';
import type { PluginRef } from './plugin.ts';

/**
 * Starts a worker on a file of a plugin, given as its TypeScript source relative to the plugin's root: the built
 * server runs the JavaScript made of it, development the source through tsx.
 *
 * @param Worker the class of Node's worker module
 * @example
 * const worker = startWorker(Worker, ctx.plugin, 'background.ts', { file });
 */
export function startWorker<W>(
  Worker: new (file: URL, options: { workerData: unknown; execArgv: string[] }) => W,
  owner: PluginRef,
  path: string,
  workerData?: unknown,
): W {
  const file = runnable(owner.root, path);
  const execArgv = file.endsWith('ts') ? ['--import', import.meta.resolve('tsx')] : [];
  return new Worker(pathToFileURL(file), { workerData, execArgv });
}

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
export function startWorker<W>(Worker: Class<W>, owner: PluginRef, path: string, workerData?: unknown): W {
  const file = pathToFileURL(runnable(owner.root, path));
  return new Worker(file.href.endsWith('ts') ? throughTsx(file) : file, { workerData });
}

type Class<W> = new (file: URL, options: { workerData: unknown }) => W;

/** tsx given by `--import` does not reach the first file of a worker on Node 20; registered inside it does. */
function throughTsx(file: URL): URL {
  const [tsx, source] = [import.meta.resolve('tsx/esm/api'), file.href].map((address) => JSON.stringify(address));
  const code = `import { register } from ${tsx}; register(); await import(${source});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

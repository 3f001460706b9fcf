/**
 * Imports of `mibew/…` lead to the kernel that runs, wherever the plugin lies and whatever copy of the package is
 * installed beside it. This file is both sides: {@link rerootImports} for the process, `resolve` for Node's loader.
 */
import { register, type ResolveHook } from 'node:module';
import { pathToFileURL } from 'node:url';
import { codeRoot, isBuilt } from './place.ts';

const files: Readonly<Record<string, string>> = {
  'mibew/kernel': 'kernel/index',
  'mibew/tokens': 'kernel/tokens',
  'mibew/testing': 'kernel/testing',
  'mibew/client': 'plugins-core/client/client/index',
};
const base = pathToFileURL(codeRoot).href;

/** The address of the host's own file behind a specifier; undefined for everything that is not ours. */
function hostFile(specifier: string): string | undefined {
  const plugin = /^mibew\/plugins\/([\w-]+)$/.exec(specifier)?.[1];
  const file = plugin ? `plugins-core/${plugin}/api` : files[specifier];
  return file && `${base}${file}${isBuilt ? '.js' : '.ts'}`;
}

/** Node calls this for every import. */
export const resolve: ResolveHook = (specifier, context, next) => next(hostFile(specifier) ?? specifier, context);

let done = false;
/** Switches the hook on, once in a process. Test runners have a resolver of their own and an alias for us. */
export function rerootImports(): void {
  if (done || process.env['VITEST'] !== undefined) return;
  done = true;
  register(import.meta.url);
}

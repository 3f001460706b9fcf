/** Where the product lies, and whether its built JavaScript or its source runs. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** True when the built JavaScript in `dist/` runs. */
export const isBuilt = import.meta.url.endsWith('.js');

/** The folder of the product's package.json. */
export const productRoot = fileURLToPath(new URL(isBuilt ? '../../' : '../', import.meta.url));

/** The file to run for a source file of a plugin: the source itself, or what was built of it. */
export function runnable(root: string, file: string): string {
  const source = resolve(root, file);
  if (!isBuilt || !/\.m?ts$/.test(source)) return source;
  const inside = relative(productRoot, source);
  const folder = inside.startsWith('..') || inside.includes('node_modules') ? root : productRoot;
  const built = join(folder, 'dist', relative(folder, source)).replace(/ts$/, 'js');
  return existsSync(built) ? built : source;
}

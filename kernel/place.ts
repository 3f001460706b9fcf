/** Where the product lies, and whether its built JavaScript or its source runs. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** True when built JavaScript runs. */
export const isBuilt = import.meta.url.endsWith('.js');
/** The folder above `kernel/`: of the source the product itself, of built code its `dist/`. */
export const codeRoot = fileURLToPath(new URL('../', import.meta.url));
/** The folder of the product's package.json. */
export const productRoot = isBuilt ? resolve(codeRoot, '..') : resolve(codeRoot);

/** The file to run for a source file of a plugin: the source itself, or what was built of it. */
export function runnable(root: string, file: string): string {
  const source = resolve(root, file);
  if (!isBuilt || !/\.m?ts$/.test(source)) return source;
  const inside = relative(productRoot, source);
  const ours = !inside.startsWith('..') && !inside.includes('node_modules');
  const built = (ours ? join(codeRoot, inside) : join(root, 'dist', relative(root, source))).replace(/ts$/, 'js');
  return existsSync(built) ? built : source;
}

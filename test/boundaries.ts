/**
 * The walls of the house: who may import whom. `npm run lint` runs this file; it prints each breach and exits with 1.
 * Only imports that exist at run time count: esbuild drops type imports before they are seen here.
 */
import { readdirSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** One import of a module by a file; both relative to the root, `target` is a bare specifier for packages. */
export interface Import {
  readonly file: string;
  readonly target: string;
}

const clientDoor = 'plugins-core/client/client/index.ts';
const pluginOf = (path: string) => /^plugins-(?:core|contrib)\/[^/]+/.exec(path)?.[0];
const isTest = (path: string) => /(^|\/)(test|testing)(\/|\.)/.test(path) || path.endsWith('.test.ts');
const isPath = (target: string) => /^(kernel|plugins-|themes|widget|test|bench)/.test(target);

/** @returns why this import is not allowed, or undefined */
export function breach({ file, target }: Import): string | undefined {
  if (isTest(file)) return undefined;
  const from = pluginOf(file);
  const into = pluginOf(target);
  if (file.startsWith('kernel/') && /^(plugins-|themes\/|widget\/)/.test(target)) {
    return 'the kernel knows no plugin: offer a hook, point or service instead';
  }
  if (file.startsWith('widget/') && !target.startsWith('widget/')) {
    return 'widget/ is a bundle of its own and imports nothing from outside widget/ (types excepted)';
  }
  if (from && file.endsWith('/api.ts')) {
    if (target.startsWith('kernel/') && target !== 'kernel/tokens.ts') {
      return 'an api.ts imports no kernel file but kernel/tokens.ts (types excepted)';
    }
    if (/^(drizzle-orm|hono|node:)/.test(target)) return 'an api.ts is contracts only, safe for the browser to import';
  }
  if (from && into && from !== into && target !== `${into}/api.ts` && target !== clientDoor) {
    return `reach another plugin through its api.ts (or ${clientDoor} in browser code)`;
  }
  if (from?.startsWith('plugins-contrib/') && isPath(target) && !into) {
    return 'contributed plugins import mibew/kernel, mibew/tokens … as a stranger would';
  }
  return undefined;
}

/** All imports of these files that exist at run time. */
export async function importsOf(root: string, files: readonly string[]): Promise<Import[]> {
  const found: Import[] = [];
  await build({
    entryPoints: files.map((file) => resolve(root, file)),
    bundle: true,
    write: false,
    outdir: 'unused',
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    plugins: [
      {
        name: 'collect-imports',
        setup(bundle) {
          bundle.onResolve({ filter: /.*/ }, ({ kind, path, importer }) => {
            if (kind === 'entry-point') return undefined;
            const target = path.startsWith('.') ? relative(root, resolve(dirname(importer), path)) : path;
            found.push({ file: relative(root, importer).split(sep).join('/'), target: target.split(sep).join('/') });
            return { path, external: true };
          });
        },
      },
    ],
  });
  return found;
}

/** Every source file of the product, relative to the root. */
export function sources(root: string): string[] {
  return ['kernel', 'plugins-core', 'plugins-contrib', 'widget'].flatMap((top) => {
    const entries = readdirSync(resolve(root, top), { recursive: true, encoding: 'utf8' });
    return entries
      .map((entry) => `${top}/${entry.split(sep).join('/')}`)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !/\/(node_modules|dist)\//.test(file));
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const breaches = (await importsOf(root, sources(root))).flatMap((one) => {
    const why = breach(one);
    return why ? [`${one.file} imports ${one.target}: ${why}`] : [];
  });
  for (const line of breaches) process.stderr.write(`${line}\n`);
  process.stdout.write(`boundaries: ${breaches.length} breached\n`);
  if (breaches.length > 0) process.exitCode = 1;
}

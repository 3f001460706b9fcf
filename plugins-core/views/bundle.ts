/** Bundles: one ES module per client app by esbuild, the library `mibew/client` left outside of all of them. */
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type * as Esbuild from 'esbuild';
import { PluginError, reasonOf } from '../../kernel/errors.ts';
import { productRoot } from '../../kernel/place.ts';
import type { Built } from './store.ts';

const require = createRequire(import.meta.url);

/** What {@link bundle} takes. */
export interface BundleOptions {
  /** Absolute path of the entry. */
  readonly entry: string;
  /** Who is to blame. */
  readonly owner: string;
  /** Absolute path of the library's entry, and the specifier that stands for it: `./client.3f2a91bc04.js`. */
  readonly library?: { readonly entry: string; readonly specifier: string };
  /** A script for host pages, ES2017, instead of a module. */
  readonly classic?: boolean;
}

/** esbuild starts a process of its own, so it is loaded when something is to be built and ended afterwards. */
let loaded: Promise<typeof Esbuild> | undefined;
const esbuild = () => (loaded ??= import('esbuild'));
/** Ends esbuild's process, if there is one. */
export const endBundler = async (): Promise<void> => (await loaded)?.stop();

/** @throws PluginError BUNDLE_FAILED with esbuild's own words */
export async function bundle({ entry, owner, library, classic = false }: BundleOptions): Promise<Built> {
  const { build } = await esbuild();
  try {
    const result = await build({
      entryPoints: [entry],
      absWorkingDir: productRoot,
      bundle: true,
      format: classic ? 'iife' : 'esm',
      target: classic ? 'es2017' : 'es2022',
      platform: 'browser',
      charset: 'utf8',
      legalComments: 'none',
      minify: true,
      write: false,
      metafile: true,
      logLevel: 'silent',
      conditions: ['source'],
      plugins: [shared(library), handlebarsRuntime],
    });
    const inputs = Object.keys(result.metafile.inputs).map((file) => resolve(productRoot, file));
    return { body: result.outputFiles[0]!.text, inputs };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PluginError('BUNDLE_FAILED', { plugin: owner, where: entry, reason, cause });
  }
}

/** `mibew/client`, and the relative way to the same file, become the address of the one hashed module. */
const shared = (library: BundleOptions['library']): Esbuild.Plugin => ({
  name: 'mibew-client',
  setup(build) {
    const outside = { path: library?.specifier, external: true };
    const missing = { errors: [{ text: 'there is no plugin "client" whose library could be imported' }] };
    build.onResolve({ filter: /^mibew\/client$/ }, () => (library ? outside : missing));
    if (!library) return;
    build.onResolve({ filter: /^\.{1,2}\/.*index(\.[jt]s)?$/ }, ({ path, importer }) =>
      resolve(dirname(importer), path.replace(/(\.[jt]s)?$/, '.ts')) === library.entry && importer !== ''
        ? outside
        : undefined,
    );
  },
});

/** The runtime bundles smaller from its CommonJS files than the ready-made one is. */
const handlebarsRuntime: Esbuild.Plugin = {
  name: 'handlebars-runtime',
  setup(build) {
    const path = require.resolve('handlebars/dist/cjs/handlebars.runtime.js');
    build.onResolve({ filter: /^handlebars(\/(dist\/cjs\/handlebars\.)?runtime(\.js)?)?$/ }, ({ importer }) =>
      importer.includes('handlebars/dist/') ? undefined : { path },
    );
  },
};

/** Minifies a module. @throws PluginError BUNDLE_FAILED */
export const minifyJs = (source: string, owner: string): Promise<string> => minify(source, 'js', owner);
/** Minifies a style sheet. @throws PluginError BUNDLE_FAILED */
export const minifyCss = (css: string, owner: string): Promise<string> => minify(css, 'css', owner);

async function minify(source: string, loader: 'js' | 'css', owner: string): Promise<string> {
  const { transform } = await esbuild();
  // A module is data for browsers of the same age as the bundles; es2022 says nothing about style sheets.
  const target = loader === 'js' ? 'es2022' : undefined;
  try {
    const { code, warnings } = await transform(source, {
      loader,
      target,
      minify: true,
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
    });
    const [first] = warnings;
    if (first) throw new Error(`${first.text} (line ${first.location?.line}: ${first.location?.lineText.trim()})`);
    return code.trim();
  } catch (cause) {
    throw new PluginError('BUNDLE_FAILED', { plugin: owner, where: loader, reason: reasonOf(cause), cause });
  }
}

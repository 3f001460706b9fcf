/** Finds plugins, reads their manifests and imports their code. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asPluginError, PluginError } from './errors.ts';
import { parseManifest, type AnyDefinition, type Manifest } from './manifest.ts';
import { productRoot, runnable } from './place.ts';

/** A plugin that was found: its manifest, or why that is no good. */
export interface Candidate {
  readonly root: string;
  readonly manifest?: Manifest;
  readonly error?: PluginError;
  /** Given instead of being imported, in tests. */
  readonly definition?: AnyDefinition;
}

const foldersIn = (dir: string): string[] =>
  (existsSync(dir) ? readdirSync(dir) : [])
    .map((name) => join(dir, name))
    .filter((path) => !basename(path).startsWith('.') && statSync(path, { throwIfNoEntry: false })?.isDirectory());

/**
 * Finds plugins in the product, in the installation's folder and packages, and where its configuration says. Earlier
 * ones win over later ones with the same id, so what comes with the product cannot be replaced by accident.
 */
export function findPlugins(dir: string, folders: readonly string[]): Candidate[] {
  const hosts = [...new Set([productRoot, resolve(dir)])];
  const packages = hosts.flatMap((host) => foldersIn(join(host, 'node_modules')));
  const scoped = packages.flatMap((path) => (basename(path).startsWith('@') ? foldersIn(path) : [path]));
  const seen = new Set<string>();
  const once = (root: string) => !existsSync(root) || seen.size < seen.add(realpathSync(root)).size;
  const core = foldersIn(join(productRoot, 'plugins-core')).filter(once);
  const named = folders.map((folder) => resolve(dir, folder));
  const contributed = [...hosts.flatMap((host) => foldersIn(join(host, 'plugins-contrib'))), ...named].filter(once);
  return [
    ...core.map((root) => readCandidate(root, true)),
    ...contributed.map((root) => readCandidate(root, false)),
    ...scoped.filter((root) => isPlugin(root) && once(root)).map((root) => readCandidate(root, false)),
  ];
}

/** Whether a package carries the key; a look at the text, since hundreds of packages are not worth parsing. */
const isPlugin = (root: string): boolean =>
  existsSync(join(root, 'package.json')) && /"mibew"\s*:\s*\{/.test(readFileSync(join(root, 'package.json'), 'utf8'));

/** Reads the manifest of a folder. */
export function readCandidate(root: string, core: boolean): Candidate {
  try {
    return { root, manifest: parseManifest(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')), root, core) };
  } catch (error) {
    return { root, error: asPluginError(error, 'MANIFEST_INVALID', { plugin: basename(root), where: root }) };
  }
}

/** Imports the code of a plugin. @throws PluginError IMPORT_FAILED */
export async function importPlugin(manifest: Manifest): Promise<AnyDefinition> {
  const plugin = manifest.id;
  const file = runnable(manifest.root, manifest.plugin);
  const fail = (reason: string) => new PluginError('IMPORT_FAILED', { plugin, where: file, reason });
  try {
    const { default: definition } = (await import(pathToFileURL(file).href)) as { default?: AnyDefinition };
    if (typeof definition?.id !== 'string') throw fail(`${manifest.plugin} has no definition as its default export`);
    if (definition.id !== plugin) throw fail(`its definition says "${definition.id}", its manifest "${plugin}"`);
    return definition;
  } catch (error) {
    throw asPluginError(error, 'IMPORT_FAILED', { plugin, where: file });
  }
}

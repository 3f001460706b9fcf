/** Finds plugins, reads their manifests and imports their code. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
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
  existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => !name.startsWith('.'))
        .map((name) => join(dir, name))
    : [];

/**
 * Finds plugins in the product, in the installation's folder and packages, and where its configuration says. Earlier
 * ones win over later ones with the same id, so what comes with the product cannot be replaced by accident.
 */
export function findPlugins(dir: string, folders: readonly string[]): Candidate[] {
  const hosts = [...new Set([productRoot, resolve(dir)])];
  const packages = hosts.flatMap((host) => foldersIn(join(host, 'node_modules')));
  const scoped = packages.flatMap((path) => (basename(path).startsWith('@') ? foldersIn(path) : [path]));
  const seen = new Set<string>();
  return [
    ...foldersIn(join(productRoot, 'plugins-core')).map((root) => ({ root, core: true, loose: false })),
    ...hosts
      .flatMap((host) => foldersIn(join(host, 'plugins-contrib')))
      .map((root) => ({ root, core: false, loose: false })),
    ...folders.map((folder) => ({ root: resolve(dir, folder), core: false, loose: false })),
    ...scoped.map((root) => ({ root, core: false, loose: true })),
  ].flatMap(({ root, core, loose }) => {
    const found = readCandidate(root, core, loose);
    const real = found && existsSync(root) ? realpathSync(root) : root;
    if (!found || seen.has(real)) return [];
    seen.add(real);
    return [found];
  });
}

/**
 * Reads the manifest of a folder.
 *
 * @param loose whether the folder may well be no plugin at all
 */
export function readCandidate(root: string, core: boolean, loose = false): Candidate | undefined {
  const plugin = basename(root);
  try {
    const file = join(root, 'package.json');
    if (loose && !existsSync(file)) return undefined;
    const text = readFileSync(file, 'utf8');
    if (loose && !text.includes('"mibew"')) return undefined;
    const json = JSON.parse(text) as { mibew?: unknown };
    if (loose && typeof json.mibew !== 'object') return undefined;
    return { root, manifest: parseManifest(json, root, core) };
  } catch (error) {
    return { root, error: asPluginError(error, 'MANIFEST_INVALID', { plugin, where: root }) };
  }
}

/** Imports the code of a plugin. @throws PluginError IMPORT_FAILED */
export async function importPlugin(manifest: Manifest): Promise<AnyDefinition> {
  const plugin = manifest.id;
  const file = runnable(manifest.root, manifest.entry);
  const fail = (reason: string) => new PluginError('IMPORT_FAILED', { plugin, where: file, reason });
  try {
    const { default: definition } = (await import(pathToFileURL(file).href)) as { default?: AnyDefinition };
    if (typeof definition?.id !== 'string') throw fail(`${manifest.entry} has no definition as its default export`);
    if (definition.id !== plugin) throw fail(`its definition says "${definition.id}", its manifest "${plugin}"`);
    return definition;
  } catch (error) {
    throw asPluginError(error, 'IMPORT_FAILED', { plugin, where: file });
  }
}

/** Manifests: what a plugin's package.json says, read before any code of the plugin runs. */
import semver from 'semver';
import { PluginError } from './errors.ts';
import type { NeedsShape, PluginDefinition, PluginRef } from './plugin.ts';

/** Any plugin's definition, as far as the kernel knows it. */
export type AnyDefinition = PluginDefinition<unknown, NeedsShape>;

/** The manifest of one plugin. */
export interface Manifest extends PluginRef {
  /** Range of the product that the plugin was made for. */
  readonly range: string;
  /** Entry file, relative to the root. */
  readonly entry: string;
  readonly plugins: Readonly<Record<string, string>>;
  readonly optionalPlugins: Readonly<Record<string, string>>;
  readonly claims: readonly string[];
  readonly essential: boolean;
  /** Whether it is on as long as nobody switched it. */
  readonly enabled: boolean;
}

/** A manifest that says nothing but who it is. */
export const bareManifest = (id: string, root: string, version = '1.0.0'): Manifest => ({
  ...{ id, root, version, range: '*', entry: './plugin.ts', plugins: {}, optionalPlugins: {} },
  ...{ claims: [], essential: false, enabled: true },
});

/**
 * Reads the parsed package.json of a plugin.
 *
 * @param core whether the plugin comes with the product: only such a one can be essential
 * @throws PluginError MANIFEST_INVALID
 */
export function parseManifest(json: unknown, root: string, core: boolean): Manifest {
  const pack = record(json) ?? {};
  const mibew = record(pack['mibew']) ?? {};
  const id = typeof mibew['id'] === 'string' ? mibew['id'] : root.split(/[\\/]/).at(-1)!;
  const fail = (reason: string): never => {
    throw new PluginError('MANIFEST_INVALID', { plugin: id, reason, where: `${root}/package.json` });
  };
  const text = (value: unknown, key: string): string =>
    typeof value === 'string' ? value : fail(`${key}: expected text`);
  const ranges = (key: string): Record<string, string> => {
    const found = record(mibew[key] ?? {}) ?? fail(`mibew.${key}: expected { id: range }`);
    for (const [name, range] of Object.entries(found))
      if (semver.validRange(text(range, `mibew.${key}.${name}`)) === null) fail(`mibew.${key}.${name}: no range`);
    return found as Record<string, string>;
  };
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(text(mibew['id'], 'mibew.id')))
    fail('mibew.id: expected small letters and hyphens');
  if (id === 'kernel') fail('mibew.id: "kernel" is taken');
  if (pack['type'] !== 'module') fail('type: expected "module"');
  const version = semver.valid(text(pack['version'], 'version')) ?? fail('version: expected a semantic version');
  const range = text(record(pack['engines'])?.['mibew'], 'engines.mibew');
  if (semver.validRange(range) === null) fail('engines.mibew: no range');
  const claims = mibew['claims'] ?? [];
  if (!Array.isArray(claims) || !claims.every((claim) => typeof claim === 'string' && claim.startsWith('/')))
    return fail('mibew.claims: expected paths that begin with "/"');
  const entry = text(mibew['plugin'] ?? './plugin.ts', 'mibew.plugin');
  const [plugins, optionalPlugins] = [ranges('plugins'), ranges('optionalPlugins')];
  const essential = core && mibew['essential'] === true;
  return {
    id,
    version,
    root,
    range,
    entry,
    plugins,
    optionalPlugins,
    claims,
    essential,
    enabled: mibew['enabled'] !== false,
  };
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/** Manifests: what a plugin's package.json says, read before any code of the plugin runs. */
import semver from 'semver';
import * as v from 'valibot';
import { PluginError } from './errors.ts';
import type { PluginDefinition, PluginRef } from './plugin.ts';

/** Any plugin's definition, as far as the kernel knows it. */
export type AnyDefinition = PluginDefinition;

const isRange = (text: string) => semver.validRange(text) !== null;
const isVersion = (text: string) => semver.valid(text) !== null;
const range = v.pipe(v.string(), v.check(isRange, 'expected a semver range'));
const ranges = v.optional(v.record(v.string(), range), {});
const own = v.object({
  id: v.pipe(v.string(), v.regex(/^(?!kernel$)[a-z][a-z0-9-]{0,39}$/, 'expected small letters, digits and hyphens')),
  /** Entry file, relative to the root. */
  plugin: v.optional(v.string(), './plugin.ts'),
  plugins: ranges,
  optionalPlugins: ranges,
  /** Paths outside of `/plugins/<id>` that its routes may have. */
  claims: v.optional(v.array(v.pipe(v.string(), v.startsWith('/', 'expected a path that begins with "/"'))), []),
  /** The product does not run without it. Counts only for what comes with the product. */
  essential: v.optional(v.boolean(), false),
  /** Whether it is on as long as nobody switched it. */
  enabled: v.optional(v.boolean(), true),
});
const schema = v.object({
  version: v.pipe(v.string(), v.check(isVersion, 'expected a semantic version')),
  type: v.literal('module', 'expected "module"'),
  engines: v.object({ mibew: range }),
  mibew: own,
});

/** The manifest of one plugin; `range` is that of the product. */
export type Manifest = PluginRef & Readonly<v.InferOutput<typeof own>> & { readonly range: string };

/** A manifest that says nothing but who it is. */
export const bareManifest = (id: string, root: string, version = '1.0.0'): Manifest => {
  const nothing = v.parse(own, { id: 'bare' });
  return { ...nothing, id, root, version, range: '*' };
};

/**
 * Reads the parsed package.json of a plugin.
 *
 * @param core whether the plugin comes with the product: only such a one can be essential
 * @throws PluginError MANIFEST_INVALID
 */
export function parseManifest(json: unknown, root: string, core: boolean): Manifest {
  const { success, output, issues } = v.safeParse(schema, json);
  if (success) {
    const { version, engines, mibew } = output;
    return { ...mibew, version, root, range: engines.mibew, essential: core && mibew.essential };
  }
  const id = (json as { mibew?: { id?: unknown } }).mibew?.id;
  const plugin = typeof id === 'string' ? id : root.split(/[\\/]/).at(-1)!;
  const reason = `${v.getDotPath(issues[0]) ?? 'package.json'}: ${issues[0].message}`;
  throw new PluginError('MANIFEST_INVALID', { plugin, reason, where: `${root}/package.json` });
}

/** The graph: which plugins can run, in which order, and what is in the way of the others. */
import semver from 'semver';
import { PluginError } from './errors.ts';
import type { Manifest } from './manifest.ts';

type Manifests = ReadonlyMap<string, Manifest>;
const satisfies = (version: string, range: string) => semver.satisfies(version, range, { includePrerelease: true });

/** Plugins that this one works with: those it needs, and optional ones that are there, fit, and do not switch off
 * below an essential one. */
export const partnersOf = (manifest: Manifest, all: Manifests): string[] => [
  ...Object.keys(manifest.plugins),
  ...Object.keys(manifest.optionalPlugins).filter((id) => {
    const other = all.get(id);
    return other && satisfies(other.version, manifest.optionalPlugins[id]!) && (other.essential || !manifest.essential);
  }),
];

/**
 * Resolves the graph.
 *
 * @returns ids of the plugins that can run, each after those that it needs, essential ones first; and what is in the way of others
 *
 * @param on whether a plugin is switched on; essential ones are, whatever it says
 */
export function resolveGraph(all: Manifests, on: (id: string) => boolean, product: string) {
  const order: string[] = [];
  const problems = new Map<string, PluginError>();
  const done = new Map<string, boolean>();
  const wanted = (manifest: Manifest) => manifest.essential || on(manifest.id);

  const fail = (code: string, plugin: string, details: Record<string, unknown>): boolean => {
    if (!problems.has(plugin)) problems.set(plugin, new PluginError(code, { plugin, ...details }));
    return false;
  };

  /** The way to what is stuck further down, so that the cure is at its end. */
  const chainOf = (id: string, seen: readonly string[] = []): string => {
    const next = Object.keys(all.get(id)?.plugins ?? {}).find((name) => !all.has(name) || problems.has(name));
    return next === undefined || seen.includes(id) ? id : `${id} → ${chainOf(next, [...seen, id])}`;
  };

  const reaches = (id: string, targets: readonly string[], seen = new Set<string>()): boolean => {
    const manifest = all.get(id);
    if (targets.includes(id) || !manifest || seen.has(id)) return targets.includes(id);
    seen.add(id);
    return partnersOf(manifest, all).some((name) => reaches(name, targets, seen));
  };

  const meets = (manifest: Manifest, chain: string, range: string, path: readonly string[]): boolean => {
    const [plugin, other] = [manifest.id, all.get(chain)];
    if (!other) return fail('DEPENDENCY_MISSING', plugin, { chain, range });
    const { version } = other;
    const old = semver.lt(version, semver.minVersion(range)!) ? 'DEPENDENCY_TOO_OLD' : 'DEPENDENCY_TOO_NEW';
    if (!satisfies(version, range)) return fail(old, plugin, { chain, range, version });
    if (!wanted(other)) return fail('DEPENDENCY_DISABLED', plugin, { chain });
    if (manifest.essential && !other.essential)
      return fail('MANIFEST_INVALID', plugin, { reason: `essential, but needs "${chain}", which is not` });
    return visit(other, path) || fail('DEPENDENCY_FAILED', plugin, { chain: chainOf(chain) });
  };

  const visit = (manifest: Manifest, above: readonly string[]): boolean => {
    const { id, range } = manifest;
    const path = [...above, id];
    const circle = path.slice(above.indexOf(id));
    if (done.has(id)) return done.get(id)!;
    if (above.includes(id))
      return circle.slice(1).map((one) => fail('DEPENDENCY_CYCLE', one, { chain: circle.join(' → ') }))[0]!;
    let able = satisfies(product, range) || fail('KERNEL_RANGE', id, { range, version: product });
    for (const [other, wish] of Object.entries(manifest.plugins)) able &&= meets(manifest, other, wish, path);
    // An optional one comes first where it can; where that would close a circle it simply does not.
    for (const other of able ? partnersOf(manifest, all).map((name) => all.get(name)!) : [])
      if (wanted(other) && !reaches(other.id, path)) visit(other, path);
    able &&= !problems.has(id);
    if (able && !done.has(id)) order.push(id);
    done.set(id, able);
    return able;
  };

  const sorted = [...all.values()].toSorted(
    (a, b) => Number(b.essential) - Number(a.essential) || (a.id < b.id ? -1 : 1),
  );
  for (const manifest of sorted) if (wanted(manifest)) visit(manifest, []);
  return { order, problems };
}

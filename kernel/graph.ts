/** The graph: which plugins can run, in which order, and what is in the way of the others. */
import semver from 'semver';
import { PluginError } from './errors.ts';
import type { Manifest } from './manifest.ts';

/** What {@link resolveGraph} finds. */
export interface Graph {
  /** Ids of the plugins that can run, each after those that it needs; essential ones first. */
  readonly order: readonly string[];
  readonly problems: ReadonlyMap<string, PluginError>;
}

const includePrerelease = true;
const satisfies = (version: string, range: string) => semver.satisfies(version, range, { includePrerelease });

/** Whether an optional dependency counts: there, fitting, and not a switchable plugin below an essential one. */
export function optionalIds(manifest: Manifest, all: ReadonlyMap<string, Manifest>): string[] {
  return Object.entries(manifest.optionalPlugins)
    .filter(([id, range]) => {
      const other = all.get(id);
      return other && satisfies(other.version, range) && (other.essential || !manifest.essential);
    })
    .map(([id]) => id);
}

/**
 * Resolves the graph. Essential plugins count as switched on, whatever `on` says.
 *
 * @param on whether a plugin is switched on
 */
export function resolveGraph(all: ReadonlyMap<string, Manifest>, on: (id: string) => boolean, product: string): Graph {
  const order: string[] = [];
  const problems = new Map<string, PluginError>();
  const done = new Map<string, boolean>();

  const fail = (code: string, plugin: string, details: Record<string, unknown>): false => {
    problems.set(plugin, new PluginError(code, { plugin, ...details }));
    return false;
  };

  const needs = (manifest: Manifest, id: string, range: string, path: readonly string[]): boolean => {
    const [plugin, chain, other] = [manifest.id, id, all.get(id)];
    if (!other) return fail('DEPENDENCY_MISSING', plugin, { chain, range });
    const { version } = other;
    if (!satisfies(version, range)) {
      const old = semver.lt(version, semver.minVersion(range) ?? version);
      return fail(old ? 'DEPENDENCY_TOO_OLD' : 'DEPENDENCY_TOO_NEW', plugin, { chain, range, version });
    }
    if (!other.essential && !on(id)) return fail('DEPENDENCY_DISABLED', plugin, { chain });
    if (manifest.essential && !other.essential)
      return fail('MANIFEST_INVALID', plugin, { reason: `essential, but needs "${id}", which is not` });
    if (visit(other, [...path, plugin])) return true;
    // The dependency is stuck on something further down: say the whole way, so that the cure is at its end.
    return problems.has(plugin) ? false : fail('DEPENDENCY_FAILED', plugin, { chain: chainOf(id) });
  };

  const chainOf = (id: string, seen: readonly string[] = []): string => {
    const next = Object.keys(all.get(id)?.plugins ?? {}).find((name) => !all.has(name) || problems.has(name));
    return next === undefined || seen.includes(id) ? id : `${id} → ${chainOf(next, [...seen, id])}`;
  };

  const reaches = (id: string, targets: readonly string[], seen = new Set<string>()): boolean => {
    if (targets.includes(id)) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    const manifest = all.get(id);
    const next = manifest ? [...Object.keys(manifest.plugins), ...optionalIds(manifest, all)] : [];
    return next.some((name) => reaches(name, targets, seen));
  };

  const visit = (manifest: Manifest, path: readonly string[]): boolean => {
    const { id } = manifest;
    const known = done.get(id);
    if (known !== undefined) return known;
    const start = path.indexOf(id);
    if (start >= 0) {
      const circle = path.slice(start);
      for (const member of circle) fail('DEPENDENCY_CYCLE', member, { chain: [...circle, id].join(' → ') });
      return false;
    }
    let able =
      satisfies(product, manifest.range) || fail('KERNEL_RANGE', id, { range: manifest.range, version: product });
    for (const [other, range] of Object.entries(manifest.plugins)) able = able && needs(manifest, other, range, path);
    if (able && !problems.has(id)) {
      // An optional one comes first where it can; where that would close a circle it simply does not.
      for (const other of optionalIds(manifest, all))
        if ((on(other) || all.get(other)!.essential) && !reaches(other, [...path, id]))
          visit(all.get(other)!, [...path, id]);
      if (!done.has(id)) order.push(id);
    }
    done.set(id, able && !problems.has(id));
    return done.get(id)!;
  };

  const sorted = [...all.values()].sort((a, b) => Number(b.essential) - Number(a.essential) || (a.id < b.id ? -1 : 1));
  for (const manifest of sorted) if (manifest.essential || on(manifest.id)) visit(manifest, []);
  return { order, problems };
}

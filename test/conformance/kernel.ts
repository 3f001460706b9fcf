/** What tests need, published as `mibew/testing`: a kernel in this process, without a port, with fakes and spies. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import semver from 'semver';
import type { Env, MibewConfig } from '../../kernel/config.ts';
import { createKernel, type HostKernel, type KernelOptions } from '../../kernel/kernel.ts';
import { readCandidate, type Candidate } from '../../kernel/loader.ts';
import { createLog, type LogOptions } from '../../kernel/log.ts';
import { bareManifest, type AnyDefinition, type Manifest } from '../../kernel/manifest.ts';
import { productRoot } from '../../kernel/place.ts';
import { formatReport } from '../../kernel/report.ts';
import type { AnyHook, HookArgs, ServiceToken } from '../../kernel/tokens.ts';

/** A stand-in for a service. Made by {@link fake}. */
export interface Fake {
  readonly token: ServiceToken<unknown>;
  readonly implementation: unknown;
}

/**
 * Stands in for a service; only what the test needs has to be there. The plugin that provides it is not started.
 *
 * @example
 * fake(users, { byId: async () => ann })
 */
export const fake = <T>(token: ServiceToken<T>, implementation: Partial<T>): Fake => ({ token, implementation });

/** A plugin under test: its definition, its folder, the id of one in the product, or a definition with a manifest. */
export type TestPlugin =
  | AnyDefinition
  | string
  | { readonly definition: AnyDefinition; readonly manifest: Partial<Manifest> };

/** What {@link createTestKernel} takes. */
export interface TestKernelOptions extends Pick<KernelOptions, 'limits' | 'dir'> {
  readonly plugins?: readonly TestPlugin[];
  readonly fakes?: readonly Fake[];
  readonly config?: MibewConfig;
  /** Variables; those of the process are not seen. */
  readonly env?: Env;
  /** Kept after the test; a temporary folder, removed at the end, unless given. */
  readonly dataDir?: string;
  /** Whether a plugin under test may fail to start; otherwise that fails the test with the report. */
  readonly mayFail?: boolean;
  readonly log?: LogOptions;
}

/** A booted kernel under test; `dispose` it, or declare it with `await using`. */
export interface TestKernel extends Pick<
  HostKernel,
  'report' | 'plan' | 'enable' | 'disable' | 'service' | 'call' | 'url'
> {
  readonly kernel: HostKernel;
  readonly dataDir: string;
  /** Sends a request in process, e.g. `request('/plugins/hello/greet')`. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Arguments of every call of the hook so far, with or without listeners. */
  calls<H extends AnyHook>(hook: H): HookArgs<H>[];
  /** Codes of the problems of a plugin, in order. */
  problems(id: string): string[];
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Boots a kernel with the given plugins, and with those of the product that their manifests name.
 *
 * @example
 * await using t = await createTestKernel({ plugins: [hello], fakes: [fake(settings, { of: async () => ({ greeting: 'Hi' }) })] });
 * expect((await t.request('/plugins/hello/greet')).status).toBe(200);
 */
export async function createTestKernel(options: TestKernelOptions = {}): Promise<TestKernel> {
  const { fakes = [], limits, dir } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'mibew-test-')));
  const seen: [string, readonly unknown[]][] = [];
  const given = candidatesOf(options.plugins ?? [], fakes);
  const kernel = await createKernel({
    dir: dir ?? dataDir,
    config: { data: dataDir, port: 0, host: '127.0.0.1', ...options.config },
    env: options.env ?? {},
    plugins: withDependencies(given, fakes),
    services: fakes.map(({ token, implementation }) => [token, implementation] as const),
    log: createLog({ level: 'silent', ...options.log }),
    limits: { stop: 1_000, ...limits },
    observe: (hook, args) => seen.push([hook, args]),
  });
  const report = await kernel.boot();
  const dispose = async (): Promise<void> => {
    await kernel.stop();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  if (!options.mayFail && report.plugins.some(({ status }) => status !== 'active')) {
    await dispose();
    throw new Error(formatReport(report));
  }
  return {
    ...kernel,
    kernel,
    dataDir,
    request: async (path, init) => kernel.fetch(new Request(new URL(path, 'http://localhost'), init)),
    calls: (hook) => seen.filter(([id]) => id === hook.id).map(([, args]) => args) as never,
    problems: (id) =>
      kernel
        .report()
        .plugins.filter((one) => one.id === id)
        .flatMap((one) => one.problems.map(({ code }) => code)),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

const folderOf = (id: string): string | undefined =>
  ['plugins-core', 'plugins-contrib']
    .map((dir) => join(productRoot, dir, id))
    .find((root) => existsSync(join(root, 'package.json')));

const read = (root: string): Candidate =>
  readCandidate(root, resolve(root, '..') === join(productRoot, 'plugins-core'));

function candidatesOf(plugins: readonly TestPlugin[], fakes: readonly Fake[]): Candidate[] {
  return plugins.map((plugin): Candidate => {
    if (typeof plugin === 'string') return switchedOn(read(folderOf(plugin) ?? resolve(plugin)));
    const { definition, manifest } = 'definition' in plugin ? plugin : { definition: plugin, manifest: undefined };
    const root = folderOf(definition.id);
    if (root && !manifest) return switchedOn({ ...read(root), definition });
    return {
      root: root ?? productRoot,
      definition,
      manifest: { ...manifestFor(definition, plugins, fakes), ...manifest },
    };
  });
}

const switchedOn = (found: Candidate): Candidate =>
  found.manifest ? { ...found, manifest: { ...found.manifest, enabled: true } } : found;

/** A definition without a manifest needs the plugins that provide its services. */
function manifestFor(definition: AnyDefinition, plugins: readonly TestPlugin[], fakes: readonly Fake[]): Manifest {
  const definitions = plugins.flatMap((one) =>
    typeof one === 'string' ? [] : ['definition' in one ? one.definition : one],
  );
  const named: Record<'plugins' | 'optionalPlugins', Record<string, string>> = { plugins: {}, optionalPlugins: {} };
  for (const need of Object.values(definition.needs ?? {})) {
    const token = need.token === 'optional' ? need.service : need;
    const provider =
      definitions.find((one) => one.provides?.some(({ id }) => id === token.id))?.id ??
      [token.id.split('.')[0]!].find((id) => plugins.includes(id) || (need.token === 'service' && folderOf(id)));
    if (provider && provider !== definition.id && !fakes.some((one) => one.token.id === token.id))
      named[need.token === 'optional' ? 'optionalPlugins' : 'plugins'][provider] = '*';
  }
  return { ...bareManifest(definition.id, productRoot), ...named };
}

/** Adds what the manifests name: a stub where a service of it is faked, else the product's own plugin. */
function withDependencies(given: readonly Candidate[], fakes: readonly Fake[]): Candidate[] {
  const all = [...given];
  for (const { manifest } of all)
    for (const [id, range] of Object.entries(manifest?.plugins ?? {})) {
      if (all.some((other) => other.manifest?.id === id)) continue;
      const root = folderOf(id);
      if (fakes.some(({ token }) => token.id.startsWith(`${id}.`)))
        all.push({
          root: productRoot,
          manifest: { ...bareManifest(id, productRoot, semver.minVersion(range)?.version), essential: true },
          definition: { id },
        });
      else if (root) all.push(switchedOn(read(root)));
    }
  return all;
}

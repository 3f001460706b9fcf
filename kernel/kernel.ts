/** The kernel: boots plugins in the order of the graph, switches them at run time, and answers requests. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Logger as Pino } from 'pino';
import { createCache } from './cache.ts';
import { loadConfigFile, readKernelConfig, readPluginConfig, type Env, type MibewConfig } from './config.ts';
import { PluginError } from './errors.ts';
import { createFacts } from './facts.ts';
import { InFlight } from './flight.ts';
import { optionalIds, resolveGraph, type Graph } from './graph.ts';
import { HookRunner } from './hooks.ts';
import { refuse, Router } from './http.ts';
import { PluginInstance, type Host } from './instance.ts';
import { findPlugins, importPlugin, type Candidate } from './loader.ts';
import { createLog } from './log.ts';
import type { Manifest } from './manifest.ts';
import { productRoot } from './place.ts';
import { open, routeAccess, type Kernel, type KernelReport, type Plan, type PluginReport } from './plugin.ts';
import { PointRegistry } from './points.ts';
import { problemOf } from './report.ts';
import { rerootImports } from './resolve.ts';
import { ServiceRegistry } from './services.ts';
import { fileState, openState } from './state.ts';
import * as tokens from './tokens.ts';
import { commandBook, type CommandBook } from './commands.ts';

/** What {@link createKernel} takes; everything has a default but makes sense in tests. */
export interface KernelOptions {
  /** Folder of the installation: configuration file, data, packages. The current one unless given. */
  readonly dir?: string;
  /** Instead of the configuration file. */
  readonly config?: MibewConfig;
  readonly env?: Env;
  /** Instead of looking for plugins. */
  readonly plugins?: readonly Candidate[];
  /** Services from outside any plugin. */
  readonly services?: readonly (readonly [tokens.ServiceToken<unknown>, unknown])[];
  readonly log?: Pino;
  /** Milliseconds for one setup (30 s) and for calls in flight at a stop (10 s). */
  readonly limits?: { readonly setup?: number; readonly stop?: number };
  /** Told of every call of a hook. */
  readonly observe?: (hook: string, args: readonly unknown[]) => void;
}

/** A kernel with what the entry points need besides. */
export interface HostKernel extends Kernel {
  readonly log: Pino;
  readonly commands: CommandBook;
}

/**
 * Makes a kernel; `boot` starts it.
 *
 * @throws PluginError CONFIG_INVALID
 * @example
 * const kernel = await createKernel();
 * await kernel.boot();
 * const server = await listen(kernel);
 */
export async function createKernel(options: KernelOptions = {}): Promise<HostKernel> {
  rerootImports();
  const dir = resolve(options.dir ?? '.');
  const env = options.env ?? process.env;
  const { file, values } = options.config
    ? { file: 'mibew.config.ts', values: options.config }
    : await loadConfigFile(dir);
  const config = readKernelConfig(values, file, env, dir);
  const { version } = JSON.parse(readFileSync(join(productRoot, 'package.json'), 'utf8')) as { version: string };
  const log = options.log ?? createLog();
  const ownLog = log.child({ plugin: 'kernel' });

  const manifests = new Map<string, Manifest>();
  const instances = new Map<string, PluginInstance>();
  const rejected: PluginReport[] = [];
  let state: Record<string, boolean> = {};
  let source = fileState(config.data);
  let unwatch = (): void => {};
  let started: string[] = [];
  let ready = false;

  const blame = (error: PluginError): void => {
    log.error({ plugin: error.plugin, code: error.code, where: error.where, error }, error.message);
    instances.get(error.plugin)?.blame(error);
  };
  const flight = new InFlight();
  const hooks = new HookRunner(flight, blame, options.observe);
  const services = new ServiceRegistry();
  const points = new PointRegistry();
  const cache = createCache();
  const router = new Router({
    base: config.base,
    flight,
    log,
    active: (id) => id === 'kernel' || instances.get(id)?.status === 'active',
    allow: (question) => hooks.call(routeAccess, [question]) as Promise<true | Response | undefined>,
  });
  const outside = new Set(['kernel', 'fakes']);
  const host: Host = {
    hooks,
    services,
    points,
    router,
    flight,
    cache,
    log,
    limits: { setup: options.limits?.setup ?? 30_000, stop: options.limits?.stop ?? 10_000 },
    load: importPlugin,
    config: (definition) => readPluginConfig(definition, values.plugins?.[definition.id], file, env),
    named: (manifest, id) =>
      outside.has(id) || id === manifest.id || id in manifest.plugins || optionalIds(manifest, manifests).includes(id),
    blame,
  };

  const on = (id: string): boolean => state[id] ?? manifests.get(id)?.enabled ?? false;
  const isActive = (id: string): boolean => instances.get(id)?.status === 'active';
  const graphWith = (id?: string, value?: boolean): Graph =>
    resolveGraph(manifests, (one) => (one === id ? value === true : on(one)), version);

  const register = ({ root, manifest, error, definition }: Candidate): void => {
    const other = manifest && manifests.get(manifest.id);
    if (manifest && !other) {
      manifests.set(manifest.id, manifest);
      instances.set(manifest.id, new PluginInstance(manifest, host, definition));
      return;
    }
    const id = manifest?.id ?? error?.plugin ?? root;
    const problem = error ?? new PluginError('PLUGIN_DUPLICATE', { plugin: id, id, other: other?.root, where: root });
    log.error({ plugin: id, code: problem.code, root }, problem.message);
    const facts = { id, root, version: manifest?.version ?? '', essential: false, plugins: {}, optionalPlugins: {} };
    rejected.push({ ...facts, status: 'failed', problems: [problemOf(problem)], effects: [] });
  };

  const start = async (id: string): Promise<void> => {
    const instance = instances.get(id)!;
    const stuck = Object.keys(instance.manifest.plugins).find((other) => !isActive(other));
    if (stuck !== undefined) {
      instance.settle('waiting', new PluginError('DEPENDENCY_FAILED', { plugin: id, chain: stuck }));
    } else if (await instance.start()) started.push(id);
  };
  const stopOne = async (id: string): Promise<void> => {
    await instances.get(id)!.stop();
    started = started.filter((one) => one !== id);
  };

  /** Brings every plugin to the state that the graph gives it. `retry`: plugins that failed before and are tried again. */
  const settle = async (retry: (id: string) => boolean = () => false): Promise<void> => {
    const graph = graphWith();
    for (const [id, instance] of instances) {
      const problem = graph.problems.get(id);
      if (isActive(id) || (instance.status === 'failed' && !problem && on(id))) continue;
      const wanted = instance.manifest.essential || on(id);
      const waits = problem?.code.startsWith('DEPENDENCY_') && problem.code !== 'DEPENDENCY_CYCLE';
      instance.settle(!wanted ? 'disabled' : problem && !waits ? 'failed' : 'waiting', wanted ? problem : undefined);
    }
    for (const id of graph.order) {
      const failed = instances.get(id)!.status === 'failed';
      if (!isActive(id) && (!failed || retry(id))) await start(id);
    }
  };

  /** Active plugins that hold on to a service of this one, directly or not; the first to stop comes first. */
  const dependents = (id: string): string[] => {
    const found = new Set([id]);
    for (const one of started) {
      const manifest = manifests.get(one)!;
      if ([...Object.keys(manifest.plugins), ...optionalIds(manifest, manifests)].some((name) => found.has(name)))
        found.add(one);
    }
    return [...found].slice(1).reverse();
  };

  const planFor = (id: string, value: boolean): Plan => {
    const manifest = manifests.get(id);
    const refused = (code: string) => problemOf(new PluginError(code, { plugin: id, id }));
    const broken = rejected.find((one) => one.id === id)?.problems[0];
    if (!manifest) return { starts: [], stops: [], refused: broken ?? refused('PLUGIN_UNKNOWN') };
    if (!value && manifest.essential) return { starts: [], stops: [], refused: refused('PLUGIN_ESSENTIAL') };
    const graph = graphWith(id, value);
    const problem = graph.problems.get(id);
    if (value && problem) return { starts: [], stops: [], refused: problemOf(problem) };
    if (value === isActive(id)) return { starts: [], stops: [] };
    const stops = dependents(id);
    const starts = graph.order.filter(
      (one) => one !== id && (stops.includes(one) || (!isActive(one) && instances.get(one)!.status !== 'failed')),
    );
    return { starts, stops };
  };

  const change = async (id: string, value: boolean, save = true): Promise<KernelReport> => {
    const { refused, stops } = planFor(id, value);
    if (refused)
      throw new PluginError(refused.code, { plugin: id, id, reason: refused.message, chain: refused.message });
    for (const one of stops) await stopOne(one);
    if (!value && isActive(id)) await stopOne(id);
    state = { ...state, [id]: value };
    if (save) await source.save(state);
    await settle((one) => one === id);
    return kernel.report();
  };

  const follow = async (next: Record<string, boolean>): Promise<void> => {
    const before = Object.fromEntries([...manifests.keys()].map((id) => [id, on(id)]));
    for (const [id, manifest] of manifests) {
      const value = next[id] ?? manifest.enabled;
      if (!manifest.essential && value !== before[id])
        await change(id, value, false).catch((error: PluginError) => blame(error));
    }
    state = next;
    await settle();
  };

  // One change at a time, in the order asked for.
  let queue: Promise<unknown> = Promise.resolve();
  const queued = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work, work);
    queue = result.catch(() => {});
    return result;
  };

  const boot = async (): Promise<KernelReport> => {
    const found = options.plugins ?? findPlugins(dir, values.pluginFolders ?? []);
    for (const candidate of found) register(candidate);
    for (const id of Object.keys(values.plugins ?? {}))
      if (!manifests.has(id)) ownLog.warn({ file, id }, 'configuration of a plugin that is not installed');
    for (const id of graphWith().order) if (manifests.get(id)!.essential) await start(id);
    const shared = services.find(tokens.pluginState.id)?.implementation as tokens.PluginState | undefined;
    ({ source, state } = await openState(source, shared));
    unwatch = source.watch(
      (next) =>
        void queued(() => follow(next)).catch((error: unknown) =>
          ownLog.error({ error }, 'following another node failed'),
        ),
    );
    await settle();
    ready = true;
    return kernel.report();
  };

  const stop = async (): Promise<void> => {
    ready = false;
    await hooks
      .call(tokens.stopping, [])
      .catch((error: unknown) => ownLog.error({ error }, 'a listener of the stop failed'));
    unwatch();
    for (const id of [...started].reverse()) await stopOne(id);
    await cache.disconnect();
  };

  const kernel: HostKernel = {
    version,
    config,
    log,
    commands: commandBook(),
    boot: () => queued(boot),
    stop: () => queued(stop),
    report: () => ({ version, plugins: [...[...instances.values()].map((one) => one.report()), ...rejected] }),
    plan: ({ enable, disable }) => planFor(enable ?? disable ?? '', enable !== undefined),
    enable: (id) => queued(() => change(id, true)),
    disable: (id) => queued(() => change(id, false)),
    service: (token) => services.get(token),
    call: (hook, ...args) => hooks.call(hook, args) as never,
    fetch: (request, environment) => router.fetch(request, environment),
    url: (route, params) => router.url(route, params),
    facts: createFacts(config),
  };

  services.provide('kernel', tokens.kernel, kernel);
  services.provide('kernel', tokens.sharedCache, cache);
  for (const [token, implementation] of options.services ?? []) services.provide('fakes', token, implementation);
  await kernel.commands.collect(points, kernel, blame);
  const own = ['/health', '/ready'];
  router.add('kernel', own, {
    name: 'health',
    method: 'GET',
    path: '/health',
    access: open,
    handler: (context) => context.json({ status: 'ok', version }),
  });
  router.add('kernel', own, {
    name: 'ready',
    method: 'GET',
    path: '/ready',
    access: open,
    handler: async (context) => {
      const reason = ready ? await hooks.call(tokens.readiness, []) : 'starting or stopping';
      return reason === undefined ? context.json({ status: 'ready' }) : refuse(context, 503, 'NOT_READY', { reason });
    },
  });
  return kernel;
}

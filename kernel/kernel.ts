/** The kernel: boots plugins in the order of the graph, switches them at run time, and answers requests. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Logger as Pino } from 'pino';
import { createCache } from './cache.ts';
import { loadConfigFile, readConfig, readKernelConfig, type Env, type MibewConfig } from './config.ts';
import { PluginError } from './errors.ts';
import { createFacts } from './facts.ts';
import { createInFlight } from './flight.ts';
import { partnersOf, resolveGraph } from './graph.ts';
import { createHooks } from './hooks.ts';
import { createRouter, refuse } from './http.ts';
import { createInstance, type Host, type PluginInstance } from './instance.ts';
import { findPlugins, importPlugin, type Candidate } from './loader.ts';
import { createLog } from './log.ts';
import { bareManifest, type Manifest } from './manifest.ts';
import { productRoot } from './place.ts';
import { open, routeAccess, type Kernel, type KernelReport, type Plan, type RouteSpec } from './plugin.ts';
import { createPoints } from './points.ts';
import { rerootImports } from './resolve.ts';
import { createServices } from './services.ts';
import { fileState, mirrored } from './state.ts';
import * as tokens from './tokens.ts';

/** What {@link createKernel} takes; the defaults are right outside of tests. */
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
  /** Milliseconds for one setup (30 s), and for calls in flight and each effect at a stop (10 s). */
  readonly limits?: { readonly setup?: number; readonly stop?: number };
  /** Told of every call of a hook. */
  readonly observe?: (hook: string, args: readonly unknown[]) => void;
}

/** A kernel, with what an entry point needs besides. */
export type HostKernel = Kernel & { readonly log: Pino };

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
  const found = options.config ? { file: 'mibew.config.ts', values: options.config } : await loadConfigFile(dir);
  const origin = { ...found, env: options.env ?? process.env };
  const config = await readKernelConfig(origin, dir);
  const { version } = JSON.parse(readFileSync(join(productRoot, 'package.json'), 'utf8')) as { version: string };
  const log = options.log ?? createLog();
  const ownLog = log.child({ plugin: 'kernel' });

  const manifests = new Map<string, Manifest>();
  const instances = new Map<string, PluginInstance>();
  const rejected: PluginInstance[] = [];
  /** Ids of active plugins, in the order in which they started. */
  let started: string[] = [];
  let state: Record<string, boolean> = {};
  let source = fileState(config.data);
  let unwatch = (): void => {};
  let ready = false;

  const blame = (error: PluginError): void => {
    log.error({ plugin: error.plugin, code: error.code, where: error.where, error }, error.message);
    instances.get(error.plugin)?.note(error);
  };
  const on = (id: string): boolean => state[id] ?? manifests.get(id)?.enabled ?? false;
  const isActive = (id: string): boolean => id === 'kernel' || instances.get(id)?.status() === 'active';
  const partners = (manifest: Manifest) => partnersOf(manifest, manifests);
  const graphWith = (id?: string, value?: boolean) =>
    resolveGraph(manifests, (one) => (one === id ? value === true : on(one)), version);

  const flight = createInFlight();
  const hooks = createHooks(flight, blame, options.observe);
  const [services, points, cache] = [createServices(), createPoints(), createCache()];
  const allow = (question: unknown) => hooks.call(routeAccess, [question]) as Promise<true | Response | undefined>;
  const router = createRouter({ base: config.base, flight, log, active: isActive, allow });
  const parts = { hooks, services, points, router, flight, cache, log, blame, load: importPlugin };
  const host: Host = {
    ...parts,
    limits: { setup: 30_000, stop: 10_000, ...options.limits },
    config: ({ id, config: declared }) => readConfig(id, declared, config.plugins[id], origin),
    named: (manifest, id) => ['kernel', 'fakes', manifest.id, ...partners(manifest)].includes(id),
  };

  const register = ({ root, manifest, error, definition }: Candidate): void => {
    const id = manifest?.id ?? error?.plugin ?? root;
    const other = manifests.get(id)?.root;
    const problem = error ?? (other && new PluginError('PLUGIN_DUPLICATE', { plugin: id, id, other, where: root }));
    const instance = createInstance(manifest ?? bareManifest(id, root), host, definition);
    if (problem) {
      instance.settle('failed', problem);
      instance.log.error({ code: problem.code, root }, problem.message);
      rejected.push(instance);
    } else {
      manifests.set(id, instance.manifest);
      instances.set(id, instance);
    }
  };

  const start = async (id: string): Promise<void> => {
    const instance = instances.get(id)!;
    const chain = Object.keys(instance.manifest.plugins).find((other) => !isActive(other));
    if (chain) instance.settle('waiting', new PluginError('DEPENDENCY_FAILED', { plugin: id, chain }));
    else if (await instance.start()) started.push(id);
  };
  const stopAll = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) {
      await instances.get(id)!.stop();
      started = started.filter((one) => one !== id);
    }
  };

  /** Brings every plugin to the state that the graph gives it; one that failed before is tried again when named. */
  const settle = async (retry?: string): Promise<void> => {
    const { order, problems } = graphWith();
    for (const [id, instance] of instances) {
      const problem = problems.get(id);
      const wanted = instance.manifest.essential || on(id);
      // What stays as it is keeps its problems: a failed start, an effect that could not be undone.
      if (isActive(id) || (!problem && instance.status() === (wanted ? 'failed' : 'disabled'))) continue;
      const waits = problem?.code.startsWith('DEPENDENCY_') && problem.code !== 'DEPENDENCY_CYCLE';
      instance.settle(!wanted ? 'disabled' : problem && !waits ? 'failed' : 'waiting', wanted ? problem : undefined);
    }
    for (const id of order)
      if (!isActive(id) && (instances.get(id)!.status() !== 'failed' || id === retry)) await start(id);
  };

  /** Active plugins that hold on to this one, directly or not; the first to stop comes first. */
  const dependents = (id: string): string[] => {
    const found = new Set([id]);
    for (const one of started) if (partners(manifests.get(one)!).some((name) => found.has(name))) found.add(one);
    return [...found].slice(1).toReversed();
  };

  const plan = (id: string, value: boolean): Plan & { refusal?: PluginError | undefined } => {
    const manifest = manifests.get(id);
    const { order, problems } = graphWith(id, value);
    const code = !manifest ? 'PLUGIN_UNKNOWN' : !value && manifest.essential ? 'PLUGIN_ESSENTIAL' : undefined;
    const refusal = code ? new PluginError(code, { plugin: id, id }) : value ? problems.get(id) : undefined;
    if (refusal) return { starts: [], stops: [], refused: refusal.toProblem(), refusal };
    if (value === isActive(id)) return { starts: [], stops: [] };
    const stops = dependents(id);
    const idle = (one: string) => !isActive(one) && instances.get(one)!.status() !== 'failed';
    return { starts: order.filter((one) => one !== id && (stops.includes(one) || idle(one))), stops };
  };

  const change = async (id: string, value: boolean, save = true): Promise<KernelReport> => {
    const { refusal, stops } = plan(id, value);
    if (refusal) throw refusal;
    const next = { ...state, [id]: value };
    // First: where it cannot be kept, nothing has happened.
    if (save) await source.save(next);
    state = next;
    await stopAll(!value && isActive(id) ? [...stops, id] : stops);
    await settle(id);
    return kernel.report();
  };

  /** Does what another node has switched. */
  const follow = async (next: Record<string, boolean>): Promise<void> => {
    for (const [id, { essential, enabled }] of manifests)
      if (!essential && (next[id] ?? enabled) !== on(id)) await change(id, !on(id), false).catch(blame);
    state = next;
  };

  // One change at a time, in the order asked for.
  let queue: Promise<unknown> = Promise.resolve();
  const queued = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  };

  const boot = async (): Promise<KernelReport> => {
    for (const candidate of options.plugins ?? findPlugins(dir, config.pluginFolders)) register(candidate);
    for (const id of Object.keys(config.plugins))
      if (!manifests.has(id)) ownLog.warn({ file: origin.file, id }, 'configuration of a plugin that is not installed');
    for (const id of graphWith().order) if (manifests.get(id)!.essential) await start(id);
    const shared = services.find(tokens.pluginState.id)?.implementation as tokens.PluginState | undefined;
    if (shared) source = await mirrored(shared, source);
    state = await source.load();
    unwatch = source.watch((next) => void queued(() => follow(next)));
    await settle();
    ready = true;
    return kernel.report();
  };

  const stop = async (): Promise<void> => {
    ready = false;
    await hooks.call(tokens.stopping, []).catch(blame);
    unwatch();
    await stopAll(started.toReversed());
    await cache.disconnect();
  };

  const facts = { version, config, log, facts: createFacts(config) };
  const kernel: HostKernel = {
    ...facts,
    boot: () => queued(boot),
    stop: () => queued(stop),
    report: () => ({ version, plugins: [...instances.values(), ...rejected].map((one) => one.report()) }),
    plan: ({ enable, disable = '' }) => plan(enable ?? disable, enable !== undefined),
    enable: (id) => queued(() => change(id, true)),
    disable: (id) => queued(() => change(id, false)),
    service: ({ id }) => services.get(id) as never,
    call: (hook, ...args) => hooks.call(hook, args) as never,
    fetch: (request, env) => router.fetch(request, env),
    url: (route, params) => router.url(route, params),
  };

  for (const [token, value] of options.services ?? []) services.provide('fakes', token, value);
  services.provide('kernel', tokens.kernel, kernel);
  services.provide('kernel', tokens.sharedCache, cache);
  const route = (name: string, handler: RouteSpec['handler']) =>
    router.add('kernel', [`/${name}`], { name, method: 'GET', path: `/${name}`, access: open, handler });
  route('health', (context) => context.json({ status: 'ok', version }));
  route('ready', async (context) => {
    const reason = ready ? await hooks.call(tokens.readiness, []) : 'starting or stopping';
    return reason === undefined ? context.json({ status: 'ready' }) : refuse(context, 503, 'NOT_READY', { reason });
  });
  return kernel;
}

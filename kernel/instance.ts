/** One plugin: its states, what it has switched on, and how that is undone. */
import type { Cacheable } from 'cacheable';
import type { Logger as Pino } from 'pino';
import { cacheOf } from './cache.ts';
import { asPluginError, PluginError } from './errors.ts';
import { within, type InFlight } from './flight.ts';
import type { HookRunner } from './hooks.ts';
import type { Router } from './http.ts';
import type { AnyDefinition } from './loader.ts';
import type { Manifest } from './manifest.ts';
import type { NeedsShape, PluginContext, PluginReport, PluginStatus, RouteSpec, Undo } from './plugin.ts';
import type { PointRegistry } from './points.ts';
import { problemOf } from './report.ts';
import type { ServiceRegistry } from './services.ts';
import type { Contribution } from './tokens.ts';

/** What an instance works with; all of it belongs to the kernel. */
export interface Host {
  readonly hooks: HookRunner;
  readonly services: ServiceRegistry;
  readonly points: PointRegistry;
  readonly router: Router;
  readonly flight: InFlight;
  readonly cache: Cacheable;
  readonly log: Pino;
  readonly limits: { readonly setup: number; readonly stop: number };
  load(manifest: Manifest): Promise<AnyDefinition>;
  config(definition: AnyDefinition): Promise<unknown>;
  /** Whether the manifest of the plugin names the provider, or need not. */
  named(manifest: Manifest, provider: string): boolean;
  blame(error: PluginError): void;
}

interface Effect {
  readonly label: string;
  readonly undo: Undo;
}

/** One activation: closed for good when it ends, so that a late timer cannot switch anything on. */
interface Scope {
  closed: boolean;
  setUp: boolean;
  readonly effects: Effect[];
  readonly contributions: Contribution[];
  readonly routes: RouteSpec[];
}

const newScope = (): Scope => ({ closed: false, setUp: false, effects: [], contributions: [], routes: [] });

/** A plugin in one kernel. */
export class PluginInstance {
  status: PluginStatus = 'disabled';
  startedIn: number | undefined;
  readonly manifest: Manifest;
  readonly log: Pino;
  readonly #host: Host;
  #problems: PluginError[] = [];
  #definition: AnyDefinition | undefined;
  #scope = newScope();

  constructor(manifest: Manifest, host: Host, definition?: AnyDefinition) {
    this.manifest = manifest;
    this.#host = host;
    this.#definition = definition;
    this.log = host.log.child({ plugin: manifest.id });
  }

  /** Starts it; whatever fails is undone, reported and not thrown. @returns whether it is active */
  async start(): Promise<boolean> {
    const begun = performance.now();
    const scope = (this.#scope = newScope());
    this.settle('starting');
    try {
      await this.#activate(scope);
      this.startedIn = Math.round(performance.now() - begun);
      this.status = 'active';
      return true;
    } catch (thrown) {
      const error = asPluginError(thrown, 'SETUP_FAILED', { plugin: this.manifest.id });
      this.log.error({ code: error.code, error }, 'plugin failed to start');
      this.settle('failed', error);
      await this.#undo(scope);
      return false;
    }
  }

  /** Stops it: no new work, then what is in flight, then its effects in reverse. */
  async stop(next: PluginStatus = 'disabled'): Promise<void> {
    const { id } = this.manifest;
    const { hooks, flight, limits } = this.#host;
    this.settle('stopping');
    hooks.removeAll(id);
    if (!(await flight.idle(id, limits.stop))) this.log.warn({ limit: limits.stop }, 'calls still run, stopped anyway');
    await this.#undo(this.#scope);
    this.status = next;
  }

  /** Sets the state and forgets the problems of the last one. */
  settle(status: PluginStatus, problem?: PluginError): void {
    this.status = status;
    this.#problems = problem ? [problem] : [];
  }

  /** Notes a problem for the report, the newest of each kind. */
  blame(error: PluginError): void {
    this.#problems = this.#problems.filter(({ code, where }) => code !== error.code || where !== error.where);
    this.#problems = [...this.#problems, error].slice(-10);
  }

  report(): PluginReport {
    const { id, version, root, essential, plugins, optionalPlugins } = this.manifest;
    const { status, startedIn } = this;
    const effects = this.#scope.effects.map(({ label }) => label);
    return {
      id,
      version,
      status,
      essential,
      root,
      problems: this.#problems.map(problemOf),
      startedIn,
      plugins,
      optionalPlugins,
      effects,
    };
  }

  async #activate(scope: Scope): Promise<void> {
    const { id } = this.manifest;
    const host = this.#host;
    const definition = (this.#definition ??= await host.load(this.manifest));
    const config = await host.config(definition);
    const use = this.#resolve(definition.needs ?? {});
    for (const contribution of definition.contributes ?? []) await this.#contribute(scope, contribution);
    const late = () => new PluginError('SETUP_TIMEOUT', { plugin: id, seconds: host.limits.setup / 1000 });
    const work = Promise.resolve(definition.setup?.(this.#context(scope, config, use)));
    await within(work, host.limits.setup, late);
    for (const token of definition.provides ?? [])
      if (host.services.find(token.id)?.plugin !== id)
        throw new PluginError('SERVICE_NOT_PROVIDED', { plugin: id, service: token.id });
    scope.setUp = true;
    for (const contribution of scope.contributions) await this.#contribute(scope, contribution);
    for (const route of scope.routes) this.#route(scope, route);
  }

  #resolve(needs: NeedsShape): Record<string, unknown> {
    const plugin = this.manifest.id;
    const use = Object.entries(needs).map(([key, need]): [string, unknown] => {
      const token = need.token === 'optional' ? need.service : need;
      const found = this.#host.services.find(token.id);
      if (found && this.#host.named(this.manifest, found.plugin)) return [key, found.implementation];
      if (need.token === 'optional') return [key, undefined];
      const reason = found ? `its provider "${found.plugin}" is not named in the manifest` : 'nobody provides it';
      throw new PluginError('SERVICE_MISSING', { plugin, service: token.id, reason });
    });
    return Object.fromEntries(use);
  }

  #context(scope: Scope, config: unknown, use: Record<string, unknown>): PluginContext<unknown, NeedsShape> {
    const { id, version, root } = this.manifest;
    const { hooks, services, points, router, cache, blame } = this.#host;
    const add = (label: string, undo: Undo): void => void scope.effects.push({ label, undo });
    const open = (what: string): void => {
      if (scope.closed) throw new PluginError('PLUGIN_STOPPED', { plugin: id, what });
    };
    return {
      plugin: { id, version, root },
      config,
      log: this.log as unknown as PluginContext<unknown, NeedsShape>['log'],
      cache: cacheOf(cache, id),
      use: use as PluginContext<unknown, NeedsShape>['use'],
      provide: (token, implementation) => {
        open(`service ${token.id}`);
        add(`service ${token.id}`, services.provide(id, token, implementation));
      },
      on: (hook, listener, order) => {
        open(`hook ${hook.id}`);
        add(`hook ${hook.id}`, hooks.add(id, hook, listener, order));
      },
      call: (hook, ...args) => hooks.call(hook, args) as never,
      contribute: (contribution) => {
        open(`point ${contribution.point.id}`);
        if (!scope.setUp) scope.contributions.push(contribution);
        else this.#contribute(scope, contribution).catch((error: PluginError) => blame(error));
      },
      collect: async (point, receive) => {
        open(`point ${point.id}`);
        const rejected = (_: string, error: PluginError) => blame(error);
        const undo = await points.collect(id, point.id, receive as Parameters<typeof points.collect>[2], rejected);
        await this.#late(scope, `collects ${point.id}`, undo);
      },
      route: (spec) => {
        open(`route ${spec.name}`);
        if (scope.setUp) this.#route(scope, spec);
        else scope.routes.push(spec);
      },
      effect: async (start, label) => {
        open(label);
        await this.#late(scope, label, await start());
      },
      url: (route, params) => router.url(route.includes('.') ? route : `${id}.${route}`, params),
    };
  }

  /** Keeps an effect, or undoes it at once when the plugin was stopped while it was starting. */
  async #late(scope: Scope, label: string, undo: Undo): Promise<void> {
    if (!scope.closed) return void scope.effects.push({ label, undo });
    await undo?.();
    throw new PluginError('PLUGIN_STOPPED', { plugin: this.manifest.id, what: label });
  }

  async #contribute(scope: Scope, contribution: Contribution): Promise<void> {
    const { id, version, root } = this.manifest;
    const undo = await this.#host.points.contribute({ id, version, root }, contribution);
    await this.#late(scope, `point ${contribution.point.id}`, undo);
  }

  #route(scope: Scope, spec: RouteSpec): void {
    const { id, claims } = this.manifest;
    scope.effects.push({ label: `route ${spec.name}`, undo: this.#host.router.add(id, claims, spec) });
  }

  async #undo(scope: Scope): Promise<void> {
    scope.closed = true;
    for (let effect = scope.effects.pop(); effect; effect = scope.effects.pop()) {
      const { label, undo } = effect;
      const plugin = this.manifest.id;
      try {
        await within(Promise.resolve(undo?.()), this.#host.limits.stop, () => new Error('takes too long'));
      } catch (thrown) {
        const error = asPluginError(thrown, 'DISPOSE_FAILED', { plugin, effect: label, where: label });
        this.log.error({ code: error.code, error }, 'effect could not be undone');
        this.blame(error);
      }
    }
  }
}

/** One plugin: its states, what it has switched on, and how that is undone. */
import type { Cacheable } from 'cacheable';
import type { Logger as Pino } from 'pino';
import { cacheOf } from './cache.ts';
import { asPluginError, PluginError } from './errors.ts';
import { within, type InFlight } from './flight.ts';
import type { HookRunner } from './hooks.ts';
import type { Router } from './http.ts';
import type { AnyDefinition, Manifest } from './manifest.ts';
import type { NeedsShape, PluginContext, PluginReport, PluginStatus, Undo } from './plugin.ts';
import type { PointRegistry } from './points.ts';
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
  /** Milliseconds. */
  readonly limits: { readonly setup: number; readonly stop: number };
  load(manifest: Manifest): Promise<AnyDefinition>;
  config(definition: AnyDefinition): Promise<unknown>;
  /** Whether the manifest of the plugin names the provider, or need not. */
  named(manifest: Manifest, provider: string): boolean;
  blame(error: PluginError): void;
}

type Context = PluginContext<unknown, NeedsShape>;

/** One activation: closed for good when it ends, so that a late timer cannot switch anything on. */
class Scope {
  closed = false;
  readonly effects: { readonly label: string; readonly undo: Undo }[] = [];
  /** Contributions and routes of setup, done when it has ended; later ones at once. */
  later: (() => void | Promise<void>)[] | undefined = [];
}

/** A plugin in one kernel. */
export class PluginInstance {
  status: PluginStatus = 'disabled';
  readonly manifest: Manifest;
  readonly log: Pino;
  readonly #host: Host;
  #startedIn: number | undefined;
  #problems: PluginError[] = [];
  #definition: AnyDefinition | undefined;
  #scope = new Scope();

  constructor(manifest: Manifest, host: Host, definition?: AnyDefinition) {
    this.manifest = manifest;
    this.#host = host;
    this.#definition = definition;
    this.log = host.log.child({ plugin: manifest.id });
  }

  /** Starts it; whatever fails is undone, reported and not thrown. @returns whether it is active */
  async start(): Promise<boolean> {
    const begun = performance.now();
    const scope = (this.#scope = new Scope());
    this.settle('starting');
    try {
      await this.#activate(scope);
      this.#startedIn = Math.round(performance.now() - begun);
      this.status = 'active';
    } catch (thrown) {
      const error = asPluginError(thrown, 'SETUP_FAILED', { plugin: this.manifest.id });
      this.log.error({ code: error.code, error }, 'plugin failed to start');
      this.settle('failed', error);
      await this.#undo(scope);
    }
    return this.status === 'active';
  }

  /** Stops it: no new work, then what is in flight, then its effects in reverse. */
  async stop(): Promise<void> {
    const { hooks, flight, limits } = this.#host;
    this.settle('stopping');
    hooks.removeAll(this.manifest.id);
    await flight
      .idle(this.manifest.id, limits.stop)
      .catch((error: unknown) => this.log.warn({ error }, 'stopped anyway'));
    await this.#undo(this.#scope);
    this.status = 'disabled';
  }

  /** Sets the state and forgets the problems of the last one. */
  settle(status: PluginStatus, problem?: PluginError): void {
    this.status = status;
    this.#problems = problem ? [problem] : [];
  }

  /** Notes a problem for the report, the newest of each kind. */
  blame(error: PluginError): void {
    const others = this.#problems.filter(({ code, where }) => code !== error.code || where !== error.where);
    this.#problems = [...others, error].slice(-10);
  }

  report(): PluginReport {
    const { id, version, root, essential, plugins, optionalPlugins } = this.manifest;
    const problems = this.#problems.map((error) => error.toProblem());
    const effects = this.#scope.effects.map(({ label }) => label);
    const facts = { status: this.status, startedIn: this.#startedIn, problems, effects };
    return { id, version, root, essential, plugins, optionalPlugins, ...facts };
  }

  async #activate(scope: Scope): Promise<void> {
    const { id } = this.manifest;
    const { limits, services, load, config } = this.#host;
    const definition = (this.#definition ??= await load(this.manifest));
    const context = this.#context(scope, await config(definition), this.#resolve(definition.needs ?? {}));
    for (const contribution of definition.contributes ?? []) await this.#contribute(scope, contribution);
    const late = () => new PluginError('SETUP_TIMEOUT', { plugin: id, seconds: limits.setup / 1000 });
    await within(Promise.resolve(definition.setup?.(context)), limits.setup, late);
    const missing = definition.provides?.find((token) => services.find(token.id)?.plugin !== id);
    if (missing) throw new PluginError('SERVICE_NOT_PROVIDED', { plugin: id, service: missing.id });
    const { later = [] } = scope;
    scope.later = undefined;
    for (const work of later) await work();
  }

  #resolve(needs: NeedsShape): Context['use'] {
    const plugin = this.manifest.id;
    const use = Object.entries(needs).map(([key, need]): [string, unknown] => {
      const token = need.token === 'optional' ? need.service : need;
      const found = this.#host.services.find(token.id);
      if (found && this.#host.named(this.manifest, found.plugin)) return [key, found.implementation];
      if (need.token === 'optional') return [key, undefined];
      const reason = found ? `its provider "${found.plugin}" is not named in the manifest` : 'nobody provides it';
      throw new PluginError('SERVICE_MISSING', { plugin, service: token.id, reason });
    });
    return Object.fromEntries(use) as Context['use'];
  }

  #context(scope: Scope, config: unknown, use: Context['use']): Context {
    const { id, version, root, claims } = this.manifest;
    const { hooks, services, points, router, cache, blame } = this.#host;
    const alive = (what: string): void => {
      if (scope.closed) throw new PluginError('PLUGIN_STOPPED', { plugin: id, what });
    };
    const add = (label: string, start: () => Undo): void => {
      alive(label);
      scope.effects.push({ label, undo: start() });
    };
    return {
      plugin: { id, version, root },
      config,
      log: this.log as unknown as Context['log'],
      cache: cacheOf(cache, id),
      use,
      provide: (token, implementation) => add(`service ${token.id}`, () => services.provide(id, token, implementation)),
      on: (hook, listener, order) => add(`hook ${hook.id}`, () => hooks.add(id, hook, listener, order)),
      call: (hook, ...args) => hooks.call(hook, args) as never,
      contribute: (contribution) => {
        alive(`point ${contribution.point.id}`);
        const work = () => this.#contribute(scope, contribution);
        if (scope.later) scope.later.push(work);
        else work().catch(blame);
      },
      collect: (point, receive) =>
        this.#keep(scope, `collects ${point.id}`, () => points.collect(id, point.id, receive as never, blame)),
      route: (spec) => {
        const work = () => add(`route ${spec.name}`, () => router.add(id, claims, spec));
        if (scope.later) scope.later.push(work);
        else work();
      },
      effect: async (start, label) => {
        alive(label);
        await this.#keep(scope, label, start);
      },
      url: (route, params) => router.url(route.includes('.') ? route : `${id}.${route}`, params),
    };
  }

  #contribute(scope: Scope, contribution: Contribution): Promise<void> {
    const { id, version, root } = this.manifest;
    const label = `point ${contribution.point.id}`;
    return this.#keep(scope, label, () => this.#host.points.contribute({ id, version, root }, contribution));
  }

  /** Starts an effect and keeps it, or undoes it at once when the plugin was stopped meanwhile. */
  async #keep(scope: Scope, label: string, start: () => Undo | Promise<Undo>): Promise<void> {
    const undo = (await start()) as (() => Promise<void>) | undefined;
    if (!scope.closed) return void scope.effects.push({ label, undo });
    await undo?.();
    throw new PluginError('PLUGIN_STOPPED', { plugin: this.manifest.id, what: label });
  }

  async #undo(scope: Scope): Promise<void> {
    scope.closed = true;
    const { limits, blame } = this.#host;
    for (let effect = scope.effects.pop(); effect; effect = scope.effects.pop()) {
      const { label, undo } = effect;
      try {
        await within(Promise.resolve(undo?.()), limits.stop, () => new Error('takes too long'));
      } catch (thrown) {
        blame(asPluginError(thrown, 'DISPOSE_FAILED', { plugin: this.manifest.id, effect: label, where: label }));
      }
    }
  }
}

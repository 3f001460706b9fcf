/** One plugin: its states, what it has switched on, and how that is undone. */
import type { Cacheable } from 'cacheable';
import type { Logger as Pino } from 'pino';
import { cacheOf } from './cache.ts';
import { asPluginError, PluginError } from './errors.ts';
import { within, type InFlight } from './flight.ts';
import type { Hooks } from './hooks.ts';
import type { Router } from './http.ts';
import type { AnyDefinition, Manifest } from './manifest.ts';
import type { NeedsShape, PluginContext, PluginRef, PluginReport, PluginStatus, Undo } from './plugin.ts';
import type { Points } from './points.ts';
import type { Services } from './services.ts';
import type { Contribution } from './tokens.ts';

/** What an instance works with; all of it belongs to the kernel. */
export interface Host {
  readonly hooks: Hooks;
  readonly services: Services;
  readonly points: Points;
  readonly router: Router;
  readonly flight: InFlight;
  readonly cache: Cacheable;
  readonly log: Pino;
  /** Milliseconds. */
  readonly limits: { readonly setup: number; readonly stop: number };
  readonly load: (manifest: Manifest) => Promise<AnyDefinition>;
  readonly config: (definition: AnyDefinition) => Promise<unknown>;
  /** Whether the manifest of the plugin names the provider, or need not. */
  readonly named: (manifest: Manifest, provider: string) => boolean;
  readonly blame: (error: PluginError) => void;
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
export type PluginInstance = ReturnType<typeof createInstance>;

export function createInstance(manifest: Manifest, host: Host, given?: AnyDefinition) {
  const { id, version, root, essential, plugins, optionalPlugins } = manifest;
  const { hooks, services, points, router, flight, limits } = host;
  const ref: PluginRef = { id, version, root };
  const log = host.log.child({ plugin: id });
  let definition = given;
  let scope = new Scope();
  let status: PluginStatus = 'disabled';
  let problems: PluginError[] = [];
  let startedIn: number | undefined;

  /** Sets the state and forgets the problems of the last one. */
  const settle = (next: PluginStatus, problem?: PluginError): void => {
    [status, problems] = [next, problem ? [problem] : []];
  };

  function resolve(needs: NeedsShape): Context['use'] {
    const use = Object.entries(needs).map(([key, need]): [string, unknown] => {
      const service = need.token === 'optional' ? need.service.id : need.id;
      const found = services.find(service);
      if (found && host.named(manifest, found.plugin)) return [key, found.implementation];
      if (need.token === 'optional') return [key, undefined];
      const reason = found ? `its provider "${found.plugin}" is not named in the manifest` : 'nobody provides it';
      throw new PluginError('SERVICE_MISSING', { plugin: id, service, reason });
    });
    return Object.fromEntries(use) as Context['use'];
  }

  const alive = (mine: Scope, what: string): void => {
    if (mine.closed) throw new PluginError('PLUGIN_STOPPED', { plugin: id, what });
  };
  const add = (mine: Scope, label: string, start: () => Undo): void => {
    alive(mine, label);
    mine.effects.push({ label, undo: start() });
  };
  /** Starts an effect and keeps it, or undoes it at once when the plugin was stopped meanwhile. */
  async function keep(mine: Scope, label: string, start: () => Undo | Promise<Undo>): Promise<void> {
    alive(mine, label);
    const undo = (await start()) as (() => Promise<void>) | undefined;
    if (mine.closed) await undo?.();
    add(mine, label, () => undo);
  }
  const contribute = (mine: Scope, contribution: Contribution): Promise<void> =>
    keep(mine, `point ${contribution.point.id}`, () => points.contribute(ref, contribution));

  function createContext(mine: Scope, config: unknown, use: Context['use']): Context {
    const facts = { plugin: ref, config, use, log, cache: cacheOf(host.cache, id) };
    return {
      ...facts,
      provide: (token, implementation) =>
        add(mine, `service ${token.id}`, () => services.provide(id, token, implementation)),
      on: (hook, listener, order) => add(mine, `hook ${hook.id}`, () => hooks.add(id, hook, listener, order)),
      call: (hook, ...args) => hooks.call(hook, args) as never,
      contribute(contribution) {
        alive(mine, `point ${contribution.point.id}`);
        const work = () => contribute(mine, contribution);
        if (mine.later) mine.later.push(work);
        else work().catch(host.blame);
      },
      collect: ({ id: point }, receive) =>
        keep(mine, `collects ${point}`, () => points.collect(id, point, receive as never, host.blame)),
      route(spec) {
        const work = () => add(mine, `route ${spec.name}`, () => router.add(id, manifest.claims, spec));
        if (mine.later) mine.later.push(work);
        else work();
      },
      effect: (start, label) => keep(mine, label, start),
      url: (route, params) => router.url(route.includes('.') ? route : `${id}.${route}`, params),
    };
  }

  async function activate(mine: Scope): Promise<void> {
    definition ??= await host.load(manifest);
    const context = createContext(mine, await host.config(definition), resolve(definition.needs ?? {}));
    for (const contribution of definition.contributes ?? []) await contribute(mine, contribution);
    const late = () => new PluginError('SETUP_TIMEOUT', { plugin: id, seconds: limits.setup / 1000 });
    await within(Promise.resolve(definition.setup?.(context)), limits.setup, late);
    const missing = definition.provides?.find((token) => services.find(token.id)?.plugin !== id);
    if (missing) throw new PluginError('SERVICE_NOT_PROVIDED', { plugin: id, service: missing.id });
    const { later = [] } = mine;
    mine.later = undefined;
    for (const work of later) await work();
  }

  /** Notes a problem for the report, the newest of each kind. */
  const note = (error: PluginError): void => {
    const others = problems.filter(({ code, where }) => code !== error.code || where !== error.where);
    problems = [...others, error].slice(-10);
  };

  async function undoAll(mine: Scope): Promise<void> {
    mine.closed = true;
    for (let effect = mine.effects.pop(); effect; effect = mine.effects.pop()) {
      const { label, undo } = effect;
      try {
        await within(Promise.resolve(undo?.()), limits.stop, () => new Error('takes too long'));
      } catch (thrown) {
        host.blame(asPluginError(thrown, 'DISPOSE_FAILED', { plugin: id, effect: label, where: label }));
      }
    }
  }

  const own = { manifest, log, settle, note, status: () => status };
  return {
    ...own,
    /** Starts it; whatever fails is undone, reported and not thrown. @returns whether it is active */
    async start(): Promise<boolean> {
      const begun = performance.now();
      const mine = (scope = new Scope());
      settle('starting');
      try {
        await activate(mine);
        startedIn = Math.round(performance.now() - begun);
        status = 'active';
        return true;
      } catch (thrown) {
        const error = asPluginError(thrown, 'SETUP_FAILED', { plugin: id });
        log.error({ code: error.code, error }, 'plugin failed to start');
        settle('failed', error);
        await undoAll(mine);
        return false;
      }
    },
    /** Stops it: no new work, then what is in flight, then its effects in reverse. */
    async stop(): Promise<void> {
      settle('stopping');
      hooks.removeAll(id);
      await flight.idle(id, limits.stop).catch((error: unknown) => log.warn({ error }, 'stopped anyway'));
      await undoAll(scope);
      status = 'disabled';
    },
    report(): PluginReport {
      const effects = scope.effects.map(({ label }) => label);
      const facts = { status, startedIn, problems: problems.map((error) => error.toProblem()), effects };
      return { ...ref, essential, plugins, optionalPlugins, ...facts };
    },
  };
}

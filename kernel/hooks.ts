/** Hooks: tapable behind add, remove and call, each listener under the name of its plugin. */
import { AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable';
import { Breaker } from './breaker.ts';
import { asPluginError, PluginError } from './errors.ts';
import type { InFlight } from './flight.ts';
import type { AnyHook, HookKind } from './tokens.ts';

type Call = (value: unknown, rest: readonly unknown[]) => Promise<unknown>;

interface Tap {
  readonly plugin: string;
  readonly listener: (...args: never) => unknown;
  readonly order: { stage?: number; before?: string };
  readonly breaker: Breaker;
}

type Tapable = AsyncSeriesBailHook<[unknown, readonly unknown[]], unknown>;
// Four classes with one shape, as far as we use them.
const kinds: Record<HookKind, new (names: ['value', 'rest'], id: string) => Pick<Tapable, 'tapPromise' | 'promise'>> = {
  notify: AsyncParallelHook,
  filter: AsyncSeriesWaterfallHook,
  decide: AsyncSeriesBailHook,
  series: AsyncSeriesHook,
};

/** Told when a listener throws or is left out. */
export type Blame = (error: PluginError) => void;

/** Runs all hooks of one kernel. */
export class HookRunner {
  readonly #taps = new Map<string, readonly Tap[]>();
  readonly #built = new Map<string, Call>();
  readonly #flight: InFlight;
  readonly #blame: Blame;
  readonly #observe: ((hook: string, args: readonly unknown[]) => void) | undefined;

  constructor(flight: InFlight, blame: Blame, observe?: (hook: string, args: readonly unknown[]) => void) {
    this.#flight = flight;
    this.#blame = blame;
    this.#observe = observe;
  }

  /** @returns a function that removes the listener */
  add(plugin: string, hook: AnyHook, listener: Tap['listener'], order: Tap['order'] = {}): () => void {
    const tap: Tap = { plugin, listener, order, breaker: new Breaker() };
    this.#set(hook.id, [...(this.#taps.get(hook.id) ?? []), tap]);
    return () =>
      this.#set(
        hook.id,
        (this.#taps.get(hook.id) ?? []).filter((other) => other !== tap),
      );
  }

  /** Removes every listener of a plugin at once. */
  removeAll(plugin: string): void {
    for (const [id, taps] of this.#taps)
      if (taps.some((tap) => tap.plugin === plugin))
        this.#set(
          id,
          taps.filter((tap) => tap.plugin !== plugin),
        );
  }

  /** How many listeners a plugin has. */
  count(plugin: string): number {
    return [...this.#taps.values()].flat().filter((tap) => tap.plugin === plugin).length;
  }

  /** Calls the hook; with no listeners that is one look-up. */
  call(hook: AnyHook, args: readonly unknown[]): Promise<unknown> {
    this.#observe?.(hook.id, args);
    const taps = this.#taps.get(hook.id);
    const [value, ...rest] = hook.kind === 'filter' ? args : [undefined, ...args];
    if (!taps) return Promise.resolve(value);
    let call = this.#built.get(hook.id);
    if (!call) this.#built.set(hook.id, (call = this.#build(hook, taps)));
    return call(value, rest);
  }

  #set(id: string, taps: readonly Tap[]): void {
    // tapable cannot untap: drop what was built; the next call builds it anew from the list.
    this.#built.delete(id);
    if (taps.length > 0) this.#taps.set(id, taps);
    else this.#taps.delete(id);
  }

  #build(hook: AnyHook, taps: readonly Tap[]): Call {
    const { id, kind } = hook;
    const built = new kinds[kind](['value', 'rest'], id);
    // Once a listener failed the others of a series do not run, and the error belongs to the caller.
    const throws = kind === 'decide' || kind === 'series';
    for (const tap of taps) {
      const { stage, before } = tap.order;
      built.tapPromise(
        { name: tap.plugin, ...(stage !== undefined && { stage }), ...(before && { before }) },
        (value, rest) => this.#run(id, tap, kind === 'filter' ? [value, ...rest] : rest, throws),
      );
    }
    return (value, rest) => built.promise(value, rest) as Promise<unknown>;
  }

  async #run(hook: string, tap: Tap, args: readonly unknown[], throws: boolean): Promise<unknown> {
    const { plugin, breaker } = tap;
    try {
      if (breaker.tripped) throw new PluginError('HOOK_TRIPPED', { plugin, hook, where: hook, reason: breaker.reason });
      return await this.#flight.track(plugin, () => breaker.run(() => tap.listener(...(args as never))));
    } catch (thrown) {
      const error = asPluginError(thrown, 'HOOK_FAILED', { plugin, hook, where: hook });
      if (error.code !== 'HOOK_TRIPPED') this.#blame(error);
      if (throws) throw error;
      return undefined;
    } finally {
      if (breaker.justTripped())
        this.#blame(new PluginError('HOOK_TRIPPED', { plugin, hook, where: hook, reason: breaker.reason }));
    }
  }
}

/** Hooks: tapable behind add, remove and call, each listener under the name of its plugin. */
import { AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable';
import { Breaker } from './breaker.ts';
import { asPluginError, PluginError } from './errors.ts';
import type { InFlight } from './flight.ts';
import type { AnyHook, HookKind } from './tokens.ts';

type Call = (value: unknown, rest: readonly unknown[]) => Promise<unknown>;
type Order = { stage?: number; before?: string };

interface Tap {
  readonly plugin: string;
  readonly listener: (...args: never) => unknown;
  readonly order: Order;
  readonly breaker: Breaker;
}

type Tapable = Pick<AsyncSeriesBailHook<[unknown, readonly unknown[]], unknown>, 'tapPromise' | 'promise'>;
// Four classes with one shape, as far as we use them.
const kinds: Record<HookKind, new (names: ['value', 'rest'], id: string) => Tapable> = {
  notify: AsyncParallelHook,
  filter: AsyncSeriesWaterfallHook,
  decide: AsyncSeriesBailHook,
  series: AsyncSeriesHook,
};

/** Runs all hooks of one kernel. */
export class HookRunner {
  readonly #taps = new Map<string, readonly Tap[]>();
  readonly #built = new Map<string, Call>();
  readonly #flight: InFlight;
  readonly #blame: (error: PluginError) => void;
  readonly #observe: ((hook: string, args: readonly unknown[]) => void) | undefined;

  constructor(
    flight: InFlight,
    blame: (error: PluginError) => void,
    observe?: (hook: string, args: readonly unknown[]) => void,
  ) {
    this.#flight = flight;
    this.#blame = blame;
    this.#observe = observe;
  }

  /** @returns a function that removes the listener */
  add(plugin: string, { id }: AnyHook, listener: Tap['listener'], order: Order = {}): () => void {
    const tell = (reason: string) =>
      this.#blame(new PluginError('HOOK_TRIPPED', { plugin, hook: id, where: id, reason }));
    const tap: Tap = { plugin, listener, order, breaker: new Breaker(tell) };
    this.#set(id, [...(this.#taps.get(id) ?? []), tap]);
    return () =>
      this.#set(
        id,
        (this.#taps.get(id) ?? []).filter((other) => other !== tap),
      );
  }

  /** Removes every listener of a plugin at once. */
  removeAll(plugin: string): void {
    for (const [id, taps] of this.#taps)
      this.#set(
        id,
        taps.filter((tap) => tap.plugin !== plugin),
      );
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

  #build({ id, kind }: AnyHook, taps: readonly Tap[]): Call {
    const built = new kinds[kind](['value', 'rest'], id);
    const throws = kind === 'decide' || kind === 'series';
    for (const tap of taps) {
      const run = async (value: unknown, rest: readonly unknown[]) =>
        this.#run(id, tap, kind === 'filter' ? [value, ...rest] : rest, throws);
      built.tapPromise({ name: tap.plugin, ...tap.order }, run);
    }
    return async (value, rest) => built.promise(value, rest);
  }

  async #run(hook: string, tap: Tap, args: readonly unknown[], throws: boolean): Promise<unknown> {
    const { plugin, breaker } = tap;
    if (breaker.tripped) {
      // Left out, a question must not be answered by silence: whoever decides or must come first fails closed.
      if (throws) throw new PluginError('HOOK_TRIPPED', { plugin, hook, where: hook, reason: 'is tripped' });
      return undefined;
    }
    try {
      return await this.#flight.track(plugin, () => breaker.run(() => tap.listener(...(args as never))));
    } catch (thrown) {
      const error = asPluginError(thrown, 'HOOK_FAILED', { plugin, hook, where: hook });
      this.#blame(error);
      if (throws) throw error;
      return undefined;
    }
  }
}

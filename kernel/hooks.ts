/** Hooks: tapable behind add, remove and call, each listener under the name of its plugin. */
import { AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable';
import { createBreaker, type Breaker } from './breaker.ts';
import { asPluginError, PluginError } from './errors.ts';
import { follow, type InFlight } from './flight.ts';
import type { AnyHook, HookKind } from './tokens.ts';

type Call = (value: unknown, rest: readonly unknown[]) => Promise<unknown>;
type Observe = (hook: string, args: readonly unknown[]) => void;
type Order = { stage?: number; before?: string };
type Tap = { plugin: string; listener: (...args: never) => unknown; order: Order; breaker: Breaker };
type Tapable = Pick<AsyncSeriesBailHook<[unknown, readonly unknown[]], unknown>, 'tapAsync' | 'promise'>;
type Done = (error: Error | null, answer?: unknown) => void;

// Four classes with one shape, as far as we use them.
const kinds = {
  notify: AsyncParallelHook,
  filter: AsyncSeriesWaterfallHook,
  decide: AsyncSeriesBailHook,
  series: AsyncSeriesHook,
} as unknown as Record<HookKind, new (names: ['value', 'rest'], id: string) => Tapable>;

/** All hooks of one kernel. */
export type Hooks = ReturnType<typeof createHooks>;

/**
 * @param blame told when a listener throws or is left out
 * @param observe told of every call
 */
export function createHooks(flight: InFlight, blame: (error: PluginError) => void, observe?: Observe) {
  const all = new Map<string, readonly Tap[]>();
  const built = new Map<string, Call>();

  const set = (id: string, taps: readonly Tap[]): void => {
    // tapable cannot untap: drop what was built; the next call builds it anew from the list.
    built.delete(id);
    if (taps.length > 0) all.set(id, taps);
    else all.delete(id);
  };

  const keep = (id: string, wanted: (tap: Tap) => boolean) => set(id, all.get(id)?.filter(wanted) ?? []);

  /** Calls one listener. What is synchronous stays so: a promise for each of many listeners costs more than they do. */
  function run(hook: string, tap: Tap, args: readonly unknown[], throws: boolean, done: Done): void {
    const { plugin, breaker, listener } = tap;
    const where = { plugin, hook, where: hook };
    // Left out, a question must not be answered by silence: whoever decides or must come first fails closed.
    if (breaker.tripped())
      return done(throws ? new PluginError('HOOK_TRIPPED', { ...where, reason: 'is tripped' }) : null);
    const call = () => flight.track(plugin, () => breaker.run(() => listener(...(args as never))));
    const failed = (thrown: unknown) => {
      const error = asPluginError(thrown, 'HOOK_FAILED', where);
      blame(error);
      done(throws ? error : null);
    };
    void follow(call, (answer) => done(null, answer), failed);
  }

  function build({ id, kind }: AnyHook, taps: readonly Tap[]): Call {
    const hook = new kinds[kind](['value', 'rest'], id);
    const throws = kind === 'decide' || kind === 'series';
    for (const tap of taps)
      hook.tapAsync({ name: tap.plugin, ...tap.order }, (value, rest, done) =>
        run(id, tap, kind === 'filter' ? [value, ...rest] : rest, throws, done),
      );
    return (value, rest) => hook.promise(value, rest);
  }

  return {
    /** @returns a function that removes the listener */
    add(plugin: string, { id }: AnyHook, listener: Tap['listener'], order: Order = {}): () => void {
      const tell = (reason: string) => blame(new PluginError('HOOK_TRIPPED', { plugin, hook: id, where: id, reason }));
      const tap: Tap = { plugin, listener, order, breaker: createBreaker(tell) };
      set(id, [...(all.get(id) ?? []), tap]);
      return () => keep(id, (other) => other !== tap);
    },
    /** Removes every listener of a plugin at once. */
    removeAll(plugin: string): void {
      for (const id of all.keys()) keep(id, (tap) => tap.plugin !== plugin);
    },
    /** Calls the hook; with no listeners that is one look-up. */
    call(hook: AnyHook, args: readonly unknown[]): Promise<unknown> {
      observe?.(hook.id, args);
      const taps = all.get(hook.id);
      if (!taps) return Promise.resolve(hook.kind === 'filter' ? args[0] : undefined);
      const [value, ...rest] = hook.kind === 'filter' ? args : [undefined, ...args];
      let call = built.get(hook.id);
      if (!call) built.set(hook.id, (call = build(hook, taps)));
      return call(value, rest);
    },
  };
}

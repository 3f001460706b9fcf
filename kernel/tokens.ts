/**
 * Tokens: the typed names under which plugins meet. A token carries a type and an id and nothing else; two
 * installed copies of a package still meet, because tokens compare by `id`. This is the only kernel file that
 * an `api.ts` may import, and it imports nothing at run time.
 */
import type { Cacheable } from 'cacheable';
import type { Kernel } from './plugin.ts';

declare const carried: unique symbol;

/** A service: one provider, any number of users. Made by {@link defineService}. */
export interface ServiceToken<T> {
  readonly token: 'service';
  readonly id: string;
  readonly [carried]?: T;
}

/** A service that a plugin can do without. Made by {@link optional}. */
export interface OptionalService<T> {
  readonly token: 'optional';
  readonly service: ServiceToken<T>;
}

/**
 * Names a service.
 *
 * @param id `<plugin>.<noun>`, unique in the product
 * @example
 * export const greeter = defineService<Greeter>('hello.greeter');
 */
export const defineService = <T>(id: string): ServiceToken<T> => ({ token: 'service', id });

/**
 * Marks a need as optional: `ctx.use.x` is then `X | undefined`.
 *
 * @example
 * needs: { db, mailer: optional(mailer) }
 */
export const optional = <T>(service: ServiceToken<T>): OptionalService<T> => ({ token: 'optional', service });

/** How the listeners of a hook run, and what happens when one throws. */
export type HookKind = 'notify' | 'filter' | 'decide' | 'series';

/** A hook: a typed moment that plugins listen to. Made by {@link defineHook}. */
export interface HookToken<Kind extends HookKind, Args extends readonly unknown[], Result> {
  readonly token: 'hook';
  readonly kind: Kind;
  readonly id: string;
  readonly [carried]?: [Args, Result];
}

const hook =
  <Kind extends HookKind>(kind: Kind) =>
  <Args extends readonly unknown[], Result>(id: string): HookToken<Kind, Args, Result> => ({ token: 'hook', kind, id });

/**
 * Names a hook. The kind says how listeners run:
 * `notify` in parallel, after the fact, a throwing listener is logged and skipped;
 * `filter` one after the other, each gets the value and returns the next one (or nothing, to keep it);
 * `decide` one after the other, the first answer wins, a throwing listener is thrown to the caller;
 * `series` one after the other, awaited, a throwing listener is thrown to the caller.
 *
 * @example
 * const messagePosted = defineHook.notify<[Message]>('chat.message.posted');
 * const filterMessage = defineHook.filter<Draft, [VisitorRef]>('chat.message.filter');
 * const mayPost = defineHook.decide<[VisitorRef], Verdict>('chat.message.mayPost');
 */
export const defineHook = {
  notify: <Args extends readonly unknown[]>(id: string) => hook('notify')<Args, void>(id),
  filter: <Value, Args extends readonly unknown[] = []>(id: string) =>
    hook('filter')<readonly [Value, ...Args], Value>(id),
  decide: <Args extends readonly unknown[], Verdict>(id: string) => hook('decide')<Args, Verdict | undefined>(id),
  series: <Args extends readonly unknown[]>(id: string) => hook('series')<Args, void>(id),
};

/** Any hook token. */
export type AnyHook = HookToken<HookKind, readonly unknown[], unknown>;
/** What a listener of the hook `H` receives. */
export type HookArgs<H> = H extends HookToken<HookKind, infer Args, unknown> ? Args : never;
/** What calling the hook `H` gives. */
export type HookResult<H> = H extends HookToken<HookKind, readonly unknown[], infer Result> ? Result : never;

/** One value given to a point. Made by calling a {@link PointToken}. */
export interface Contribution {
  readonly point: PointToken<never>;
  readonly value: unknown;
}

/** A point: a list of contributions, owned by the one plugin that collects it. Call it to make a contribution. */
export interface PointToken<T> {
  (value: T): Contribution;
  readonly token: 'point';
  readonly id: string;
  /** A contribution to a required point that nobody collects fails its contributor; otherwise it is ignored. */
  readonly required: boolean;
}

/**
 * Names a point.
 *
 * @example
 * export const tables = definePoint<readonly TableSpec[]>('db.tables', { required: true });
 * definePlugin({ id: 'chat', contributes: [tables([message, note])] });
 */
export function definePoint<T>(id: string, { required = false } = {}): PointToken<T> {
  const facts = { token: 'point' as const, id, required };
  const point: PointToken<T> = Object.assign((value: T): Contribution => ({ point, value }), facts);
  return point;
}

/** The kernel itself, as a service: report, plan, enable, disable, addresses. Always provided. */
export const kernel = defineService<Kernel>('kernel');

/** Where the list of enabled plugins is kept, when an essential plugin provides it; else a file in the data folder. */
export const pluginState = defineService<PluginState>('kernel.pluginState');

/** The seam behind {@link pluginState}: which plugins are switched on or off, against the default of their manifests. */
export interface PluginState {
  /** @returns plugin id → switched on; ids that are absent keep the default of their manifest */
  load(): Promise<Record<string, boolean>>;
  save(state: Record<string, boolean>): Promise<void>;
  /** Calls back when another node changed the state. @returns a function that ends the watch */
  watch(changed: (state: Record<string, boolean>) => void): () => void;
}

/** Asked in order before a graceful stop ends plugins. */
export const stopping = defineHook.series<[]>('kernel.stopping');

/** What a listener of {@link listening} gets. */
export interface Listening {
  /** Where the server answers, e.g. `http://localhost:8080/mibew`. */
  readonly address: string;
  /** Adds a line to what the server prints at its start: a set-up link, a hint. */
  print(line: string): void;
}
/** The server listens now; what listeners print is shown beside the address. */
export const listening = defineHook.notify<[Listening]>('kernel.listening');

/** Asked by `/ready`: the first answer is the reason why this server should get no requests at present. */
export const readiness = defineHook.decide<[], string>('kernel.ready');

/** The one cache behind every `ctx.cache`, for whoever shares it between nodes (`cache.sync`, `cache.secondary`). */
export const sharedCache = defineService<Cacheable>('kernel.cache');

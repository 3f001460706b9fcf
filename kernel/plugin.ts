/** The shapes that plugins are written against: definition, context, routes, access, report. No behaviour but `definePlugin`. */
import type { Context } from 'hono';
import * as tokens from './tokens.ts';
import type { AnyHook, Contribution, HookArgs, HookResult, PointToken, ServiceToken } from './tokens.ts';

/** Anything that follows https://standardschema.dev (valibot, zod, arktype …), as far as the kernel uses it. */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}
type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };
/** One thing that is wrong with a value. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a plugin needs: a record of service tokens, some of them `optional(token)`. */
export type NeedsShape = Readonly<Record<string, ServiceToken<unknown> | tokens.OptionalService<unknown>>>;
/** The services behind {@link NeedsShape}, as `ctx.use` offers them. */
export type Resolved<Needs> = {
  readonly [K in keyof Needs]: Needs[K] extends tokens.OptionalService<infer Optional>
    ? Optional | undefined
    : Needs[K] extends ServiceToken<infer Service>
      ? Service
      : never;
};

/** A plugin: a plain object. Version and dependency ranges live in its package.json, not here. */
export interface PluginDefinition<Config = unknown, Needs extends NeedsShape = NeedsShape> {
  readonly id: string;
  /** Boot-time values from `mibew.config.ts`; `env` maps a key to the variable whose text overrides it. */
  readonly config?: {
    readonly schema: StandardSchema<Config>;
    readonly env?: { readonly [K in keyof Config]?: string };
  };
  readonly needs?: Needs;
  /** Services that `setup` must provide; the kernel fails the plugin with SERVICE_NOT_PROVIDED otherwise. */
  readonly provides?: readonly ServiceToken<unknown>[];
  /** Handed to the owners of their points before `setup` runs, so that tables exist when it does. */
  readonly contributes?: readonly Contribution[];
  setup?(ctx: PluginContext<Config, Needs>): void | Promise<void>;
}

/**
 * Declares a plugin; the identity function with types.
 *
 * @example
 * export default definePlugin({
 *   id: 'hello',
 *   needs: { settings },
 *   setup(ctx) {
 *     ctx.on(messagePosted, message => ctx.log.info({ seq: message.seq }, 'posted'));
 *   },
 * });
 */
export function definePlugin<Config, const Needs extends NeedsShape>(definition: PluginDefinition<Config, Needs>) {
  return definition;
}

/** Who a plugin is and where it lives. Paths in contributions are relative to `root`. */
export interface PluginRef {
  readonly id: string;
  readonly version: string;
  /** Absolute path of the folder that holds the plugin's package.json, in development and built alike. */
  readonly root: string;
}

/** Structured log; each line carries `plugin`. The order of arguments is pino's: fields, then message. */
export interface Logger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

/** The plugin's own corner of the cache: keys of two plugins never meet. Times in milliseconds. */
export interface NamespacedCache {
  /** @returns what is kept, or `otherwise` */
  get<T>(key: string, otherwise?: T): Promise<T | undefined>;
  set(key: string, value: unknown, ttl?: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Computes once, however many ask at the same time. */
  getOrSet<T>(key: string, compute: () => Promise<T>, ttl?: number): Promise<T>;
}

/** Who may call a route. Opaque to the kernel: listeners of {@link routeAccess} answer it. */
export type Access = { readonly kind: string };
/** Everybody may call: the only access that the kernel answers by itself. */
export const open: Access = Object.freeze({ kind: 'open' });
/** What {@link routeAccess} is asked about when no route has the address: a Response is sent instead of the plain 404. */
export const missing: Access = Object.freeze({ kind: 'missing' });

/** What {@link routeAccess} is asked. */
export interface AccessQuestion {
  readonly access: Access;
  readonly context: Context;
  readonly route: { readonly name: string; readonly plugin: string };
}
/**
 * Decides who may call a route: `true` lets the call through, a Response is sent instead of it (a redirect to a login
 * page, a refusal). No answer refuses with 403.
 */
export const routeAccess = tokens.defineHook.decide<[AccessQuestion], true | Response>('kernel.route.access');

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
export type Handler = (context: Context) => Response | Promise<Response>;

/**
 * One route. `path` is Hono's pattern. It lies below `/plugins/<id>` unless the manifest claims it
 * (`"claims": ["/chat"]` claims `/chat` and what is below it). The base path of `MIBEW_PUBLIC_URL` is put in front.
 */
export interface RouteSpec {
  /** Unique in the plugin; addresses are made from `<plugin>.<name>`. */
  readonly name: string;
  readonly method: Method | readonly Method[];
  readonly path: string;
  readonly access: Access;
  readonly handler: Handler;
}

/** Values for the `:parameters` of a route; further ones become the query. */
export type RouteParams = Readonly<Record<string, string | number | undefined>>;

/** Makes addresses from route names. */
export interface Addresses {
  /**
   * @param route `<plugin>.<name>`, or `<name>` of the plugin's own routes when called on a context
   * @returns the path with base and query, e.g. `/mibew/chat/42/1234567?style=dark`
   * @throws PluginError ROUTE_UNKNOWN, when no active plugin has that route
   */
  readonly url: (route: string, params?: RouteParams) => string;
}

/** What a plugin gets in `setup`. Everything switched on through it is switched off when the plugin stops. */
export interface PluginContext<Config, Needs> extends Addresses {
  readonly plugin: PluginRef;
  readonly config: Config;
  readonly log: Logger;
  readonly cache: NamespacedCache;
  readonly use: Resolved<Needs>;
  provide<T>(token: ServiceToken<T>, implementation: T): void;
  on<H extends AnyHook>(hook: H, listener: Listener<H>, order?: { stage?: number; before?: string }): void;
  call<H extends AnyHook>(hook: H, ...args: HookArgs<H>): Promise<HookResult<H>>;
  contribute(contribution: Contribution): void;
  /** Receives every contribution to a point that this plugin owns, present and future; throwing rejects the contributor. */
  collect<T>(point: PointToken<T>, receive: (value: T, owner: PluginRef) => Undo | Promise<Undo>): Promise<void>;
  route(spec: RouteSpec): void;
  /** Timers, sockets, watchers: started now, stopped in reverse order when the plugin stops. */
  effect(start: () => Undo | Promise<Undo>, label: string): Promise<void>;
}

/** Undoes what was done; nothing to undo is `undefined`. */
export type Undo = (() => void | Promise<void>) | void;

/** A listener of the hook `H`. A filter may return nothing to keep the value. */
export type Listener<H> = (...args: HookArgs<H>) => HookResult<H> | void | Promise<HookResult<H> | void>;

/** States of a plugin. */
export type PluginStatus = 'disabled' | 'waiting' | 'starting' | 'active' | 'failed' | 'stopping';

/** What went wrong, with a code of `docs/reference/errors` and a cure. */
export type Problem = { readonly code: string; readonly message: string; readonly hint: string };

/** One plugin in the report. */
export interface PluginReport {
  readonly id: string;
  readonly version: string;
  readonly status: PluginStatus;
  readonly essential: boolean;
  readonly root: string;
  /** Why it is not active, or what it did wrong since. */
  readonly problems: readonly Problem[];
  /** Milliseconds that its start took. */
  readonly startedIn?: number;
  /** Ids of the plugins that its manifest names, and whether they are optional. */
  readonly plugins: Readonly<Record<string, string>>;
  readonly optionalPlugins: Readonly<Record<string, string>>;
  readonly effects: readonly string[];
}

/** The state of all plugins, as data; `formatReport` makes the text of it. */
export type KernelReport = { readonly version: string; readonly plugins: readonly PluginReport[] };

/** What a change would do besides: dependents that stop or start with it, in order, and what stands in its way. */
export type Plan = {
  readonly starts: readonly string[];
  readonly stops: readonly string[];
  readonly refused?: Problem;
};

/** The kernel's own boot-time values, from `mibew.config.ts` and the environment. */
export interface KernelConfig {
  readonly host: string;
  readonly port: number;
  /** Origin and base path under which the world sees this server; undefined: whatever the request says. */
  readonly publicUrl: URL | undefined;
  /** Path of `publicUrl` without its trailing slash: `''` or `/mibew`. */
  readonly base: string;
  /** Addresses or CIDR ranges whose `X-Forwarded-*` headers count. */
  readonly trustedProxies: readonly string[];
  /** Absolute path of the data folder. */
  readonly data: string;
  /** 32 bytes or more, made at the first start and kept in the data folder, or given as MIBEW_SECRET. */
  readonly secret: string;
}

/** Facts about a request that need the trusted proxies. */
export interface RequestFacts {
  /** Address of the client; `X-Forwarded-For` counts only from trusted proxies. */
  readonly address: string;
  /** Own origin as the client sees it, e.g. `https://chat.example.com`. */
  readonly origin: string;
  readonly secure: boolean;
}

/** The running kernel. */
export interface Kernel extends Addresses {
  readonly version: string;
  readonly config: KernelConfig;
  readonly boot: () => Promise<KernelReport>;
  /** Graceful: no new work, plugins stopped in reverse order. */
  readonly stop: () => Promise<void>;
  readonly report: () => KernelReport;
  readonly plan: (change: { enable?: string; disable?: string }) => Plan;
  readonly enable: (id: string) => Promise<KernelReport>;
  readonly disable: (id: string) => Promise<KernelReport>;
  /** The service behind the token. @throws PluginError SERVICE_MISSING */
  readonly service: <T>(token: ServiceToken<T>) => T;
  /** Calls a hook from outside any plugin (tests, entry points). */
  readonly call: <H extends AnyHook>(hook: H, ...args: HookArgs<H>) => Promise<HookResult<H>>;
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>;
  readonly facts: (context: Context) => RequestFacts;
}

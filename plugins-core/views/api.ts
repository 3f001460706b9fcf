/**
 * Pages, templates, client bundles and assets. Lookup of view `chat/window`: active theme → its parents → the plugin's own
 * template. Server templates are Handlebars; client templates are precompiled on the server for the active theme.
 */
import type { Context } from 'hono';
import { definePoint, defineService } from '../../kernel/tokens.ts';

/** A view and its contract: what a theme may replace. */
export interface ViewSpec {
  /** `<plugin>/<view>`; the plugin's own template is `templates/server/<view>.hbs` or `templates/client/<view>.hbs`. */
  readonly name: string;
  /** Raised when the model changes incompatibly; an override begins with `{{!-- view: chat/window@2 --}}`. */
  readonly version: number;
  readonly side: 'server' | 'client';
  /** Names that theme authors may override with `{{#override}}`, in templates that extend this one. */
  readonly blocks?: readonly string[];
  /** Names under which plugins put content (client: controls). */
  readonly slots?: readonly string[];
}
/** Declares a view. @example defineView('chat/window', { version: 1, side: 'client', blocks: ['header'], slots: ['controls'] }) */
export function defineView(name: string, options: Omit<ViewSpec, 'name'>): ViewSpec {
  return { name, ...options };
}
/** Contributes the views of a plugin; their files lie below `<root>/templates/{server,client}/`. */
export const views = definePoint<readonly ViewSpec[]>('views.views', { required: true });

/** A client app (chat, users …) or a module that joins one. Bundled by esbuild as an ES module, hashed, precompressed. */
export interface ClientSpec {
  /** Name of the bundle: `chat`, `users`. */
  readonly name: string;
  /** Entry file relative to the plugin's root, e.g. `client/app.ts`. Imports of `mibew/client` (or `../../client/client/index.ts`) stay outside the bundle. */
  readonly entry: string;
  /** Present: not an app of its own but loaded together with these apps, after them (third-party controls, renderers). */
  readonly joins?: readonly string[];
  /** Names of client views (`chat/window`) whose precompiled templates the app needs, as `<plugin>/*` or exact. */
  readonly templates?: readonly string[];
  /** Prefixes of the texts the app needs, e.g. `['chat.', 'client.']`. */
  readonly texts?: readonly string[];
  /** Style sheets relative to the plugin's root, added to the app's sheet in cascade layer `plugin`. */
  readonly styles?: readonly string[];
}
export const clientModule = definePoint<ClientSpec>('views.client', { required: true });

/** Contributes a folder of static files, served hashed below `/assets/<plugin>/`. */
export const assets = definePoint<string>('views.assets', { required: true });

/** Contributes an entry to the operators' navigation. */
export interface MenuItem {
  /** Locale key. */
  readonly label: string;
  /** Route name `<plugin>.<name>`. */
  readonly route: string;
  readonly weight: number;
  readonly icon?: string;
  /** Permission that the operator needs to see it. */
  readonly permission?: string;
}
export const menuItem = definePoint<MenuItem>('views.menu');

/** What an app needs to start: module addresses and boot data. */
export interface AppAssets {
  /** ES modules to load, in order: client library, joined modules, app. */
  readonly modules: readonly string[];
  readonly client: string;
  readonly app: string;
  readonly joined: readonly string[];
  /** Module with precompiled templates of the active theme. */
  readonly templates: string;
  /** Module with the texts of one locale. */
  readonly texts: string;
  /** Style sheet address, for pages; */
  readonly style: string;
  /** the same sheet as an ES module (`export default "css text"`), for shadow roots under a policy without style-src. */
  readonly styleModule: string;
}

export interface PageOptions {
  readonly status?: number;
  /** Extra policy sources, by directive. */
  readonly policy?: Readonly<Record<string, readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Start this client app on the page with this boot object (`Mibew.Application.start` of the spec). */
  readonly app?: { readonly name: string; readonly boot: unknown };
}

export interface ViewsService {
  /** Renders a server view inside its layout to a Response with strict CSP (fresh nonce), no framing by others, no-store. Model gets `mibewVersion currentLocale rtl stylePath styleName nonce`. */
  page(context: Context, view: string, model: Readonly<Record<string, unknown>>, options?: PageOptions): Promise<Response>;
  /** Renders a server view to a string (mails, fragments). */
  render(view: string, model: Readonly<Record<string, unknown>>, locale: string): Promise<string>;
  /** Address of a static file: `asset('admin', 'logo.svg')` → `/assets/admin/logo.3f2a91bc.svg`. */
  asset(plugin: string, file: string): string;
  /** Addresses of everything that a client app needs, in one locale. */
  app(name: string, locale: string): Promise<AppAssets>;
  /** Called before a page is rendered: adds to the model of every operator page (menu, operator, CSRF token). */
  decorate(fn: (context: Context, model: Record<string, unknown>) => void | Promise<void>): () => void;
  /** Builds everything ahead (`npm run build`, start). */
  build(): Promise<void>;
}
export const viewsService = defineService<ViewsService>('views');

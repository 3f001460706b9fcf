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
  /** Name of the bundle: `chat`, `users`. Two names are known: `client` is the library behind `mibew/client`, and what joins `page` is on every page. */
  readonly name: string;
  /** Entry file relative to the plugin's root, e.g. `client/app.ts`; none: style sheets only. Imports of `mibew/client` (or `../../client/client/index.ts`) stay outside the bundle. */
  readonly entry?: string;
  /**
   * Loaded together with these apps and evaluated before they start (third-party controls, renderers). It may be an app of its own besides.
   * What joins a module that joins an app is loaded with that app, too: `chat-pane` is the conversation of operators wherever it stands.
   */
  readonly joins?: readonly string[];
  /**
   * Loaded by these apps when they need it, and not before: `loadPart` of `mibew/client` (a form before the chat, a rating after it). It comes
   * with templates, texts and styles of its own, so nothing of it weighs on who never sees it. It may be an app of its own besides.
   */
  readonly partOf?: readonly string[];
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

/** Headings of the operators' navigation: conversations, the people and words for them, and what runs it all. */
export type MenuSection = 'work' | 'people' | 'admin';
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
  /** Under which heading it stands; absent: `admin` where the permission `admin` is needed, else `work`. */
  readonly section?: MenuSection;
  /** Asked for each page; false leaves the entry out, e.g. while a setting has switched the feature off. */
  readonly shown?: () => boolean;
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
  /** Parts that this app may load (`partOf`): name → address of one module with everything. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Texts as {@link AppAssets.texts} exports them: a text without arguments is a string, any other a function. */
export interface ClientTexts {
  readonly locale: string;
  readonly rtl: boolean;
  readonly texts: Readonly<Record<string, string | ((args: Readonly<Record<string, unknown>>) => string)>>;
}
/** What an app is started with, by the page's loader or by the launcher. */
export interface AppStart {
  /** Where the app draws itself: `<div data-mb-app="chat">` of the page, or the shadow root. */
  readonly root: HTMLElement | ShadowRoot;
  /** The boot object of {@link PageOptions.app}. */
  readonly boot: unknown;
  /** View name → precompiled template, for `Handlebars.template` of the runtime; all are partials of each other, too. */
  readonly templates: Readonly<Record<string, unknown>>;
  readonly texts: ClientTexts;
  readonly assets: AppAssets;
}
/** What the entry of an app exports. Modules that join it are evaluated before `start` is called. */
export interface AppModule {
  start(options: AppStart): void | Promise<void>;
}
/** Content of `<script type="application/json" id="mibew-boot">`. */
export interface PageBoot {
  readonly app: string;
  readonly boot: unknown;
  readonly assets: AppAssets;
}

/** A part of a list that is shown on pages, and the model of `{{generatePagination}}`. */
export interface Pagination {
  /** From 1 on. */
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** There is more than one page. */
  readonly more: boolean;
  readonly href: string;
  readonly offset: number;
  readonly limit: number;
}
/**
 * The part that `?page=` asks for, or the nearest that there is.
 * @param href address of the list up to the number of the page
 * @example const pages = pagination(context, await bans.count(), 50, '/operator/ban?page=');
 */
export function pagination(context: Context, total: number, limit: number, href: string): Pagination {
  const pages = Math.max(1, Math.ceil(total / limit));
  const asked = Number(/^\d{1,6}$/.exec(context.req.query('page') ?? '')?.[0] ?? 1);
  const page = Math.min(Math.max(1, asked), pages);
  return { page, pages, total, more: pages > 1, href, offset: (page - 1) * limit, limit };
}

export interface PageOptions {
  readonly status?: number;
  /** Extra policy sources, by directive; an empty list takes the directive away. */
  readonly policy?: Readonly<Record<string, readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who may frame the page: nobody, unless `self`. */
  readonly frame?: 'self';
  /** Start this client app on the page with this boot object (`Mibew.Application.start` of the spec). */
  readonly app?: { readonly name: string; readonly boot: unknown };
}

/** What decorators put into the model for the layouts; whatever else they add is for their own views. */
export interface PageModel {
  /** Who is logged in; without him there is no navigation. */
  operator?: { readonly name: string; readonly avatar?: string; readonly permissions?: readonly string[] };
  /** For `csrfTokenInput` and `csrfProtectedRoute`. */
  csrfToken?: string;
  /** Entries of the operator's own menu, beside his name. */
  account?: readonly {
    readonly label: string;
    readonly href: string;
    readonly icon?: string;
    readonly post?: boolean;
  }[];
}

export interface ViewsService {
  /** Renders a server view inside its layout to a Response with strict CSP (fresh nonce), no framing by others, no-store. Model gets `mibewVersion currentLocale rtl stylePath styleName nonce`. */
  page(
    context: Context,
    view: string,
    model: Readonly<Record<string, unknown>>,
    options?: PageOptions,
  ): Promise<Response>;
  /** The error page: what happened in words, its code, a way back. */
  error(context: Context, status: number, code: string, message?: string): Promise<Response>;
  /** Renders a server view to a string (mails, fragments). */
  render(view: string, model: Readonly<Record<string, unknown>>, locale: string): Promise<string>;
  /** Address of a static file: `asset('admin', 'logo.svg')` → `/assets/admin/logo.3f2a91bc.svg`. */
  asset(plugin: string, file: string): string;
  /** Addresses of everything that a client app needs, in one locale. */
  app(name: string, locale: string): Promise<AppAssets>;
  /**
   * A classic script for host pages, ES2017 without globals, and a sheet for its shadow root that carries just the tokens it uses.
   * @param entry absolute path @param styles absolute paths
   */
  classic(
    name: string,
    entry: string,
    styles: readonly string[],
  ): Promise<{ readonly script: string; readonly css: string }>;
  /** Called before a page is rendered: adds to the model of every page (see {@link PageModel}). */
  decorate(fn: (context: Context, model: Record<string, unknown> & PageModel) => void | Promise<void>): () => void;
  /** Builds everything ahead (`npm run build`, start). */
  build(): Promise<void>;
}
export const viewsService = defineService<ViewsService>('views');

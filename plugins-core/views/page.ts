/** Pages: a view in its layout, with the policy, the assets and the boot data that belong to it. */
import { randomBytes } from 'node:crypto';
import { getCookie } from 'hono/cookie';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Kernel } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { MenuItem, PageBoot, PageModel, PageOptions, ViewsService } from './api.ts';
import type { Apps } from './apps.ts';
import { focusFirstError } from './focus.ts';
import type { Rendering } from './helpers.ts';
import { menuOf, sectionsOf } from './menu.ts';
import { jsonBlock, policyOf } from './policy.ts';
import type { Templates } from './templates.ts';
import type { Theme } from './theme.ts';

/** What {@link createPages} takes. */
export interface PageDeps {
  readonly kernel: Kernel;
  readonly locales: LocalesService;
  readonly templates: Templates;
  readonly apps: Apps;
  readonly theme: Theme;
  readonly menu: Iterable<MenuItem>;
  /** Folder of the theme's assets, as an address. */
  readonly stylePath: string;
  readonly watch: boolean;
}
type Decorator = Parameters<ViewsService['decorate']>[0];
type Model = Record<string, unknown> & PageModel;

export type Pages = Pick<ViewsService, 'page' | 'render' | 'decorate' | 'error'>;

const schemes = new Set(['light', 'dark']);

export function createPages({ kernel, locales, templates, apps, theme, menu, stylePath, watch }: PageDeps): Pages {
  const decorators = new Set<Decorator>();

  const common = (locale: string) => ({
    mibewVersion: kernel.version,
    currentLocale: locale,
    language: locales.intl(locale),
    rtl: locales.info(locale).rtl,
    stylePath,
    styleName: theme.id,
    base: kernel.config.base,
  });
  const run = (view: string, model: Readonly<Record<string, unknown>>, rendering: Rendering): string => {
    if (watch) templates.refresh();
    return templates.get(view)(model, { data: { root: model, rendering } });
  };

  const page: Pages['page'] = async (context, view, given, options = {}) => {
    const nonce = randomBytes(16).toString('base64url');
    const locale = locales.of(context);
    locales.remember(context, locale);
    const scheme = getCookie(context, 'mibew_scheme');
    const { base } = kernel.config;
    // Visitors have nothing to look for where operators log in.
    const home = context.req.path.startsWith(`${base}/operator`) ? base || '/' : undefined;
    const model: Model = { ...common(locale), nonce, home, scheme: scheme && schemes.has(scheme) ? scheme : undefined };
    for (const decorate of decorators) await decorate(context, model);
    Object.assign(model, given);
    // An operator among his own pages: what fails there stands beside his navigation.
    model['inside'] = model.operator !== undefined && home !== undefined;
    const permissions = model.operator?.permissions ?? [];
    const text = (key: string) => locales.text(locale, key);
    const entries = model.operator ? menuOf(menu, permissions, context.req.path, kernel, text) : [];
    model['menu'] ??= entries;
    model['menuSections'] ??= sectionsOf(entries, text);
    if (options.app) model['app'] = options.app.name;

    const tags = await tagsOf(apps, nonce, locale, options.app);
    const rendered = run(view, model, { locale, csrfToken: model.csrfToken, nonce, ...tags });
    // A page that shows what errors look like refuses nobody.
    const html = (options.status ?? 200) < 400 ? rendered : focusFirstError(rendered);
    const origin = originOf(kernel.facts(context).origin);
    return context.html(html, (options.status ?? 200) as ContentfulStatusCode, {
      'content-security-policy': policyOf(nonce, origin, options),
      'x-content-type-options': 'nosniff',
      'x-frame-options': options.frame === 'self' ? 'SAMEORIGIN' : 'DENY',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      vary: 'cookie, accept-language',
      ...options.headers,
    });
  };

  return {
    page,
    async render(view, model, locale) {
      return run(view, { ...common(locale), ...model }, { locale });
    },
    decorate(fn) {
      decorators.add(fn);
      return () => void decorators.delete(fn);
    },
    error(context, status, code, message) {
      const locale = locales.of(context);
      const known = [403, 404, 500, 503].includes(status) ? status : status < 500 ? 400 : 500;
      const says = (part: string) => locales.text(locale, `views.error.${known}.${part}`);
      return page(
        context,
        'views/error',
        { title: says('title'), text: message ?? says('text'), code, status },
        { status },
      );
    },
  };
}

/** A Host header is anybody's text; only an origin may go into the policy. */
function originOf(origin: string): string {
  try {
    return new URL(origin).origin;
  } catch {
    return "'self'";
  }
}

/** The link, script and data elements of a page. */
async function tagsOf(
  apps: Apps,
  nonce: string,
  locale: string,
  app: PageOptions['app'],
): Promise<{ css: string; js: string }> {
  const { style, modules } = await apps.page();
  const script = (src: string) => `<script type="module" nonce="${nonce}" src="${src}"></script>`;
  const link = (href: string) => `<link rel="stylesheet" href="${href}">`;
  const js = modules.map(script);
  if (!app) return { css: link(style), js: js.join('\n') };
  const assets = await apps.app(app.name, locale);
  const boot: PageBoot = { app: app.name, boot: app.boot, assets };
  const ahead = [...assets.modules, assets.templates, assets.texts];
  return {
    css: [link(style), link(assets.style)].join('\n'),
    js: [
      ...ahead.map((href) => `<link rel="modulepreload" nonce="${nonce}" href="${href}">`),
      `<script type="application/json" id="mibew-boot">${jsonBlock(boot)}</script>`,
      script(await apps.loader()),
      ...js,
    ].join('\n'),
  };
}

/**
 * What makes the workspace an app on desktops and phones: its manifest, and a service worker. The worker shows notices where pages may not, and
 * leads from them to the workspace; it sees no request and keeps nothing.
 */
import type { Addresses, Handler, Kernel } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { ViewsService } from '../views/api.ts';

export interface InstallNeeds {
  readonly kernel: Pick<Kernel, 'config'>;
  readonly addresses: Addresses;
  readonly locales: Pick<LocalesService, 'of' | 'info' | 'intl' | 'text'>;
  readonly views: Pick<ViewsService, 'asset' | 'classic'>;
  /** Whose chat it is; may be empty. */
  readonly title: () => string;
  /** Source of the service worker. */
  readonly worker: string;
}

/** Colours of the frame before the page is there: those of light pages. */
const colours = { background_color: '#f6f7f9', theme_color: '#ffffff' };

/** Browsers look for both without cookies: nothing in them is anybody's own. */
const headers = { 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };

export function manifestOf({ kernel, addresses, locales, views, title }: InstallNeeds): Handler {
  return (context) => {
    const locale = locales.of(context);
    const start = addresses.url('users.workspace');
    const name = title().trim() || locales.text(locale, 'users.install.name');
    const icon = (file: string, sizes: string, purpose: 'any' | 'maskable') => ({
      src: views.asset('users', `${file}.png`),
      sizes,
      type: 'image/png',
      purpose,
    });
    const manifest = {
      id: start,
      name,
      short_name: name,
      description: locales.text(locale, 'users.install.text'),
      lang: locales.intl(locale),
      dir: locales.info(locale).rtl ? 'rtl' : 'ltr',
      start_url: start,
      // Logging in and the other pages of operators happen in the same window.
      scope: `${kernel.config.base}/operator`,
      display: 'standalone',
      // Two windows would be two desks.
      launch_handler: { client_mode: 'focus-existing' },
      ...colours,
      icons: [
        icon('icon-192', '192x192', 'any'),
        icon('icon-512', '512x512', 'any'),
        icon('icon-maskable-192', '192x192', 'maskable'),
        icon('icon-maskable-512', '512x512', 'maskable'),
      ],
    };
    const type = 'application/manifest+json; charset=utf-8';
    return context.body(JSON.stringify(manifest), 200, { ...headers, vary: 'accept-language', 'content-type': type });
  };
}

export function workerScript({ addresses, views, worker }: InstallNeeds): Handler {
  return async (context) => {
    const { script } = await views.classic('users-worker', worker, []);
    return context.body(script, 200, {
      ...headers,
      'content-type': 'text/javascript; charset=utf-8',
      // The workspace alone, although the script lies below it.
      'service-worker-allowed': addresses.url('users.workspace'),
      'content-security-policy': "default-src 'none'",
    });
  };
}

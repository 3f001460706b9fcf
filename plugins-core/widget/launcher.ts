/** `/mibew.js`: the launcher of `widget/` with the facts that a page could not know. */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { LauncherBoot } from '../../widget/boot.ts';
import type { LocalesService } from '../locales/api.ts';
import type { ViewsService } from '../views/api.ts';
import { literal } from './literal.ts';

export interface LauncherNeeds {
  readonly views: Pick<ViewsService, 'classic'>;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'info'>;
  /** Absolute paths of the launcher's source and of its style sheet. */
  readonly source: { readonly script: string; readonly styles: readonly string[] };
  readonly title: () => string;
  /** Seconds between polls. */
  readonly poll: () => number;
  /** What the administrators chose. */
  readonly options: () => LauncherBoot['options'];
  /** Parts that are wanted, for pages in this language. */
  readonly parts: (locale: string) => LauncherBoot['parts'];
}

/** So long browsers and proxies may keep the script, seconds. */
const maxAge = 60;

/** Makes the handler of `/mibew.js`. */
export function launcherScript(needs: LauncherNeeds) {
  const { views, locales, source } = needs;
  return async (context: Context): Promise<Response> => {
    const locale = locales.of(context);
    const { script, css } = await views.classic('launcher', source.script, source.styles);
    const text = (key: string, args = {}) => locales.text(locale, `widget.launcher.${key}`, args);
    const boot: LauncherBoot = {
      locale,
      rtl: locales.info(locale).rtl,
      title: needs.title(),
      texts: {
        open: text('open'),
        close: text('close'),
        unread: text('unread', { count: '{0}' }),
        failed: text('failed'),
        closed: text('closed'),
      },
      poll: needs.poll() * 1000,
      options: needs.options(),
      parts: needs.parts(locale),
      css,
    };
    const body = `(function(mibewBoot){${script}})(${literal(boot)});\n`;
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = {
      'cache-control': `public, max-age=${maxAge}`,
      'content-type': 'text/javascript; charset=utf-8',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Language',
      etag,
    };
    if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
    return new Response(body, { headers });
  };
}

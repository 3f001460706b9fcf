/** `/js/compiled/…`: the original's scripts, for pages that still carry its codes. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from 'hono';
import { productRoot } from '../../kernel/place.ts';
import type { ViewsService } from '../views/api.ts';

const entries: Readonly<Record<string, string>> = {
  'chat_popup.js': 'chat-popup.ts',
  'widget.js': 'widget.ts',
};

/** Makes the handler of `/js/compiled/:file`. */
export function compatScript(views: Pick<ViewsService, 'classic'>) {
  return async (context: Context): Promise<Response> => {
    const file = context.req.param('file') ?? '';
    const entry = Object.hasOwn(entries, file) ? entries[file] : undefined;
    if (!entry) return new Response(null, { status: 404 });
    const { script } = await views.classic(
      `compat-${entry.replace('.ts', '')}`,
      join(productRoot, 'widget/compat', entry),
      [],
    );
    const etag = `"${createHash('sha256').update(script).digest('base64url').slice(0, 22)}"`;
    const headers = {
      'cache-control': 'public, max-age=60',
      'content-type': 'text/javascript; charset=utf-8',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      etag,
    };
    if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
    return new Response(script, { headers });
  };
}

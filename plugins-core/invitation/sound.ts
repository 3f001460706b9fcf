/** The sound of an invitation: `/chat/invitation/invite.{wav,mp3,ogg}`, one name with the ending that a browser likes. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type RouteSpec } from '../../kernel/plugin.ts';

const types: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg', ogg: 'audio/ogg' };

/** @param folder where the files are */
export const soundRoute = (folder: string): RouteSpec => ({
  name: 'sound',
  method: 'GET',
  path: '/chat/invitation/:file{invite\\.(?:wav|mp3|ogg)}',
  access: open,
  async handler(context) {
    const file = context.req.param('file') ?? '';
    const body = await readFile(join(folder, file));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = {
      'cache-control': 'public, max-age=86400',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      etag,
    };
    if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
    const type = types[file.split('.').at(-1) ?? ''] ?? '';
    return new Response(new Uint8Array(body), { headers: { ...headers, 'content-type': type } });
  },
});

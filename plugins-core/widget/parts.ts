/** Parts of the launcher: `/plugins/widget/part/<name>.js`, and what is written into the launcher for each. */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { LauncherBoot } from '../../widget/boot.ts';
import type { ViewsService } from '../views/api.ts';
import type { LauncherPart } from './api.ts';
import { literal } from './literal.ts';

const shape = /^[a-z-]+$/;

export interface Parts {
  /** @throws Error when the name is malformed or taken. @returns removes it */
  readonly add: (part: LauncherPart) => () => void;
  /** Parts that are wanted now. */
  readonly wanted: (locale: string) => LauncherBoot['parts'];
  readonly handler: (context: Context) => Promise<Response>;
}

/** @param failed told when the facts of a part fail: the launcher goes out without it */
export function createParts(
  views: Pick<ViewsService, 'classic'>,
  failed: (name: string, error: unknown) => void,
): Parts {
  const parts = new Map<string, LauncherPart>();
  return {
    add(part) {
      const { name } = part;
      if (!shape.test(name)) throw new Error(`a part of the launcher is named by letters and dashes, not "${name}"`);
      if (parts.has(name)) throw new Error(`there is a part "${name}" of the launcher already`);
      parts.set(name, part);
      return () => void parts.delete(name);
    },
    wanted: (locale) =>
      [...parts.values()].flatMap(({ name, facts }) => {
        try {
          const given = facts(locale);
          return given ? [{ name, facts: given }] : [];
        } catch (error) {
          failed(name, error);
          return [];
        }
      }),
    async handler(context) {
      const name = (context.req.param('file') ?? '').replace(/\.js$/, '');
      const part = parts.get(name);
      if (!part) return shape.test(name) ? nothing() : new Response(null, { status: 404, headers: shared });
      const { script, css } = await views.classic(`part-${name}`, part.entry, part.styles ?? []);
      // The launcher is there before its parts; a page that took it away gets nothing of them.
      const body = `(function(mibewPart){${script}})(function(start){var m=window.Mibew;m&&m.part&&m.part(${literal(name)},start,${literal(css)})});\n`;
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      const headers = { ...shared, 'cache-control': 'public, max-age=60', etag };
      if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
      return new Response(body, { headers: { ...headers, 'content-type': javascript } });
    },
  };
}

const javascript = 'text/javascript; charset=utf-8';
/** For launchers from before the plugin went: a script that does not come would be asked for again and again. */
const nothing = () =>
  new Response('', { headers: { ...shared, 'cache-control': 'no-store', 'content-type': javascript } });

const shared = { 'cross-origin-resource-policy': 'cross-origin', 'x-content-type-options': 'nosniff' };

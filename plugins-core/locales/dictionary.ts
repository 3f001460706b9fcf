/** `GET /locales/{locale}/translation.js`: the whole dictionary, as the original's scripts read it. */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Catalogue } from './catalogue.ts';
import { literal } from './compile.ts';
import { literalText, type Ast } from './message.ts';
import { pseudoCode } from './pseudo.ts';

/** Makes the handler; dictionaries are kept until a text changes. */
export function dictionary(catalogue: Catalogue): (context: Context) => Response {
  const made = new Map<string, { readonly body: string; readonly etag: string; readonly revision: number }>();

  const dictionaryOf = (locale: string) => {
    const kept = made.get(locale);
    if (kept?.revision === catalogue.revision) return kept;
    const texts = catalogue.keys().flatMap((key) => {
      const message = catalogue.find(locale, key);
      return message ? [[key, locale === pseudoCode ? spell(message.ast) : message.source] as const] : [];
    });
    const body = `Mibew.Localization.set(${literal(Object.fromEntries(texts))});`;
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const entry = { body, etag, revision: catalogue.revision };
    made.set(locale, entry);
    return entry;
  };

  return (context) => {
    const locale = context.req.param('locale') ?? '';
    if (locale !== pseudoCode && !catalogue.codes().includes(locale))
      return context.json({ error: { code: 'LOCALE_UNKNOWN', message: 'there is no such language' } }, 404);
    const { body, etag } = dictionaryOf(locale);
    const headers = { etag, 'cache-control': 'public, max-age=120' };
    const known = context.req
      .header('if-none-match')
      ?.split(',')
      .map((tag) => tag.trim().replace(/^W\//, ''));
    if (known?.includes(etag) || known?.includes('*')) return context.body(null, 304, headers);
    return context.body(body, 200, {
      ...headers,
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
  };
}

/** The text of a generated message as far as it is plain; what has choices keeps its arguments' names. */
const spell = (ast: Ast): string =>
  ast.map((node) => literalText(node) ?? ('value' in node ? `{${node.value}}` : '#')).join('');

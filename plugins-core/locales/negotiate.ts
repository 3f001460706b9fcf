/** Which language a request gets. */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { pseudoCode } from './pseudo.ts';

const localeCookie = 'mibew_locale';
const thousandDays = 1000 * 24 * 3600;

/**
 * The known code nearest to what was asked for: itself, a parent (`pt` for `pt-BR`), else a relative (`pt-br` for `pt-PT`).
 *
 * @param codes known codes
 */
export function nearest(codes: readonly string[], requested: string): string | undefined {
  const wanted = requested.trim().toLowerCase().replaceAll('_', '-');
  if (!/^[a-z\d-]{2,35}$/.test(wanted)) return undefined;
  const known = new Map(codes.map((code) => [code.toLowerCase(), code]));
  for (let tag = wanted; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    const found = known.get(tag);
    if (found !== undefined) return found;
  }
  const language = wanted.split('-')[0]!;
  return codes.find((code) => code.toLowerCase().startsWith(`${language}-`));
}

/** Languages of an `Accept-Language` header, the best first. */
export function accepted(header: string): string[] {
  return header
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...params] = part.trim().split(';');
      const quality = params.map((param) => /^\s*q=([\d.]+)\s*$/.exec(param)?.[1]).find((value) => value !== undefined);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ tag, quality }) => tag !== '' && tag !== '*' && quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}

/** What the choice is made of. */
export interface Wish {
  readonly query: string | undefined;
  readonly cookie: string | undefined;
  readonly header: string | undefined;
}

/** Query, cookie, `Accept-Language`, configured default, `en`. By name alone the pseudo-locale is to be had. */
export function negotiate(codes: readonly string[], wish: Wish, fallback: string | undefined): string {
  for (const named of [wish.query, wish.cookie]) {
    if (named === undefined || named === '') continue;
    if (named.toLowerCase() === pseudoCode.toLowerCase()) return pseudoCode;
    const found = nearest(codes, named);
    if (found !== undefined) return found;
  }
  for (const tag of accepted(wish.header ?? '')) {
    const found = nearest(codes, tag);
    if (found !== undefined) return found;
  }
  return (fallback === undefined ? undefined : nearest(codes, fallback)) ?? 'en';
}

export const wishOf = (context: Context): Wish => ({
  query: context.req.query('locale'),
  cookie: getCookie(context, localeCookie),
  header: context.req.header('accept-language'),
});

/** Keeps the choice for the next visit; written anew by every page, so that it lasts a thousand days from the last one. */
export function rememberLocale(context: Context, code: string, path: string, secure: boolean): void {
  // Written by hand: hono refuses what lasts longer than 400 days, where browsers merely cut it.
  const expires = new Date(Date.now() + thousandDays * 1000).toUTCString();
  const cookie = `${localeCookie}=${code}; Max-Age=${thousandDays}; Path=${path}; Expires=${expires}; HttpOnly; SameSite=Lax`;
  context.header('set-cookie', secure ? `${cookie}; Secure` : cookie, { append: true });
}

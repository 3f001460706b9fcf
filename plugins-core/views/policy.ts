/** The content security policy of pages: nothing that is not ours, no inline script, no code made of strings. */
import type { PageOptions } from './api.ts';

/**
 * Scripts run by nonce alone; modules hand it on to what they import. Sockets are named with their scheme, since not every
 * browser counts `wss:` as `'self'`.
 *
 * @param origin own origin as the browser sees it
 */
export function policyOf(nonce: string, origin: string, { policy = {}, frame }: PageOptions = {}): string {
  const directives: Record<string, readonly string[]> = {
    'default-src': ["'none'"],
    'script-src': [`'nonce-${nonce}'`],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'media-src': ["'self'"],
    'font-src': ["'self'"],
    'connect-src': ["'self'", origin.replace(/^http/, 'ws')],
    'form-action': ["'self'"],
    'base-uri': ["'none'"],
    'frame-src': ["'self'"],
    'frame-ancestors': [frame === 'self' ? "'self'" : "'none'"],
    'require-trusted-types-for': ["'script'"],
    'trusted-types': ['mibew'],
  };
  for (const [name, sources] of Object.entries(policy)) {
    if (sources.length === 0) delete directives[name];
    else directives[name] = [...(directives[name] ?? []).filter((source) => source !== "'none'"), ...sources];
  }
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}

/** JSON for a data block in a page: safe inside a script element. */
export const jsonBlock = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

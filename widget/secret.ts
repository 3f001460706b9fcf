/** The visitor's secret: made in the page and stored before the first request, so that no answer that gets lost loses the visitor. */
import type { Shelf } from './storage.ts';

const key = 'visitor';
const shape = /^[\w-]{43}$/;

/** 256 random bits as base64url; `getRandomValues` works on plain http, too. */
function makeSecret(): string {
  let text = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(32))) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}

/** The secret of this browser on this site. */
export function visitorSecret(shelf: Shelf): string {
  const kept = shelf.get(key);
  if (kept && shape.test(kept)) return kept;
  const secret = makeSecret();
  shelf.set(key, secret);
  return secret;
}

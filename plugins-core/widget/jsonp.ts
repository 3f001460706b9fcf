/** The original's shape of a contact: parameters in the query, a call of a fixed function as the answer. Widget spec section 4. */
import type { WidgetResponse } from './api.ts';
import { completed } from './answers.ts';
import { secretOf } from './browser.ts';

/** What the original's script asks with; everything else in the query is `custom`. */
export interface Asked {
  readonly entry: string;
  readonly locale: string;
  readonly rnd: string | undefined;
  /** The tracking secret; undefined: none, or of another shape. */
  readonly userId: string | undefined;
  readonly silent: boolean;
  readonly rejected: boolean;
  readonly custom: Readonly<Record<string, string>>;
}

const none: Asked['custom'] = Object.freeze({});
/** As in the contract of `widgetContact`. */
const limits = { entry: 2048, locale: 16, name: 64, value: 1024 } as const;

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // The script's own `escape` of what is not ASCII, or nonsense.
    return text;
  }
}
/** Kept for as long as its visitor: a part of the address would keep the whole of it in memory. */
const copied = (secret: string | undefined): string | undefined =>
  secret && Buffer.from(secret, 'latin1').toString('latin1');
const decodeForm = (text: string): string => decode(text.includes('+') ? text.replaceAll('+', ' ') : text);

/** Takes the query of an address apart, in one go: it is asked for by every page, every few seconds. */
export function readAsked(url: string): Asked {
  let entry = '';
  let locale = '';
  let rnd: string | undefined;
  let userId: string | undefined;
  let silent = false;
  let rejected = false;
  let custom: Record<string, string> | undefined;
  let at = url.indexOf('?') + 1;
  while (at > 0 && at < url.length) {
    const next = url.indexOf('&', at);
    const end = next < 0 ? url.length : next;
    const sign = url.indexOf('=', at);
    const middle = sign < 0 || sign > end ? end : sign;
    const name = url.slice(at, middle);
    const value = url.slice(middle + 1, end);
    at = end + 1;
    // A plus is one: neither `escape` nor `encodeURIComponent` makes one of a space.
    if (name === 'entry') entry = decode(value).slice(0, limits.entry);
    else if (name === 'locale') locale = decode(value).slice(0, limits.locale);
    else if (name === 'rnd') rnd = decode(value);
    else if (name === 'user_id') userId = copied(secretOf(value));
    else if (name === 'silent') silent = value === '1';
    else if (name === 'invitation_rejected') rejected = value !== '' && value !== '0';
    else if (name !== '') {
      const key = decodeForm(name);
      if (key.length <= limits.name) (custom ??= {})[key] = decodeForm(value).slice(0, limits.value);
    }
  }
  return { entry, locale, rnd, userId, silent, rejected, custom: custom ?? none };
}

const unsafe = /[<>&'\u2028\u2029]/;
const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
function literal(value: unknown): string {
  const text = JSON.stringify(value);
  return unsafe.test(text) ? text.replaceAll(/[<>&'\u2028\u2029]/g, escaped) : text;
}
/** Peers are used to an empty map that is a list. */
const mapOf = (map: Readonly<Record<string, unknown>>): unknown => (Object.keys(map).length === 0 ? [] : map);

function callOf(cookiesBlocked: boolean, { load, handlers, dependencies, data }: WidgetResponse): string {
  const body = literal({
    load: mapOf(load),
    handlers: ['updateCookiesBlockStatus', ...handlers],
    dependencies: { updateCookiesBlockStatus: [], ...dependencies },
    data: { cookiesBlocked, ...data },
  });
  return `/**/Mibew.Objects.widget.onResponse(${body});`;
}

const nothing: WidgetResponse = { load: {}, handlers: [], dependencies: {}, data: {} };
const blocked = callOf(true, nothing);
const idle = callOf(false, nothing);

const isEmpty = (map: object): boolean => {
  for (const _ in map) return false;
  return true;
};

/** The whole answer. @param response undefined: only whether cookies are blocked */
export function jsonpText(cookiesBlocked: boolean, response?: WidgetResponse): string {
  if (cookiesBlocked) return blocked;
  if (!response || (response.handlers.length === 0 && isEmpty(response.load) && isEmpty(response.data))) return idle;
  return callOf(false, completed(response));
}

/** What a page says about its visitor: `Mibew.identify` and `Mibew.track`, in the custom parameters of a contact. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { attributeLimits, type Identity } from './api.ts';
import { cut } from './texts.ts';

export interface Identified {
  readonly attributes: Readonly<Record<string, string>>;
  readonly identity: Identity | undefined;
  /** `''`: the page gave none. */
  readonly name: string;
}
export interface ToldEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Events of one contact. */
const eventsAtOnce = 10;
const longestId = 255;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Strings, and what is as good as one; the rest is cut off. */
function texts(object: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept = new Map<string, string>();
  for (const [name, value] of Object.entries(object)) {
    if (kept.size >= attributeLimits.count) break;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    const key = cut(name, attributeLimits.name).trim();
    if (key !== '' && key !== '__proto__') kept.set(key, cut(String(value), attributeLimits.value));
  }
  return Object.fromEntries(kept);
}

/** HMAC-SHA256 of the id in hexadecimal digits, under the secret that the page's server shares with us. */
function isSigned(id: string, hash: string, secret: string): boolean {
  if (secret === '' || !/^[0-9a-f]{64}$/i.test(hash)) return false;
  return timingSafeEqual(createHmac('sha256', secret).update(id).digest(), Buffer.from(hash, 'hex'));
}

/** @returns undefined when the text is no object of texts */
export function readIdentity(text: string, secret: string): Identified | undefined {
  const said = parse(text);
  if (!isObject(said)) return undefined;
  const { id, hash, ...rest } = said;
  const attributes = texts(rest);
  const given = typeof id === 'number' ? String(id) : typeof id === 'string' ? id : '';
  // Half a number would be somebody else's.
  const known = given.length <= longestId && cut(given, longestId) === given ? given : '';
  return {
    attributes,
    name: cut(attributes['name'], 64).trim(),
    identity:
      known === '' ? undefined : { id: known, verified: typeof hash === 'string' && isSigned(known, hash, secret) },
  };
}

/** Events without a name are none. */
export function readEvents(text: string): readonly ToldEvent[] {
  const said = parse(text);
  if (!Array.isArray(said)) return [];
  return said.slice(0, eventsAtOnce).flatMap((one: unknown) => {
    if (!isObject(one) || typeof one['name'] !== 'string') return [];
    const name = cut(one['name'], attributeLimits.name).trim();
    return name === '' ? [] : [{ name, data: isObject(one['data']) ? texts(one['data']) : {} }];
  });
}

export function isSame(one: Identified, other: Pick<Identified, 'attributes' | 'identity'>): boolean {
  const [left, right] = [Object.entries(one.attributes), other.attributes];
  return (
    one.identity?.id === other.identity?.id &&
    one.identity?.verified === other.identity?.verified &&
    left.length === Object.keys(right).length &&
    left.every(([name, value]) => right[name] === value)
  );
}

/** Whom a rule means. Plain decisions: no database, no clock but the one given. */
import type { TrackedVisitor } from '../tracking/api.ts';
import type { InvitationRule } from './api.ts';

/** `*` stands for anything. In time that grows with the lengths alone: addresses are anybody's text. */
export function fits(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return text === pattern;
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/**
 * `/cart*` is a path, `shop.example/*` and `https://shop.example/*` are whole addresses, `''` is any page. The query counts where
 * the pattern has one.
 */
export function isPage(pattern: string, address: string): boolean {
  if (pattern === '') return true;
  const hash = address.indexOf('#');
  const whole = hash < 0 ? address : address.slice(0, hash);
  const asked = pattern.includes('?') ? whole : whole.replace(/\?.*/s, '');
  const bare = pattern.includes('://') ? asked : asked.replace(/^[a-z]+:\/\//i, '');
  return fits(pattern, pattern.startsWith('/') ? bare.replace(/^[^/?]*/, '') || '/' : bare);
}

/** All that does not change while he looks at a page. */
export function means(rule: InvitationRule, visitor: TrackedVisitor): boolean {
  const { page, attributes } = visitor;
  if (!rule.enabled || !page || visitor.threadId !== 0) return false;
  if (visitor.pages < rule.pagesSeen) return false;
  if (rule.visitor !== 'any' && (rule.visitor === 'new') !== (visitor.visits === 0)) return false;
  if (rule.attribute !== '') {
    const value = Object.hasOwn(attributes, rule.attribute) ? attributes[rule.attribute] : undefined;
    if (value === undefined || (rule.value !== '' && value !== rule.value)) return false;
  }
  return isPage(rule.page, page.address);
}

/** When he has been there for long enough, ms since the epoch. */
export const dueOf = (rule: InvitationRule, { page, firstTime }: TrackedVisitor): number =>
  Math.max((page?.at ?? 0) + rule.secondsOnPage * 1000, firstTime + rule.secondsOnSite * 1000);

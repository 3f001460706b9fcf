/** One ban: what it may consist of, and how it lies in the table. */
import { contains, formatRange, parseAddress, parseRange } from './addresses.ts';
import type { Ban, BanInput, BanIssue } from './api.ts';
import type { BanRow } from './tables.ts';

const longest = { address: 255, userId: 32, comment: 255 } as const;
const visitorMark = 'visitor:';

const characters = (text: string) => Array.from(text).length;
/** What every database keeps as it is: no NUL, no half characters. */
const clean = (text: string) =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('\0', '')
    .trim();

export const toBan = ({ id, target, comment, createdAt, till, createdBy }: BanRow): Ban => {
  const visitor = target.startsWith(visitorMark);
  return {
    id,
    address: visitor ? '' : target,
    userId: visitor ? target.slice(visitorMark.length) : '',
    comment,
    createdAt,
    till,
    createdBy,
  };
};

export const toRow = ({ id, address, userId, comment, createdAt, till, createdBy }: Ban): BanRow => ({
  id,
  target: userId ? `${visitorMark}${userId}` : address,
  comment,
  createdAt,
  till,
  createdBy,
});

type Checked =
  | { readonly values: Pick<BanRow, 'target' | 'comment' | 'till'> }
  | { readonly issues: readonly BanIssue[] };

function targetOf(address: string, userId: string): string | BanIssue {
  if (userId) {
    if (characters(userId) > longest.userId) return { field: 'userId', code: 'too_long' };
    return /^[\w.-]+$/.test(userId) ? `${visitorMark}${userId}` : { field: 'userId', code: 'invalid' };
  }
  if (!address) return { field: 'address', code: 'required' };
  if (characters(address) > longest.address) return { field: 'address', code: 'too_long' };
  const range = parseRange(address);
  return range ? formatRange(range) : { field: 'address', code: 'invalid' };
}

/** @param original a ban that is over may stay over while its comment is changed */
export function check(input: BanInput, now: number, original?: Ban): Checked {
  const issues: BanIssue[] = [];
  const [address, userId] = [clean(input.address ?? ''), clean(input.userId ?? '')];
  const comment = clean(input.comment);
  const target = address && userId ? ({ field: 'userId', code: 'invalid' } as const) : targetOf(address, userId);
  if (typeof target !== 'string') issues.push(target);
  if (comment === '') issues.push({ field: 'comment', code: 'required' });
  if (characters(comment) > longest.comment) issues.push({ field: 'comment', code: 'too_long' });
  const { till } = input;
  if (!Number.isSafeInteger(till) || till < 0) issues.push({ field: 'till', code: 'invalid' });
  else if (till > 0 && till <= now && till !== original?.till) issues.push({ field: 'till', code: 'past' });
  return issues.length > 0 || typeof target !== 'string' ? { issues } : { values: { target, comment, till } };
}

/** Is this person one of those that the ban is about, whether it counts just now or not? */
export function covers(
  ban: Pick<Ban, 'address' | 'userId'>,
  who: { readonly remote: string; readonly userId: string },
) {
  if (ban.userId) return ban.userId === who.userId;
  const [range, address] = [parseRange(ban.address), parseAddress(who.remote)];
  return range !== undefined && address !== undefined && contains(range, address);
}

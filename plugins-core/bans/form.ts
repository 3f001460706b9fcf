/** The form of a ban: what was typed, what it means, and what has to be confirmed before it is done. */
import { contains, isEverybody, isWide, parseAddress, parseRange } from './addresses.ts';
import { editsOf, seenText } from '../operators/api.ts';
import type { Ban, BanInput, BanIssue } from './api.ts';
import { check } from './ban.ts';

/** Fields as they are typed; the names of the original, and `by`, `visitor`, `confirm` of ours. */
export interface Typed {
  readonly by: 'address' | 'visitor';
  readonly address: string;
  readonly visitor: string;
  readonly days: string;
  readonly comment: string;
  /** The range that was confirmed, as it was typed. */
  readonly confirm: string;
}

/** What is wrong beside a field, for the texts `bans.issue.<field>.<code>`. */
export interface FormIssue {
  readonly field: 'address' | 'visitor' | 'days' | 'comment';
  readonly code: BanIssue['code'];
  readonly ban?: Ban | undefined;
}

const day = 86_400_000;
export const presetDays = '15';
/** A hundred years; whoever wants more takes 0. */
const mostDays = 36_500;

export const readTyped = (fields: URLSearchParams): Typed => {
  const field = (name: string) => (fields.get(name) ?? '').replaceAll('\r\n', '\n').trim();
  return {
    by: field('by') === 'visitor' ? 'visitor' : 'address',
    address: field('address'),
    visitor: field('visitor'),
    days: field('days'),
    comment: field('comment'),
    confirm: field('confirm'),
  };
};

/** Days left of a ban, begun ones counted; for one that is over those of a new one. */
function daysOf({ till }: Pick<Ban, 'till'>, now: number): string {
  if (till === 0) return '0';
  return till > now ? String(Math.ceil((till - now) / day)) : presetDays;
}

export const typedOf = (ban: Ban, now: number): Typed => ({
  by: ban.userId ? 'visitor' : 'address',
  address: ban.address,
  visitor: ban.userId,
  days: daysOf(ban, now),
  comment: ban.comment,
  confirm: '',
});

/** @param original days that were not touched leave the end where it was, to the millisecond */
function tillOf({ days }: Typed, now: number, original: Ban | undefined): number | FormIssue {
  if (days === '') return { field: 'days', code: 'required' };
  if (!/^\d{1,5}$/.test(days) || Number(days) > mostDays) return { field: 'days', code: 'invalid' };
  const holds = original && (original.till === 0 || original.till > now);
  if (holds && daysOf(original, now) === String(Number(days))) return original.till;
  return Number(days) === 0 ? 0 : now + Number(days) * day;
}

/** Issues of the service, at the fields of the form. An empty number of a visitor is missing, not a wrong address. */
export const formIssues = (issues: readonly BanIssue[], { by }: Typed): readonly FormIssue[] =>
  issues.map(({ field, ...rest }) => {
    if (field === 'till') return { field: 'days', ...rest };
    return { field: field === 'comment' ? 'comment' : by, ...rest };
  });

/** What the form asks for, or all that is wrong with it. */
export function inputOf(
  typed: Typed,
  now: number,
  original?: Ban,
): { readonly input: BanInput } | { readonly issues: readonly FormIssue[] } {
  const till = tillOf(typed, now, original);
  const target = typed.by === 'visitor' ? { userId: typed.visitor } : { address: typed.address };
  const input = { ...target, comment: typed.comment, till: typeof till === 'number' ? till : 0 };
  const checked = check(input, now, original);
  const issues = [
    ...('issues' in checked ? formIssues(checked.issues, typed) : []),
    ...(typeof till === 'number' ? [] : [till]),
  ];
  return issues.length > 0 ? { issues } : { input };
}

const targetOf = ({ by, address, visitor }: Typed) => (by === 'visitor' ? `visitor ${visitor}` : `address ${address}`);

/** What the form says of itself in `seen`. Days alone would not tell which end they stand for. */
export const seenOf = (ban: Ban, now: number): string => {
  const typed = typedOf(ban, now);
  return seenText({
    target: targetOf(typed),
    days: typed.days,
    comment: typed.comment,
    address: ban.address,
    userId: ban.userId,
    till: String(ban.till),
  });
};

/** What was changed in the form of a ban, for {@link BansService.update}. */
export interface BanEdits {
  readonly retargeted: boolean;
  readonly changes: Partial<BanInput>;
  readonly expected: Partial<BanInput> | undefined;
  /** The form anew: what was changed as it was typed, everything else as it is by now. */
  onto(now: Typed): Typed;
}

/** @param input what was typed means, see {@link inputOf} */
export function editsOfBan(typed: Typed, form: URLSearchParams, input: BanInput, original: Ban, now: number): BanEdits {
  const shown = { target: targetOf(typed), days: typed.days, comment: typed.comment };
  // The last three are nothing that is typed: only what the form knew of them is of interest.
  const { changed, seen } = editsOf({ ...shown, address: '', userId: '', till: '' }, form);
  const [retargeted, commented] = [changed.includes('target'), changed.includes('comment')];
  // A ban that is over begins anew with the days that the form proposes.
  const prolonged = changed.includes('days') || (original.till > 0 && original.till <= now);
  const { address = '', userId = '', comment, till } = input;
  return {
    retargeted,
    changes: {
      ...(retargeted && { address, userId }),
      ...(commented && { comment }),
      ...(prolonged && { till }),
    },
    expected: seen && {
      ...(retargeted && { address: seen.address ?? '', userId: seen.userId ?? '' }),
      ...(commented && { comment: seen.comment ?? '' }),
      ...(prolonged && { till: Number(seen.till) }),
    },
    onto: (stored) => ({
      ...stored,
      ...(retargeted && { by: typed.by, address: typed.address, visitor: typed.visitor, confirm: typed.confirm }),
      ...(commented && { comment: typed.comment }),
      ...(prolonged && { days: typed.days }),
    }),
  };
}

/** Why a ban should be thought over: it keeps out everybody, very many, or whoever makes it. */
export type Risk = 'everybody' | 'wide' | 'own';

export function risksOf({ by, address }: Typed, ownAddress: string): readonly Risk[] {
  const range = by === 'address' ? parseRange(address) : undefined;
  if (!range) return [];
  const own = parseAddress(ownAddress);
  return [
    ...(isEverybody(range) ? (['everybody'] as const) : isWide(range) ? (['wide'] as const) : []),
    ...(own && contains(range, own) ? (['own'] as const) : []),
  ];
}

/**
 * How long the rest of a wait may be, from how long others waited. A wait is divided by the place on which it began, so
 * that a long line is no longer a wait than it is; what most people met is told as a range. Where too little is known,
 * nothing is claimed.
 */
import type { Taken } from './line.ts';

/** Minutes, whole; 1 ≤ low ≤ high. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/** What somebody who waits is told. */
export interface Estimate {
  /** Undefined: nothing is claimed. */
  readonly range?: Range;
  /** What was claimed has run out. */
  readonly late: boolean;
}

/** What was claimed towards somebody: a later claim is not longer, unless others were let ahead of him. */
export interface Promised {
  readonly place: number;
  /** The latest time that was claimed, ms. */
  readonly until: number;
}

const minute = 60_000;
/** Waits that began longer ago tell nothing about now. */
const recent = 60 * minute;
const kept = 50;
/** Fewer tell nothing at all. */
const enough = 5;
/** Longer waits are not guessed at. */
const longest = 60;

export interface Estimates {
  learn(taken: Taken): void;
  /** @param before what was claimed so far @returns the claim, and what it promises from now on */
  of(
    groupId: number,
    place: number,
    now: number,
    before: Promised | undefined,
  ): { readonly estimate: Estimate; readonly promised: Promised | undefined };
}

/** Value below which this share of the sorted samples lies. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

export function createEstimates(): Estimates {
  const samples = new Map<number, { readonly at: number; readonly perPlace: number }[]>();

  function rangeFor(groupId: number, place: number, now: number): Range | undefined {
    const known = (samples.get(groupId) ?? []).filter(({ at }) => at > now - recent);
    if (known.length < enough) return undefined;
    const sorted = known.map(({ perPlace }) => perPlace).toSorted((one, other) => one - other);
    const minutes = (share: number) => (quantile(sorted, share) * place) / minute;
    const high = Math.max(1, Math.ceil(minutes(0.75)));
    return high > longest ? undefined : { low: Math.max(1, Math.floor(minutes(0.25))), high };
  }

  return {
    learn({ entry, at }) {
      if (entry.beganAt === 0) return;
      const perPlace = Math.max(0, at - entry.since) / entry.beganAt;
      const known = samples.get(entry.groupId) ?? [];
      samples.set(entry.groupId, [...known, { at, perPlace }].slice(-kept));
    },
    of(groupId, place, now, before) {
      const range = rangeFor(groupId, place, now);
      const held = before && before.place >= place ? before : undefined;
      if (held && held.until <= now) return { estimate: { late: true }, promised: { ...held, place } };
      if (!range) return { estimate: { late: false }, promised: held && { ...held, place } };
      const until = Math.min(held?.until ?? Infinity, now + range.high * minute);
      const high = Math.max(1, Math.ceil((until - now) / minute));
      const told = { low: Math.min(range.low, high), high };
      return { estimate: { range: told, late: false }, promised: { place, until } };
    },
  };
}

/** How messages stand in the list: sides, groups, days. No DOM. */
import type { WireMessage } from '../api.ts';

/** `event`: what happened; `info`: what the system tells; `hidden`: what it tells operators only; `note`: what one of them wrote for the others. */
type RowSide = 'own' | 'other' | 'event' | 'info' | 'hidden' | 'note' | 'plugin';

/** A row as far as its neighbours matter. */
export interface Place {
  readonly side: RowSide;
  readonly name: string;
  /** ms */
  readonly at: number;
}

/** Messages of one person that lie no further apart stand together, ms. */
const groupGap = 5 * 60_000;

const kinds = { user: 1, agent: 2, hidden: 3, info: 4, plugin: 7 } as const;

export function placeOf(message: Pick<WireMessage, 'kind' | 'name' | 'created'>, user: boolean): Place {
  const own = user ? kinds.user : kinds.agent;
  const side: Readonly<Record<number, RowSide>> = {
    [kinds.user]: 'other',
    [kinds.agent]: 'other',
    [own]: 'own',
    [kinds.hidden]: message.name ? 'note' : 'hidden',
    [kinds.info]: 'info',
    [kinds.plugin]: 'plugin',
  };
  return { side: side[message.kind] ?? 'event', name: message.name ?? '', at: message.created * 1000 };
}

const people = new Set<RowSide>(['own', 'other', 'note']);

/** Does a row belong to the one before it? */
export function follows(place: Place, before: Place | undefined): boolean {
  return (
    before !== undefined &&
    people.has(place.side) &&
    place.side === before.side &&
    place.name === before.name &&
    place.at - before.at < groupGap &&
    isSameDay(place.at, before.at)
  );
}

export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** Which words a day has: today, yesterday, its date, with the year once that is another. */
export function dayKind(at: number, now: number): 'today' | 'yesterday' | 'day' | 'dayOfYear' {
  if (isSameDay(at, now)) return 'today';
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (isSameDay(at, yesterday.getTime())) return 'yesterday';
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? 'day' : 'dayOfYear';
}

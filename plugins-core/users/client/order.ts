/** Orders of the queue. No DOM. */
import type { WireThread } from '../api.ts';
import { type Section, state, waitsSince } from './queue.ts';

/** A row in its section. Never changed: whatever changes of it makes a new one. */
export interface Entry {
  readonly row: WireThread;
  readonly section: Section;
  /** Own conversation in which the visitor spoke last: since when he waits for an answer, unix seconds. */
  readonly turn: number | undefined;
}

export const orders = ['waiting', 'newest', 'name', 'group'] as const;
export type Order = (typeof orders)[number];
export const isOrder = (value: unknown): value is Order => orders.includes(value as Order);

/** Since when a row counts its time: until somebody comes, until he is answered, or since it began. */
export const countsFrom = ({ row, turn }: Entry): number =>
  row.state === state.chatting ? (turn ?? row.totalTime) : waitsSince(row);

/** Who lost his operator before everybody, own visitors without an answer before others, then who waits longest. */
export function byWaiting(a: Entry, b: Entry): number {
  const urgent = ({ row, turn }: Entry) => Number(row.state === state.waiting || turn !== undefined);
  return urgent(b) - urgent(a) || countsFrom(a) - countsFrom(b) || a.row.id - b.row.id;
}

/** Compares entries of one section; no two are the same. */
export function compareBy(order: Order, { compare }: Intl.Collator): (a: Entry, b: Entry) => number {
  switch (order) {
    case 'newest':
      return (a, b) => b.row.totalTime - a.row.totalTime || b.row.id - a.row.id;
    case 'name':
      return (a, b) => compare(a.row.userName, b.row.userName) || byWaiting(a, b);
    case 'group':
      // What belongs to no group comes last.
      return (a, b) =>
        Number(!a.row.groupName) - Number(!b.row.groupName) ||
        compare(a.row.groupName ?? '', b.row.groupName ?? '') ||
        byWaiting(a, b);
    default:
      return byWaiting;
  }
}

/**
 * The conversations that an operator has open, in the order of their tabs, and which of them stand side by side. Survives a reload of the page.
 * No DOM.
 */
import type { KeyValue } from '../../client/client/index.ts';

/** One open conversation. */
export interface Seat {
  readonly id: number;
  readonly token: number;
  /** Watched, not taken: somebody else's conversation. */
  readonly watch: boolean;
}

interface Kept {
  readonly seats: readonly Seat[];
  readonly active: number | undefined;
  readonly columns: readonly number[];
}

/** What was put away, and where it stood: all that is needed to bring it back. */
export interface PutAway {
  readonly seat: Seat;
  readonly place: number;
}

function isSeat(value: unknown): value is Seat {
  if (typeof value !== 'object' || value === null) return false;
  const { id, token, watch } = value as Partial<Record<keyof Seat, unknown>>;
  return Number.isSafeInteger(id) && Number.isSafeInteger(token) && typeof watch === 'boolean';
}

function read(storage: KeyValue, key: string): Kept {
  try {
    const value: unknown = JSON.parse(storage.get(key) ?? 'null');
    if (typeof value === 'object' && value !== null && 'seats' in value && Array.isArray(value.seats)) {
      const active = 'active' in value && typeof value.active === 'number' ? value.active : undefined;
      const columns = 'columns' in value && Array.isArray(value.columns) ? (value.columns as unknown[]) : [];
      return {
        seats: (value.seats as unknown[]).filter(isSeat),
        active,
        columns: columns.filter((each) => typeof each === 'number'),
      };
    }
  } catch {
    // What cannot be read is an empty desk: what is the operator's own comes back from the server anyway.
  }
  return { seats: [], active: undefined, columns: [] };
}

/** @param storage of this window: each window of an operator has its own desk */
export function createDesk(agentId: number, storage: KeyValue) {
  const key = `mibew.workspace.${agentId}`;
  const kept = read(storage, key);
  const seats = new Map(kept.seats.map((seat) => [seat.id, seat]));
  let active = kept.active !== undefined && seats.has(kept.active) ? kept.active : undefined;
  /** What stands side by side, as wanted; the active one is always among them. */
  let columns = kept.columns.filter((id) => seats.has(id));
  if (active === undefined) columns = [];
  else if (!columns.includes(active)) columns = [active];

  function keep() {
    storage.set(key, JSON.stringify({ seats: [...seats.values()], active, columns }));
  }
  function put(id: number | undefined) {
    if (id === undefined) columns = [];
    // The others keep their places: only the one that was in use gives way.
    else if (!columns.includes(id))
      columns = active === undefined ? [id] : columns.map((each) => (each === active ? id : each));
    active = id;
  }

  return {
    get active() {
      return active;
    },
    get seats(): readonly Seat[] {
      return [...seats.values()];
    },
    get columns(): readonly number[] {
      return columns;
    },
    /** What is shown where so many fit: the active one, and those that stand nearest to it. */
    shown(fit: number): readonly number[] {
      if (active === undefined) return [];
      const place = columns.indexOf(active);
      const first = Math.min(Math.max(0, place - fit + 1), Math.max(0, columns.length - fit));
      return columns.slice(first, first + fit);
    },
    has: (id: number) => seats.has(id),
    seat: (id: number) => seats.get(id),
    /** Adds a conversation, or changes what is known of it; its place among the tabs stays. */
    open(seat: Seat) {
      seats.set(seat.id, seat);
      keep();
    },
    /** Shows one of the open conversations in place of the active one, or none. */
    show(id: number | undefined) {
      put(id !== undefined && seats.has(id) ? id : undefined);
      keep();
    },
    /** Shows one beside what is shown; where no more than `fit` have room the one that is farthest from the active one goes. */
    beside(id: number, fit: number) {
      if (!seats.has(id)) return;
      if (active !== undefined && !columns.includes(id)) {
        const room = Math.max(1, fit - 1);
        const place = columns.indexOf(active);
        const first = Math.min(Math.max(0, place - room + 1), Math.max(0, columns.length - room));
        const rest = columns.slice(first, first + room);
        rest.splice(rest.indexOf(active) + 1, 0, id);
        columns = fit < 2 ? [id] : rest;
      }
      put(id);
      keep();
    },
    /** Only the active one is shown. */
    alone() {
      columns = active === undefined ? [] : [active];
      keep();
    },
    /** The next column, around the end. */
    otherColumn: (): number | undefined =>
      active === undefined ? undefined : columns[(columns.indexOf(active) + 1) % columns.length],
    /** Puts a conversation away; its neighbour is shown instead. @returns what brings it back */
    close(id: number): PutAway | undefined {
      const order = [...seats.keys()];
      const place = order.indexOf(id);
      const seat = seats.get(id);
      if (!seat) return undefined;
      seats.delete(id);
      const column = columns.indexOf(id);
      const rest = columns.filter((each) => each !== id);
      if (active === id) {
        // Beside another one only its column goes.
        active = rest[column] ?? rest.at(-1) ?? order[place + 1] ?? order[place - 1];
        columns = rest.length > 0 || active === undefined ? rest : [active];
      } else columns = rest;
      keep();
      return { seat, place };
    },
    /** Brings back what was put away, at its old place among the tabs. */
    reopen({ seat, place }: PutAway) {
      // Who took meanwhile what he had only watched does not go back to watching.
      const now = seats.get(seat.id) ?? seat;
      const order = [...seats.values()].filter(({ id }) => id !== seat.id).toSpliced(place, 0, now);
      seats.clear();
      for (const each of order) seats.set(each.id, each);
      keep();
    },
    /** The conversation `step` tabs further, around the end. */
    neighbour(step: 1 | -1): number | undefined {
      const order = [...seats.keys()];
      if (order.length === 0) return undefined;
      const place = active === undefined ? (step > 0 ? -1 : 0) : order.indexOf(active);
      return order[(place + step + order.length) % order.length];
    },
  };
}

export type Desk = ReturnType<typeof createDesk>;

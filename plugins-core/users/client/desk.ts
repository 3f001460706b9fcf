/** The conversations that an operator has open, in the order of their tabs. Survives a reload of the page. No DOM. */
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
      return { seats: (value.seats as unknown[]).filter(isSeat), active };
    }
  } catch {
    // What cannot be read is an empty desk: what is the operator's own comes back from the server anyway.
  }
  return { seats: [], active: undefined };
}

/** @param storage of this window: each window of an operator has its own desk */
export function createDesk(agentId: number, storage: KeyValue) {
  const key = `mibew.workspace.${agentId}`;
  const kept = read(storage, key);
  const seats = new Map(kept.seats.map((seat) => [seat.id, seat]));
  let active = kept.active !== undefined && seats.has(kept.active) ? kept.active : undefined;

  function keep() {
    storage.set(key, JSON.stringify({ seats: [...seats.values()], active }));
  }

  return {
    get active() {
      return active;
    },
    get seats(): readonly Seat[] {
      return [...seats.values()];
    },
    has: (id: number) => seats.has(id),
    seat: (id: number) => seats.get(id),
    /** Adds a conversation, or changes what is known of it; its place among the tabs stays. */
    open(seat: Seat) {
      seats.set(seat.id, seat);
      keep();
    },
    /** Shows one of the open conversations, or none. */
    show(id: number | undefined) {
      active = id !== undefined && seats.has(id) ? id : undefined;
      keep();
    },
    /** Puts a conversation away; its neighbour is shown instead. */
    close(id: number) {
      const order = [...seats.keys()];
      const place = order.indexOf(id);
      if (place < 0) return;
      seats.delete(id);
      if (active === id) active = order[place + 1] ?? order[place - 1];
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

/** What the operator is to others: shown at once, taken back when the server did not hear of it. */
import { createModel } from '../../client/client/index.ts';
import type { OwnStatus, Status } from '../../operators/api.ts';

export interface AvailabilityState extends OwnStatus {
  /** The server did not hear of the last choice. */
  readonly failed: boolean;
}

/** @param tell throws when the server did not hear of it */
export function createAvailability(tell: (status: Status) => Promise<void>, first: Status = 'available') {
  const status = createModel<AvailabilityState>({ status: first, idle: false, failed: false });
  let latest = 0;
  let onTheirWay = 0;
  async function set(chosen: Status): Promise<void> {
    const turn = ++latest;
    const before = status.get();
    status.set({ status: chosen, idle: false, failed: false });
    onTheirWay += 1;
    try {
      await tell(chosen);
    } catch {
      if (turn === latest) status.set({ ...before, failed: true });
    } finally {
      onTheirWay -= 1;
    }
  }

  return {
    status,
    set,
    /** The server says so: chosen in another window, or nothing was done for long. What is on its way there is newer. */
    told(now: OwnStatus) {
      if (onTheirWay === 0) status.set({ status: now.status, idle: now.idle });
    },
  };
}

export type Availability = ReturnType<typeof createAvailability>;

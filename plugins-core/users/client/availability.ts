/** Whether the operator is available to visitors; shown at once, taken back when the server did not hear of it. */
import { createModel } from '../../client/client/index.ts';

export function createAvailability(tell: (away: boolean) => Promise<void>) {
  const status = createModel({ available: true, failed: false });
  let latest = 0;
  return {
    status,
    async set(available: boolean) {
      const turn = ++latest;
      const before = status.get().available;
      status.set({ available, failed: false });
      try {
        await tell(!available);
      } catch {
        if (turn === latest) status.set({ available: before, failed: true });
      }
    },
  };
}

export type Availability = ReturnType<typeof createAvailability>;

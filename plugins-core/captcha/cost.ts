/** How much work a challenge asks for: a little, and somewhat more for whoever asks often, or for all while very many ask. */

/** The largest number of an ordinary challenge: a phone tries half of that many in a fifth of a second. */
export const basicCost = 50_000;

/** Challenges within the last minute or so, from which the work is doubled; from `refused` on there are none. */
const limits = { network: { double: 10, again: 30, refused: 60 }, all: { double: 600, again: 3_000 } } as const;
const halfLife = 60_000;
/** Networks kept in mind; those that asked longest ago go first. */
const capacity = 20_000;

interface Count {
  amount: number;
  at: number;
}

export interface Cost {
  /** Counts a challenge. @returns the largest number it may hide, or 0 when the network has had enough of them */
  next(network: string): number;
}

export function createCost(now: () => number = Date.now): Cost {
  const networks = new Map<string, Count>();
  const all: Count = { amount: 0, at: now() };

  const faded = ({ amount, at }: Count) => amount * 2 ** (-Math.max(0, now() - at) / halfLife);
  const times = (amount: number, { double, again }: { double: number; again: number }) =>
    amount < double ? 1 : amount < again ? 2 : 4;

  return {
    next(network) {
      const own = networks.get(network) ?? { amount: 0, at: now() };
      const [amount, total] = [faded(own), faded(all)];
      if (amount >= limits.network.refused) return 0;
      // Deleted first: a map keeps its order by insertion, and the order is what eviction goes by.
      networks.delete(network);
      networks.set(network, { amount: amount + 1, at: now() });
      for (const key of networks.keys()) {
        if (networks.size <= capacity) break;
        networks.delete(key);
      }
      Object.assign(all, { amount: total + 1, at: now() });
      return basicCost * times(amount, limits.network) * times(total, limits.all);
    },
  };
}

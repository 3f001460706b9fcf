/** How quickly one sender may do something: a bucket that fills steadily and holds a burst. */
import { Lru } from './lru.ts';

interface Bucket {
  level: number;
  at: number;
}

const senders = 20_000;

export interface Rate {
  /** False when this sender has posted too much too quickly. */
  take(sender: string): boolean;
  /** Undoes a `take` that led to nothing. */
  giveBack(sender: string): void;
}

/**
 * @param perSecond read each time; 0 is no limit
 * @param burst seconds' worth that may come at once
 */
export function createRate(perSecond: () => number, burst = 10): Rate {
  const buckets = new Lru<string, Bucket>(senders);
  return {
    take(sender) {
      const rate = perSecond();
      if (rate === 0) return true;
      const now = Date.now();
      const size = rate * burst;
      const bucket = buckets.get(sender) ?? { level: size, at: now };
      bucket.level = Math.min(size, bucket.level + (Math.max(0, now - bucket.at) / 1000) * rate);
      bucket.at = now;
      buckets.set(sender, bucket);
      if (bucket.level < 1) return false;
      bucket.level--;
      return true;
    },
    giveBack(sender) {
      const bucket = buckets.get(sender);
      // The next `take` cuts what is too much.
      if (bucket) bucket.level++;
    },
  };
}

/** How quickly one sender may post: a bucket that fills steadily and holds a burst. */
import { Lru } from './lru.ts';

interface Bucket {
  level: number;
  at: number;
}

const senders = 20_000;
const burst = 10;

/** @param perSecond read each time; 0 is no limit */
export function createRate(perSecond: () => number): (sender: string) => boolean {
  const buckets = new Lru<string, Bucket>(senders);
  return (sender) => {
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
  };
}

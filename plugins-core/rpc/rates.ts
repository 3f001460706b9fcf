/** Rates: one token bucket per caller. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  left: number;
  at: number;
  readonly rate: Rate;
}

export interface Rates {
  /** Takes one. @returns 0, or the seconds after which another try makes sense */
  take(key: string, rate: Rate): number;
  /** Number of callers remembered. */
  readonly size: number;
}

/** A full bucket is as good as none, so it is forgotten at the next sweep. */
const sweepEvery = 10_000;

export function createRates(now: () => number = () => performance.now()): Rates {
  const buckets = new Map<string, Bucket>();
  let sweptAt = now();

  function sweep(time: number) {
    sweptAt = time;
    for (const [key, { left, at, rate }] of buckets)
      if (left + ((time - at) / 1000) * rate.perSecond >= rate.burst) buckets.delete(key);
  }

  return {
    take(key, rate) {
      const time = now();
      if (time - sweptAt > sweepEvery) sweep(time);
      const bucket = buckets.get(key);
      if (!bucket) {
        buckets.set(key, { left: rate.burst - 1, at: time, rate });
        return 0;
      }
      bucket.left = Math.min(rate.burst, bucket.left + ((time - bucket.at) / 1000) * rate.perSecond);
      bucket.at = time;
      if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / rate.perSecond));
      bucket.left -= 1;
      return 0;
    },
    get size() {
      return buckets.size;
    },
  };
}

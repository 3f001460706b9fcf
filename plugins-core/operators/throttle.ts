/** Growing pauses after failures, per key. Kept in memory: enough to make guessing slow, and nothing for a flood to fill. */
import type { AttemptLimits, Attempts, AttemptsService } from './api.ts';

interface Entry {
  failures: number;
  until: number;
  last: number;
}

/** Entries at most; those that failed longest ago go first. */
const capacity = 20_000;

export function createAttempts(now: () => number = Date.now): AttemptsService {
  return { of: (limits) => createThrottle(limits, now), network };
}

function createThrottle({ free, first, longest, forget }: AttemptLimits, now: () => number): Attempts {
  const entries = new Map<string, Entry>();

  const find = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (!entry || now() - entry.last < forget) return entry;
    entries.delete(key);
    return undefined;
  };

  const put = (key: string, failures: number) => {
    const pause = failures <= free ? 0 : Math.min(longest, first * 2 ** Math.min(failures - free - 1, 30));
    // Deleted first: a map keeps its order by insertion, and the order is what eviction goes by.
    entries.delete(key);
    entries.set(key, { failures, until: now() + pause, last: now() });
  };

  return {
    begin(...keys) {
      const wait = Math.max(0, ...keys.map((key) => (find(key)?.until ?? 0) - now()));
      // No longer than was meant, also when the clock of the machine was put back.
      if (wait > 0) return Math.min(wait, longest);
      for (const key of keys) put(key, (find(key)?.failures ?? 0) + 1);
      for (const key of entries.keys()) {
        if (entries.size <= capacity) break;
        entries.delete(key);
      }
      return 0;
    },
    failures: (key) => find(key)?.failures ?? 0,
    undo(...keys) {
      for (const key of keys) {
        const entry = find(key);
        if (entry) put(key, entry.failures - 1);
      }
    },
    forget(...keys) {
      for (const key of keys) entries.delete(key);
    },
  };
}

function network(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter((part) => part !== '');
  const right = (tail ?? '').split(':').filter((part) => part !== '');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const parts = [...left, ...Array<string>(Math.max(0, gap)).fill('0'), ...right];
  return `${parts.slice(0, 4).join(':')}::/64`;
}

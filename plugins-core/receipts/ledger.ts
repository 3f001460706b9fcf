/** Progress in memory: a poll asks nobody, and what is new is stored together after some seconds. */
import type { Side } from '../chat/api.ts';
import type { Progress } from './api.ts';
import type { Kept, Sides } from './kept.ts';

export interface Ledger {
  of(threadId: number): Promise<Readonly<Sides>>;
  /** One side has come so far; it never goes back. @returns whether that is news */
  put(threadId: number, side: Side, progress: Progress): Promise<boolean>;
  /** Another node stores it already; only what is known here is changed. */
  hear(threadId: number, side: Side, progress: Progress): Promise<void>;
  /** Stores what is new. */
  flush(): Promise<void>;
}

const defaultLimit = 20_000;

export function createLedger(kept: Kept, limit = defaultLimit): Ledger {
  const known = new Map<number, Promise<Sides>>();
  const unsaved = new Map<number, Sides>();

  function find(id: number): Promise<Sides> {
    const pending = unsaved.get(id);
    const sides = known.get(id) ?? (pending ? Promise.resolve(pending) : kept.of(id));
    // What was asked for last is forgotten last.
    known.delete(id);
    known.set(id, sides);
    sides.catch(() => known.delete(id));
    if (known.size > limit) known.delete(known.keys().next().value!);
    return sides;
  }

  function advance(sides: Sides, side: Side, { delivered, read }: Progress): boolean {
    const before = sides[side];
    const after = { delivered: Math.max(before.delivered, delivered, read), read: Math.max(before.read, read) };
    if (after.delivered === before.delivered && after.read === before.read) return false;
    sides[side] = after;
    return true;
  }

  return {
    of: find,
    async put(id, side, progress) {
      const sides = await find(id);
      if (!advance(sides, side, progress)) return false;
      unsaved.set(id, sides);
      return true;
    },
    async hear(id, side, progress) {
      const sides = await known.get(id);
      if (sides) advance(sides, side, progress);
    },
    async flush() {
      if (unsaved.size === 0) return;
      const batch = new Map(unsaved);
      unsaved.clear();
      try {
        await kept.write(batch);
      } catch (error) {
        for (const [id, sides] of batch) if (!unsaved.has(id)) unsaved.set(id, sides);
        throw error;
      }
    },
  };
}

/** Random numbers that can be had again from their seed. */
export interface Random {
  readonly seed: number;
  /** 0 ≤ n < 1 */
  next(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** Integer from 0 to max − 1. */
  below(max: number): number;
  pick<T>(list: readonly T[]): T;
}

/** Mulberry32: small, fast, good enough to shake a system. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    seed,
    next,
    chance: (probability) => next() < probability,
    below: (max) => Math.floor(next() * max),
    pick: (list) => list[Math.floor(next() * list.length)]!,
  };
}

/** The seed given by `MIBEW_SEED`, or a new one; print it, so that a red run can be repeated. */
export const seedFromEnvironment = () => Number(process.env['MIBEW_SEED'] ?? Math.floor(Math.random() * 1e9));

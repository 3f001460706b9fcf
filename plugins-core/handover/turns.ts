/** Work on the same thing is done in turn. */

/** Waits until the work with this key that was begun before has ended, well or not. */
export type InTurn = <T>(key: number, work: () => Promise<T>) => Promise<T>;

export function createTurns(): InTurn {
  const last = new Map<number, Promise<unknown>>();
  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}

/** Lets work of the same name be done one after the other. */

/** @returns what does a piece of work when that of the same name before it has ended, however it ended */
export function createTurns(): (name: string, work: () => Promise<void>) => Promise<void> {
  const ends = new Map<string, Promise<unknown>>();

  return async function inTurn(name, work) {
    const own = (ends.get(name) ?? Promise.resolve()).then(work);
    const end = own.catch(() => {});
    ends.set(name, end);
    try {
      await own;
    } finally {
      if (ends.get(name) === end) ends.delete(name);
    }
  };
}

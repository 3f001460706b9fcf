/** Open conversations whose visitor had the last word: who has waited longest for an answer comes first. No DOM. */
export function createAwaiting() {
  /** Since when, unix seconds. */
  const since = new Map<number, number>();
  return {
    has: (id: number) => since.has(id),
    set(id: number, from: number | undefined) {
      if (from === undefined) since.delete(id);
      else since.set(id, from);
    },
    /** Who is to be answered next of those that are open, besides `current`. */
    next: (open: readonly number[], current: number | undefined): number | undefined =>
      open.filter((id) => id !== current && since.has(id)).toSorted((a, b) => since.get(a)! - since.get(b)!)[0],
  };
}

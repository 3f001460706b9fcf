/** Who covers a number: intervals that may overlap, cut into pieces that do not, and found by halving. */

interface Interval<T> {
  readonly low: bigint;
  readonly high: bigint;
  readonly value: T;
}

/** Place of a number in an ascending list, or where it would stand. */
function placeOf(list: readonly number[], wanted: number): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (list[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * @param intervals the earlier one counts where several cover a number
 * @returns a function that finds what covers a number
 */
export function createSegments<T>(intervals: readonly Interval<T>[]): (point: bigint) => T | undefined {
  const edges = intervals
    .flatMap(({ low, high }, rank) => [
      { at: low, rank, opens: true },
      { at: high + 1n, rank, opens: false },
    ])
    .toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));

  const starts: bigint[] = [];
  const owners: (T | undefined)[] = [];
  const covering: number[] = [];
  for (const [index, { at, rank, opens }] of edges.entries()) {
    covering.splice(placeOf(covering, rank), opens ? 0 : 1, ...(opens ? [rank] : []));
    if (edges[index + 1]?.at === at) continue;
    starts.push(at);
    owners.push(covering.length > 0 ? intervals[covering[0]!]!.value : undefined);
  }

  return (point) => {
    let [from, to] = [0, starts.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (starts[middle]! <= point) from = middle + 1;
      else to = middle;
    }
    return owners[from - 1];
  };
}

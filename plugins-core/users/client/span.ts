/** Which rows of a long list stand on the page, and how much room the others are left. No DOM. */

/** So many rows stand on the page all together; of more, those that are near what is looked at. */
export const allAtOnce = 60;

interface Placed<T> {
  readonly item: T;
  /** Place in the whole list, from 0. */
  readonly index: number;
  /** Distance from the beginning of the list, px. */
  readonly top: number;
  /** Room of the rows right before it that are not on the page, px. */
  readonly gap: number;
}
export interface Span<T> {
  readonly rows: readonly Placed<T>[];
  /** Of all rows, px. */
  readonly height: number;
}

/**
 * @param height of a row, px; guessed where nobody has seen it
 * @param from distance from the beginning of the list where rows are wanted, px
 * @param kept rows that stand on the page wherever they are: the one that has the focus
 */
export function spanOf<T>(
  items: readonly T[],
  height: (item: T) => number,
  from: number,
  to: number,
  kept: (item: T) => boolean,
): Span<T> {
  const rows: Placed<T>[] = [];
  let top = 0;
  let filled = 0;
  for (const [index, item] of items.entries()) {
    const bottom = top + height(item);
    if ((bottom > from && top < to) || kept(item)) {
      rows.push({ item, index, top, gap: top - filled });
      filled = bottom;
    }
    top = bottom;
  }
  return { rows, height: top };
}

/** How many conversations have room side by side. */

/** So wide a conversation has to be, in multiples of the page's text size. */
const narrowest = 22;
const most = 3;

/**
 * @param desk where they stand
 * @param panel beside them; it may give way
 */
export function createColumns(desk: HTMLElement, panel: HTMLElement, changed: () => void) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const inside = (width: number) => Math.min(most, Math.max(1, Math.floor(width / (narrowest * rem))));
  let fit = inside(desk.clientWidth);
  const sizes = new ResizeObserver(() => {
    const now = inside(desk.clientWidth);
    if (now === fit) return;
    fit = now;
    changed();
  });
  sizes.observe(desk);
  return {
    /** So many have room now. */
    get fit() {
      return fit;
    },
    /** So many would have room without the panel. */
    get room() {
      const covers = getComputedStyle(panel).position === 'absolute';
      return inside(desk.clientWidth + (covers ? 0 : panel.offsetWidth));
    },
    stop: () => sizes.disconnect(),
  };
}

export type Columns = ReturnType<typeof createColumns>;

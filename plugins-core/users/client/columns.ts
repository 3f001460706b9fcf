/** How many conversations have room side by side. */

/** So wide a conversation has to be, in multiples of the page's text size. */
const narrowest = 22;
const most = 3;

export function createColumns(element: HTMLElement, changed: () => void) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const measure = () => Math.min(most, Math.max(1, Math.floor(element.clientWidth / (narrowest * rem))));
  let fit = measure();
  const sizes = new ResizeObserver(() => {
    const now = measure();
    if (now === fit) return;
    fit = now;
    changed();
  });
  sizes.observe(element);
  return {
    get fit() {
      return fit;
    },
    stop: () => sizes.disconnect(),
  };
}

export type Columns = ReturnType<typeof createColumns>;

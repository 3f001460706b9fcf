/** Keeps the newest message in sight for whoever looks at it, and counts what came for whoever reads further up. */

/** So near to the end counts as the end, in pixels of the layout. */
const nearly = 64;

export interface Scroll {
  readonly atEnd: boolean;
  toEnd(smooth?: boolean): void;
  stop(): void;
}

export function createScroll(box: HTMLElement, content: HTMLElement, moved: (atEnd: boolean) => void): Scroll {
  let atEnd = true;
  let top = 0;
  const measure = () => box.scrollHeight - box.scrollTop - box.clientHeight < nearly;
  const toEnd = (smooth = false) => {
    atEnd = true;
    box.scrollTo({ top: box.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
  };

  const onScroll = () => {
    // On the way down to the end one is there already: only who goes up leaves it.
    const now = measure() || (atEnd && box.scrollTop >= top);
    top = box.scrollTop;
    if (now === atEnd) return;
    atEnd = now;
    moved(atEnd);
  };
  box.addEventListener('scroll', onScroll, { passive: true });
  // Rows, pictures, the keyboard of a phone and the writing field all change heights.
  const sizes = new ResizeObserver(() => {
    if (atEnd) toEnd();
    else onScroll();
  });
  sizes.observe(box);
  sizes.observe(content);

  return {
    get atEnd() {
      return atEnd;
    },
    toEnd,
    stop() {
      sizes.disconnect();
      box.removeEventListener('scroll', onScroll);
    },
  };
}

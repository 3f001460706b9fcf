/** A long list on the page: rows appear, change and move one by one; of many only those near the eye are there. */
import { createPace } from './pace.ts';
import { allAtOnce, type Span, spanOf } from './span.ts';

/** A row that stands on the page. */
export interface LongRow<Entry> {
  readonly element: HTMLElement;
  /** What gets the focus in it. */
  target(): HTMLElement | null;
  /** Brings it up to date. @returns whether its own attributes were drawn anew */
  draw(entry: Entry): boolean;
  /** Ends what is in it and takes it off the page. */
  end(): void;
}
interface LongSection<Entry> {
  /** What its rows stand in. */
  readonly rows: HTMLElement;
  /** In order. */
  list(): readonly Entry[];
}
export interface LongListNeeds<Entry> {
  /** What scrolls; the sections stand in it. */
  readonly scroll: HTMLElement;
  readonly sections: readonly LongSection<Entry>[];
  readonly idOf: (entry: Entry) => number;
  /** Brings what is listed up to date. @returns numbers of entries that were not there before */
  readonly update: () => readonly number[];
  /** @param fresh nobody has seen it yet: it comes into sight gently */
  readonly make: (entry: Entry, fresh: boolean) => LongRow<Entry>;
  /** Draws what stands around the rows, now that it is known what is listed. */
  readonly around: () => void;
  /** Of a row until one was seen, px. */
  readonly guess?: number;
}

/** Rows before and behind what is looked at, as a part of its height. */
const margin = 0.75;
const usualHeight = 76;
const long = 'mb-queue__scroll--long';

/** A row that was in sight, and how far below the upper edge it stood. */
interface Anchor {
  readonly id: number;
  readonly below: number;
}
interface Place {
  /** From 0. */
  readonly index: number;
  /** Rows of the section in all, on the page or not. */
  readonly size: number;
  /** Room before it that rows leave which are not on the page, px. */
  readonly gap: number;
}
interface Drawn<Entry> {
  readonly row: LongRow<Entry>;
  /** As it was measured last; undefined before it was. */
  height: number | undefined;
  placed: Place | undefined;
}

export function createLongList<Entry>(needs: LongListNeeds<Entry>) {
  const { scroll, sections, idOf, update, make, around: drawAround, guess = usualHeight } = needs;
  const drawn = new Map<number, Drawn<Entry>>();
  const numbers = new WeakMap<Element, number>();
  let typical: number | undefined;
  let first = true;
  let fresh = new Set<number>();
  /** Drawn, wherever it stands: it is about to get the focus. */
  let wanted: number | undefined;
  /** What was on the page last, from top to bottom, and how far from the beginning. */
  let laid: { readonly id: number; readonly top: number }[] = [];
  /** Where the list began in the window: what stands above it comes and goes. */
  let edge = 0;
  /** Rows around the one that had the focus when the list was drawn last. */
  let around: readonly number[] = [];

  const heightOf = (entry: Entry) => drawn.get(idOf(entry))?.height ?? typical ?? guess;
  const order = () => sections.flatMap((section) => section.list().map(idOf));
  function focusedId(): number | undefined {
    if (!scroll.contains(document.activeElement)) return undefined;
    for (let element = document.activeElement; element && element !== scroll; element = element.parentElement) {
      const id = numbers.get(element);
      if (id !== undefined) return id;
    }
    return undefined;
  }
  const targetOf = (id: number | undefined) => (id === undefined ? undefined : drawn.get(id)?.row.target());

  const sizes = new ResizeObserver((changes) => {
    let off = false;
    for (const { target, borderBoxSize } of changes) {
      const known = drawn.get(numbers.get(target) ?? -1);
      const height = borderBoxSize[0]?.blockSize ?? 0;
      // What is not shown has no size.
      if (!known || height === 0) continue;
      off ||= Math.abs((known.height ?? typical ?? guess) - height) > 0.5;
      known.height = height;
    }
    if (!off) return;
    const heights = [...drawn.values()].flatMap(({ height }) => height ?? []);
    typical = heights.reduce((sum, height) => sum + height, 0) / heights.length;
    // Not here: what is drawn while sizes are told is told too late.
    requestAnimationFrame(redraw);
  });

  function anchorNow(): readonly Anchor[] {
    const begin = scroll.scrollTop;
    // At the very top everybody wants to see who comes.
    if (begin <= 0) return [];
    return laid
      .filter(({ id, top }) => top + (drawn.get(id)?.height ?? guess) > begin)
      .map(({ id, top }) => ({ id, below: top - begin }));
  }

  /** Moves as little as possible: an element that moves loses the focus, and its place on the screen reader. */
  function put(list: HTMLElement, element: HTMLElement, before: Element | null) {
    if (element.parentElement === list && element.nextElementSibling === before) return;
    const focused = element.contains(document.activeElement) ? document.activeElement : undefined;
    list.insertBefore(element, before);
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }

  function drawRow(entry: Entry): Drawn<Entry> {
    const id = idOf(entry);
    const known = drawn.get(id);
    if (known) {
      if (known.row.draw(entry)) known.placed = undefined;
      return known;
    }
    const made = { row: make(entry, fresh.has(id) && !first), height: undefined, placed: undefined };
    numbers.set(made.row.element, id);
    drawn.set(id, made);
    sizes.observe(made.row.element);
    return made;
  }

  function place(one: Drawn<Entry>, now: Place) {
    const { element } = one.row;
    if (one.placed?.gap !== now.gap) element.style.marginBlockStart = now.gap > 0 ? `${now.gap}px` : '';
    if (one.placed?.index !== now.index) element.setAttribute('aria-posinset', String(now.index + 1));
    if (one.placed?.size !== now.size) element.setAttribute('aria-setsize', String(now.size));
    one.placed = now;
  }

  function drawSection(list: HTMLElement, span: Span<Entry>, size: number) {
    let before: Element | null = null;
    for (const { item, index, gap } of span.rows.toReversed()) {
      const one = drawRow(item);
      place(one, { index, size, gap });
      put(list, one.row.element, before);
      before = one.row.element;
    }
  }

  function draw() {
    for (const id of update()) fresh.add(id);
    const anchors = anchorNow();
    const focused = focusedId();
    const lists = sections.map((section) => ({ rows: section.rows, entries: section.list() }));
    const total = lists.reduce((sum, { entries }) => sum + entries.length, 0);
    const isLong = total > allAtOnce;
    const there = focused !== undefined || wanted !== undefined || anchors.length > 0 ? new Set(order()) : undefined;
    // Who had the focus may be gone: the next one gets it.
    const successor = focused === undefined || there?.has(focused) ? undefined : around.find((id) => there?.has(id));
    const kept = neighbourhood(focused, successor, wanted);

    drawAround();
    // It may not be in sight: something else is in front of it.
    if (isLong && scroll.clientHeight === 0) return;
    scroll.classList.toggle(long, isLong);
    for (const { rows, entries } of lists) {
      const height = isLong ? `${spanOf(entries, heightOf, 0, 0, () => false).height}px` : '';
      if (rows.style.blockSize !== height) rows.style.blockSize = height;
    }
    // Everything above has its room now, so it can be told where what was looked at has gone.
    const measured = isLong || anchors.length > 0;
    const tops = lists.map(({ rows }) => (measured ? rows.offsetTop : 0));
    const topOf = (id: number): number | undefined => {
      for (const [index, { entries }] of lists.entries()) {
        let top = tops[index]!;
        for (const entry of entries) {
          if (idOf(entry) === id) return top;
          top += heightOf(entry);
        }
      }
      return undefined;
    };
    const anchor = isLong ? anchors.find(({ id }) => there?.has(id)) : undefined;
    const edgeNow = isLong ? scroll.getBoundingClientRect().top : 0;
    const anchored = anchor && (topOf(anchor.id) ?? 0) - anchor.below + (edgeNow - edge);
    edge = edgeNow;
    if (anchored !== undefined && Math.abs(anchored - scroll.scrollTop) > 0.5) scroll.scrollTop = anchored;

    const begin = isLong ? scroll.scrollTop : 0;
    const view = isLong ? scroll.clientHeight : Infinity;
    const shown = new Set<number>();
    const spans = lists.map(({ rows, entries }, index) => {
      const top = tops[index]!;
      const from = isLong ? begin - top - view * margin : -Infinity;
      const to = isLong ? begin - top + view * (1 + margin) : Infinity;
      const span = spanOf(entries, heightOf, from, to, (entry) => kept.has(idOf(entry)));
      for (const { item } of span.rows) shown.add(idOf(item));
      return { rows, span, size: entries.length, top };
    });
    for (const [id, { row }] of drawn) {
      if (shown.has(id)) continue;
      sizes.unobserve(row.element);
      row.end();
      drawn.delete(id);
    }
    for (const { rows, span, size } of spans) drawSection(rows, span, size);
    if (successor !== undefined) targetOf(successor)?.focus({ preventScroll: true });
    laid = spans.flatMap(({ span, top }) => span.rows.map((row) => ({ id: idOf(row.item), top: top + row.top })));
    around = remember(successor ?? focused);
    fresh = new Set();
    first = false;
  }

  /** The neighbours of who has the focus stand on the page with him, so that the next one is one key away. */
  function neighbourhood(...ids: readonly (number | undefined)[]): ReadonlySet<number> {
    const all = ids.some((id) => id !== undefined) ? order() : [];
    const kept = new Set<number>();
    for (const id of ids) {
      const at = id === undefined ? -1 : all.indexOf(id);
      if (at >= 0) for (const one of all.slice(Math.max(0, at - 1), at + 2)) kept.add(one);
    }
    return kept;
  }

  /** Whoever comes next, nearest first, should the row go. */
  function remember(id: number | undefined): readonly number[] {
    if (id === undefined) return [];
    const all = order();
    const at = all.indexOf(id);
    return at < 0 ? [] : [...all.slice(at + 1, at + 20), ...all.slice(0, at).toReversed().slice(0, 20)];
  }

  const redraw = createPace(draw);
  scroll.addEventListener('scroll', () => void (scroll.classList.contains(long) && redraw()), { passive: true });
  const room = new ResizeObserver(() => void (first || requestAnimationFrame(redraw)));
  room.observe(scroll);

  /** Brings a row onto the page and into sight, and gives it the focus. */
  function focus(id: number | undefined) {
    if (id === undefined) return;
    wanted = id;
    draw();
    wanted = undefined;
    const target = targetOf(id);
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: 'nearest' });
  }

  return {
    /** Brings the list up to date. */
    draw,
    /** To the beginning: something else is listed now. */
    toTop() {
      laid = [];
      scroll.scrollTop = 0;
    },
    /** Moves the focus along the rows. @param shown from outside it goes to this one, else to the first */
    move(step: 1 | -1, shown?: number) {
      const all = order();
      const focused = focusedId();
      const from = focused === undefined ? -1 : all.indexOf(focused);
      const outside = Math.max(all.indexOf(shown ?? -1), 0);
      focus(all[from >= 0 ? Math.min(Math.max(from + step, 0), all.length - 1) : outside]);
    },
    /** @param id of a row; without it, or when it is not there: the first one */
    focus(id?: number) {
      const all = order();
      focus(id !== undefined && all.includes(id) ? id : all[0]);
    },
    /** The row that has the focus. */
    focused: focusedId,
    holds: (element: Element) => scroll.contains(element),
    stop() {
      sizes.disconnect();
      room.disconnect();
    },
  };
}

export type LongList = ReturnType<typeof createLongList>;

/** The queue on the page: rows appear, change and move one by one; of a long list only what is near the eye is there. */
import type { Entry } from './order.ts';
import { allAtOnce, type Listing } from './listing.ts';
import { type Section, sections } from './queue.ts';
import { createPace } from './pace.ts';
import { createRow, type Row, type RowNeeds } from './row.ts';
import { type Span, spanOf } from './span.ts';

export interface ListNeeds extends RowNeeds {
  readonly root: HTMLElement;
  readonly listing: Listing;
  readonly open: (id: number) => void;
  /** Draws what stands above the list, now that it is known what is listed. */
  readonly above: () => void;
}

/** Until one was seen, px. */
const guessedHeight = 76;
/** Rows before and behind what is looked at, as a part of its height. */
const margin = 0.75;

/** A row that was in sight, and how far below the upper edge it stood. */
interface Anchor {
  readonly id: number;
  readonly below: number;
}

export function createList(needs: ListNeeds) {
  const { root, ui, listing, active, open, above } = needs;
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);
  const scroll = part('scroll');
  const rowsOf = (section: Section) => ui.find(root, `[data-rows="${section}"]`);
  const drawn = new Map<number, Row>();
  let typical: number | undefined;
  let first = true;
  /** Rows that nobody has seen yet: they come into sight gently. */
  let fresh = new Set<number>();
  /** Drawn, wherever it stands: it is about to get the focus. */
  let wanted: number | undefined;
  /** What was on the page last, from top to bottom, and how far from the beginning. */
  let laid: { readonly id: number; readonly top: number }[] = [];
  /** Where the list began in the window: what stands above it comes and goes. */
  let edge = 0;
  /** Rows around the one that had the focus when the list was drawn last. */
  let around: readonly number[] = [];

  const heightOf = ({ row }: Entry) => drawn.get(row.id)?.height ?? typical ?? guessedHeight;
  const order = () => sections.flatMap((section) => listing.list(section).map(({ row }) => row.id));
  function focusedId(): number | undefined {
    const row =
      scroll.contains(document.activeElement) && document.activeElement?.closest<HTMLElement>('[data-thread]');
    return row ? Number(row.dataset.thread) : undefined;
  }
  const buttonOf = (id: number | undefined) =>
    id === undefined ? undefined : drawn.get(id)?.element.querySelector<HTMLElement>('[data-action="open"]');

  const sizes = new ResizeObserver((changes) => {
    let off = false;
    for (const { target, borderBoxSize } of changes) {
      const row = target instanceof HTMLElement ? drawn.get(Number(target.dataset.thread)) : undefined;
      const height = borderBoxSize[0]?.blockSize ?? 0;
      // What is not shown has no size.
      if (!row || height === 0) continue;
      off ||= Math.abs(heightOf(row.entry) - height) > 0.5;
      row.height = height;
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
      .filter(({ id, top }) => top + (drawn.get(id)?.height ?? guessedHeight) > begin)
      .map(({ id, top }) => ({ id, below: top - begin }));
  }

  /** Moves as little as possible: an element that moves loses the focus, and its place on the screen reader. */
  function place(list: HTMLElement, element: HTMLElement, before: Element | null) {
    if (element.parentElement === list && element.nextElementSibling === before) return;
    const focused = element.contains(document.activeElement) ? document.activeElement : undefined;
    list.insertBefore(element, before);
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }

  function drawRow(entry: Entry): Row {
    const { id } = entry.row;
    const known = drawn.get(id);
    if (known) {
      known.draw(entry);
      return known;
    }
    const made = createRow(entry, needs);
    if (fresh.has(id) && !first) made.element.classList.add('mb-thread--new');
    drawn.set(id, made);
    sizes.observe(made.element);
    return made;
  }

  function drawHeadings() {
    for (const section of sections) {
      const count = listing.list(section).length;
      const hidden = listing.hidden(section);
      const text = hidden > 0 ? ui.text('users.queue.counted', { count, total: count + hidden }) : String(count || '');
      const place = ui.find(root, `[data-count="${section}"]`);
      if (place.textContent !== text) place.textContent = text;
      const always = section === 'waiting' && !listing.narrowed;
      ui.find(root, `[data-section="${section}"]`).hidden = count === 0 && !always;
    }
    part('skeleton').hidden = true;
    part('nobody').hidden =
      listing.narrowed || listing.list('waiting').length > 0 || listing.list('addressed').length > 0;
    part('nothing').hidden = !(listing.narrowed && listing.empty);
  }

  function drawSection(section: Section, span: Span<Entry>, size: number) {
    const list = rowsOf(section);
    let before: Element | null = null;
    for (const { item, index, gap } of span.rows.toReversed()) {
      const row = drawRow(item);
      row.place({ index, size, gap });
      place(list, row.element, before);
      before = row.element;
    }
  }

  function draw() {
    for (const id of listing.update()) fresh.add(id);
    const anchors = anchorNow();
    const focused = focusedId();
    const lists = sections.map((section) => ({ section, entries: listing.list(section) }));
    const total = lists.reduce((sum, { entries }) => sum + entries.length, 0);
    const long = total > allAtOnce;
    const there = focused !== undefined || wanted !== undefined || anchors.length > 0 ? new Set(order()) : undefined;
    // Who had the focus may be gone: the next one gets it.
    const successor = focused === undefined || there?.has(focused) ? undefined : around.find((id) => there?.has(id));
    const kept = neighbourhood(focused, successor, wanted);

    drawHeadings();
    above();
    // On phones a conversation may be in front of it.
    if (long && scroll.clientHeight === 0) return;
    scroll.classList.toggle('mb-queue__scroll--long', long);
    for (const { section, entries } of lists) {
      const height = long ? `${spanOf(entries, heightOf, 0, 0, () => false).height}px` : '';
      if (rowsOf(section).style.blockSize !== height) rowsOf(section).style.blockSize = height;
    }
    // Everything above has its room now, so it can be told where what was looked at has gone.
    const tops = new Map(
      lists.map(({ section }) => [section, long || anchors.length > 0 ? rowsOf(section).offsetTop : 0]),
    );
    const topOf = (id: number): number | undefined => {
      for (const { section, entries } of lists) {
        let top = tops.get(section) ?? 0;
        for (const entry of entries) {
          if (entry.row.id === id) return top;
          top += heightOf(entry);
        }
      }
      return undefined;
    };
    const anchor = long ? anchors.find(({ id }) => there?.has(id)) : undefined;
    const edgeNow = long ? scroll.getBoundingClientRect().top : 0;
    const anchored = anchor && (topOf(anchor.id) ?? 0) - anchor.below + (edgeNow - edge);
    edge = edgeNow;
    if (anchored !== undefined && Math.abs(anchored - scroll.scrollTop) > 0.5) scroll.scrollTop = anchored;

    const begin = long ? scroll.scrollTop : 0;
    const view = long ? scroll.clientHeight : Infinity;
    const shown = new Set<number>();
    const spans = lists.map(({ section, entries }) => {
      const top = tops.get(section) ?? 0;
      const from = long ? begin - top - view * margin : -Infinity;
      const to = long ? begin - top + view * (1 + margin) : Infinity;
      const span = spanOf(entries, heightOf, from, to, ({ row }) => kept.has(row.id));
      for (const { item } of span.rows) shown.add(item.row.id);
      return { section, span, size: entries.length, top };
    });
    for (const [id, row] of drawn) {
      if (shown.has(id)) continue;
      sizes.unobserve(row.element);
      row.end();
      drawn.delete(id);
    }
    for (const { section, span, size } of spans) drawSection(section, span, size);
    if (successor !== undefined) buttonOf(successor)?.focus({ preventScroll: true });
    laid = spans.flatMap(({ span, top }) => span.rows.map((row) => ({ id: row.item.row.id, top: top + row.top })));
    around = remember(successor ?? focused);
    fresh = new Set();
    first = false;
  }

  /** The neighbours of who has the focus stand on the page with him, so that the next one is one key away. */
  function neighbourhood(...ids: readonly (number | undefined)[]): ReadonlySet<number> {
    const all = ids.some((id) => id !== undefined) ? order() : [];
    const kept = new Set<number>();
    for (const id of ids) {
      const place = id === undefined ? -1 : all.indexOf(id);
      if (place >= 0) for (const one of all.slice(Math.max(0, place - 1), place + 2)) kept.add(one);
    }
    return kept;
  }

  /** Whoever comes next, nearest first, should the row go. */
  function remember(id: number | undefined): readonly number[] {
    if (id === undefined) return [];
    const all = order();
    const place = all.indexOf(id);
    return place < 0 ? [] : [...all.slice(place + 1, place + 20), ...all.slice(0, place).toReversed().slice(0, 20)];
  }

  const redraw = createPace(draw);
  scroll.addEventListener('scroll', () => void (scroll.classList.contains('mb-queue__scroll--long') && redraw()), {
    passive: true,
  });
  const room = new ResizeObserver(() => void (first || requestAnimationFrame(redraw)));
  room.observe(scroll);

  /** Brings a row onto the page and into sight, and gives it the focus. */
  function focus(id: number | undefined) {
    if (id === undefined) return;
    wanted = id;
    draw();
    wanted = undefined;
    const button = buttonOf(id);
    button?.focus({ preventScroll: true });
    button?.scrollIntoView({ block: 'nearest' });
  }

  return {
    /** Brings the list up to date with the queue. */
    draw,
    /** To the beginning: something else is listed now. */
    toTop() {
      laid = [];
      scroll.scrollTop = 0;
    },
    /** Moves the focus along the rows; from outside it goes to the shown one, else to the first. */
    move(step: 1 | -1) {
      const all = order();
      const focused = focusedId();
      const from = focused === undefined ? -1 : all.indexOf(focused);
      const shown = all.indexOf(active() ?? -1);
      focus(all[from >= 0 ? Math.min(Math.max(from + step, 0), all.length - 1) : Math.max(shown, 0)]);
    },
    /** @param id of a row; without it, or when it is not there: the first one */
    focus(id?: number) {
      const all = order();
      focus(id !== undefined && all.includes(id) ? id : all[0]);
    },
    /** Takes who has waited longest, found or not: whoever waits for this operator by name comes first. */
    openFirst() {
      const next = listing.next();
      if (next !== undefined) open(next);
    },
    holds: (element: Element) => scroll.contains(element),
    stop() {
      sizes.disconnect();
      room.disconnect();
    },
  };
}

export type List = ReturnType<typeof createList>;

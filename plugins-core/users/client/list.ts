/** The queue on the page: its headings, and its rows as a long list. */
import type { Entry } from './order.ts';
import type { Listing } from './listing.ts';
import { createLongList } from './long-list.ts';
import { type Section, sections } from './queue.ts';
import { createRow, type RowNeeds } from './row.ts';

export interface ListNeeds extends RowNeeds {
  readonly root: HTMLElement;
  readonly listing: Listing;
  readonly open: (id: number) => void;
  /** Draws what stands above the list, now that it is known what is listed. */
  readonly above: () => void;
}

export function createList(needs: ListNeeds) {
  const { root, ui, listing, active, open, above } = needs;
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);
  const rowsOf = (section: Section) => ui.find(root, `[data-rows="${section}"]`);

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

  const list = createLongList<Entry>({
    scroll: part('scroll'),
    sections: sections.map((section) => ({ rows: rowsOf(section), list: () => listing.list(section) })),
    idOf: ({ row }) => row.id,
    update: () => listing.update(),
    make(entry, fresh) {
      const row = createRow(entry, needs);
      if (fresh) row.element.classList.add('mb-thread--new');
      return row;
    },
    around() {
      drawHeadings();
      above();
    },
  });

  return {
    ...list,
    /** Moves the focus along the rows; from outside it goes to the shown one, else to the first. */
    move: (step: 1 | -1) => list.move(step, active()),
    /** Takes who has waited longest, found or not: whoever waits for this operator by name comes first. */
    openFirst() {
      const next = listing.next();
      if (next !== undefined) open(next);
    },
  };
}

export type List = ReturnType<typeof createList>;

/** What stands above the list: search, filters, order, and word of who is left out by them. */
import type { Listing } from './listing.ts';
import { isOrder, orders } from './order.ts';
import { sections } from './queue.ts';
import type { Ui } from '../../client/client/index.ts';

export interface FinderNeeds {
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly listing: Listing;
  /** Something else is to be listed. */
  readonly changed: () => void;
  /** Leads on to the first row. */
  readonly toList: () => void;
}

export function createFinder({ root, ui, listing, changed, toList }: FinderNeeds) {
  const place = ui.find(root, '[data-part="finder"]');
  const find = (name: string) => ui.find(place, `[data-part="${name}"]`);
  const query = ui.find(place, '[data-part="query"]', HTMLInputElement);
  const filters = find('filters');
  const toggle = find('filters-toggle');
  const hidden = ui.find(root, '[data-part="hidden"]');
  const nothing = ui.find(root, '[data-part="nothing"]');
  let marks = { filters: '', sections: '', chips: '', hidden: '', nothing: '' };
  query.value = listing.wish.query;

  /** Fills a place where its model differs: a list of choices that is open shall stay so. */
  function fill(name: keyof typeof marks, element: HTMLElement, view: string, model: object) {
    const mark = JSON.stringify(model);
    if (marks[name] === mark) return;
    marks = { ...marks, [name]: mark };
    ui.fill(element, view, model);
  }

  function drawFilters() {
    const { section, group, order } = listing.wish;
    const choice = (value: string, text: string, selected: boolean) => ({ value, text, selected });
    const groups = listing.groups;
    fill('filters', filters, 'users/queue_filters', {
      sections: [
        choice('', ui.text('users.filter.all'), section === undefined),
        ...sections.map((one) => choice(one, ui.text(`users.section.${one}`), one === section)),
      ],
      groups: groups.length > 0 && [
        choice('', ui.text('users.filter.anyGroup'), group === undefined),
        ...groups.map((one) => choice(one, one, one === group)),
      ],
      orders: orders.map((one) => choice(one, ui.text(`users.order.${one}`), one === order)),
    });
    // A choice that was made by hand is stronger than what the markup says.
    for (const select of filters.querySelectorAll('select')) {
      const now = { section: section ?? '', group: group ?? '', order }[select.name];
      if (now !== undefined && select.value !== now) select.value = now;
    }
  }

  /** Where the list is long, its sections are one step away, and what waits in those that are out of sight is told. */
  function drawSections() {
    const { section } = listing.wish;
    const there = sections.filter((one) => listing.count(one) > 0 || one === section);
    const shown = (listing.long || section !== undefined) && (there.length > 1 || section !== undefined);
    const model = (shown ? there : []).map((name) => ({
      name,
      text: ui.text(`users.section.${name}`),
      count: listing.count(name),
      pressed: name === section,
      turn: name === 'mine' && listing.turns > 0,
    }));
    fill('sections', find('sections'), 'users/queue_sections', { sections: model });
  }

  function draw() {
    const { section, group, query: text } = listing.wish;
    drawFilters();
    drawSections();
    const chips = group ? [{ name: 'group', text: group }] : [];
    fill('chips', find('chips'), 'users/queue_chips', { chips });
    toggle.toggleAttribute('data-on', section !== undefined || group !== undefined);
    const addressed = listing.hidden('addressed');
    fill('hidden', hidden, 'users/queue_hidden', {
      text: addressed > 0 && ui.text('users.hidden', { count: addressed }),
    });
    if (listing.narrowed && listing.empty) {
      const title = text.trim()
        ? ui.text('users.nothing.query', { query: text.trim() })
        : ui.text('users.nothing.filter');
      fill('nothing', nothing, 'users/queue_nothing', { title, text: ui.text('users.nothing.text') });
    }
  }

  function show(open: boolean) {
    filters.hidden = !open;
    toggle.setAttribute('aria-expanded', String(open));
  }

  const ask = (wish: Parameters<Listing['ask']>[0]) => {
    listing.ask(wish);
    changed();
  };
  function clear() {
    listing.clear();
    query.value = '';
    changed();
  }

  function onClick({ target }: Event) {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-find]') : null;
    if (!button) return;
    if (button === toggle) return show(filters.hasAttribute('hidden'));
    if (button.dataset.find === 'section') {
      const section = sections.find((one) => one === button.dataset.sectionOf);
      return ask({ section: section === listing.wish.section ? undefined : section });
    }
    if (button.dataset.find === 'group') ask({ group: undefined });
    else clear();
    // The button went with what it took away.
    query.focus();
  }
  function onChange({ target }: Event) {
    if (!(target instanceof HTMLSelectElement)) return;
    const { name, value } = target;
    if (name === 'order') ask({ order: isOrder(value) ? value : 'waiting' });
    else if (name === 'section') ask({ section: sections.find((one) => one === value) });
    else ask({ group: value || undefined });
  }
  function onKey(event: KeyboardEvent) {
    if (event.isComposing) return;
    const inQuery = event.target === query;
    if (event.key === 'Escape' && inQuery && query.value !== '') {
      query.value = '';
      ask({ query: '' });
    } else if (event.key === 'Escape' && !filters.hidden) {
      show(false);
      if (!inQuery) toggle.focus();
    } else if (event.key === 'Escape' || (inQuery && (event.key === 'ArrowDown' || event.key === 'Enter'))) toList();
    else return;
    event.preventDefault();
  }

  query.addEventListener('input', () => ask({ query: query.value }));
  place.addEventListener('click', onClick);
  hidden.addEventListener('click', onClick);
  nothing.addEventListener('click', onClick);
  place.addEventListener('change', onChange);
  place.addEventListener('keydown', onKey);

  return {
    draw,
    focus() {
      query.focus();
      query.select();
    },
  };
}

export type Finder = ReturnType<typeof createFinder>;

/** What stands above the visitors: search, filters, order, and what is asked for by them. */
import type { Ui } from '../../../client/client/index.ts';
import type { Roster } from './roster.ts';
import { everybody, type Filter, filtersOf, kinds, minutes, orders, type Wish, without } from './wish.ts';
import type { Words } from './words.ts';

export interface FinderNeeds {
  /** The board. */
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly roster: Roster;
  readonly words: Words;
  /** Something else is to be listed. */
  readonly changed: () => void;
  /** Leads on to the first row. */
  readonly toList: () => void;
}

/** Choices of the template that never change. */
export function finderModel(ui: Ui) {
  const text = (key: string, args = {}) => ui.text(`tracking.board.${key}`, args);
  return {
    kinds: kinds.map((value) => ({ value, text: text(`kind.${value}`) })),
    minutes: minutes.map((value) => ({ value, text: text('minutes', { count: value }) })),
    orders: orders.map((value) => ({ value, text: text(`order.${value}`) })),
  };
}

export function createFinder({ root, ui, roster, words, changed, toList }: FinderNeeds) {
  const text = (key: string, args = {}) => ui.text(`tracking.board.${key}`, args);
  const place = ui.find(root, '[data-part="visitors-finder"]');
  const query = ui.find(place, '[data-seek="query"]', HTMLInputElement);
  const filters = ui.find(place, '[data-part="visitors-filters"]');
  const toggle = ui.find(place, '[data-seek="filters"]');
  const chips = ui.find(place, '[data-part="visitors-chips"]');
  const field = (name: keyof Wish) => ui.find(filters, `[name="${name}"]`);
  let marks = { choices: '', chips: '' };

  /** Fields say what is asked for; what somebody is typing is his. */
  function show(wish: Wish) {
    if (query.value !== wish.query) query.value = wish.query;
    for (const [name, value] of Object.entries({ ...filtersOf(wish), order: wish.order })) {
      const control = field(name as keyof Wish);
      const is = control instanceof HTMLInputElement || control instanceof HTMLSelectElement ? control : undefined;
      if (!is || is === document.activeElement) continue;
      // Options that were drawn anew leave none chosen.
      const unset = is instanceof HTMLSelectElement && is.selectedIndex < 0;
      if (unset || is.value !== String(value)) is.value = String(value);
    }
  }

  function drawChoices() {
    if (filters.hidden) return;
    const { countries, attributes } = roster.choices();
    const mark = JSON.stringify([countries, attributes]);
    if (mark === marks.choices) return;
    marks = { ...marks, choices: mark };
    const fill = (name: 'country' | 'attribute', any: string, options: readonly { value: string; text: string }[]) =>
      ui.fill(field(name), 'tracking/board_options', { any: text(any), options });
    fill(
      'country',
      'anyCountry',
      countries.map((value) => ({ value, text: words.country(value) })),
    );
    fill(
      'attribute',
      'anyAttribute',
      attributes.map((value) => ({ value, text: value })),
    );
  }

  function chipText(name: Filter, value: string | number): string {
    const said: Partial<Record<Filter, () => string>> = {
      country: () => words.country(String(value)),
      kind: () => text(`kind.${value}`),
      minutes: () => text('minutes', { count: value }),
    };
    return said[name]?.() ?? String(value);
  }

  function draw() {
    const { wish } = roster;
    drawChoices();
    show(wish);
    const asked = Object.entries(filtersOf(wish)).filter(([, value]) => value !== '');
    const model = asked.map(([name, value]) => ({ name, text: chipText(name as Filter, value) }));
    const mark = JSON.stringify(model);
    toggle.toggleAttribute('data-on', asked.length > 0);
    if (mark === marks.chips) return;
    marks = { ...marks, chips: mark };
    ui.fill(chips, 'tracking/board_chips', { chips: model });
  }

  function open(now: boolean) {
    filters.hidden = !now;
    toggle.setAttribute('aria-expanded', String(now));
    if (now) draw();
  }
  const ask = (wish: Partial<Wish>) => {
    roster.ask(wish);
    changed();
  };

  /** One field of the filters was changed. */
  function onField({ target }: Event) {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
    const { name, value } = target;
    if (target === query) ask({ query: value });
    else if (name === 'page' || name === 'country' || name === 'attribute' || name === 'value') ask({ [name]: value });
    else if (name === 'kind') ask({ kind: kinds.find((one) => one === value) });
    else if (name === 'minutes') ask({ minutes: minutes.find((one) => String(one) === value) ?? 0 });
    else if (name === 'order') ask({ order: orders.find((one) => one === value) ?? everybody.order });
  }
  function onClick({ target }: Event) {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-seek]') : null;
    const seek = button?.dataset.seek;
    if (button === toggle) return open(filters.hasAttribute('hidden'));
    if (seek === 'everybody') roster.clear();
    else if (seek === 'chip') roster.ask(without(button!.dataset.name as Filter));
    else return;
    show(roster.wish);
    changed();
    // The button went with what it took away.
    query.focus();
  }
  function onKey(event: KeyboardEvent) {
    if (event.isComposing) return;
    const inQuery = event.target === query;
    if (event.key === 'Escape' && inQuery && query.value !== '') ask({ query: (query.value = '') });
    else if (event.key === 'Escape' && !filters.hidden) {
      open(false);
      if (!inQuery) toggle.focus();
    } else if (event.key === 'Escape' || (inQuery && (event.key === 'ArrowDown' || event.key === 'Enter'))) toList();
    else return;
    event.preventDefault();
  }
  place.addEventListener('input', onField);
  place.addEventListener('keydown', onKey);
  root.addEventListener('click', onClick);
  show(roster.wish);

  return {
    draw,
    focus() {
      query.focus();
      query.select();
    },
  };
}

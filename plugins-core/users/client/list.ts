/** The queue on the page: rows appear, change and move one by one; the list is never drawn anew. */
import type { WireThread } from '../api.ts';
import type { Clock } from './clock.ts';
import { type Queue, type Section, sections, state, waitsSince } from './queue.ts';
import type { RowContext } from './context.ts';
import { controls, createEmitter, type Transport, type Ui } from '../../client/client/index.ts';

export interface ListNeeds {
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly queue: Queue;
  readonly clock: Clock;
  /** The conversation that is shown. */
  readonly active: () => number | undefined;
  readonly unread: (id: number) => number;
  /** Way to the queue, for controls. */
  readonly transport: Transport;
}

/** A row on the page, and what tells its controls of changes. */
interface Drawn {
  readonly element: HTMLElement;
  readonly end: () => void;
  readonly tell: (row: WireThread) => void;
  row: WireThread;
  mark: string;
}

/** Since when a row counts its time. */
const since = (row: WireThread, section: Section) => (section === 'waiting' ? waitsSince(row) : row.totalTime);

/** `Chrome 120.0.0.0` → `Chrome 120`; the panel has it in full. */
const shortly = (browser: string) => browser.replace(/ (\d+)\.[\d.]*$/, ' $1');

export function createList({ root, ui, queue, clock, active, unread, transport }: ListNeeds) {
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);
  const drawn = new Map<number, Drawn>();
  let first = true;

  function model(row: WireThread, section: Section) {
    const opening = row.state === state.loading;
    const from = since(row, section);
    return {
      id: row.id,
      section,
      userName: row.userName,
      firstMessage: row.firstMessage,
      nothing: ui.text(opening ? 'users.row.loading' : 'users.row.nothing'),
      since: from,
      ago: clock.since(from),
      exact: clock.exact(from),
      active: active() === row.id,
      unread: unread(row.id) || undefined,
      again: row.state === state.waiting,
      takable: section === 'waiting',
      addressed: row.addressed,
      gone: row.visitorGone,
      agent: section === 'mine' || row.addressed || row.agentName === '-' ? undefined : agentText(row, section),
      browser: section === 'mine' ? undefined : shortly(row.userAgent),
      ban: row.ban,
    };
  }
  function agentText(row: WireThread, section: Section) {
    // Where a group is waited for, its name comes between dashes.
    const agent = row.agentName.replace(/^-(.+)-$/, '$1');
    return section === 'others' ? agent : ui.text('users.row.for', { agent });
  }

  function place(list: HTMLElement, element: HTMLElement, before: Element | null) {
    if (element.parentElement === list && element.nextElementSibling === before) return;
    // Moving an element takes the focus from it.
    const focused = element.contains(document.activeElement) ? document.activeElement : undefined;
    list.insertBefore(element, before);
    if (focused instanceof HTMLElement) focused.focus();
  }

  function drawRow(row: WireThread, section: Section): HTMLElement {
    const values = model(row, section);
    // The time ticks by itself: it is no reason to draw a row.
    const mark = JSON.stringify({ ...values, ago: undefined });
    const known = drawn.get(row.id);
    if (known && known.row !== row) {
      known.row = row;
      known.tell(row);
    }
    if (known?.mark === mark) return known.element;
    if (known) {
      ui.patch(known.element, 'users/queued_thread', values);
      known.mark = mark;
      return known.element;
    }
    const element = ui.element('users/queued_thread', values);
    if (!first) element.classList.add('mb-thread--new');
    const place = ui.find(element, '[data-part="controls"]');
    const emitter = createEmitter<{ row: WireThread }>();
    const on: RowContext['on'] = (listener) => emitter.on('row', listener);
    const context: RowContext = { thread: () => queue.last(row.id) ?? row, on, ui, element, transport };
    const end = controls.fill('users/queued_thread', place, context);
    drawn.set(row.id, { element, end, tell: (now) => emitter.emit('row', now), row, mark });
    return element;
  }

  function draw() {
    const alive = new Set<number>();
    for (const section of sections) {
      const rows = queue.list(section);
      const list = ui.find(root, `[data-rows="${section}"]`);
      let before: Element | null = null;
      for (const row of rows.toReversed()) {
        alive.add(row.id);
        const element = drawRow(row, section);
        place(list, element, before);
        before = element;
      }
      ui.find(root, `[data-count="${section}"]`).textContent = rows.length > 0 ? String(rows.length) : '';
      ui.find(root, `[data-section="${section}"]`).hidden = section !== 'waiting' && rows.length === 0;
    }
    for (const [id, { element, end }] of drawn) {
      if (alive.has(id)) continue;
      const next = element.contains(document.activeElement) ? neighbour(element, 1) : undefined;
      end();
      element.remove();
      drawn.delete(id);
      next?.focus();
    }
    part('skeleton').hidden = true;
    part('nobody').hidden = queue.count('waiting') > 0;
    first = false;
  }

  const buttons = () => [...root.querySelectorAll<HTMLElement>('[data-rows] [data-action="open"]')];
  function neighbour(element: Element, step: 1 | -1): HTMLElement | undefined {
    const all = buttons();
    const place = all.findIndex((button) => element === button || element.contains(button));
    return all[place + step] ?? all[place - step];
  }

  return {
    /** Brings the list up to date with the queue. */
    draw,
    /** Moves the focus along the rows; from outside it goes to the shown one, else to the first. */
    move(step: 1 | -1) {
      const all = buttons();
      const focused = all.indexOf(document.activeElement as HTMLElement);
      const shown = all.findIndex((button) => Number(button.dataset.id) === active());
      const target = focused >= 0 ? Math.min(Math.max(focused + step, 0), all.length - 1) : Math.max(shown, 0);
      all[target]?.focus();
      all[target]?.scrollIntoView({ block: 'nearest' });
    },
    focus(id: number | undefined) {
      const all = buttons();
      (all.find((button) => Number(button.dataset.id) === id) ?? all[0])?.focus();
    },
    /** Takes who has waited longest. */
    openFirst: () => ui.find(root, '[data-rows="waiting"]').querySelector<HTMLElement>('[data-action="open"]')?.click(),
    holds: (element: Element) => part('scroll').contains(element),
  };
}

export type List = ReturnType<typeof createList>;

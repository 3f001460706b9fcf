/** Open conversations on the page: a tab and a pane for each, one of them shown. */
import type { WireThread } from '../api.ts';
import type { Desk, Seat } from './desk.ts';
import { isOver } from './queue.ts';
import { createOverflow, type TabModel } from './overflow.ts';
import type { Mounted, Ui } from '../../client/client/index.ts';

export interface PanesNeeds {
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly desk: Desk;
  readonly agentId: number;
  readonly row: (id: number) => WireThread | undefined;
  readonly unread: (id: number) => number;
  /** Something else than a conversation is shown. */
  readonly covered: () => boolean;
  readonly mount: (element: HTMLElement, seat: Seat) => Mounted;
}

interface Pane {
  readonly watch: boolean;
  readonly element: HTMLElement;
  readonly mounted: Mounted;
}

export function createPanes({ root, ui, desk, agentId, row, unread, covered, mount }: PanesNeeds) {
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);
  const panes = new Map<number, Pane>();
  const overflow = createOverflow({ root, ui, tabs: () => desk.seats.map(tabModel), moved: inSight });
  const tabs = new Map<number, { readonly element: HTMLElement; mark: string }>();
  let front: number | undefined;

  const isEnded = (id: number) => {
    const last = row(id);
    return !last || isOver(last);
  };
  /** What is his own and goes on stays at hand: nobody shall lose sight of a visitor by a slip. */
  const isOwn = (id: number) => !isEnded(id) && row(id)?.agentId === agentId;
  const nameOf = (id: number) => row(id)?.userName || `#${id}`;

  function pane(seat: Seat): Pane {
    const known = panes.get(seat.id);
    if (known) return known;
    const element = ui.element('users/pane', { id: seat.id, name: nameOf(seat.id) });
    part('panes').append(element);
    const made = { watch: seat.watch, element, mounted: mount(ui.find(element, '[data-part="chat"]'), seat) };
    panes.set(seat.id, made);
    return made;
  }

  function tabModel({ id, watch }: Seat): TabModel & { readonly closable: boolean } {
    const count = unread(id);
    return {
      id,
      name: nameOf(id),
      active: !covered() && desk.active === id,
      over: isEnded(id),
      closable: watch || !isOwn(id),
      about: row(id)?.firstMessage ?? undefined,
      unread: count || undefined,
      unreadText: count ? ui.text('users.row.unread', { count }) : undefined,
    };
  }

  function drawTabs() {
    const list = part('tabs');
    const seats = desk.seats;
    for (const [place, seat] of seats.entries()) {
      const { id } = seat;
      const model = tabModel(seat);
      const mark = JSON.stringify(model);
      const known = tabs.get(id);
      if (known && known.mark !== mark) {
        ui.patch(known.element, 'users/tab', model);
        known.mark = mark;
      }
      const element = known?.element ?? ui.element('users/tab', model);
      if (!known) tabs.set(id, { element, mark });
      if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
    }
    for (const [id, { element }] of tabs) {
      if (desk.has(id)) continue;
      element.remove();
      tabs.delete(id);
    }
  }

  function inSight() {
    if (desk.active === undefined) return;
    tabs.get(desk.active)?.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  function drawPanes() {
    for (const [id, { element, mounted, watch }] of panes) {
      // Who only watched and has it now gets a writing field.
      if (desk.seat(id)?.watch === watch) continue;
      mounted.stop();
      element.remove();
      panes.delete(id);
    }
    // Every open conversation is followed, also those behind: their messages count as unread.
    for (const seat of desk.seats) pane(seat);
    const shown = covered() ? undefined : desk.active;
    for (const [id, { element }] of panes) element.hidden = id !== shown;
    if (shown !== undefined && shown !== front) {
      panes.get(shown)?.mounted.shown?.();
      inSight();
    }
    front = shown;
    part('panes').hidden = shown === undefined;
  }

  return {
    draw() {
      drawTabs();
      drawPanes();
      overflow.draw();
    },
    /** A line above a conversation: somebody took it over. */
    notice(id: number, text: string | undefined) {
      const element = panes.get(id)?.element;
      if (!element) return;
      const place = ui.find(element, '[data-part="notice"]');
      if (text === undefined) place.replaceChildren();
      else ui.fill(place, 'users/notice', { kind: 'info', text });
    },
    focus: (id: number) => panes.get(id)?.mounted.focus?.(),
    stop() {
      overflow.stop();
      for (const { mounted } of panes.values()) mounted.stop();
    },
  };
}

/** Open conversations on the page: a tab and a pane for each, one of them shown. */
import type { WireThread } from '../api.ts';
import type { Desk, Seat } from './desk.ts';
import { isOver } from './queue.ts';
import { createOverflow, type TabModel } from './overflow.ts';
import { createCommands, type Commands, type Mounted, type Ui } from '../../client/client/index.ts';

export interface PanesNeeds {
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly desk: Desk;
  readonly agentId: number;
  readonly row: (id: number) => WireThread | undefined;
  readonly unread: (id: number) => number;
  /** Something else than a conversation is shown. */
  readonly covered: () => boolean;
  /** So many have room side by side. */
  readonly fit: () => number;
  readonly mount: (element: HTMLElement, seat: Seat, commands: Commands) => Mounted;
  /** There is more to be drawn, in a moment. */
  readonly later: () => void;
}

interface Pane {
  readonly watch: boolean;
  readonly element: HTMLElement;
  readonly mounted: Mounted;
  /** What can be done in it. */
  readonly commands: Commands;
}

export function createPanes({ root, ui, desk, agentId, row, unread, covered, fit, mount, later }: PanesNeeds) {
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);
  const panes = new Map<number, Pane>();
  const overflow = createOverflow({ root, ui, tabs: () => desk.seats.map(tabModel), moved: inSight });
  const tabs = new Map<number, { readonly element: HTMLElement; mark: string }>();
  let front: readonly number[] = [];

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
    const commands = createCommands();
    const mounted = mount(ui.find(element, '[data-part="chat"]'), seat, commands);
    const made = { watch: seat.watch, element, mounted, commands };
    panes.set(seat.id, made);
    return made;
  }

  const shown = () => (covered() ? [] : desk.shown(fit()));
  const closable = ({ id, watch }: Seat) => watch || !isOwn(id);

  function tabModel(seat: Seat): TabModel & { readonly closable: boolean; readonly shown: boolean } {
    const { id } = seat;
    const count = unread(id);
    return {
      id,
      name: nameOf(id),
      active: !covered() && desk.active === id,
      shown: shown().includes(id),
      over: isEnded(id),
      closable: closable(seat),
      about: row(id)?.firstMessage ?? undefined,
      unread: count || undefined,
      unreadText: count ? ui.text('users.row.unread', { count }) : undefined,
    };
  }

  function drawTabs() {
    const list = part('tabs');
    const seats = desk.seats;
    let changed = false;
    for (const [place, seat] of seats.entries()) {
      const { id } = seat;
      const model = tabModel(seat);
      const mark = JSON.stringify(model);
      const known = tabs.get(id);
      if (known && known.mark !== mark) {
        ui.patch(known.element, 'users/tab', model);
        known.mark = mark;
        changed = true;
      }
      const element = known?.element ?? ui.element('users/tab', model);
      if (!known) {
        tabs.set(id, { element, mark });
        changed = true;
      }
      if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
    }
    for (const [id, { element }] of tabs) {
      if (desk.has(id)) continue;
      element.remove();
      tabs.delete(id);
      changed = true;
    }
    return changed;
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
    const now = shown();
    // Every open conversation is followed, also those behind: their messages count as unread. One after the other: a frame has room for one.
    const behind = desk.seats.filter(({ id }) => !panes.has(id) && !now.includes(id));
    for (const seat of desk.seats) if (now.includes(seat.id)) pane(seat);
    if (behind[0]) pane(behind[0]);
    if (behind.length > 1) later();
    const several = now.length > 1;
    for (const [id, { element }] of panes) {
      const place = now.indexOf(id);
      element.hidden = place < 0;
      // They stand as they were put there, whatever the order of their tabs.
      element.style.order = String(Math.max(0, place));
      element.classList.toggle('mb-desk__pane--active', several && id === desk.active);
    }
    for (const id of now) if (!front.includes(id)) panes.get(id)?.mounted.shown?.();
    if (now.some((id) => !front.includes(id))) inSight();
    front = now;
    const place = part('panes');
    place.hidden = now.length === 0;
    place.dataset.columns = String(now.length);
  }

  return {
    draw() {
      const changed = drawTabs();
      drawPanes();
      // It measures, which costs a layout.
      if (changed) overflow.draw();
    },
    /** A line above a conversation: somebody took it over. */
    notice(id: number, text: string | undefined) {
      const element = panes.get(id)?.element;
      if (!element) return;
      const place = ui.find(element, '[data-part="notice"]');
      if (text === undefined) place.replaceChildren();
      else ui.fill(place, 'users/notice', { kind: 'info', text });
    },
    /** What can be done in a conversation. */
    commands: (id: number | undefined) => (id === undefined ? undefined : panes.get(id)?.commands),
    /** The conversation that an element lies in. */
    holding: (element: Element) => [...panes].find(([, pane]) => pane.element.contains(element))?.[0],
    /** May it be put away? His own stay while they go on. */
    closable: (id: number) => {
      const seat = desk.seat(id);
      return seat !== undefined && closable(seat);
    },
    nameOf,
    shown,
    focus: (id: number) => panes.get(id)?.mounted.focus?.(),
    stop() {
      overflow.stop();
      for (const { mounted } of panes.values()) mounted.stop();
    },
  };
}

export type Panes = ReturnType<typeof createPanes>;

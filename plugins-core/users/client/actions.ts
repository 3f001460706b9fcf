/** Clicks, keys and what the browser tells, made into moves. */
import type { Availability } from './availability.ts';
import type { Boards } from './boards.ts';
import type { UsersBoot } from './boot.ts';
import type { Calls } from './calls.ts';
import type { Columns } from './columns.ts';
import { addOwnCommands, type Moves } from './commands.ts';
import type { Connection } from './connection.ts';
import type { Desk } from './desk.ts';
import { findable } from './findable.ts';
import type { Finder } from './finder.ts';
import { press } from './keys.ts';
import type { List } from './list.ts';
import { createPaletteDialog } from './palette-dialog.ts';
import { createPalette } from './palette.ts';
import type { Panel } from './panel.ts';
import type { Panes } from './panes.ts';
import type { Preferences } from './preferences.ts';
import type { Queue } from './queue.ts';
import { sheetModel } from './sheet.ts';
import { createSignalsDialog } from './signals-dialog.ts';
import type { Stage } from './stage.ts';
import type { Undo } from './undo.ts';
import type { Commands, KeyValue, Ui } from '../../client/client/index.ts';

export interface ActionNeeds {
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly boot: UsersBoot;
  readonly stage: Stage;
  readonly list: List;
  readonly finder: Finder;
  readonly boards: Boards;
  readonly queue: Queue;
  readonly desk: Desk;
  readonly panes: Panes;
  readonly columns: Columns;
  readonly preferences: Preferences;
  readonly panel: Panel;
  readonly availability: Availability;
  readonly connection: Connection;
  readonly calls: Calls;
  readonly undo: Undo;
  /** What can be done in the workspace; its own moves are added. */
  readonly commands: Commands;
  readonly storage: KeyValue;
  /** The open conversation whose visitor has waited longest for an answer, besides the one in front. */
  readonly nextToAnswer: () => number | undefined;
  /** Takes or shows a conversation of the queue. */
  readonly open: (id: number) => void;
  readonly draw: () => void;
}

/** @returns a function that ends it */
export function bindActions(needs: ActionNeeds): () => void {
  const { root, ui, boot, stage, list, boards, queue, desk, panes, columns, preferences, panel } = needs;
  const { availability, connection, calls, undo, commands: own, nextToAnswer, open, draw } = needs;
  const { arrivals, notifications } = calls;
  const dialog = (name: string) => ui.find(root, `[data-part="${name}"]`, HTMLDialogElement);
  const keysDialog = dialog('keys');
  const facts = ui.find(root, '[data-part="facts"]');
  const factsToggle = ui.find(root, '[data-part="facts-toggle"]');

  function showFacts(shown: boolean) {
    if (panel.reclaim() && !shown) return (boards.current() ?? list).focus();
    // The button that hides the panel goes with it: the focus does not.
    if (!shown && facts.contains(document.activeElement)) factsToggle.focus();
    panel.show(shown);
  }

  /** To the rows of the left column. */
  function toRows() {
    const id = stage.current();
    stage.toQueue();
    const board = boards.current();
    // The row may only now become visible again.
    requestAnimationFrame(() => (board ? board.focus() : list.focus(id)));
  }
  function back(): boolean {
    if (panel.guest || panel.over) showFacts(false);
    else toRows();
    return true;
  }
  const move = (step: 1 | -1) => (boards.current() ?? list).move(step);

  const waiting = () => queue.waiting > 0;
  /** Another conversation beside this one: who waits for an answer, else the next of the tabs that is not there yet. */
  function candidate(): number | undefined {
    const shown = panes.shown();
    const free = (id: number | undefined) => id !== undefined && !shown.includes(id);
    const next = nextToAnswer();
    return free(next) ? next : desk.seats.map(({ id }) => id).find(free);
  }
  function beside(id: number | undefined) {
    stage.beside(id);
    // Two conversations and the panel may be too much: the panel comes back by a key.
    if (desk.columns.length > columns.fit) showFacts(false);
  }
  function toggleBeside() {
    if (panes.shown().length > 1) stage.alone();
    else beside(candidate());
  }

  function switchSound() {
    preferences.set('sound', !preferences.get('sound'));
    calls.signals.chime.play();
    draw();
  }

  function moves(): Moves {
    const id = desk.active;
    const { interlude } = stage.state.get();
    const front = interlude ? undefined : id;
    const row = interlude?.kind === 'held' ? queue.row(interlude.id) : undefined;
    const shown = panes.shown();
    const answer = nextToAnswer();
    const other = candidate();
    const to = (wanted: number | undefined) => (wanted === undefined ? undefined : () => stage.show(wanted));
    return {
      next: waiting() ? () => list.openFirst() : undefined,
      down: () => move(1),
      up: () => move(-1),
      search: () => (boards.current() ? boards.current()!.search() : needs.finder.focus()),
      queue() {
        boards.toQueue();
        toRows();
      },
      answer: to(answer),
      cycle: (step) => (desk.seats.length > 0 ? to(desk.neighbour(step)) : undefined),
      beside:
        front !== undefined && columns.room > shown.length && other !== undefined ? () => beside(other) : undefined,
      other: shown.length > 1 ? to(desk.otherColumn()) : undefined,
      alone: shown.length > 1 ? () => stage.alone() : undefined,
      away: front !== undefined && panes.closable(front) ? () => stage.putAway(front) : undefined,
      undo: undo.possible ? () => undo.undo() : undefined,
      write: front === undefined ? undefined : () => panes.focus(front),
      facts: stage.current() === undefined ? undefined : () => showFacts(!panel.shown),
      force: row?.canOpen ? () => void stage.force(row.id) : undefined,
      watch: row?.canView ? () => stage.watch(row.id) : undefined,
      palette: () => palette.open(),
      keys: help,
      signals: () => signals.open(),
      sound: switchSound,
      notify: notifications.possible ? () => void notifications.set(!notifications.state.get().on) : undefined,
      status: (wanted) =>
        availability.status.get().status === wanted ? undefined : () => void availability.set(wanted),
      quiet: arrivals.any ? () => arrivals.clear() : undefined,
      wake: connection.trouble.get().now === 'lost' ? () => connection.wake() : undefined,
    };
  }
  addOwnCommands(own, ui, moves);
  const inFront = () => (stage.state.get().interlude ? undefined : panes.commands(desk.active));
  const lists = () => [own, inFront()].filter((each) => each !== undefined);

  const signals = createSignalsDialog({ dialog: dialog('signals'), ui, preferences, calls, changed: draw });
  const palette = createPaletteDialog({
    dialog: dialog('palette'),
    ui,
    palette: createPalette(needs.storage),
    entries: () =>
      findable({
        ui,
        queue,
        desk,
        show: stage.show,
        beside,
        nameOf: panes.nameOf,
        openThread: open,
        boards,
        commands: () => [...(inFront()?.list() ?? []), ...own.list()],
      }),
  });

  function help() {
    const model = sheetModel(
      {
        own: own.list(),
        conversation: inFront()?.list() ?? [],
        send: boot.messageForm.ignoreCtrl ? 'Enter' : 'Mod+Enter',
        single: preferences.get('singleKeys'),
      },
      ui,
    );
    ui.fill(keysDialog, 'users/keys', model);
    if (!keysDialog.open) keysDialog.showModal();
  }

  async function copy(button: HTMLElement) {
    await navigator.clipboard.writeText(boot.page.embedCode);
    button.textContent = ui.text('users.empty.copied');
  }

  /** What a click on an element with this `data-action` does. */
  const clicks: Readonly<Record<string, (id: number, element: HTMLElement) => void>> = {
    open,
    show: stage.show,
    close: (id) => stage.putAway(id),
    force: (id) => void stage.force(id),
    watch: (id) => stage.watch(id),
    retry: (id) => void stage.open(id),
    dismiss: () => stage.dismiss(),
    quiet: arrivals.remove,
    undo: () => undo.undo(),
    back,
    next: () => list.openFirst(),
    beside: toggleBeside,
    facts: () => showFacts(!panel.shown),
    sound: switchSound,
    notify: () => void notifications.set(!notifications.state.get().on),
    notifyLater: () => void notifications.set(false),
    keys: help,
    palette: () => palette.open(),
    signals: () => signals.open(),
    available: () => void availability.set('available'),
    wake: () => connection.wake(),
    // Without permission for the clipboard the line can still be selected by hand.
    copy: (_, button) => void copy(button).catch(() => undefined),
  };
  const changes: Readonly<Record<string, (checked: boolean) => void>> = {
    single(checked) {
      preferences.set('singleKeys', checked);
      help();
    },
  };

  const actionAt = (event: Event) =>
    event.target instanceof Element ? event.target.closest<HTMLElement>('[data-action]') : null;
  function onClick(event: MouseEvent) {
    const element = actionAt(event);
    if (!element) return;
    const { action = '' } = element.dataset;
    const id = Number(element.dataset.id);
    // As links open in a tab of their own.
    const besides = (event.ctrlKey || event.metaKey) && (action === 'show' || action === 'open') && desk.has(id);
    if (besides) beside(id);
    else clicks[action]?.(id, element);
  }
  function onChange(event: Event) {
    const element = actionAt(event);
    if (element instanceof HTMLInputElement) changes[element.dataset.action ?? '']?.(element.checked);
  }
  function onKey(event: KeyboardEvent) {
    // A click on plain words of a dialog leaves the focus to the page behind, whose keys mean nothing now.
    if (document.querySelector('dialog:modal')) return;
    const used = press(event, {
      commands: lists,
      move,
      number(place) {
        const seat = desk.seats[place - 1];
        if (seat) stage.show(seat.id);
      },
      back,
      single: () => preferences.get('singleKeys'),
      inQueue: (element) => list.holds(element) || boards.current()?.holds(element) === true,
    });
    if (used) event.preventDefault();
  }
  /** Keys and facts are about the conversation that the operator is in. */
  function onEnter({ target }: Event) {
    const id = target instanceof Element ? panes.holding(target) : undefined;
    if (id !== undefined) stage.entered(id);
  }
  function onReturn() {
    if (document.hidden) return;
    connection.wake();
    draw();
  }

  const onOffline = () => connection.offline();

  root.addEventListener('click', onClick);
  root.addEventListener('change', onChange);
  root.addEventListener('focusin', onEnter);
  root.addEventListener('pointerdown', onEnter);
  document.addEventListener('keydown', onKey);
  document.addEventListener('visibilitychange', onReturn);
  window.addEventListener('online', onReturn);
  window.addEventListener('offline', onOffline);
  return () => {
    root.removeEventListener('click', onClick);
    root.removeEventListener('change', onChange);
    root.removeEventListener('focusin', onEnter);
    root.removeEventListener('pointerdown', onEnter);
    document.removeEventListener('keydown', onKey);
    document.removeEventListener('visibilitychange', onReturn);
    window.removeEventListener('online', onReturn);
    window.removeEventListener('offline', onOffline);
    signals.stop();
  };
}

/** Clicks, keys and what the browser tells, made into moves. */
import type { Arrivals } from './arrivals.ts';
import type { Availability } from './availability.ts';
import type { UsersBoot } from './boot.ts';
import type { Connection } from './connection.ts';
import type { Desk } from './desk.ts';
import { press } from './keys.ts';
import type { List } from './list.ts';
import type { Notifications } from './notifications.ts';
import type { Panel } from './panel.ts';
import type { Preferences } from './preferences.ts';
import { keysModel } from './screens.ts';
import type { Stage } from './stage.ts';
import type { Ui } from '../../client/client/index.ts';

export interface ActionNeeds {
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly boot: UsersBoot;
  readonly stage: Stage;
  readonly list: List;
  readonly desk: Desk;
  readonly preferences: Preferences;
  readonly panel: Panel;
  readonly availability: Availability;
  readonly connection: Connection;
  readonly arrivals: Arrivals;
  readonly notifications: Notifications;
  readonly draw: () => void;
}

/** @returns a function that ends it */
export function bindActions(needs: ActionNeeds): () => void {
  const {
    root,
    ui,
    boot,
    stage,
    list,
    desk,
    preferences,
    panel,
    availability,
    connection,
    arrivals,
    notifications,
    draw,
  } = needs;
  const keysDialog = ui.find(root, '[data-part="keys"]', HTMLDialogElement);
  const facts = ui.find(root, '[data-part="facts"]');
  const factsToggle = ui.find(root, '[data-part="facts-toggle"]');

  function showFacts(shown: boolean) {
    // The button that hides the panel goes with it: the focus does not.
    if (!shown && facts.contains(document.activeElement)) factsToggle.focus();
    panel.show(shown);
  }

  function back(): boolean {
    if (panel.over) {
      showFacts(false);
      return true;
    }
    const id = stage.current();
    stage.toQueue();
    // The row may only now become visible again.
    requestAnimationFrame(() => list.focus(id));
    return true;
  }

  function help() {
    ui.fill(keysDialog, 'users/keys', keysModel(preferences.get('singleKeys'), ui));
    keysDialog.showModal();
  }

  async function copy(button: HTMLElement) {
    await navigator.clipboard.writeText(boot.page.embedCode);
    button.textContent = ui.text('users.empty.copied');
  }

  /** What a click on an element with this `data-action` does. */
  const clicks: Readonly<Record<string, (id: number, element: HTMLElement) => void>> = {
    open(id) {
      arrivals.remove(id);
      void stage.open(id);
    },
    show: stage.show,
    close: (id) => stage.putAway(id),
    force: (id) => void stage.force(id),
    watch: (id) => stage.watch(id),
    retry: (id) => void stage.open(id),
    dismiss: () => stage.dismiss(),
    quiet: arrivals.remove,
    back,
    next: list.openFirst,
    facts: () => showFacts(!panel.shown),
    sound(_, button) {
      const on = !preferences.get('sound');
      preferences.set('sound', on);
      button.setAttribute('aria-pressed', String(on));
      button.title = ui.text(on ? 'users.sound.on' : 'users.sound.off');
      arrivals.chime.play();
    },
    notify: () => void notifications.set(!notifications.state.get().on),
    notifyLater: () => void notifications.set(false),
    keys: help,
    available: () => void availability.set(true),
    wake: () => connection.wake(),
    // Without permission for the clipboard the line can still be selected by hand.
    copy: (_, button) => void copy(button).catch(() => undefined),
  };
  const changes: Readonly<Record<string, (checked: boolean) => void>> = {
    status: (checked) => void availability.set(checked),
    single: (checked) => preferences.set('singleKeys', checked),
  };

  const actionAt = (event: Event) =>
    event.target instanceof Element ? event.target.closest<HTMLElement>('[data-action]') : null;
  function onClick(event: Event) {
    const element = actionAt(event);
    if (element) clicks[element.dataset.action ?? '']?.(Number(element.dataset.id), element);
  }
  function onChange(event: Event) {
    const element = actionAt(event);
    if (element instanceof HTMLInputElement) changes[element.dataset.action ?? '']?.(element.checked);
  }
  function onKey(event: KeyboardEvent) {
    const used = press(event, {
      move: (step) => list.move(step),
      number(place) {
        const seat = desk.seats[place - 1];
        if (seat) stage.show(seat.id);
      },
      cycle(step) {
        const id = desk.neighbour(step);
        if (id !== undefined) stage.show(id);
      },
      back,
      facts: () => showFacts(!panel.shown),
      help,
      single: () => preferences.get('singleKeys'),
      inQueue: list.holds,
    });
    if (used) event.preventDefault();
  }
  function onReturn() {
    if (document.hidden) return;
    connection.wake();
    draw();
  }

  const onOffline = () => connection.offline();

  root.addEventListener('click', onClick);
  root.addEventListener('change', onChange);
  document.addEventListener('keydown', onKey);
  document.addEventListener('visibilitychange', onReturn);
  window.addEventListener('online', onReturn);
  window.addEventListener('offline', onOffline);
  return () => {
    root.removeEventListener('click', onClick);
    root.removeEventListener('change', onChange);
    document.removeEventListener('keydown', onKey);
    document.removeEventListener('visibilitychange', onReturn);
    window.removeEventListener('online', onReturn);
    window.removeEventListener('offline', onOffline);
  };
}

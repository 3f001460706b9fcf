/** The workspace put together: what is drawn where, from what. */
import type { Mounted, Outbox, PageStorage, Transport, Ui } from '../../client/client/index.ts';
import type { WireOperator, WireThread } from '../api.ts';
import { bindActions } from './actions.ts';
import { createArrivals } from './arrivals.ts';
import { createAvailability } from './availability.ts';
import type { UsersBoot } from './boot.ts';
import { createClock } from './clock.ts';
import { createConnection } from './connection.ts';
import { createDesk, type Seat } from './desk.ts';
import { createFacts } from './facts.ts';
import { createList } from './list.ts';
import { createNotifications } from './notifications.ts';
import { createPanes } from './panes.ts';
import { createPanel } from './panel.ts';
import { createPreferences } from './preferences.ts';
import { createQueue, type Delta, sections, state } from './queue.ts';
import { blankModel, interludeModel, noticesOf } from './screens.ts';
import { createSiblings } from './siblings.ts';
import { createStage } from './stage.ts';
import { createUnread } from './unread.ts';

/** What a conversation in a pane is drawn with. */
interface PaneOptions {
  readonly seat: Seat;
  /** The visitor's name. */
  readonly name: string | undefined;
  /** So many messages of the visitor came. */
  readonly heard: (count: number) => void;
  /** So many messages have not been looked at. */
  readonly unread: (count: number) => void;
}

export interface WorkspaceNeeds {
  readonly root: HTMLElement;
  readonly boot: UsersBoot;
  readonly ui: Ui;
  /** Way to the queue. */
  readonly users: Transport;
  /** Way to the conversations. */
  readonly threads: Transport;
  readonly outbox: Pick<Outbox, 'entries'>;
  readonly storage: PageStorage;
  /** Storage of this window. */
  readonly session: PageStorage;
  readonly mount: (element: HTMLElement, options: PaneOptions) => Mounted;
}

const phone = '(width < 40rem)';

/** @returns a function that ends it */
export function startWorkspace({ root, boot, ui, users, threads, outbox, storage, session, mount }: WorkspaceNeeds) {
  const preferences = createPreferences(storage);
  const clock = createClock(ui.locale);
  const queue = createQueue(boot.agent.id);
  const desk = createDesk(boot.agent.id, session);
  const unread = createUnread();

  ui.fill(root, 'users/frame', {
    sound: preferences.get('sound'),
    soundText: ui.text(preferences.get('sound') ? 'users.sound.on' : 'users.sound.off'),
    sections: sections.map((id) => ({ id, nobody: id === 'waiting', title: ui.text(`users.section.${id}`) })),
    ghosts: [1, 2, 3, 4, 5],
  });
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);

  /** Focused once it is drawn. */
  let wanted: number | undefined;
  const siblings = createSiblings(boot.agent.id);
  const stage = createStage({
    queue,
    desk,
    threads,
    opened(id) {
      wanted = id;
    },
    takes: (id, now) => siblings.takes(id, now),
  });
  const { current } = stage;
  const list = createList({ root, ui, queue, clock, active: current, unread: unread.of, transport: users });
  const panes = createPanes({
    root,
    ui,
    desk,
    agentId: boot.agent.id,
    row: queue.last,
    unread: unread.of,
    covered: () => stage.state.get().interlude !== undefined,
    mount(element, seat) {
      const mounted = mount(element, {
        seat,
        name: queue.last(seat.id)?.userName,
        heard: () => heard(seat.id),
        unread(count) {
          unread.set(seat.id, count);
          draw();
        },
      });
      return {
        ...mounted,
        stop() {
          unread.set(seat.id, 0);
          mounted.stop();
        },
      };
    },
  });
  const notifications = createNotifications({
    preferences,
    system: window.isSecureContext && 'Notification' in window ? window.Notification : undefined,
    open(id) {
      arrivals.remove(id);
      void stage.open(id);
    },
  });
  const away = () => document.hidden || !document.hasFocus();
  const arrivals = createArrivals({
    place: part('arrivals'),
    ui,
    preferences,
    popup: boot.page.showPopup,
    notifications,
    away,
  });
  const connection = createConnection({
    transport: users,
    agentId: boot.agent.id,
    queue,
    clock,
    showOperators: boot.page.showOnlineOperators,
    changed,
    operators: drawOperators,
  });
  const availability = createAvailability((away) => connection.setAway(away));
  const facts = createFacts({
    element: part('facts'),
    agentId: boot.agent.id,
    ui,
    queue,
    clock,
    ask: (thread) => connection.facts(thread),
    users,
    threads,
  });

  const panel = createPanel(preferences, draw);

  const isSeen = (id: number) =>
    !document.hidden && current() === id && (stage.state.get().pane === 'desk' || !matchMedia(phone).matches);

  function heard(id: number) {
    if (!isSeen(id) || away()) arrivals.wrote({ id, userName: queue.last(id)?.userName ?? `#${id}` });
  }

  /** What is the operator's own is at hand, wherever he took it. @returns what the server gave him */
  function adopt() {
    const fresh = queue.list('mine').filter(({ id }) => desk.seat(id)?.watch !== false);
    for (const { id, token } of fresh) desk.open({ id, token, watch: false });
    return fresh.filter(({ id }) => !siblings.took(id));
  }

  function assigned(rows: readonly WireThread[]) {
    arrivals.assigned(rows);
    // Nothing jumps at somebody who is at something else; who has nothing open is shown what he was given.
    const [first] = rows;
    const idle = desk.active === undefined && !stage.state.get().interlude;
    if (first && idle && !matchMedia(phone).matches) stage.show(first.id);
  }

  let restored = false;
  /** The first answer tells what is the operator's own. What he had open and is over by now goes, unless it holds unsent text. */
  function restore() {
    restored = true;
    for (const { id } of desk.seats) {
      if (!queue.row(id) && outbox.entries(id).length === 0) desk.close(id);
    }
    adopt();
    if (desk.active === undefined && !matchMedia(phone).matches) desk.show(desk.seats[0]?.id);
  }

  function changed(delta: Delta) {
    if (restored) assigned(adopt());
    else restore();
    for (const { id } of [...delta.changed, ...delta.gone]) {
      const row = queue.row(id);
      if (!row || (queue.sectionOf(row) !== 'waiting' && !arrivals.given(id))) arrivals.remove(id);
    }
    stage.follow();
    arrivals.announce(delta.arrived);
    draw();
  }

  function drawOperators(online: readonly WireOperator[]) {
    part('agents').hidden = online.length === 0;
    ui.fill(part('agents-list'), 'users/agents', { online });
  }

  function drawBlank() {
    const { interlude } = stage.state.get();
    const blank = part('blank');
    blank.hidden = !interlude && (desk.active !== undefined || !queue.loaded);
    if (interlude) ui.fill(blank, 'users/interlude', interludeModel(interlude, queue.last(interlude.id), ui));
    else if (!blank.hidden) ui.fill(blank, 'users/blank', blankModel(queue, boot.page, ui));
  }

  function drawLost() {
    for (const { id, watch } of desk.seats) {
      const row = queue.row(id);
      const lost = !watch && row?.state === state.chatting && row.agentId !== boot.agent.id;
      panes.notice(id, lost ? ui.text('users.taken.lost', { agent: row.agentName }) : undefined);
    }
  }

  function drawNotify(on: boolean) {
    const button = part('notify');
    button.hidden = !notifications.possible;
    button.setAttribute('aria-pressed', String(on));
    button.title = ui.text(on ? 'users.notify.isOn' : 'users.notify.isOff');
  }

  function drawNow() {
    const id = current();
    const status = availability.status.get();
    const { pane, interlude } = stage.state.get();
    root.dataset.pane = pane;
    const factsShown = panel.shown && id !== undefined && (pane === 'desk' || !matchMedia(phone).matches);
    root.dataset.facts = factsShown ? 'shown' : 'hidden';
    part('facts-toggle').setAttribute('aria-expanded', String(factsShown));
    if (queue.loaded) list.draw();
    panes.draw();
    drawLost();
    drawBlank();
    facts.draw(factsShown ? id : undefined);
    part('bar').hidden = desk.seats.length === 0 && !interlude;
    ui.fill(part('status'), 'users/status_panel', status);
    const notify = notifications.state.get();
    drawNotify(notify.on);
    const notices = noticesOf(connection.trouble.get().now, status, notify, boot.page.loginLink, ui);
    ui.fill(part('notices'), 'users/notices', { notices });
    arrivals.count(queue.count('waiting') + unread.total);
    clock.tick(root);
    if (wanted !== undefined) panes.focus(wanted);
    wanted = undefined;
  }

  let drawing = false;
  /** All that follows from the state is drawn once, however much of it changed in this turn. */
  function draw() {
    if (drawing) return;
    drawing = true;
    queueMicrotask(() => {
      drawing = false;
      drawNow();
    });
  }

  stage.state.subscribe(draw);
  connection.trouble.subscribe(({ now }, before) => {
    // Nobody answers somebody who is logged out; what he wrote stays in the outbox.
    if (now === 'loggedOut') threads.stop();
    else if (before.now === 'loggedOut') threads.runUpdater();
    draw();
  });
  availability.status.subscribe(draw);
  notifications.state.subscribe(draw);
  const ticking = setInterval(() => clock.tick(root), 1000);
  const release = bindActions({
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
  });
  draw();
  connection.start();

  return () => {
    clearInterval(ticking);
    release();
    panel.stop();
    panes.stop();
    siblings.stop();
    users.stop();
  };
}

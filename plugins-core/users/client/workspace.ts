/** The workspace put together: what is drawn where, from what. */
import type { Mounted, Outbox, PageStorage, Transport, Ui } from '../../client/client/index.ts';
import type { WireOperator } from '../api.ts';
import { bindActions } from './actions.ts';
import { createArrivals } from './arrivals.ts';
import { createAvailability } from './availability.ts';
import type { UsersBoot } from './boot.ts';
import { createClock } from './clock.ts';
import { createConnection } from './connection.ts';
import { createDesk, type Seat } from './desk.ts';
import { createFacts } from './facts.ts';
import { createList } from './list.ts';
import { createPanes } from './panes.ts';
import { createPreferences } from './preferences.ts';
import { createQueue, type Delta, sections, state } from './queue.ts';
import { blankModel, interludeModel, noticesOf } from './screens.ts';
import { createStage } from './stage.ts';
import { createUnread } from './unread.ts';

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
  /** Draws a conversation. `heard` is told how many messages of the visitor came. */
  readonly mount: (element: HTMLElement, seat: Seat, heard: (count: number) => void) => Mounted;
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

  const stage = createStage({ queue, desk, threads, opened: (id) => panes.focus(id) });
  const { current } = stage;
  const list = createList({ root, ui, queue, clock, active: current, unread: unread.of });
  const panes = createPanes({
    root,
    ui,
    desk,
    row: queue.last,
    unread: unread.of,
    covered: () => stage.state.get().interlude !== undefined,
    mount: (element, seat) => mount(element, seat, (count) => heard(seat.id, count)),
  });
  const arrivals = createArrivals({ place: part('arrivals'), ui, preferences, popup: boot.page.showPopup });
  const connection = createConnection({
    transport: users,
    agentId: boot.agent.id,
    queue,
    clock,
    showOperators: boot.page.showOnlineOperators,
    changed,
    operators: drawOperators,
  });
  const availability = createAvailability(connection.setAway);
  const facts = createFacts({ element: part('facts'), ui, queue, clock, ask: connection.facts });

  const isSeen = (id: number) =>
    !document.hidden && current() === id && (stage.state.get().pane === 'desk' || !matchMedia(phone).matches);

  function heard(id: number, count: number) {
    if (isSeen(id)) return;
    unread.add(id, count);
    arrivals.chime.play();
    draw();
  }

  let restored = false;
  /** The first answer tells what is the operator's own. What he had open and is over by now goes, unless it holds unsent text. */
  function restore() {
    restored = true;
    for (const { id } of desk.seats) {
      if (!queue.row(id) && outbox.entries(id).length === 0) desk.close(id);
    }
    for (const { id, token } of queue.list('mine')) if (!desk.has(id)) desk.open({ id, token, watch: false });
    if (desk.active === undefined && !matchMedia(phone).matches) desk.show(desk.seats[0]?.id);
  }

  function changed(delta: Delta) {
    if (!restored) restore();
    for (const { id } of [...delta.changed, ...delta.gone]) {
      const row = queue.row(id);
      if (!row || queue.sectionOf(row) !== 'waiting') arrivals.remove(id);
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

  function drawNow() {
    const id = current();
    const status = availability.status.get();
    const { pane, interlude } = stage.state.get();
    if (id !== undefined && isSeen(id)) unread.clear(id);
    root.dataset.pane = pane;
    const factsShown = preferences.get('facts') && id !== undefined;
    root.dataset.facts = factsShown ? 'shown' : 'hidden';
    part('facts-toggle').setAttribute('aria-expanded', String(factsShown));
    if (queue.loaded) list.draw();
    panes.draw();
    drawLost();
    drawBlank();
    facts.draw(factsShown ? id : undefined);
    part('bar').hidden = desk.seats.length === 0 && !interlude;
    ui.fill(part('status'), 'users/status_panel', status);
    const notices = noticesOf(connection.trouble.get().now, status, boot.page.loginLink, ui);
    ui.fill(part('notices'), 'users/notices', { notices });
    arrivals.count(queue.count('waiting') + unread.total);
    clock.tick(root);
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
  connection.trouble.subscribe(draw);
  availability.status.subscribe(draw);
  const ticking = setInterval(() => clock.tick(root), 1000);
  const release = bindActions({
    root,
    ui,
    boot,
    stage,
    list,
    desk,
    preferences,
    availability,
    connection,
    arrivals,
    draw,
  });
  draw();
  connection.start();

  return () => {
    clearInterval(ticking);
    release();
    panes.stop();
    users.stop();
  };
}

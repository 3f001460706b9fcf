/** The workspace put together: what is drawn where, from what. */
import {
  type Commands,
  controls,
  createCommands,
  type Drafts,
  type Mounted,
  type Outbox,
  type PageStorage,
  type Transport,
  type Ui,
} from '../../client/client/index.ts';
import type { WireOperator, WireThread } from '../api.ts';
import { bindActions } from './actions.ts';
import { watchActivity } from './activity.ts';
import { createAvailability } from './availability.ts';
import { createAwaiting } from './awaiting.ts';
import { createBoards } from './boards.ts';
import type { UsersBoot } from './boot.ts';
import { createCalls } from './calls.ts';
import { createClock } from './clock.ts';
import { createColumns } from './columns.ts';
import { createConnection } from './connection.ts';
import type { QueueContext } from './context.ts';
import { createDesk, type Seat } from './desk.ts';
import { createFacts } from './facts.ts';
import { createFinder } from './finder.ts';
import { createInstalled } from './installed.ts';
import { createList } from './list.ts';
import { createListing } from './listing.ts';
import { createLongList } from './long-list.ts';
import { createPace } from './pace.ts';
import { createPanes } from './panes.ts';
import { createPanel } from './panel.ts';
import { createPreferences } from './preferences.ts';
import { createQueue, type Delta, sections, state } from './queue.ts';
import { blankModel, interludeModel, noticesOf } from './screens.ts';
import { createSearching } from './search.ts';
import { createSorted } from './sorted.ts';
import { createStage } from './stage.ts';
import { mountStatus } from './status.ts';
import { createUndo } from './undo.ts';
import { createUnread } from './unread.ts';

/** What a conversation in a pane is drawn with. */
interface PaneOptions {
  readonly seat: Seat;
  /** The visitor's name. */
  readonly name: string | undefined;
  /** Messages of the visitor came. @param last number of the last one */
  readonly heard: (count: number, last: number) => void;
  /** The operator has ended it. */
  readonly closed: () => void;
  /** Hears what can be done in it. */
  readonly commands: Commands;
  /** So many messages have not been looked at. */
  readonly unread: (count: number) => void;
  /** The visitor had the last word: since when he waits for an answer, unix seconds; undefined: he does not. */
  readonly awaited: (since: number | undefined) => void;
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
  /** What was typed and not sent. */
  readonly drafts: Pick<Drafts, 'forget'>;
  /** Path of the workspace. */
  readonly path: string;
}

const phone = '(width < 40rem)';

/** @returns a function that ends it */
export function startWorkspace({
  root,
  boot,
  ui,
  users,
  threads,
  outbox,
  storage,
  session,
  mount,
  drafts,
  path,
}: WorkspaceNeeds) {
  const preferences = createPreferences(storage);
  const clock = createClock(ui.locale);
  const queue = createQueue(boot.agent.id, (id) => desk.has(id));
  const desk = createDesk(boot.agent.id, session);
  const unread = createUnread();
  const awaiting = createAwaiting();

  ui.fill(root, 'users/frame', {
    sections: sections.map((id) => ({ id, nobody: id === 'waiting', title: ui.text(`users.section.${id}`) })),
    ghosts: [1, 2, 3, 4, 5],
  });
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);

  /** All that follows from the state is drawn once, however much of it changed in this turn or between two frames. */
  const draw = createPace(drawNow);

  /** Focused once it is drawn. */
  let wanted: number | undefined;
  const columns = createColumns(part('desk'), part('facts'), draw);
  const undo = createUndo(part('arrivals'), ui);
  const stage = createStage({
    queue,
    desk,
    threads,
    opened(id) {
      wanted = id;
      panel.reclaim();
    },
    takes: (id, now) => calls.siblings.takes(id, now),
    fit: () => columns.room,
    left(gone) {
      const text = ui.text('users.slip.away', { name: panes.nameOf(gone.seat.id) });
      undo.note({ text, undo: () => stage.bringBack(gone) });
    },
  });
  const { current } = stage;
  const listing = createListing({ queue, agentId: boot.agent.id, locale: ui.locale, session });
  const list = createList({
    root,
    ui,
    listing,
    clock,
    active: current,
    unread: unread.of,
    last: queue.last,
    open: (id) => void stage.open(id),
    above: () => finder.draw(),
    transport: users,
  });
  const finder = createFinder({
    root,
    ui,
    listing,
    changed() {
      list.toTop();
      draw();
    },
    toList: () => list.focus(),
  });
  const commands = createCommands();
  const boards = createBoards({ root, ui, agentId: boot.agent.id, session, toColumn: () => stage.toQueue() });
  const panes = createPanes({
    root,
    ui,
    desk,
    agentId: boot.agent.id,
    row: queue.last,
    unread: unread.of,
    covered: () => stage.state.get().interlude !== undefined,
    fit: () => columns.fit,
    later: () => draw(),
    mount(element, seat, commands) {
      const { id } = seat;
      const turn = (since: number | undefined) => {
        listing.turn(id, since);
        awaiting.set(id, since);
        // What was answered, in whatever window, calls nobody any more.
        if (since === undefined) calls.signals.withdraw(id);
      };
      const mounted = mount(element, {
        seat,
        name: queue.last(id)?.userName,
        heard: (_, last) => arrivals.wrote({ id, userName: panes.nameOf(id) }, last),
        closed: () => ended(id),
        commands,
        unread(count) {
          unread.set(id, count);
          if (count === 0) calls.signals.withdraw(id);
          draw();
        },
        awaited(since) {
          turn(seat.watch ? undefined : since);
          draw();
        },
      });
      return {
        ...mounted,
        stop() {
          unread.set(id, 0);
          turn(undefined);
          mounted.stop();
        },
      };
    },
  });
  const installed = createInstalled({
    path,
    workers: window.isSecureContext ? navigator.serviceWorker : undefined,
    open,
  });
  const calls = createCalls({
    agentId: boot.agent.id,
    ui,
    preferences,
    queue,
    place: part('arrivals'),
    popup: boot.page.showPopup,
    open,
    seen: isSeen,
    worker: installed.show,
  });
  const { arrivals, notifications } = calls;
  const connection = createConnection({
    transport: users,
    agentId: boot.agent.id,
    queue,
    clock,
    showOperators: boot.page.showOnlineOperators,
    changed,
    operators: drawOperators,
    status: (now) => availability.told(now),
  });
  const availability = createAvailability((status) => connection.tell(status), boot.presence.status);
  const unmountStatus = mountStatus(part('status'), availability, ui);
  const activity = {
    // Whoever is logged out has nobody to tell.
    tell: async () => void (connection.trouble.get().now !== 'loggedOut' && (await connection.tell('active'))),
    target: document,
  };
  const unwatchActivity = boot.presence.detectsIdle ? watchActivity(activity) : undefined;
  const facts = createFacts({
    element: part('facts-own'),
    agentId: boot.agent.id,
    ui,
    queue,
    clock,
    ask: (thread) => connection.facts(thread),
    users,
    threads,
    page: { ...boot.page },
  });

  const panel = createPanel(preferences, draw);
  const besides: QueueContext = {
    ui,
    transport: users,
    agentId: boot.agent.id,
    agentName: boot.agent.name,
    commands,
    page: { ...boot.page },
    session,
    clock,
    boards,
    panel,
    thread: queue.last,
    expect: (thread, words) => arrivals.expect(thread, words),
    lists: { pace: createPace, long: createLongList, sorted: createSorted, searching: createSearching },
  };
  const unfillQueue = controls.fill('users/queue', part('besides'), besides);

  function isSeen(id: number): boolean {
    return (
      !document.hidden &&
      panes.shown().includes(id) &&
      (stage.state.get().pane === 'desk' || !matchMedia(phone).matches)
    );
  }

  function open(id: number): void {
    arrivals.remove(id);
    if (desk.has(id) || queue.row(id)) void stage.open(id);
  }

  const nextToAnswer = () =>
    awaiting.next(
      desk.seats.map(({ id }) => id),
      current(),
    );

  /** Ended by his own hand: the next visitor who waits for an answer comes to the front in its place. */
  function ended(id: number): void {
    awaiting.set(id, undefined);
    unread.set(id, 0);
    const next = nextToAnswer();
    if (next === undefined || desk.active !== id) return draw();
    stage.putAway(id);
    stage.show(next);
  }

  /** What is the operator's own is at hand, wherever he took it. @returns what the server gave him */
  function adopt() {
    const own = queue.list('mine');
    const fresh = own.filter(({ id }) => desk.seat(id)?.watch !== false);
    for (const { id, token } of fresh) desk.open({ id, token, watch: false });
    // Asked of all, so that one that comes back to him later is news again.
    const given = new Set(own.filter(({ id }) => !calls.siblings.took(id)));
    return fresh.filter((row) => given.has(row));
  }

  function assigned(rows: readonly WireThread[]) {
    arrivals.assigned(rows);
    // Nothing jumps at somebody who is at something else; who has nothing open is shown what he was given.
    const [first] = rows;
    const busy = document.activeElement?.matches('input, textarea, select') || document.querySelector('dialog:modal');
    const idle = desk.active === undefined && !stage.state.get().interlude && !busy;
    if (first && idle && !matchMedia(phone).matches) stage.show(first.id);
  }

  let restored = false;
  /** What was told first tells what is the operator's own. What he had open and is over by now goes, unless it holds unsent text. */
  function restore() {
    restored = true;
    for (const { id } of desk.seats) {
      if (!queue.row(id) && outbox.entries(id).length === 0) desk.close(id);
    }
    adopt();
    drafts.forget((key) => {
      const id = Number(/:(\d+)(?::mode)?$/.exec(key)?.[1]);
      return !queue.row(id) && !desk.has(id);
    });
    const asked = installed.asked();
    if (asked !== undefined) open(asked);
    else if (desk.active === undefined && !matchMedia(phone).matches) desk.show(desk.seats[0]?.id);
  }

  /** Visitors of his who went, or came back. */
  const gone = new Set<number>();
  function followMoves(rows: Delta['changed']) {
    for (const row of rows) {
      const now = row.visitorGone === true;
      if (row.agentId !== boot.agent.id || gone.has(row.id) === now) continue;
      if (now) gone.add(row.id);
      else gone.delete(row.id);
      if (restored) arrivals.moved(row);
    }
  }

  function changed(delta: Delta) {
    followMoves(delta.changed);
    for (const { id } of delta.gone) gone.delete(id);
    if (restored) assigned(adopt());
    else if (queue.loaded) restore();
    for (const { id } of [...delta.changed, ...delta.gone]) {
      const row = queue.row(id);
      const section = row && queue.sectionOf(row);
      // Another operator was faster, or it is over: nobody is called for it any more.
      if (!section || section === 'others') arrivals.remove(id);
      else if (section === 'mine' && !arrivals.given(id) && unread.of(id) === 0) arrivals.remove(id);
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

  function drawSwitches(desktop: boolean) {
    const sound = preferences.get('sound');
    const [chime, bell] = [part('sound'), part('notify')];
    chime.setAttribute('aria-pressed', String(sound));
    chime.title = ui.text(`users.sound.${sound ? 'isOn' : 'isOff'}`);
    bell.dataset.on = String(desktop);
    const notices = notifications.possible ? ui.text(`users.notify.${desktop ? 'isOn' : 'isOff'}`) : '';
    bell.title = [ui.text('users.signals.title'), notices].filter(Boolean).join(' · ');
  }

  function drawPanel(factsShown: boolean) {
    const { guest } = panel;
    root.dataset.facts = guest || factsShown ? 'shown' : 'hidden';
    part('facts-toggle').setAttribute('aria-expanded', String(factsShown && !guest));
    part('facts-own').hidden = guest !== undefined;
    const place = part('facts-guest');
    place.hidden = guest === undefined;
    if (!guest) place.replaceChildren();
    else if (place.firstElementChild !== guest.element) place.replaceChildren(guest.element);
  }

  function drawNow() {
    const id = current();
    const status = availability.status.get();
    const { pane, interlude } = stage.state.get();
    root.dataset.pane = pane;
    const factsShown = panel.shown && id !== undefined && (pane === 'desk' || !matchMedia(phone).matches);
    drawPanel(factsShown);
    if (queue.loaded) list.draw();
    panes.draw();
    drawLost();
    drawBlank();
    facts.draw(factsShown && !panel.guest ? id : undefined);
    part('bar').hidden = desk.seats.length === 0 && !interlude;
    const notify = notifications.state.get();
    drawSwitches(notify.on);
    const beside = part('beside');
    beside.hidden = columns.room < 2 || desk.seats.length < 2 || interlude !== undefined;
    beside.setAttribute('aria-pressed', String(panes.shown().length > 1));
    const notices = noticesOf(connection.trouble.get().now, status, notify, boot.page.loginLink, ui);
    ui.fill(part('notices'), 'users/notices', { notices });
    arrivals.count(queue.waiting + unread.total);
    boards.waiting(queue.waiting);
    clock.tick(root);
    if (wanted !== undefined) panes.focus(wanted);
    wanted = undefined;
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
    finder,
    boards,
    queue,
    desk,
    panes,
    columns,
    preferences,
    panel,
    availability,
    connection,
    calls,
    undo,
    commands,
    storage,
    nextToAnswer,
    open,
    draw,
  });
  draw();
  connection.start();

  return () => {
    clearInterval(ticking);
    unwatchActivity?.();
    unmountStatus();
    release();
    panel.stop();
    panes.stop();
    list.stop();
    unfillQueue();
    calls.stop();
    columns.stop();
    users.stop();
  };
}

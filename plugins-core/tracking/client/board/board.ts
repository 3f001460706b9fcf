/** The visitor board: a view of the left column beside the queue, of those who are on the site. */
import { controls } from '../../../client/client/index.ts';
import type { BoardPlace } from '../../../users/client/boards.ts';
import type { QueueContext } from '../../../users/client/context.ts';
import { createCard } from './card.ts';
import { createCrowd, invited, type Turn } from './crowd.ts';
import { startFeed } from './feed.ts';
import { createFinder, finderModel } from './finder.ts';
import { createRoster, type Entry, sections } from './roster.ts';
import { createVisitorRow } from './row.ts';
import { createWords } from './words.ts';

const phone = '(width < 40rem)';
/** Time goes by for the filters, too, ms. */
const aging = 10_000;
/** So often the choices of open filters follow what there is, ms. */
const slow = 1_000;

/** @returns a function that ends it */
function startBoard(context: QueueContext): () => void {
  const { ui, transport, agentId, page, lists, clock } = context;
  const text = (key: string, args = {}) => ui.text(`tracking.board.${key}`, args);
  const words = createWords(ui, page.guestName);
  const crowd = createCrowd();
  const element = ui.element('tracking/board', {
    ...finderModel(ui),
    sections: sections.map((id) => ({ id, title: text(`section.${id}`) })),
    code: page.codeLink,
    ghosts: [1, 2, 3, 4, 5],
  });
  const part = (name: string) => ui.find(element, `[data-part="${name}"]`);
  const roster = createRoster({
    crowd,
    agentId,
    locale: ui.locale,
    session: context.session,
    lists,
    now: () => clock.now(),
    nameOf: (row) => words.name(row),
    countryOf: words.country,
  });
  let place: BoardPlace | undefined;
  let broken = false;
  let drawnFinder = -slow;

  const card = createCard({
    context,
    words,
    row: crowd.row,
    say,
    closed() {
      context.panel.reclaim();
      list.focus(last);
    },
  });
  /** The visitor who was shown last: keys go on from there. */
  let last: number | undefined;

  const list = lists.long<Entry>({
    scroll: part('visitors-scroll'),
    sections: sections.map((section) => ({
      rows: ui.find(element, `[data-visitors="${section}"]`),
      list: () => roster.list(section),
    })),
    idOf: ({ row }) => row.id,
    update: () => roster.update(),
    make(entry, fresh) {
      const row = createVisitorRow(entry, { ui, clock, words, selected: () => card.id });
      if (fresh) row.element.classList.add('mb-thread--new');
      return row;
    },
    around,
  });
  const finder = createFinder({
    root: element,
    ui,
    roster,
    words,
    changed() {
      list.toTop();
      drawnFinder = -slow;
      draw();
    },
    toList: () => list.focus(),
  });

  function say(said: string) {
    part('visitors-news').textContent = said;
  }

  function around() {
    for (const section of sections) {
      const [count, all] = [roster.list(section).length, roster.count(section)];
      const said = count < all ? text('counted', { count, total: all }) : String(all || '');
      const heading = ui.find(element, `[data-visitors-count="${section}"]`);
      if (heading.textContent !== said) heading.textContent = said;
      ui.find(element, `[data-visitors-section="${section}"]`).hidden = count === 0 || broken;
    }
    part('visitors-skeleton').hidden = crowd.loaded || broken;
    part('visitors-broken').hidden = !broken;
    part('visitors-nobody').hidden = broken || !crowd.loaded || crowd.size > 0;
    part('visitors-nothing').hidden = broken || crowd.size === 0 || !roster.empty;
    const limit = crowd.limited ? text('limited', { count: crowd.size, total: crowd.total }) : '';
    const limited = part('visitors-limited');
    limited.hidden = limit === '';
    if (limited.textContent !== limit) limited.textContent = limit;
    // It goes through all of them.
    if (performance.now() - drawnFinder < slow) return;
    drawnFinder = performance.now();
    finder.draw();
  }

  const draw = lists.pace(() => {
    list.draw();
    const total = broken ? 0 : crowd.total;
    place?.count(total, text('onSite', { count: total }));
  });

  /** What became of the operator's own invitations. */
  function tellOutcomes(turns: readonly Turn[]) {
    for (const { before, now } of turns) {
      const info = now?.invitationInfo;
      // Who accepts is in the queue with his next breath, as the operator's own.
      if (now && info && info.threadId) context.expect(info.threadId, text('accepted', { name: words.name(now) }));
      const own = before?.invitationInfo && before.invitationInfo.agentName === context.agentName;
      if (!own || !now || info) continue;
      if (now.invited === invited.rejected) say(text('rejected', { name: words.name(now) }));
      if (now.invited === invited.ignored) say(text('ignored', { name: words.name(now) }));
    }
  }

  function changed(turns: readonly Turn[]) {
    tellOutcomes(turns);
    card.follow(new Set(turns.map(({ id }) => id)));
    draw();
  }

  function select(id: number) {
    if (!crowd.row(id)) return;
    const again = card.id === id;
    last = id;
    card.show(id);
    context.panel.lend({
      element: card.element,
      ended() {
        card.end();
        draw();
      },
    });
    draw();
    // Chosen twice, or covering the rest: keys go on in it.
    if (again || matchMedia(phone).matches) requestAnimationFrame(() => card.focus());
  }

  function toBoard() {
    place?.show();
    requestAnimationFrame(() => list.focus(last));
  }

  element.addEventListener('click', ({ target }) => {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-visitor]') : null;
    if (row) select(Number(row.dataset.visitor));
  });

  const stopFeed = startFeed({
    transport,
    agentId,
    crowd,
    shown: () => place?.shown === true,
    changed,
    failed(code) {
      if (broken === (code !== undefined)) return;
      broken = code !== undefined;
      draw();
    },
  });
  place = context.boards.add({
    name: 'visitors',
    label: text('tab'),
    element,
    shown(now) {
      if (now) draw();
      else context.panel.reclaim();
    },
    move: (step) => list.move(step, card.id ?? last),
    focus: () => list.focus(card.id ?? last),
    search: () => finder.focus(),
    holds: list.holds,
    *found() {
      for (const row of crowd.list()) {
        const name = words.name(row);
        const about = [text('tab'), words.page(row)].filter(Boolean).join(' · ');
        const run = () => {
          toBoard();
          select(row.id);
        };
        yield { id: `visitor-${row.id}`, label: name, about, person: name, run };
      }
    },
  });
  const forget = context.commands.add({
    name: 'visitors',
    label: text('show'),
    group: text('tab'),
    keys: ['Alt+G', 'G'],
    run: toBoard,
  });
  const timer = setInterval(() => {
    card.refresh();
    if (roster.age()) draw();
  }, aging);
  draw();

  return () => {
    clearInterval(timer);
    stopFeed();
    forget();
    card.end();
    list.stop();
    place?.remove();
  };
}

controls.add<QueueContext>('users/queue', {
  name: 'visitors',
  weight: 100,
  mount: (_, context) => (context.page.showVisitors === true ? startBoard(context) : undefined),
});

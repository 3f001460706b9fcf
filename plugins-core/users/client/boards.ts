/** The left column: the queue, and what plugins put beside it, under tabs. */
import type { KeyValue, Ui } from '../../client/client/index.ts';
import type { Entry } from './palette.ts';

/** A view of the left column besides the queue. */
export interface Board {
  /** Unique. */
  readonly name: string;
  /** On its tab. */
  readonly label: string;
  readonly element: HTMLElement;
  /** It came to the front, or something else did. */
  readonly shown: (now: boolean) => void;
  /** Moves the focus along its rows. */
  readonly move: (step: 1 | -1) => void;
  /** Gives the focus to the row where the operator was, else to the first. */
  readonly focus: () => void;
  /** Gives the focus to its search. */
  readonly search: () => void;
  /** Is this among its rows, where arrows move? */
  readonly holds: (element: Element) => boolean;
  /** What the palette finds in it; asked each time that the palette opens. */
  readonly found: () => Iterable<Entry>;
}
/** The place that a board has. */
export interface BoardPlace {
  readonly shown: boolean;
  /** Brings it to the front, on phones, too. */
  show(): void;
  /** So many stand in it: a number at its tab. @param said the same for those who hear the page */
  count(number: number, said: string): void;
  remove(): void;
}

export interface BoardsNeeds {
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly agentId: number;
  /** Storage of this window: which view is in front survives a reload. */
  readonly session: KeyValue;
  /** The operator wants to see the left column. */
  readonly toColumn: () => void;
}

const queue = 'queue';

export function createBoards({ root, ui, agentId, session, toColumn }: BoardsNeeds) {
  const key = `mibew.board.${agentId}`;
  const tabs = ui.find(root, '[data-part="boards"]');
  const own = ui.find(root, '[data-part="queue-view"]');
  const boards = new Map<string, Board & { readonly panel: HTMLElement; count: number; said: string }>();
  let front = queue;
  let waiting = 0;
  let wanted = session.get(key);

  const current = () => boards.get(front);

  function draw() {
    tabs.hidden = boards.size === 0;
    own.hidden = front !== queue;
    for (const { name, panel } of boards.values()) panel.hidden = name !== front;
    const models = [...boards.values()].map(({ name, label, count, said }) => ({ name, label, count, said }));
    const said = waiting > 0 ? ui.text('users.boards.waiting', { count: waiting }) : '';
    const all = [{ name: queue, label: ui.text('users.queue.label'), count: waiting, said, urgent: true }, ...models];
    ui.fill(tabs, 'users/boards', { boards: all.map((each) => ({ ...each, front: each.name === front })) });
    // What is no tab has no panel.
    if (boards.size === 0) for (const name of ['role', 'aria-labelledby']) own.removeAttribute(name);
    else {
      own.setAttribute('role', 'tabpanel');
      own.setAttribute('aria-labelledby', 'mb-board-tab-queue');
    }
  }

  function show(name: string) {
    const before = current();
    const next = boards.has(name) ? name : queue;
    session.set(key, next);
    wanted = next;
    if (next === front) return;
    front = next;
    draw();
    before?.shown(false);
    current()?.shown(true);
  }

  const tabAt = (target: EventTarget | null) =>
    target instanceof Element ? target.closest<HTMLElement>('[data-board]') : null;
  function onClick({ target }: Event) {
    const name = tabAt(target)?.dataset.board;
    if (name !== undefined) show(name);
  }
  function onKey(event: KeyboardEvent) {
    const forward = ui.rtl ? 'ArrowLeft' : 'ArrowRight';
    const names = [queue, ...boards.keys()];
    const place = names.indexOf(front);
    const to = {
      [forward]: names[(place + 1) % names.length],
      [ui.rtl ? 'ArrowRight' : 'ArrowLeft']: names.at(place - 1),
      Home: names[0],
      End: names.at(-1),
    }[event.key];
    if (to === undefined || !tabAt(event.target)) return;
    event.preventDefault();
    show(to);
    ui.find(tabs, `[data-board="${to}"]`).focus();
  }
  tabs.addEventListener('click', onClick);
  tabs.addEventListener('keydown', onKey);

  return {
    add(board: Board): BoardPlace {
      const panel = document.createElement('div');
      panel.className = 'mb-queue__view';
      panel.id = `mb-board-${board.name}`;
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', `mb-board-tab-${board.name}`);
      panel.append(board.element);
      own.after(panel);
      const entry = { ...board, panel, count: 0, said: '' };
      boards.set(board.name, entry);
      draw();
      // Where the operator was before the page was loaded anew; once the board knows its place.
      if (wanted === board.name) queueMicrotask(() => boards.has(board.name) && show(board.name));
      return {
        get shown() {
          return front === board.name;
        },
        show() {
          show(board.name);
          toColumn();
        },
        count(number, said) {
          if (entry.count === number && entry.said === said) return;
          entry.count = number;
          entry.said = said;
          draw();
        },
        remove() {
          if (front === board.name) show(queue);
          boards.delete(board.name);
          panel.remove();
          draw();
        },
      };
    },
    /** The board in front; undefined: the queue is. */
    current,
    toQueue: () => show(queue),
    /** So many wait in the queue: he shall know it while he looks at something else. */
    waiting(number: number) {
      if (number === waiting) return;
      waiting = number;
      if (boards.size > 0) draw();
    },
    found: () => [...boards.values()].flatMap((board) => [...board.found()]),
  };
}

export type Boards = ReturnType<typeof createBoards>;

/** More conversations than tabs fit: a menu of all of them at the end of the row. */
import { createDrop, type Ui } from '../../client/client/index.ts';

export interface TabModel {
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  readonly over: boolean;
  readonly unread?: number;
  readonly unreadText?: string;
  /** What the visitor wrote first: many of them have the same name. */
  readonly about?: string;
}

export interface OverflowNeeds {
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly tabs: () => readonly TabModel[];
  /** The room for the tabs changed. */
  readonly moved: () => void;
}

export function createOverflow({ root, ui, tabs, moved }: OverflowNeeds) {
  const more = ui.find(root, '[data-part="more"]');
  const button = ui.find(more, '[data-action="more"]');
  const drop = ui.find(more, '[data-part="more-menu"]');
  const list = ui.find(root, '[data-part="tabs"]');
  const row = list.parentElement!;

  function fill(): void {
    const all = tabs();
    // What waits behind the edge is told on the button.
    const unread = all.filter(({ unread }) => unread).length;
    ui.fill(button, 'users/more', { count: all.length, unread: unread || undefined });
    if (!drop.hidden) ui.fill(drop, 'users/more_menu', { tabs: all });
  }
  const { set, stop } = createDrop({ holder: more, button, list: drop, changed: fill });
  function measure(): void {
    const { hidden } = more;
    more.hidden = row.scrollWidth <= row.clientWidth + (hidden ? 0 : more.offsetWidth);
    if (more.hidden) set(false);
    else fill();
    if (more.hidden !== hidden) moved();
  }
  drop.addEventListener('click', () => set(false));
  const sizes = new ResizeObserver(measure);
  sizes.observe(row);
  sizes.observe(list);

  return {
    draw: measure,
    stop() {
      sizes.disconnect();
      stop();
    },
  };
}

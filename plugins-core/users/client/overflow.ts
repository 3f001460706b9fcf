/** More conversations than tabs fit: a menu of all of them at the end of the row. */
import type { Ui } from '../../client/client/index.ts';

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
  function set(open: boolean): void {
    if (drop.hidden === !open) return;
    drop.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    fill();
    if (open) (drop.querySelector<HTMLElement>('[aria-current]') ?? drop.querySelector('button'))?.focus();
  }
  function measure(): void {
    const { hidden } = more;
    more.hidden = row.scrollWidth <= row.clientWidth + (hidden ? 0 : more.offsetWidth);
    if (more.hidden) set(false);
    else fill();
    if (more.hidden !== hidden) moved();
  }
  function onKey(event: KeyboardEvent): void {
    if (drop.hidden) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      set(false);
      button.focus();
      return;
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const items = [...drop.querySelectorAll('button')];
    const place = items.findIndex((item) => item === document.activeElement);
    items.at((place + step + items.length) % items.length)?.focus();
  }
  const onOutside = ({ target }: Event) => {
    if (target instanceof Node && !more.contains(target)) set(false);
  };
  const onClick = () => set(drop.hidden !== false);
  const onPick = () => set(false);
  button.addEventListener('click', onClick);
  drop.addEventListener('click', onPick);
  more.addEventListener('keydown', onKey);
  document.addEventListener('pointerdown', onOutside);
  const sizes = new ResizeObserver(measure);
  sizes.observe(row);
  sizes.observe(list);

  return {
    draw: measure,
    stop() {
      sizes.disconnect();
      document.removeEventListener('pointerdown', onOutside);
    },
  };
}

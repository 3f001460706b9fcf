/** The menu of the header. */
import type { Ui } from '../../client/client/index.ts';

export interface Menu {
  close(): void;
  stop(): void;
}

/** @param model what stands in it, asked at each opening */
export function createMenu(root: HTMLElement, ui: Ui, model: () => object): Menu {
  const menu = ui.find(root, '[data-part="menu"]');
  const drop = ui.find(menu, '[data-part="drop"]');
  const button = ui.find(menu, '[data-action="menu"]');

  function set(open: boolean): void {
    if (drop.hidden === !open) return;
    if (open) ui.fill(drop, 'chat/menu', model());
    drop.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) drop.querySelector('button')?.focus();
  }
  const onClick = () => set(drop.hidden !== false);
  const onOutside = (event: Event) => {
    // Inside a shadow root the target of the page's event is the host.
    if (!event.composedPath().includes(menu)) set(false);
  };
  const onKey = (event: KeyboardEvent) => {
    if (drop.hidden) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      set(false);
      button.focus();
      return;
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const items = [...drop.querySelectorAll('button')];
    const active = (menu.getRootNode() as Document | ShadowRoot).activeElement;
    const place = items.findIndex((item) => item === active);
    items.at((place + step + items.length) % items.length)?.focus();
  };
  button.addEventListener('click', onClick);
  menu.addEventListener('keydown', onKey);
  document.addEventListener('pointerdown', onOutside);

  return {
    close: () => set(false),
    stop: () => document.removeEventListener('pointerdown', onOutside),
  };
}

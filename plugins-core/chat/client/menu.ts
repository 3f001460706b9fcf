/** The menu of the header. */
import { fragment } from '../../client/client/index.ts';
import type { Ui } from '../../client/client/index.ts';
import type { MenuEntry } from './context.ts';

export interface Menu {
  add(entry: MenuEntry): () => void;
  close(): void;
  stop(): void;
}

/** @param model what stands in it besides the entries of plugins, asked at each opening */
export function createMenu(root: HTMLElement, ui: Ui, model: () => object): Menu {
  const menu = ui.find(root, '[data-part="menu"]');
  const drop = ui.find(menu, '[data-part="drop"]');
  const button = ui.find(menu, '[data-action="menu"]');
  const entries = new Map<string, MenuEntry>();

  function draw(): void {
    const items = [...entries.values()]
      .filter(({ shown }) => shown?.() ?? true)
      .toSorted((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
    ui.fill(drop, 'chat/menu', { ...model(), items });
    for (const { name, icon, run } of items) {
      const item = ui.find(drop, `[data-entry="${CSS.escape(name)}"]`);
      if (icon && !item.querySelector('svg')) item.prepend(fragment(icon));
      item.onclick = () => {
        set(false);
        run();
      };
    }
  }

  function set(open: boolean): void {
    if (drop.hidden === !open) return;
    if (open) draw();
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
    add(entry) {
      entries.set(entry.name, entry);
      return () => void entries.delete(entry.name);
    },
    close: () => set(false),
    stop: () => document.removeEventListener('pointerdown', onOutside),
  };
}

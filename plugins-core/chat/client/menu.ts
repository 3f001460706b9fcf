/** The menu of the header. */
import { createDrop, fragment, type Commands, type Ui } from '../../client/client/index.ts';
import type { MenuEntry } from './context.ts';

export interface Menu {
  add(entry: MenuEntry): () => void;
  close(): void;
  stop(): void;
}

/**
 * @param model what stands in it besides the entries of plugins, asked at each opening
 * @param commands hear of the entries, too
 */
export function createMenu(root: HTMLElement, ui: Ui, model: () => object, commands: Pick<Commands, 'add'>): Menu {
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

  const { set, stop } = createDrop({ holder: menu, button, list: drop, changed: (open) => open && draw() });

  return {
    add(entry) {
      entries.set(entry.name, entry);
      const { name, label, keys, shown, run } = entry;
      const end = commands.add({ name, label, keys, shown, run });
      return () => {
        entries.delete(entry.name);
        end();
      };
    },
    close: () => set(false),
    stop,
  };
}

/** What drops down from a button: closed by Escape and by a press elsewhere, walked through with the arrow keys. */
export interface DropNeeds {
  /** Holds the button and what drops from it. */
  readonly holder: HTMLElement;
  readonly button: HTMLElement;
  readonly list: HTMLElement;
  /** It was opened or closed; whoever fills it does so now. */
  readonly changed: (open: boolean) => void;
}

export interface Drop {
  /** Opens or closes it; opened, it has the focus. */
  readonly set: (open: boolean) => void;
  readonly stop: () => void;
}

export function createDrop({ holder, button, list, changed }: DropNeeds): Drop {
  function set(open: boolean): void {
    if (list.hidden === !open) return;
    list.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    changed(open);
    if (open) (list.querySelector<HTMLElement>('[aria-current]') ?? list.querySelector('button'))?.focus();
  }
  const onClick = () => set(list.hidden !== false);
  const onOutside = (event: Event) => {
    // Inside a shadow root the target of the page's event is the host.
    if (!event.composedPath().includes(holder)) set(false);
  };
  const onKey = (event: KeyboardEvent) => {
    if (list.hidden) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape') {
      event.stopPropagation();
      set(false);
      button.focus();
    } else if (step !== 0) {
      const items = [...list.querySelectorAll('button')];
      const active = (holder.getRootNode() as Document | ShadowRoot).activeElement;
      const place = items.findIndex((item) => item === active);
      items.at((place + step + items.length) % items.length)?.focus();
    } else return;
    event.preventDefault();
  };
  button.addEventListener('click', onClick);
  holder.addEventListener('keydown', onKey);
  document.addEventListener('pointerdown', onOutside);
  return { set, stop: () => document.removeEventListener('pointerdown', onOutside) };
}

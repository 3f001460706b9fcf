/** The palette on the page: a field that finds, a list that is walked through without leaving it. */
import { isChord, isMac, type Ui } from '../../client/client/index.ts';
import { keyName } from './keys.ts';
import type { Entry, Palette } from './palette.ts';

export interface PaletteDialogNeeds {
  readonly dialog: HTMLDialogElement;
  readonly ui: Ui;
  readonly palette: Palette;
  /** All there is to be found, asked when it opens. */
  readonly entries: () => readonly Entry[];
}

export function createPaletteDialog({ dialog, ui, palette, entries }: PaletteDialogNeeds) {
  let field: HTMLInputElement;

  function draw(): void {
    const { found, active } = palette.state;
    const options = found.map(({ label, about, keys, person }, place) => ({
      place,
      label,
      about,
      keys,
      person,
      active: place === active,
    }));
    ui.fill(ui.find(dialog, '[data-part="found"]'), 'users/found', { options });
    ui.find(dialog, '[data-part="count"]').textContent = ui.text('users.palette.count', { count: found.length });
    if (found.length > 0) field.setAttribute('aria-activedescendant', `mb-found-${active}`);
    else field.removeAttribute('aria-activedescendant');
    dialog.querySelector(`#mb-found-${active}`)?.scrollIntoView({ block: 'nearest' });
  }

  function choose(place: number | undefined, beside: boolean): void {
    const entry = palette.choose(place);
    if (!entry) return;
    dialog.close();
    (beside && entry.beside ? entry.beside : entry.run)();
  }

  function onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (event.isComposing) return;
    if (step !== undefined) {
      palette.move(step);
      draw();
    } else if (event.key === 'Enter') choose(undefined, event.ctrlKey || event.metaKey);
    // By itself Escape closes a little later, and the next key would be lost.
    else if (event.key === 'Escape') dialog.close();
    // The keys that opened it may still be held.
    else if (isChord(event, 'Mod+K')) {
      if (!event.repeat) dialog.close();
    } else return;
    event.preventDefault();
  }
  function onClick(event: MouseEvent): void {
    if (!(event.target instanceof Element)) return;
    const option = event.target.closest<HTMLElement>('[data-place]');
    if (option) choose(Number(option.dataset.place), event.ctrlKey || event.metaKey);
    // The dialog itself is its backdrop.
    else if (event.target === dialog) dialog.close();
  }
  dialog.addEventListener('keydown', onKey);
  dialog.addEventListener('click', onClick);

  return {
    open(): void {
      if (dialog.open) return;
      ui.fill(dialog, 'users/palette', { besideKeys: keyName('Mod+Enter', isMac()) });
      field = ui.find(dialog, '[data-part="sought"]', HTMLInputElement);
      field.value = '';
      field.oninput = () => {
        palette.type(field.value);
        draw();
      };
      palette.open(entries());
      dialog.showModal();
      field.focus();
      draw();
    },
  };
}

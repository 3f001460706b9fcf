/** A slip that can be undone: said for a while, with the way back; the last ones can be brought back later, too. */
import type { Ui } from '../../client/client/index.ts';

export interface Slip {
  readonly text: string;
  readonly undo: () => void;
}

/** So long it is said, ms; the keys and the palette undo it later, too. */
const said = 10_000;
const remembered = 10;

export function createUndo(place: HTMLElement, ui: Ui) {
  const slips: Slip[] = [];
  let toast: HTMLElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function hide(): void {
    clearTimeout(timer);
    toast?.remove();
    toast = undefined;
  }
  /** Whoever is about to press the button is not hurried. */
  function later(): void {
    clearTimeout(timer);
    timer = setTimeout(() => (toast?.matches(':hover, :focus-within') ? later() : hide()), said);
  }

  return {
    note(slip: Slip): void {
      slips.push(slip);
      if (slips.length > remembered) slips.shift();
      hide();
      toast = ui.element('users/undo', { text: slip.text });
      place.append(toast);
      later();
    },
    get possible() {
      return slips.length > 0;
    },
    undo(): void {
      hide();
      slips.pop()?.undo();
    },
    hide,
  };
}

export type Undo = ReturnType<typeof createUndo>;

/** Whether the facts about the visitor are shown: beside the conversation as the operator left it, over it when he asks. */
import type { Preferences } from './preferences.ts';

/** What stands in the place of the facts for a while: somebody who is in no conversation. */
export interface Guest {
  readonly element: HTMLElement;
  /** The place is taken from it. */
  readonly ended: () => void;
}

export function createPanel(preferences: Preferences, changed: () => void) {
  const broad = matchMedia('(width >= 80rem)');
  let asked = false;
  let guest: Guest | undefined;
  function leave(): boolean {
    const left = guest;
    guest = undefined;
    left?.ended();
    return left !== undefined;
  }
  const onWidth = () => {
    asked = false;
    changed();
  };
  broad.addEventListener('change', onWidth);
  return {
    get shown() {
      return broad.matches ? preferences.get('facts') : asked;
    },
    /** It lies over the conversation. */
    get over() {
      return !broad.matches && asked;
    },
    get guest() {
      return guest;
    },
    /** Shows something else in its place, until it is left or a conversation comes to the front. */
    lend(next: Guest) {
      if (guest?.element !== next.element) leave();
      guest = next;
      changed();
    },
    /** @returns whether there was something else in its place */
    reclaim(): boolean {
      if (!leave()) return false;
      changed();
      return true;
    },
    show(shown: boolean) {
      if (broad.matches) preferences.set('facts', shown);
      else asked = shown;
      changed();
    },
    stop: () => broad.removeEventListener('change', onWidth),
  };
}

export type Panel = ReturnType<typeof createPanel>;

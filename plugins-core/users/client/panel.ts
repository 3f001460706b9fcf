/** Whether the facts about the visitor are shown: beside the conversation as the operator left it, over it when he asks. */
import type { Preferences } from './preferences.ts';

export function createPanel(preferences: Preferences, changed: () => void) {
  const broad = matchMedia('(width >= 80rem)');
  let asked = false;
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
    show(shown: boolean) {
      if (broad.matches) preferences.set('facts', shown);
      else asked = shown;
      changed();
    },
    stop: () => broad.removeEventListener('change', onWidth),
  };
}

export type Panel = ReturnType<typeof createPanel>;

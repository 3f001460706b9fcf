/** New visitors: a sound, the number in the title, and a notice if the administrator wants it. */
import type { WireThread } from '../api.ts';
import type { Preferences } from './preferences.ts';
import { createChime, createTitle, type Ui } from '../../client/client/index.ts';

export interface ArrivalsNeeds {
  /** Where notices go; said aloud by screen readers. */
  readonly place: HTMLElement;
  readonly ui: Ui;
  readonly preferences: Preferences;
  /** Setting `enablepopupnotification`. */
  readonly popup: boolean;
}

/** So many notices at once; the queue shows the rest. */
const noticesAtOnce = 3;

export function createArrivals({ place, ui, preferences, popup }: ArrivalsNeeds) {
  const chime = createChime(() => preferences.get('sound'));
  const title = createTitle(document);
  const notices = new Map<number, HTMLElement>();

  function remove(id: number) {
    notices.get(id)?.remove();
    notices.delete(id);
  }

  return {
    chime,
    /** What waits for this operator in all: visitors and unread messages. */
    count: (number: number) => title.show(number),
    announce(arrived: readonly WireThread[]) {
      if (arrived.length === 0) return;
      chime.play();
      if (!popup) return;
      for (const { id, userName } of arrived) {
        remove(id);
        const notice = ui.element('users/arrived', { id, text: ui.text('users.alert.arrived', { name: userName }) });
        notices.set(id, notice);
        place.append(notice);
      }
      for (const id of [...notices.keys()].slice(0, -noticesAtOnce)) remove(id);
    },
    /** Nobody needs to be told any more. */
    remove,
  };
}

export type Arrivals = ReturnType<typeof createArrivals>;

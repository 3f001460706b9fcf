/** New visitors, and what else calls the operator: a sound, the number in the title, notices in the page and on the desktop. */
import type { WireThread } from '../api.ts';
import { createBadge } from './badge.ts';
import type { Notifications } from './notifications.ts';
import type { Preferences } from './preferences.ts';
import { createChime, createTitle, type Ui } from '../../client/client/index.ts';

export interface ArrivalsNeeds {
  /** Where notices go; said aloud by screen readers. */
  readonly place: HTMLElement;
  readonly ui: Ui;
  readonly preferences: Preferences;
  /** Setting `enablepopupnotification`. */
  readonly popup: boolean;
  readonly notifications: Notifications;
  /** The operator looks at something else than this page. */
  readonly away: () => boolean;
}

/** So many notices at once; the queue shows the rest. */
const noticesAtOnce = 3;

export function createArrivals({ place, ui, preferences, popup, notifications, away }: ArrivalsNeeds) {
  const chime = createChime(() => preferences.get('sound'));
  const title = createTitle(document);
  const badge = createBadge(document);
  const notices = new Map<number, HTMLElement>();

  /** Told as given, not as waiting. */
  const given = new Set<number>();

  function remove(id: number) {
    given.delete(id);
    notices.get(id)?.remove();
    notices.delete(id);
  }

  function tell(row: WireThread, what: 'arrived' | 'addressed' | 'assigned', shown: boolean) {
    const { id, userName } = row;
    const text = ui.text(`users.alert.${what}`, { name: userName });
    chime.play();
    if (away()) notifications.tell({ thread: id, title: text, text: row.firstMessage ?? '' });
    if (!shown) return;
    remove(id);
    const notice = ui.element('users/arrived', { id, text, open: ui.text(`users.alert.${what}.open`) });
    notices.set(id, notice);
    place.append(notice);
    for (const each of [...notices.keys()].slice(0, -noticesAtOnce)) remove(each);
  }

  return {
    chime,
    /** What waits for this operator in all: visitors and unread messages. */
    count(number: number) {
      title.show(number);
      badge(number);
    },
    announce(arrived: readonly WireThread[]) {
      // Nobody else is told so: this he must not miss.
      for (const row of arrived) tell(row, row.addressed ? 'addressed' : 'arrived', row.addressed ?? popup);
    },
    /** The server gave conversations to this operator. */
    assigned(rows: readonly WireThread[]) {
      for (const row of rows) {
        tell(row, 'assigned', true);
        given.add(row.id);
      }
    },
    /** A visitor wrote in a conversation that the operator does not look at. */
    wrote({ id, userName }: Pick<WireThread, 'id' | 'userName'>) {
      chime.play();
      if (!away()) return;
      const name = { name: userName };
      notifications.tell({ thread: id, title: userName, text: ui.text('users.alert.wrote', name) });
    },
    /** Is the operator being told that this one was given to him? */
    given: (id: number) => given.has(id) && notices.has(id),
    /** Nobody needs to be told any more. */
    remove,
  };
}

export type Arrivals = ReturnType<typeof createArrivals>;

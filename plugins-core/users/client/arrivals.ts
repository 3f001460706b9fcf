/** New visitors, and what else calls the operator: signals, the number in the title, notices in the page. */
import type { WireThread } from '../api.ts';
import { createBadge } from './badge.ts';
import type { Kind } from './preferences.ts';
import { waitsSince } from './queue.ts';
import type { Signals } from './signals.ts';
import { createTitle, type Ui } from '../../client/client/index.ts';

export interface ArrivalsNeeds {
  /** Where notices go; said aloud by screen readers. */
  readonly place: HTMLElement;
  readonly ui: Ui;
  /** Setting `enablepopupnotification`. */
  readonly popup: boolean;
  readonly signals: Signals;
  /** Does he still wait, or was he given to this operator? */
  readonly waits: (id: number) => boolean;
  /** The operator has the conversation before his eyes. */
  readonly seen: (id: number) => boolean;
}

/** So many notices at once; the queue shows the rest. */
const noticesAtOnce = 3;
const kindOf = { arrived: 'arrived', addressed: 'given', assigned: 'given' } as const satisfies Record<string, Kind>;

export function createArrivals({ place, ui, popup, signals, waits, seen }: ArrivalsNeeds) {
  const title = createTitle(document);
  const badge = createBadge(document);
  const notices = new Map<number, HTMLElement>();

  /** Told as given, not as waiting. */
  const given = new Set<number>();
  /** In what words it is told that these became his own, where it is not the server that gave them. */
  const expected = new Map<number, string>();

  function remove(id: number) {
    given.delete(id);
    notices.get(id)?.remove();
    notices.delete(id);
    signals.withdraw(id);
  }

  function tell(row: WireThread, what: keyof typeof kindOf, shown: boolean) {
    const { id, userName } = row;
    const text = expected.get(id) ?? ui.text(`users.alert.${what}`, { name: userName });
    expected.delete(id);
    void signals.send({
      kind: kindOf[what],
      about: `${what} ${id} ${waitsSince(row)}`,
      thread: id,
      title: text,
      text: row.firstMessage ?? '',
      holds: () => waits(id),
    });
    if (!shown) return;
    notices.get(id)?.remove();
    notices.delete(id);
    const notice = ui.element('users/arrived', { id, text, open: ui.text(`users.alert.${what}.open`) });
    notices.set(id, notice);
    place.append(notice);
    for (const each of [...notices.keys()].slice(0, -noticesAtOnce)) remove(each);
  }

  return {
    /** What waits for this operator in all: visitors and unread messages. */
    count(number: number) {
      title.show(number);
      badge(number);
    },
    announce(arrived: readonly WireThread[]) {
      // Nobody else is told so: this he must not miss.
      for (const row of arrived) tell(row, row.addressed ? 'addressed' : 'arrived', row.addressed ?? popup);
    },
    /** @param words in which it will be told that this conversation became his own */
    expect(id: number, words: string | undefined) {
      if (words === undefined) expected.delete(id);
      else expected.set(id, words);
    },
    /** The server gave conversations to this operator. */
    assigned(rows: readonly WireThread[]) {
      for (const row of rows) {
        tell(row, 'assigned', true);
        given.add(row.id);
      }
    },
    /** A visitor wrote. @param last number of his message */
    wrote({ id, userName }: Pick<WireThread, 'id' | 'userName'>, last: number) {
      const text = ui.text('users.alert.wrote', { name: userName });
      const about = `wrote ${id} ${last}`;
      void signals.send({ kind: 'wrote', about, thread: id, title: userName, text, seen: () => seen(id) });
    },
    /** A visitor of this operator is gone, or came back. */
    moved({ id, userName, visitorGone, waitingTime }: WireThread) {
      const text = ui.text(`users.alert.${visitorGone ? 'gone' : 'back'}`, { name: userName });
      const about = `moved ${id} ${String(visitorGone)} ${waitingTime}`;
      void signals.send({ kind: 'moved', about, thread: id, title: userName, text, seen: () => seen(id) });
    },
    /** Is the operator being told that this one was given to him? */
    given: (id: number) => given.has(id) && notices.has(id),
    /** Nobody needs to be told any more. */
    remove,
    /** Puts all notices away. */
    clear() {
      for (const id of notices.keys()) remove(id);
    },
    get any() {
      return notices.size > 0;
    },
  };
}

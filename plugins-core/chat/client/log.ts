/** The list of messages: rows are appended, own ones on their way stand at its end. */
import { messageNodes, messages as drawn } from '../../client/client/index.ts';
import type { Ui } from '../../client/client/index.ts';
import type { WireMessage } from '../api.ts';
import { remedies } from './outgoing.ts';
import type { Outgoing } from './outgoing.ts';
import { dayKind, follows, isSameDay, placeOf } from './timeline.ts';
import type { Place } from './timeline.ts';

export interface LogNeeds {
  readonly list: HTMLElement;
  readonly ui: Ui;
  readonly user: boolean;
  /** Who writes here; names of others are shown. */
  readonly ownName: () => string;
  /** Picture of the person of this name. */
  readonly avatar: (name: string) => string | undefined;
  readonly now: () => number;
  /** A message of the thread stands in the list. */
  readonly drawn: (message: WireMessage, row: HTMLElement) => void;
}

export interface Log {
  /** @param fresh they came while somebody looked, not with the history */
  append(messages: readonly WireMessage[], fresh: boolean): void;
  outgoing(list: readonly Outgoing[]): void;
  /** Puts the mark "new messages" before the next message. */
  mark(): void;
  unmark(): void;
  /** Nobody has said anything; what the server says does not count. */
  readonly empty: boolean;
}

export function createLog({ list, ui, user, ownName, avatar, now, drawn: tell }: LogNeeds): Log {
  let last: Place | undefined;
  let marker: HTMLElement | undefined;
  let wanted = false;
  const waiting = new Map<string, { element: HTMLElement; mark: string }>();

  const firstWaiting = () => waiting.values().next().value?.element ?? null;
  const add = (row: HTMLElement) => list.insertBefore(row, firstWaiting());

  function dayRow(at: number): HTMLElement {
    const kind = dayKind(at, now());
    const text = kind === 'today' || kind === 'yesterday' ? ui.text(`chat.window.${kind}`) : ui.formats[kind](at);
    return ui.element('chat/day', { text });
  }

  function model(place: Place, before: Place | undefined, more: object) {
    const time = ui.formats.time(place.at);
    const isOwn = place.side === 'own';
    const isMine = isOwn || place.side === 'note';
    const follow = follows(place, before);
    const speaker = isMine && place.name === ownName() ? 'you' : 'says';
    return {
      private: place.side === 'hidden' || place.side === 'note' ? ui.text('chat.agent.hidden') : undefined,
      side: place.side === 'info' ? 'event' : place.side,
      info: place.side === 'info',
      name: place.name,
      avatar: avatar(place.name),
      face: place.side === 'other',
      showName:
        !follow && (place.side === 'other' || place.side === 'note' || (isOwn && !user && place.name !== ownName())),
      speaker: ui.text(`chat.window.${speaker}`, { name: place.name, time }),
      follows: follow,
      time,
      exact: ui.formats.exact(place.at),
      machine: new Date(place.at).toISOString(),
      ...more,
    };
  }

  function put(message: WireMessage, fresh: boolean): void {
    const prepared = drawn.prepare(message);
    const place = placeOf(message, user);
    // A plugin may blank a message; there is nothing to show then.
    if (!prepared.node && prepared.message.message === '') return;
    if (!last || !isSameDay(last.at, place.at)) {
      add(dayRow(place.at));
      last = undefined;
    }
    if (wanted && place.side !== 'own') {
      wanted = false;
      marker = add(ui.element('chat/day', { text: ui.text('chat.window.new'), unread: true }));
      last = undefined;
    }
    const row = ui.element(
      'chat/message',
      model(place, last, { key: message.id, fresh: fresh && place.side !== 'own' }),
    );
    ui.find(row, '[data-part="text"]').append(prepared.node ?? messageNodes(prepared.message.message));
    add(row);
    last = place;
    tell(message, row);
  }

  function reasonOf({ reason }: Outgoing): string | undefined {
    if (!reason) return undefined;
    const key = `chat.window.refused.${reason.kind === 'expired' ? 'expired' : reason.code}`;
    const known = ui.text(key);
    const why = known === key ? reason.message || ui.text('chat.window.refused.unknown') : known;
    return ui.text('chat.window.refused', { reason: why });
  }

  function putOutgoing(entry: Outgoing, before: Place | undefined): Place {
    const place: Place = { side: entry.private ? 'note' : 'own', name: ownName(), at: entry.at };
    const known = waiting.get(entry.key);
    const drawing = model(place, before, {
      key: entry.key,
      status: entry.status,
      reason: reasonOf(entry),
      ...(entry.reason && remedies(entry.reason, user)),
      fresh: !known,
    });
    const mark = `${entry.status}${drawing.follows}`;
    if (!known) {
      const element = ui.element('chat/message', drawing);
      ui.find(element, '[data-part="text"]').textContent = entry.text;
      waiting.set(entry.key, { element, mark });
    } else if (known.mark !== mark) {
      ui.patch(known.element, 'chat/message', drawing);
      known.mark = mark;
    }
    return place;
  }

  return {
    append(messages, fresh) {
      for (const message of messages) put(message, fresh);
    },
    outgoing(entries) {
      const keys = new Set(entries.map((entry) => entry.key));
      for (const [key, { element }] of waiting) {
        if (keys.has(key)) continue;
        element.remove();
        waiting.delete(key);
      }
      let before = last;
      for (const entry of entries) {
        before = putOutgoing(entry, before);
        const row = waiting.get(entry.key);
        // A message that is tried again stands behind those written after it.
        if (row && list.lastElementChild !== row.element) list.append(row.element);
      }
    },
    mark() {
      marker?.remove();
      wanted = true;
    },
    unmark() {
      wanted = false;
      marker?.remove();
    },
    get empty() {
      return list.querySelector('.mb-message') === null;
    },
  };
}

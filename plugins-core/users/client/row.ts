/** Rows of the queue on the page: made when they come near what is looked at, changed where they differ, ended when they leave. */
import type { WireThread } from '../api.ts';
import type { Clock } from './clock.ts';
import type { RowContext } from './context.ts';
import type { LongRow } from './long-list.ts';
import { countsFrom, type Entry } from './order.ts';
import { isWaiting, state } from './queue.ts';
import { controls, createEmitter, type Transport, type Ui } from '../../client/client/index.ts';

export interface RowNeeds {
  readonly ui: Ui;
  readonly clock: Clock;
  /** The conversation that is shown. */
  readonly active: () => number | undefined;
  readonly unread: (id: number) => number;
  /** The row as it was told last, also when it is gone. */
  readonly last: (id: number) => WireThread | undefined;
  /** Way to the queue, for controls. */
  readonly transport: Transport;
}

/** `Chrome 120.0.0.0` → `Chrome 120`; the panel has it in full. */
const shortly = (browser: string) => browser.replace(/ (\d+)\.[\d.]*$/, ' $1');

/** The group that is waited for stands between dashes in place of an operator. */
const nobodyAs = (name: string | undefined) => ['-', `-${name ?? ''}-`];

function detailsOf({ row, section }: Entry, ui: Ui): readonly string[] {
  const { groupName, agentName, userAgent, userIp, remote } = row;
  const somebody = !nobodyAs(groupName).includes(agentName);
  const agent = section === 'others' ? agentName : ui.text('users.row.for', { agent: agentName });
  const says = [
    somebody && (section === 'others' || section === 'waiting') ? agent : '',
    groupName ?? '',
    shortly(userAgent),
    userIp === false ? remote : userIp,
  ];
  return says.filter(Boolean);
}

export function createRow(first: Entry, needs: RowNeeds): LongRow<Entry> {
  const { ui, clock, active, unread, last, transport } = needs;
  const { id } = first.row;
  const emitter = createEmitter<{ row: WireThread }>();
  let entry = first;
  let drawn = { active: active() === id, unread: unread(id) };

  function model() {
    const { row, section, turn } = entry;
    const from = countsFrom(entry);
    return {
      id,
      section,
      userName: row.userName,
      firstMessage: row.firstMessage,
      nothing: ui.text(row.state === state.loading ? 'users.row.loading' : 'users.row.nothing'),
      since: from,
      ago: clock.since(from),
      exact: clock.exact(from),
      active: drawn.active,
      unread: drawn.unread || undefined,
      again: row.state === state.waiting && !row.addressed,
      takable: isWaiting(section),
      turn: turn !== undefined,
      gone: row.visitorGone,
      ban: row.ban,
      details: detailsOf(entry, ui),
      about: [row.groupName, row.userAgent, row.remote].filter(Boolean).join(' · '),
    };
  }

  const element = ui.element('users/queued_thread', model());
  const find = (name: string) => ui.find(element, `[data-part="${name}"]`);
  const context: RowContext = {
    thread: () => last(id) ?? entry.row,
    on: (listener) => emitter.on('row', listener),
    element,
    ui,
    transport,
  };
  const end = controls.fill('users/queued_thread', find('controls'), context);
  // What cannot be operated is a mark: it stands among the facts, for everybody to see.
  const marks = [...find('controls').children].filter((one) => !one.querySelector('a, button, input'));
  find('marks').append(...marks);
  clock.tick(element);

  return {
    element,
    target: () => element.querySelector<HTMLElement>('[data-action="open"]'),
    draw(now) {
      const next = { active: active() === id, unread: unread(id) };
      const same = now === entry && next.active === drawn.active && next.unread === drawn.unread;
      if (same) return false;
      const changed = now.row !== entry.row;
      entry = now;
      drawn = next;
      ui.patch(element, 'users/queued_thread', model());
      clock.tick(element);
      if (changed) emitter.emit('row', entry.row);
      return true;
    },
    end() {
      end();
      element.remove();
    },
  };
}

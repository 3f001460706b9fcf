/** Rows of the board: made when they come near what is looked at, changed where they differ. */
import type { Ui } from '../../../client/client/index.ts';
import type { QueueContext } from '../../../users/client/context.ts';
import type { LongRow } from '../../../users/client/long-list.ts';
import type { WireVisitor } from '../../api.ts';
import { invited } from './crowd.ts';
import type { Entry } from './roster.ts';
import { shortAddress, shortBrowser, type Words } from './words.ts';

export interface RowNeeds {
  readonly ui: Ui;
  readonly clock: QueueContext['clock'];
  readonly words: Words;
  /** The visitor whose facts are shown. */
  readonly selected: () => number | undefined;
}

/** What became of his last invitation: a name of a text, and how it looks. */
export function outcomeOf(row: WireVisitor): { readonly name: string; readonly kind: string } | undefined {
  if (row.invitationInfo) return { name: 'pending', kind: 'accent' };
  const known: Readonly<Record<number, { readonly name: string; readonly kind: string }>> = {
    [invited.accepted]: { name: 'accepted', kind: 'success' },
    [invited.rejected]: { name: 'rejected', kind: 'warning' },
    [invited.ignored]: { name: 'ignored', kind: 'usual' },
  };
  return known[row.invited];
}

export function createVisitorRow(first: Entry, { ui, clock, words, selected }: RowNeeds): LongRow<Entry> {
  let drawn = { entry: first, active: selected() === first.row.id };
  const text = (key: string, args = {}) => ui.text(`tracking.board.${key}`, args);

  function model() {
    const { row } = drawn.entry;
    const { invitationInfo } = row;
    const outcome = outcomeOf(row);
    return {
      id: row.id,
      section: drawn.entry.section,
      active: drawn.active,
      name: words.name(row),
      since: row.firstTime,
      ago: clock.since(row.firstTime),
      exact: clock.exact(row.firstTime),
      page: words.page(row),
      address: shortAddress(row.page),
      outcome: outcome && {
        kind: outcome.kind,
        text: invitationInfo ? text('outcome.by', { name: invitationInfo.agentName }) : text(`outcome.${outcome.name}`),
      },
      verified: row.identity?.verified,
      returning: row.visits > 0 && text('returning', { count: row.visits }),
      details: [
        text('pages', { count: row.pages }),
        words.place(row),
        shortBrowser(row.userAgent),
        row.system,
        row.chats > 0 ? text('chats', { count: row.chats }) : '',
        row.invitations > 0 ? text('invitations', { count: row.invitations }) : '',
      ].filter(Boolean),
    };
  }
  const element = ui.element('tracking/board_row', model());
  return {
    element,
    target: () => element.querySelector('button'),
    draw(entry) {
      const active = selected() === entry.row.id;
      if (entry === drawn.entry && active === drawn.active) return false;
      drawn = { entry, active };
      ui.patch(element, 'tracking/board_row', model());
      return true;
    },
    end: () => element.remove(),
  };
}

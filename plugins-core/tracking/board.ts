/** The visitor board in the operators' workspace: its views and its module in the browser. */
import type { Addresses } from '../../kernel/plugin.ts';
import type { Operator } from '../operators/api.ts';
import { type ClientSpec, defineView } from '../views/api.ts';

const names = ['board', 'board_row', 'board_options', 'board_chips', 'visitor', 'said', 'track', 'path'];

export const boardViews = names.map((name) =>
  defineView(`tracking/${name}`, { version: 1, side: 'client', slots: name === 'visitor' ? ['visitor'] : undefined }),
);

export const visitorBoard: ClientSpec = {
  name: 'visitor-board',
  entry: 'client/operator.ts',
  joins: ['users'],
  templates: names.map((name) => `tracking/${name}`),
  texts: ['tracking.board.'],
  styles: ['client/board/board.css'],
};

/** Where the line for the site's pages is found, for those who may put it there; `''` for others, or where its plugin is switched off. */
export function codeLink(addresses: Addresses, { permissions }: Operator): string {
  try {
    return permissions.includes('admin') ? addresses.url('widget.buttonCode') : '';
  } catch {
    return '';
  }
}

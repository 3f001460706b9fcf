/** Inviting from the visitor board: its view, and its module in the browser. */
import { type ClientSpec, defineView } from '../views/api.ts';

export const inviteView = defineView('invitation/board_invite', { version: 1, side: 'client' });

export const boardInvite: ClientSpec = {
  name: 'board-invite',
  entry: 'client/operator.ts',
  joins: ['users'],
  templates: ['invitation/board_invite'],
  texts: ['invitation.board.'],
  styles: ['client/invite.css'],
};

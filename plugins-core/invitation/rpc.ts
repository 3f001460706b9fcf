/** Functions of the board: inviting, and taking it back. */
import { RpcError, type RpcImplementation } from '../rpc/api.ts';
import type { UsersCaller } from '../users/api.ts';
import { invitationErrors, type invitationRpc, type InvitationsService } from './api.ts';

const refusals = {
  unknown: ['VISITOR_UNKNOWN', 'This visitor is not on the site any more.'],
  pending: ['VISITOR_BUSY', 'This visitor is in a conversation, or was invited already.'],
  group: ['OPERATOR_OUTSIDE', 'Whoever is in no group cannot invite while groups are switched on.'],
} as const;

export const invitationFunctions = (
  invitations: InvitationsService,
): RpcImplementation<UsersCaller, undefined, (typeof invitationRpc)['functions']> => ({
  async inviteVisitor({ visitor, greeting }, { caller }) {
    const outcome = await invitations.invite(visitor, caller.session.operator, { greeting: greeting.trim() });
    if ('refused' in outcome) {
      const [name, message] = refusals[outcome.refused];
      throw new RpcError(invitationErrors[outcome.refused], name, message);
    }
    const { id: thread, token } = outcome.thread;
    return { thread, token };
  },
  async cancelInvitation({ visitor }, { caller }) {
    return { canceled: await invitations.cancel(visitor, caller.session.operator) };
  },
});

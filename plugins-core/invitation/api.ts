/** Operators ask visitors of the site into a conversation, by hand or by rule. */
import * as v from 'valibot';
import { defineHook, defineService } from '../../kernel/tokens.ts';
import type { Thread } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';
import { defineRpc, wireInteger } from '../rpc/api.ts';
import { usersProcessor } from '../users/api.ts';

/**
 * What `data.invitation` of the handler `invitationCreate` holds. Texts are raw; `acceptCaption` is in the page's language.
 * Addresses are absolute where a page asked; in a push they may begin with the server's base path, for nobody knows then
 * under which name the page reaches the server: resolve them against the launcher's address.
 */
export interface PageInvitation {
  readonly operatorName: string;
  /** `''` for none. */
  readonly avatarUrl: string;
  /** The conversation to look at, with a ticket of this invitation. */
  readonly threadUrl: string;
  readonly acceptCaption: string;
  /** The sound without its ending (`.wav`, `.mp3`, `.ogg`); false: be silent. */
  readonly soundFile: string | false;
  /** Ours: number of the invitation's thread, said again in `widgetContact`. */
  readonly threadId: number;
  /** Ours: the operator's greeting, plain text. */
  readonly greeting: string;
  /** Ours: words for the button that closes it. */
  readonly rejectCaption: string;
}

/** How it is with the visitor of an invitation by rule. */
export interface InvitationRule {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  /** What is true of whom it invites; see the columns of `invitation_rule`. */
  readonly page: string;
  readonly secondsOnPage: number;
  readonly secondsOnSite: number;
  readonly pagesSeen: number;
  /** `any`, `new`, `returning`. */
  readonly visitor: 'any' | 'new' | 'returning';
  /** Attribute that the page told, and its value; `''` for none, or any value. */
  readonly attribute: string;
  readonly value: string;
  /** Only while this many operators are available (of the group, if one is named). */
  readonly operators: number;
  readonly groupId: number;
  /** Not again within so many hours. */
  readonly hours: number;
  /** What the operator says first; `''`: the usual greeting. */
  readonly greeting: string;
  readonly weight: number;
}

export type InviteOutcome =
  | { readonly thread: Thread }
  /** `pending`: invited already, or in a conversation; `unknown`: no such visitor; `group`: the operator is in no group. */
  | { readonly refused: 'pending' | 'unknown' | 'group' };

export interface InvitationsService {
  /** An operator asks a visitor of the site in. Told to his open pages at once. */
  invite(visitorId: number, operator: Operator, how?: { readonly greeting?: string }): Promise<InviteOutcome>;
  /** Takes it back. @returns whether there was one of his that nobody had answered */
  cancel(visitorId: number, operator: Operator): Promise<boolean>;
}
/** @example const outcome = await ctx.use.invitations.invite(12, operator) */
export const invitations = defineService<InvitationsService>('invitation.invitations');

/** `invitationCreate`. */
export const invitationCreated = defineHook.notify<[Thread]>('invitation.created');
/** `invitationAccept`: the visitor has come into the conversation. */
export const invitationAccepted = defineHook.notify<[Thread]>('invitation.accepted');
/** `invitationReject`: closed by the visitor, or he went to another page. */
export const invitationRejected = defineHook.notify<[Thread]>('invitation.rejected');
/** `invitationIgnore`: older than `invitation_lifetime`. */
export const invitationIgnored = defineHook.notify<[Thread]>('invitation.ignored');

/** Codes of function errors. */
export const invitationErrors = { unknown: 290, pending: 291, group: 292 } as const;
/** Functions of the `users` processor; `visitor` is his number on the board. */
export const invitationRpc = defineRpc(usersProcessor, {
  inviteVisitor: {
    input: v.object({ visitor: wireInteger, greeting: v.optional(v.pipe(v.string(), v.maxLength(1024)), '') }),
    output: v.object({ thread: v.number(), token: v.number() }),
  },
  cancelInvitation: { input: v.object({ visitor: wireInteger }), output: v.object({ canceled: v.boolean() }) },
});

/** Entry of the launcher's part `invitation`. */
import type { DefinePart } from '../../../../widget/part.ts';
import { startInvitations, type InvitationFacts, type InvitedPage } from './invitations.ts';

/** Bound around the bundle by the server. */
declare const mibewPart: DefinePart;

mibewPart<InvitationFacts>((door) => startInvitations(door, window.Mibew as unknown as InvitedPage));

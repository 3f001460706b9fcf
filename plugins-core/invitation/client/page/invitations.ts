/** What happens to an invitation in a page: it comes, is answered by the visitor, or is over. */
import type { LauncherDoor } from '../../../../widget/part.ts';
import type { PageInvitation } from '../../api.ts';
import { createEvents, type InvitationEvents } from './events.ts';
import { openPopup, type Popup } from './popup.ts';
import { playSound } from './sound.ts';

/** What the server writes into the launcher for this part. */
export interface InvitationFacts {
  /** Name of the looks, for style sheets. */
  readonly style: string;
}
/** The page's global, as far as it is used here. */
export interface InvitedPage {
  Invitation?: InvitationEvents;
  push(call: readonly unknown[]): void;
}

export function startInvitations(door: LauncherDoor<InvitationFacts>, page: InvitedPage): void {
  /** The one that waits for an answer, or for the server to hear of it. */
  let pending: PageInvitation | undefined;
  let answered = false;
  let popup: Popup | undefined;

  const events = (page.Invitation = page.Invitation || createEvents());
  function tell(event: Parameters<InvitationEvents['trigger']>[0]): void {
    try {
      events.trigger(event);
    } catch (error) {
      // A page's mistake is the page's: it is told, and the invitation goes on.
      setTimeout(() => {
        throw error;
      });
    }
  }
  const launcher = () => document.querySelector('mibew-chat');
  const say = (rejected: boolean) => page.push(['invited', pending ? pending.threadId : 0, rejected]);

  function hide(): void {
    if (!popup) return;
    popup.close();
    popup = undefined;
    tell('hide');
  }
  function accept(): void {
    answered = true;
    tell('accept');
    hide();
    door.open();
  }
  function reject(): void {
    answered = true;
    say(true);
    tell('reject');
    hide();
  }
  function show(): void {
    const open = launcher();
    // Over an open chat it would only be in the way.
    if (!pending || answered || popup || (open && open.hasAttribute('open'))) return;
    popup = openPopup({ door, invitation: pending, launcher, accept, reject });
    tell('show');
  }

  function create({ invitation }: { readonly invitation?: PageInvitation }): void {
    if (!invitation || (pending && pending.threadId === invitation.threadId)) return;
    hide();
    pending = invitation;
    answered = false;
    say(false);
    show();
    if (popup && invitation.soundFile && !Object.prototype.hasOwnProperty.call(door.data, 'silent'))
      playSound(door.base, invitation.soundFile);
  }
  function close(): void {
    pending = undefined;
    say(false);
    hide();
  }

  // Whoever opens the chat has accepted: the conversation begins with the invitation.
  door.on('open', () => {
    if (pending) answered = true;
    hide();
  });
  door.onConsent((given) => given || close());
  door.extend({ onInvitation: (...args: Parameters<InvitationEvents['on']>) => events.on(...args) });
  page.push(['handle', 'invitationCreate', create]);
  page.push(['handle', 'invitationClose', close]);
}

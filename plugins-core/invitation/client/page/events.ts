/** `Mibew.Invitation`: what pages hear of invitations. */

/** `show` and `hide` of the pop-up, and what the visitor chose. */
type InvitationEvent = 'show' | 'hide' | 'accept' | 'reject';

export interface InvitationEvents {
  on(event: InvitationEvent, listener: () => void): void;
  trigger(event: InvitationEvent): void;
}

export function createEvents(): InvitationEvents {
  const listeners: { readonly event: InvitationEvent; readonly listener: () => void }[] = [];
  return {
    on: (event, listener) => void listeners.push({ event, listener }),
    trigger(event) {
      for (const one of listeners.slice()) if (one.event === event) one.listener();
    },
  };
}

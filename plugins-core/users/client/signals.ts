/** What calls the operator: a sound, a notice on his desktop, by the kind of event and as he likes it. No DOM. */
import type { Notice, Notifications } from './notifications.ts';
import type { Kind, Preferences } from './preferences.ts';
import type { Siblings } from './siblings.ts';

export interface Signal extends Notice {
  readonly kind: Kind;
  /** What happened, alike in all windows of the operator. */
  readonly about: string;
  /** The operator has it before his eyes. */
  readonly seen?: () => boolean;
  /** Is it still so? Another operator may be faster. */
  readonly holds?: () => boolean;
}

export interface SignalsNeeds {
  readonly preferences: Preferences;
  readonly siblings: Pick<Siblings, 'claim'>;
  readonly notifications: Pick<Notifications, 'tell' | 'withdraw'>;
  readonly chime: { play(): void };
  /** The operator looks at something else than this page. */
  readonly away: () => boolean;
  /** The page is hidden, not only behind. */
  readonly hidden: () => boolean;
}

export function createSignals({ preferences, siblings, notifications, chime, away, hidden }: SignalsNeeds) {
  return {
    chime,
    async send({ kind, about, seen = () => false, holds = () => true, ...notice }: Signal): Promise<void> {
      // The window that he looks at knows best whether he has to be called.
      const noticed = () => seen() && !away();
      // Whoever looks elsewhere a moment later has seen it all the same.
      const before = noticed();
      const rank = (seen() ? 4 : 0) + (away() ? 0 : 2) + (hidden() ? 0 : 1);
      if (!(await siblings.claim(about, rank)) || !holds() || before || noticed()) return;
      if (preferences.get(`sound.${kind}`)) chime.play();
      if (away() && preferences.get(`desktop.${kind}`)) notifications.tell(notice);
    },
    withdraw: notifications.withdraw,
  };
}

export type Signals = ReturnType<typeof createSignals>;

/** Notices on the desktop while the operator looks elsewhere. Asked for when he knows what for, never by himself opening the page. */
import { createModel } from '../../client/client/index.ts';
import type { Preferences } from './preferences.ts';

export interface Notice {
  readonly title: string;
  readonly text: string;
  /** One notice per conversation: the next takes the place of the last. */
  readonly thread: number;
}

export interface NotificationsNeeds {
  readonly preferences: Preferences;
  /** A click on a notice. */
  readonly open: (thread: number) => void;
  /** `window.Notification`; absent where the browser has none, or the page is not served safely. */
  readonly system?: typeof Notification;
}

export interface NotificationsState {
  readonly on: boolean;
  /** The operator missed something and was never asked: now he knows what for. */
  readonly offered: boolean;
  /** He refused in the browser itself, where alone it can be changed. */
  readonly refused: boolean;
}

export function createNotifications({ preferences, open, system }: NotificationsNeeds) {
  const granted = () => system?.permission === 'granted';
  const state = createModel<NotificationsState>({
    on: granted() && preferences.get('notify'),
    offered: false,
    refused: system?.permission === 'denied',
  });

  return {
    state,
    /** False: there is nothing to switch. */
    possible: system !== undefined,
    async set(on: boolean): Promise<void> {
      preferences.set('notify', on);
      preferences.set('notifyAsked', true);
      if (on && system?.permission === 'default') await system.requestPermission();
      state.set({ on: on && granted(), offered: false, refused: on && system?.permission === 'denied' });
    },
    /** Something happened that the operator does not see. */
    tell({ title, text, thread }: Notice): void {
      if (system?.permission === 'default' && !preferences.get('notifyAsked')) state.set({ offered: true });
      if (!system || !state.get().on) return;
      try {
        const notice = new system(title, { body: text, tag: `mibew-${thread}` });
        notice.addEventListener('click', () => {
          window.focus();
          notice.close();
          open(thread);
        });
      } catch {
        // Android shows notices of service workers only.
        state.set({ on: false });
      }
    },
  };
}

export type Notifications = ReturnType<typeof createNotifications>;

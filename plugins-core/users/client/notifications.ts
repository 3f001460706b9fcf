/** Notices on the desktop while the operator looks elsewhere. Asked for when he knows what for, never by himself opening the page. */
import { createModel } from '../../client/client/index.ts';
import type { Preferences } from './preferences.ts';

export interface Notice {
  readonly title: string;
  readonly text: string;
  /** One notice per conversation: the next takes the place of the last. */
  readonly thread: number;
}

/** A notice that stands on the desktop. */
interface Standing {
  close(): void;
}

export interface NotificationsNeeds {
  readonly preferences: Preferences;
  /** A click on a notice. */
  readonly open: (thread: number) => void;
  /** `window.Notification`; absent where the browser has none, or the page is not served safely. */
  readonly system?: typeof Notification;
  /** Shows a notice through the service worker: the only way on Android. */
  readonly worker?: (title: string, options: NotificationOptions & { readonly data: number }) => Promise<Standing>;
}

export interface NotificationsState {
  readonly on: boolean;
  /** The operator missed something and was never asked: now he knows what for. */
  readonly offered: boolean;
  /** He refused in the browser itself, where alone it can be changed. */
  readonly refused: boolean;
}

export function createNotifications({ preferences, open, system, worker }: NotificationsNeeds) {
  const granted = () => system?.permission === 'granted';
  const state = createModel<NotificationsState>({
    on: granted() && preferences.get('notify'),
    offered: false,
    refused: system?.permission === 'denied',
  });
  const standing = new Map<number, Promise<Standing>>();
  /** Nothing here can show them. */
  let broken = false;

  async function show({ title, text, thread }: Notice): Promise<Standing> {
    const options = { body: text, tag: `mibew-${thread}`, data: thread };
    try {
      const notice = new system!(title, options);
      notice.addEventListener('click', () => {
        window.focus();
        notice.close();
        open(thread);
      });
      return notice;
    } catch (error) {
      // Android shows notices of service workers only.
      if (worker) return await worker(title, options);
      throw error;
    }
  }

  return {
    state,
    /** False: there is nothing to switch. */
    possible: system !== undefined,
    async set(on: boolean): Promise<void> {
      preferences.set('notify', on);
      preferences.set('notifyAsked', true);
      broken = false;
      if (on && system?.permission === 'default') await system.requestPermission();
      state.set({ on: on && granted(), offered: false, refused: on && system?.permission === 'denied' });
    },
    /** Something happened that the operator does not see. */
    tell(notice: Notice): void {
      if (system?.permission === 'default' && !preferences.get('notifyAsked')) state.set({ offered: true });
      // Another window of the operator may have switched them meanwhile.
      const on = !broken && granted() && preferences.get('notify');
      if (on !== state.get().on) state.set({ on });
      if (!system || !on) return;
      const shown = show(notice);
      standing.set(notice.thread, shown);
      shown.catch(() => {
        standing.delete(notice.thread);
        broken = true;
        state.set({ on: false });
      });
    },
    /** Nobody needs to be told of this conversation any more. */
    withdraw(thread: number): void {
      standing.get(thread)?.then(
        (notice) => notice.close(),
        () => undefined,
      );
      standing.delete(thread);
    },
  };
}

export type Notifications = ReturnType<typeof createNotifications>;

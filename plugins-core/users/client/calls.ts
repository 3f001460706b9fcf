/** Everything that calls the operator put together: windows that agree who speaks, sounds, notices on the desktop and in the page. */
import { createChime, hostEnvironment, randomText, type Ui } from '../../client/client/index.ts';
import { createArrivals } from './arrivals.ts';
import { createNotifications, type NotificationsNeeds } from './notifications.ts';
import type { Preferences } from './preferences.ts';
import { type Queue, state } from './queue.ts';
import { createSiblings } from './siblings.ts';
import { createSignals } from './signals.ts';

export interface CallsNeeds {
  readonly agentId: number;
  readonly ui: Ui;
  readonly preferences: Preferences;
  readonly queue: Queue;
  /** Where notices in the page go. */
  readonly place: HTMLElement;
  /** Setting `enablepopupnotification`. */
  readonly popup: boolean;
  /** The operator chose a notice. */
  readonly open: (id: number) => void;
  /** The conversation stands before him. */
  readonly seen: (id: number) => boolean;
  readonly worker: NotificationsNeeds['worker'];
}

export function createCalls({ agentId, ui, preferences, queue, place, popup, open, seen, worker }: CallsNeeds) {
  const siblings = createSiblings({
    channel: 'BroadcastChannel' in window ? new BroadcastChannel(`mibew-workspace-${agentId}`) : undefined,
    name: randomText(hostEnvironment(), 16),
  });
  const notifications = createNotifications({
    preferences,
    system: window.isSecureContext && 'Notification' in window ? window.Notification : undefined,
    worker,
    open,
  });
  const chime = createChime(() => preferences.get('sound'));
  const away = () => document.hidden || !document.hasFocus();
  const signals = createSignals({ preferences, siblings, notifications, chime, away, hidden: () => document.hidden });
  const waits = (id: number) => {
    const row = queue.row(id);
    return row !== undefined && (row.state !== state.chatting || row.agentId === agentId);
  };
  return {
    siblings,
    notifications,
    signals,
    arrivals: createArrivals({ place, ui, popup, signals, waits, seen }),
    /** Lets the operator hear and see what will call him. */
    tryOut() {
      chime.play();
      notifications.tell({
        thread: 0,
        title: ui.text('users.signals.tryTitle'),
        text: ui.text('users.signals.tryText'),
      });
    },
    stop: siblings.stop,
  };
}

export type Calls = ReturnType<typeof createCalls>;

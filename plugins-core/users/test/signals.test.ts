import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryStorage } from '../../client/client/index.ts';
import { createNotifications } from '../client/notifications.ts';
import { createPreferences } from '../client/preferences.ts';
import { createSiblings } from '../client/siblings.ts';
import { createSignals, type Signal } from '../client/signals.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Channel = NonNullable<Parameters<typeof createSiblings>[0]['channel']>;
/** Channels that hear each other, not themselves. */
function ether() {
  const all = new Set<Channel>();
  return (): Channel => {
    const own: Channel = {
      onmessage: null,
      postMessage(data: unknown) {
        for (const each of all) if (each !== own) each.onmessage?.({ data } as never);
      },
      close: () => void all.delete(own),
    };
    all.add(own);
    return own;
  };
}

interface View {
  readonly away?: boolean;
  readonly hidden?: boolean;
}
function office() {
  const join = ether();
  const log: string[] = [];
  const storage = memoryStorage();
  const preferences = createPreferences(storage);
  let windows = 0;
  return {
    log,
    preferences,
    window: ({ away = false, hidden = false }: View = {}) => {
      const name = `window${++windows}`;
      const siblings = createSiblings({ channel: join(), name });
      return createSignals({
        preferences,
        siblings,
        notifications: {
          tell: ({ thread }) => log.push(`${name} tells of ${thread}`),
          withdraw: (thread) => log.push(`${name} withdraws ${thread}`),
        },
        chime: { play: () => log.push(`${name} rings`) },
        away: () => away,
        hidden: () => hidden,
      });
    },
  };
}
const signal: Signal = { kind: 'arrived', about: 'arrived 7 100', thread: 7, title: 'Zoe is waiting', text: 'Hello' };
const settled = () => vi.advanceTimersByTimeAsync(200);

describe('what calls an operator', () => {
  it('rings where he looks, and tells him on the desktop where he does not', async () => {
    const { window, log } = office();
    void window().send(signal);
    await settled();
    expect(log).toEqual(['window1 rings']);
    log.length = 0;
    void window({ away: true }).send({ ...signal, about: 'arrived 8 100', thread: 8 });
    await settled();
    expect(log).toEqual(['window2 rings', 'window2 tells of 8']);
  });

  it('calls in the ways that he chose for this kind of event', async () => {
    const { window, log, preferences } = office();
    preferences.set('sound.wrote', false);
    preferences.set('desktop.arrived', false);
    const here = window({ away: true });
    void here.send({ ...signal, kind: 'wrote', about: 'a' });
    void here.send({ ...signal, kind: 'arrived', about: 'b' });
    void here.send({ ...signal, kind: 'moved', about: 'c' });
    await settled();
    expect(log).toEqual(['window1 tells of 7', 'window1 rings']);
  });

  it('is quiet about what stands before his eyes', async () => {
    const { window, log } = office();
    void window().send({ ...signal, seen: () => true });
    await settled();
    expect(log).toEqual([]);
    void window({ away: true }).send({ ...signal, about: 'later', seen: () => true });
    await settled();
    expect(log).toContain('window2 rings');
  });

  it('is quiet about what he had before his eyes, though he looks elsewhere a moment later', async () => {
    const { window, log } = office();
    let looks = true;
    void window().send({ ...signal, seen: () => looks });
    looks = false;
    await settled();
    expect(log).toEqual([]);
  });

  it('is quiet when another operator was faster', async () => {
    const { window, log } = office();
    let there = true;
    void window().send({ ...signal, holds: () => there });
    there = false;
    await settled();
    expect(log).toEqual([]);
  });

  it('speaks in one of his windows alone: where he looks, else in any', async () => {
    const { window, log } = office();
    const windows = [window({ away: true, hidden: true }), window(), window({ away: true })];
    for (const each of windows) void each.send(signal);
    await settled();
    expect(log).toEqual(['window2 rings']);
    log.length = 0;
    const others = [window({ away: true }), window({ away: true })];
    for (const each of others) void each.send({ ...signal, about: 'another' });
    await settled();
    expect(log.filter((line) => line.endsWith('rings'))).toHaveLength(1);
    expect(log.filter((line) => line.includes('tells'))).toHaveLength(1);
  });

  it('is quiet in all windows when one of them has it in front', async () => {
    const { window, log } = office();
    void window({ away: true }).send(signal);
    void window().send({ ...signal, seen: () => true });
    await settled();
    expect(log).toEqual([]);
  });

  it('does not call again from a window that hears of it seconds later', async () => {
    const { window, log } = office();
    const [first, late] = [window(), window()];
    void first.send(signal);
    await vi.advanceTimersByTimeAsync(2000);
    void late.send(signal);
    await settled();
    expect(log).toEqual(['window1 rings']);
    // The same visitor, once more: that is news.
    void late.send({ ...signal, about: 'arrived 7 900' });
    await settled();
    expect(log).toEqual(['window1 rings', 'window2 rings']);
  });

  it('waits for nobody where browsers have no channel between windows', async () => {
    await expect(createSiblings({ name: 'only' }).claim('anything', 0)).resolves.toBe(true);
  });
});

describe('notices on the desktop', () => {
  class Shown extends EventTarget {
    static permission: NotificationPermission = 'granted';
    static all: Shown[] = [];
    open = true;
    readonly title: string;
    constructor(title: string) {
      super();
      this.title = title;
      Shown.all.push(this);
    }
    close() {
      this.open = false;
    }
  }
  const notice = { title: 'Zoe is waiting', text: 'Hello', thread: 7 };
  function granted() {
    const preferences = createPreferences(memoryStorage());
    preferences.set('notify', true);
    return preferences;
  }

  it('are taken back when nobody needs to be told any more', async () => {
    Shown.all = [];
    const system = Shown as unknown as typeof Notification;
    const notifications = createNotifications({ preferences: granted(), open: () => undefined, system });
    notifications.tell(notice);
    notifications.tell({ ...notice, thread: 8 });
    notifications.withdraw(7);
    await vi.advanceTimersByTimeAsync(0);
    expect(Shown.all.map(({ open }) => open)).toEqual([false, true]);
    notifications.withdraw(7);
  });

  it('follow what was switched in another window', async () => {
    Shown.all = [];
    const system = Shown as unknown as typeof Notification;
    const preferences = granted();
    const notifications = createNotifications({ preferences, open: () => undefined, system });
    preferences.set('notify', false);
    notifications.tell(notice);
    expect(Shown.all).toHaveLength(0);
    expect(notifications.state.get().on).toBe(false);
    preferences.set('notify', true);
    notifications.tell(notice);
    expect(Shown.all).toHaveLength(1);
    expect(notifications.state.get().on).toBe(true);
  });

  it('are shown by the service worker where pages may not', async () => {
    const calls: unknown[] = [];
    class Refusing {
      static permission = 'granted';
      constructor() {
        throw new TypeError('Illegal constructor');
      }
    }
    const worker = (title: string, options: NotificationOptions & { data: number }) => {
      calls.push([title, options.tag, options.data]);
      return Promise.resolve({ close: () => void calls.push('closed') });
    };
    const system = Refusing as unknown as typeof Notification;
    const notifications = createNotifications({ preferences: granted(), open: () => undefined, system, worker });
    notifications.tell(notice);
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toEqual([['Zoe is waiting', 'mibew-7', 7]]);
    expect(notifications.state.get().on).toBe(true);
    notifications.withdraw(7);
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.at(-1)).toBe('closed');
  });

  it('are switched off where nothing can show them', async () => {
    class Refusing {
      static permission = 'granted';
      constructor() {
        throw new TypeError('Illegal constructor');
      }
    }
    const system = Refusing as unknown as typeof Notification;
    const notifications = createNotifications({ preferences: granted(), open: () => undefined, system });
    notifications.tell(notice);
    await vi.advanceTimersByTimeAsync(0);
    expect(notifications.state.get().on).toBe(false);
  });
});

/** What a followed page takes from its browser, so that tests drive the very code that ships. */

/** A socket as far as it is used: `WebSocket` fits. */
export interface PageSocket {
  send(text: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
}
/** An answer as far as it is used: `Response` fits. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: {
    getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> };
  } | null;
  text(): Promise<string>;
}
/** Between the tabs of one site. */
export interface PageChannel {
  post(text: string): void;
  close(): void;
}
/** Where the visitor is. */
interface PagePlace {
  readonly address: string;
  readonly title: string;
  readonly entry: string;
  readonly hidden: boolean;
}

export interface PageWorld {
  fetch(
    address: string,
    options: {
      readonly method: string;
      readonly headers: Record<string, string>;
      readonly body?: string;
      readonly cache: 'no-store';
      readonly signal: AbortSignal;
    },
  ): Promise<PageAnswer>;
  /** Throws where the page's policy forbids it. */
  openSocket(address: string): PageSocket;
  /** Undefined where tabs cannot hear each other, or share nothing that lasts. */
  openChannel(name: string, hear: (text: string) => void): PageChannel | undefined;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** ms since the epoch. */
  now(): number;
  /** 0 ≤ x < 1. */
  random(): number;
  place(): PagePlace;
  /** Do Not Track or Global Privacy Control is set. */
  declined(): boolean;
  /** `path`: the address may be another one; `sight`: the page was hidden or shown; `leave`: it goes away. */
  onChange(listener: (what: 'path' | 'sight' | 'leave') => void): void;
}

interface Navigation {
  addEventListener?: (name: string, run: () => void) => void;
}

/** The browser that this runs in. */
export function browserWorld(): PageWorld {
  const signals = navigator as Navigator & { doNotTrack?: string | null; globalPrivacyControl?: boolean };
  return {
    fetch: (address, options) => fetch(address, options),
    openSocket: (address) => new WebSocket(address),
    openChannel(name, hear) {
      try {
        if (!window.localStorage) return undefined;
        const channel = new BroadcastChannel(name);
        channel.onmessage = (event) => hear(String(event.data));
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target
        return { post: (text) => channel.postMessage(text), close: () => channel.close() };
      } catch {
        return undefined;
      }
    },
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as number),
    now: () => Date.now(),
    random: () => Math.random(),
    place: () => ({
      address: location.href,
      title: document.title,
      entry: document.referrer,
      hidden: document.hidden,
    }),
    declined: () => signals.doNotTrack === '1' || signals.globalPrivacyControl === true,
    onChange(listener) {
      const path = () => listener('path');
      for (const name of ['popstate', 'hashchange']) addEventListener(name, path);
      // Pages that change their address without going anywhere are asked, not patched: their `history` stays theirs.
      const { navigation } = window as { navigation?: Navigation };
      if (navigation && navigation.addEventListener) navigation.addEventListener('currententrychange', path);
      else setInterval(path, 1000);
      document.addEventListener('visibilitychange', () => listener('sight'));
      addEventListener('pagehide', () => listener('leave'));
    },
  };
}

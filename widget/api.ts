/** The one global: what pages may call, what is called before the launcher is there, and who listens. */
import type { InlineChat, InlineOptions } from '../plugins-core/chat/client/inline.ts';

/** What happens to the chat, for the page: `Mibew.on('open', fn)`. */
interface LauncherEvents {
  open: undefined;
  close: undefined;
  /** Messages that wait to be read. */
  unread: number;
}
type Listener<K extends keyof LauncherEvents> = (value: LauncherEvents[K]) => void;

/** Starts the chat app in a shadow root; what `/plugins/widget/chat.js` hands over. */
export type StartChat = (
  root: ShadowRoot,
  options: Pick<InlineOptions, 'host' | 'server' | 'title'>,
) => Promise<InlineChat>;

/** A call from before the launcher was there: `['open']`, or `['on', 'unread', fn]`. */
export type Early = readonly [name: keyof MibewApi, ...args: unknown[]];

export interface MibewApi {
  readonly open: () => void;
  readonly close: () => void;
  readonly toggle: () => void;
  /** @returns a function that ends it */
  readonly on: <K extends keyof LauncherEvents>(event: K, listener: Listener<K>) => () => void;
  /** For the chunk with the chat app. */
  readonly define: (start: StartChat) => void;
  /** Pages need not wait for the script: `(window.Mibew = window.Mibew || []).push(['open'])`. */
  readonly push: (...calls: readonly Early[]) => void;
}

declare global {
  interface Window {
    Mibew?: MibewApi | Early[];
  }
}

export interface Emitter {
  on: MibewApi['on'];
  readonly emit: <K extends keyof LauncherEvents>(event: K, value: LauncherEvents[K]) => void;
}

export function createEmitter(): Emitter {
  const listeners: { event: string; listener: (value: never) => void }[] = [];
  return {
    on(event, listener) {
      const entry = { event, listener: listener as (value: never) => void };
      listeners.push(entry);
      return () => void listeners.splice(listeners.indexOf(entry), 1);
    },
    emit(event, value) {
      for (const one of listeners.slice()) {
        if (one.event !== event) continue;
        try {
          one.listener(value as never);
        } catch (error) {
          // A page's mistake is the page's: it is told, and the chat goes on.
          setTimeout(() => {
            throw error;
          });
        }
      }
    },
  };
}

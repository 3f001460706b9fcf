/** The one global: what pages may call, what is called before the launcher is there, and who listens. */
import type { InlineChat, InlineOptions } from '../plugins-core/chat/client/inline.ts';

/** What happens to the chat, for the page: `Mibew.on('open', fn)`. */
export interface LauncherEvents {
  open: undefined;
  close: undefined;
  /** Messages that wait to be read. */
  unread: number;
}
export type Listener<K extends keyof LauncherEvents> = (value: LauncherEvents[K]) => void;

/** Starts the chat app in a shadow root; what `/plugins/widget/chat.js` hands over. */
export type StartChat = (
  root: ShadowRoot,
  options: Pick<InlineOptions, 'host' | 'server' | 'title'>,
) => Promise<InlineChat>;

export interface MibewApi {
  open(): void;
  close(): void;
  toggle(): void;
  /** @returns a function that ends it */
  on<K extends keyof LauncherEvents>(event: K, listener: Listener<K>): () => void;
  /** For the chunk with the chat app. */
  define(start: StartChat): void;
}

declare global {
  interface Window {
    Mibew?: Partial<MibewApi>;
  }
}

export interface Emitter {
  on: MibewApi['on'];
  emit<K extends keyof LauncherEvents>(event: K, value: LauncherEvents[K]): void;
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

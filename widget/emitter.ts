/** Who listens to what happens to the chat. */
import type { LauncherEvents, MibewCalls } from './api.ts';

export interface Emitter extends Pick<MibewCalls, 'on' | 'off'> {
  readonly emit: <K extends keyof LauncherEvents>(event: K, value: LauncherEvents[K]) => void;
}

/** Runs what belongs to the page. Its mistakes are its own: it is told, and the chat goes on. */
export function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}

export function createEmitter(): Emitter {
  let listeners: { event: string; listener: (value: never) => void }[] = [];
  return {
    on(event, listener) {
      const entry = { event, listener };
      listeners.push(entry);
      return () => {
        listeners = listeners.filter((one) => one !== entry);
      };
    },
    off(event, listener) {
      listeners = listeners.filter((one) => one.event !== event || one.listener !== listener);
    },
    emit(event, value) {
      for (const one of listeners.slice()) if (one.event === event) guarded(() => one.listener(value as never));
    },
  };
}

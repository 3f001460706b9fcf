/** What was typed and not sent: kept for this window, and for the operator's next one when it was closed. */
import type { KeyValue } from './storage.ts';

export interface Drafts extends KeyValue {
  /** Forgets what was kept for this window and the next, of these keys or of all. */
  forget(which?: (key: string) => boolean): void;
}

/**
 * Reads what this window typed, else what the last one did; a window that is open is not disturbed by what another one types.
 *
 * @param session storage of this window; it outlives a log-out
 * @param lasting storage of the browser
 * @param owner whose drafts they are: on the next log-in of somebody else they are not his
 */
export function createDrafts(session: KeyValue, lasting: KeyValue, owner: string): Drafts {
  const prefix = `mibew:drafts:${owner}:`;
  const keysOf = (storage: KeyValue) =>
    storage.keys().flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
  return {
    get: (key) => session.get(prefix + key) ?? lasting.get(prefix + key),
    set(key, value) {
      session.set(prefix + key, value);
      lasting.set(prefix + key, value);
    },
    remove(key) {
      session.remove(prefix + key);
      lasting.remove(prefix + key);
    },
    keys: () => keysOf(session),
    forget(which = () => true) {
      for (const storage of [session, lasting])
        for (const key of keysOf(storage)) if (which(key)) storage.remove(prefix + key);
    },
  };
}

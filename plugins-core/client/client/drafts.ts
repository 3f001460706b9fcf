/** What was typed and not sent: kept for this window, and for the operator's next one when it was closed. */
import type { KeyValue } from './storage.ts';

export interface Drafts extends KeyValue {
  /** Forgets what was kept for the next window, of these keys or of all. */
  forget(which?: (key: string) => boolean): void;
}

/**
 * Reads what this window typed, else what the last one did; a window that is open is not disturbed by what another one types.
 *
 * @param session storage of this window
 * @param lasting storage of the browser
 * @param owner whose drafts they are: on the next log-in of somebody else they are not his
 */
export function createDrafts(session: KeyValue, lasting: KeyValue, owner: string): Drafts {
  const prefix = `mibew:drafts:${owner}:`;
  return {
    get: (key) => session.get(key) ?? lasting.get(prefix + key),
    set(key, value) {
      session.set(key, value);
      lasting.set(prefix + key, value);
    },
    remove(key) {
      session.remove(key);
      lasting.remove(prefix + key);
    },
    keys: () => session.keys(),
    forget(which = () => true) {
      for (const key of lasting.keys())
        if (key.startsWith(prefix) && which(key.slice(prefix.length))) lasting.remove(key);
    },
  };
}

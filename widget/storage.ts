/** The host page's storage, or memory where the browser refuses it. */

const memory: Record<string, string> = {};

/** Local storage of the page; undefined where it is refused. */
function area(): Storage | undefined {
  try {
    const storage = window.localStorage;
    storage.setItem('mibew:probe', '1');
    storage.removeItem('mibew:probe');
    return storage;
  } catch {
    return undefined;
  }
}

/** Keeps texts under keys that begin with a prefix. */
export interface Shelf {
  /** False: nothing outlives the page. */
  readonly lasting: boolean;
  get(key: string): string | null;
  set(key: string, value: string | null): void;
  /** Is there a key that begins like this, with a value that is not empty? */
  holds(start: string): boolean;
}

export function createShelf(prefix: string): Shelf {
  const storage = area();
  return {
    lasting: storage !== undefined,
    get: (key) => memory[prefix + key] ?? (storage ? storage.getItem(prefix + key) : null),
    set(key, value) {
      delete memory[prefix + key];
      if (!storage) {
        if (value !== null) memory[prefix + key] = value;
      } else if (value === null) storage.removeItem(prefix + key);
      else {
        try {
          storage.setItem(prefix + key, value);
        } catch {
          memory[prefix + key] = value; // full
        }
      }
    },
    holds: (start) => Object.keys(storage ?? memory).some((key) => key.indexOf(prefix + start) === 0),
  };
}

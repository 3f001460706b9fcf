/** The host page's storage, or memory where the browser refuses it. Nothing is written but what is set. */

const memory: Record<string, string> = {};

/** Local storage of the page; undefined where it is refused. */
function area(): Storage | undefined {
  try {
    return window.localStorage || undefined;
  } catch {
    return undefined;
  }
}

/** Keeps texts under keys that begin with a prefix. */
export interface Shelf {
  get(key: string): string | null;
  set(key: string, value: string | null): void;
  /** Keys that begin like this, without the prefix. */
  keys(start: string): readonly string[];
}

export function createShelf(prefix: string): Shelf {
  const storage = area();
  return {
    get: (key) => memory[prefix + key] ?? (storage ? storage.getItem(prefix + key) : null),
    set(key, value) {
      delete memory[prefix + key];
      if (value === null) return storage && storage.removeItem(prefix + key);
      try {
        storage!.setItem(prefix + key, value);
      } catch {
        memory[prefix + key] = value; // refused, or full
      }
    },
    keys: (start) =>
      [...Object.keys(storage || {}), ...Object.keys(memory)]
        .filter((key) => key.indexOf(prefix + start) === 0)
        .map((key) => key.slice(prefix.length)),
  };
}

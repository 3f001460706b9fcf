/** Storage that outlives the page, or memory where the browser refuses it. */

export interface KeyValue {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): readonly string[];
}

/** {@link KeyValue} that knows whether it will be there after a reload. */
export interface PageStorage extends KeyValue {
  /** False once something could only be kept in memory. */
  readonly lasting: boolean;
}

export function memoryStorage(): KeyValue {
  const map = new Map<string, string>();
  return {
    get: (key) => map.get(key),
    set: (key, value) => void map.set(key, value),
    remove: (key) => void map.delete(key),
    keys: () => [...map.keys()],
  };
}

function browserStorage(area: Storage): KeyValue {
  return {
    get: (key) => area.getItem(key) ?? undefined,
    set: (key, value) => area.setItem(key, value),
    remove: (key) => area.removeItem(key),
    keys: () => Object.keys(area),
  };
}

/**
 * Storage that never throws: what the browser refuses to keep (blocked, full) stays in memory.
 *
 * @example const storage = pageStorage(() => window.localStorage);
 */
export function pageStorage(area: () => Storage): PageStorage {
  const memory = memoryStorage();
  let kept: KeyValue | undefined;
  try {
    kept = browserStorage(area());
    kept.set('mibew:probe', '1');
    kept.remove('mibew:probe');
  } catch {
    kept = undefined;
  }
  let lasting = kept !== undefined;
  return {
    get lasting() {
      return lasting;
    },
    get: (key) => memory.get(key) ?? kept?.get(key),
    set(key, value) {
      try {
        if (!kept) throw new Error('refused');
        kept.set(key, value);
        memory.remove(key);
      } catch {
        lasting = false;
        memory.set(key, value);
      }
    },
    remove(key) {
      memory.remove(key);
      kept?.remove(key);
    },
    keys: () => [...new Set([...memory.keys(), ...(kept?.keys() ?? [])])],
  };
}

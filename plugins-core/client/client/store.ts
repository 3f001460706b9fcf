/** A small observable value: what the apps keep their state in. */

export interface Model<T extends object> {
  get(): Readonly<T>;
  /** Merges; listeners run at once, and only when something differs. */
  set(patch: Partial<T>): void;
  /** Called after each change. @returns a function that ends it */
  subscribe(listener: (now: Readonly<T>, before: Readonly<T>) => void): () => void;
}

/**
 * Makes a model.
 *
 * @example
 * const user = createModel({ name: 'Guest', typing: false });
 * user.subscribe((now, before) => now.name !== before.name && draw(now.name));
 * user.set({ name: 'Ann' });
 */
export function createModel<T extends object>(initial: T): Model<T> {
  let current: Readonly<T> = initial;
  const listeners = new Set<(now: Readonly<T>, before: Readonly<T>) => void>();
  return {
    get: () => current,
    set(patch) {
      const changed = (Object.keys(patch) as (keyof T)[]).some((key) => !Object.is(patch[key], current[key]));
      if (!changed) return;
      const before = current;
      const now = { ...current, ...patch };
      current = now;
      for (const listener of new Set(listeners)) listener(now, before);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Named moments that several parties listen to. */
export interface Emitter<Events extends object> {
  readonly on: <K extends keyof Events>(name: K, listener: (event: Events[K]) => void) => () => void;
  readonly emit: <K extends keyof Events>(name: K, event: Events[K]) => void;
}

/** Makes an emitter; a listener that throws does not keep the others from hearing. */
export function createEmitter<Events extends object>(report: (error: unknown) => void = reportError): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => void set.delete(listener);
    },
    emit(name, event) {
      for (const listener of new Set(listeners.get(name))) {
        try {
          (listener as (event: unknown) => void)(event);
        } catch (error) {
          report(error);
        }
      }
    },
  };
}

/** Where errors of listeners and handlers go when nobody asked for them: `onerror` of the page, and its console. */
export function reportError(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}

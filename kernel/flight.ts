/** Calls in flight, counted per plugin, so that a plugin is stopped only when nobody is inside it. */
export type InFlight = ReturnType<typeof createInFlight>;

export function createInFlight() {
  const count = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  const leave = (plugin: string): void => {
    const left = count.get(plugin)! - 1;
    count.set(plugin, left);
    if (left === 0) waiting.get(plugin)?.();
  };
  return {
    /** Runs a call of the plugin; what is synchronous stays so. */
    track<T>(plugin: string, call: () => T | Promise<T>): T | Promise<T> {
      count.set(plugin, (count.get(plugin) ?? 0) + 1);
      let result: T | Promise<T> | undefined;
      try {
        result = call();
        return result instanceof Promise ? result.finally(() => leave(plugin)) : result;
      } finally {
        if (!(result instanceof Promise)) leave(plugin);
      }
    },
    /** Waits until nobody is inside the plugin. @throws Error after that many milliseconds */
    async idle(plugin: string, limit: number): Promise<void> {
      if (!count.get(plugin)) return;
      const free = new Promise<void>((resolve) => waiting.set(plugin, resolve));
      await within(free, limit, () => new Error('calls are still running')).finally(() => waiting.delete(plugin));
    },
  };
}

/** Calls, and goes on with what came of it: at once unless that is a promise, since promises cost more than most calls. */
export function follow<T, R>(call: () => T | PromiseLike<T>, good: (result: T) => R, bad: (error: unknown) => R) {
  let result: T | PromiseLike<T>;
  try {
    result = call();
  } catch (error) {
    return bad(error);
  }
  return isThenable(result) ? Promise.resolve(result).then(good, bad) : good(result);
}
const isThenable = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === 'function';

/** Rejects with `late()` when the work takes longer than `limit` milliseconds. */
export function within<T>(work: Promise<T>, limit: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout;
  const alarm = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(late()), limit)));
  return Promise.race([work, alarm]).finally(() => clearTimeout(timer));
}

/** Calls in flight, counted per plugin, so that a plugin is stopped only when nobody is inside it. */
export class InFlight {
  readonly #count = new Map<string, number>();
  readonly #waiting = new Map<string, () => void>();

  /** Runs a call of the plugin; what is synchronous stays so. */
  track<T>(plugin: string, call: () => T | Promise<T>): T | Promise<T> {
    this.#count.set(plugin, (this.#count.get(plugin) ?? 0) + 1);
    let result: T | Promise<T> | undefined;
    try {
      result = call();
      return result instanceof Promise ? result.finally(() => this.#leave(plugin)) : result;
    } finally {
      if (!(result instanceof Promise)) this.#leave(plugin);
    }
  }

  #leave(plugin: string): void {
    const left = this.#count.get(plugin)! - 1;
    this.#count.set(plugin, left);
    if (left === 0) this.#waiting.get(plugin)?.();
  }

  /** Waits until nobody is inside the plugin. @throws what `within` throws after that many milliseconds */
  async idle(plugin: string, limit: number): Promise<void> {
    if (!this.#count.get(plugin)) return;
    const free = new Promise<void>((resolve) => this.#waiting.set(plugin, resolve));
    await within(free, limit, () => new Error('calls are still running')).finally(() => this.#waiting.delete(plugin));
  }
}

/** Rejects with `late()` when the work takes longer than `limit` milliseconds. */
export function within<T>(work: Promise<T>, limit: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout;
  const alarm = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limit);
  });
  return Promise.race([work, alarm]).finally(() => clearTimeout(timer));
}

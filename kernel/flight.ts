/** Calls in flight, counted per plugin, so that a plugin is stopped only when nobody is inside it. */
export class InFlight {
  readonly #count = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  enter(plugin: string): void {
    this.#count.set(plugin, (this.#count.get(plugin) ?? 0) + 1);
  }

  leave(plugin: string): void {
    const left = (this.#count.get(plugin) ?? 1) - 1;
    this.#count.set(plugin, left);
    if (left > 0) return;
    this.#count.delete(plugin);
    for (const resume of this.#waiting.get(plugin) ?? []) resume();
    this.#waiting.delete(plugin);
  }

  /** Runs a call of the plugin; what is synchronous stays so. */
  track<T>(plugin: string, call: () => T | Promise<T>): T | Promise<T> {
    this.enter(plugin);
    let result: T | Promise<T>;
    try {
      result = call();
    } catch (error) {
      this.leave(plugin);
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => this.leave(plugin));
    this.leave(plugin);
    return result;
  }

  /** @returns false when calls were still running after that many milliseconds */
  async idle(plugin: string, limit: number): Promise<boolean> {
    if (!this.#count.has(plugin)) return true;
    const free = new Promise<void>((resume) => {
      this.#waiting.set(plugin, [...(this.#waiting.get(plugin) ?? []), resume]);
    });
    return within(free, limit, () => new Error('calls are still running')).then(
      () => true,
      () => false,
    );
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

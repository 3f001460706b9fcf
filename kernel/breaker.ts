/**
 * The breaker of one hook listener. Two things trip it: blocking the process for more than a second within ten, and
 * failing again and again, where an answer that takes over a second counts as a failure. A tripped listener is tried
 * again after ten seconds, so that an outage of something behind it heals by itself.
 */
const limits = {
  window: 10_000,
  blocking: 1_000,
  /** Shorter calls are the price of being called often, not of being slow. */
  noticed: 10,
  slow: 1_000,
  failures: 5,
} as const;

/** Counts for one listener. */
export class Breaker {
  #since = 0;
  #blocked = 0;
  #failures = 0;
  #lastFailure = -Infinity;
  #trippedAt = -Infinity;
  #told = true;
  reason = '';

  get tripped(): boolean {
    return performance.now() - this.#trippedAt < limits.window;
  }

  /** True once after each trip, for the report. */
  justTripped(): boolean {
    const news = !this.#told;
    this.#told = true;
    return news;
  }

  async run(listener: () => unknown): Promise<unknown> {
    const start = performance.now();
    try {
      const result = listener();
      this.#spent(start, performance.now());
      const awaited = result instanceof Promise ? await result : result;
      const took = performance.now() - start;
      if (took > limits.slow) this.#failed(start, `takes ${Math.round(took)} ms`);
      else this.#failures = 0;
      return awaited;
    } catch (error) {
      this.#failed(start, 'throws again and again');
      throw error;
    }
  }

  #spent(start: number, end: number): void {
    if (end - start < limits.noticed) return;
    if (end - this.#since > limits.window) [this.#since, this.#blocked] = [start, 0];
    this.#blocked += end - start;
    if (this.#blocked > limits.blocking) this.#trip(`blocked the server for ${Math.round(this.#blocked)} ms in 10 s`);
  }

  #failed(start: number, reason: string): void {
    // Calls that ran at the same time fail for the same cause: they count once.
    if (start < this.#lastFailure) return;
    this.#lastFailure = performance.now();
    if (++this.#failures >= limits.failures) this.#trip(reason);
  }

  #trip(reason: string): void {
    [this.reason, this.#trippedAt, this.#told, this.#blocked] = [reason, performance.now(), false, 0];
    // One more failure after the pause is enough to trip it again.
    this.#failures = limits.failures - 1;
  }
}

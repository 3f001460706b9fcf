/**
 * The breaker of one hook listener. Two things trip it: blocking the process for more than a second within ten, and
 * failing again and again, where an answer that takes over a second counts as a failure. A tripped listener is tried
 * again after ten seconds, so that an outage of something behind it heals by itself.
 */
const [window, blocking, slow, failures] = [10_000, 1_000, 1_000, 5];
/** Shorter calls are the price of being called often, not of being slow. */
const noticed = 10;

/** Counts for one listener. */
export class Breaker {
  /** Called once at each trip. */
  readonly #tell: (reason: string) => void;
  #since = 0;
  #blocked = 0;
  #failures = 0;
  #lastFailure = -Infinity;
  #trippedAt = -Infinity;

  constructor(tell: (reason: string) => void) {
    this.#tell = tell;
  }

  get tripped(): boolean {
    return performance.now() - this.#trippedAt < window;
  }

  async run(listener: () => unknown): Promise<unknown> {
    const start = performance.now();
    try {
      const result = listener();
      this.#block(start, performance.now());
      const answer = await result;
      if (performance.now() - start > slow) this.#fail(start, 'takes over a second');
      else this.#failures = 0;
      return answer;
    } catch (error) {
      this.#fail(start, 'throws again and again');
      throw error;
    }
  }

  #block(start: number, end: number): void {
    if (end - start < noticed) return;
    if (end - this.#since > window) [this.#since, this.#blocked] = [start, 0];
    this.#blocked += end - start;
    if (this.#blocked > blocking) this.#trip(`blocked the server for ${Math.round(this.#blocked)} ms in 10 s`);
  }

  #fail(start: number, reason: string): void {
    // Calls that ran at the same time fail for the same cause: they count once.
    if (start < this.#lastFailure) return;
    this.#lastFailure = performance.now();
    if (++this.#failures >= failures) this.#trip(reason);
  }

  #trip(reason: string): void {
    // After the pause one more failure is enough to trip it again.
    [this.#trippedAt, this.#blocked, this.#failures] = [performance.now(), 0, failures - 1];
    this.#tell(reason);
  }
}

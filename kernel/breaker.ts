import { follow } from './flight.ts';

/**
 * The breaker of one hook listener. Two things trip it: blocking the process for more than a second within ten, and
 * failing again and again, where an answer that takes over a second counts as a failure. A tripped listener is tried
 * again after ten seconds, so that an outage of something behind it heals by itself.
 */
const [window, blocking, slow, failures] = [10_000, 1_000, 1_000, 5];
/** Shorter calls are the price of being called often, not of being slow. */
const noticed = 10;

/** Guards the calls of one listener. */
export type Breaker = ReturnType<typeof createBreaker>;

/** @param tell called once at each trip */
export function createBreaker(tell: (reason: string) => void) {
  let [since, blocked, calls, failed, lastFailure, trippedAt] = [0, 0, 0, 0, -Infinity, -Infinity];

  const trip = (reason: string): void => {
    // After the pause one more failure is enough to trip it again.
    [trippedAt, blocked, failed] = [performance.now(), 0, failures - 1];
    tell(reason);
  };
  const block = (start: number, end: number): void => {
    if (end - start < noticed) return;
    if (end - since > window) [since, blocked, calls] = [start, 0, 0];
    blocked += end - start;
    // Once is no habit: work at a start may take its time.
    if (++calls > 1 && blocked > blocking) trip(`blocked the server for ${Math.round(blocked)} ms in 10 s`);
  };
  const fail = (start: number, reason: string): void => {
    // Calls that ran at the same time fail for the same cause: they count once, and what has tripped it counts no more.
    if (start < Math.max(lastFailure, trippedAt)) return;
    lastFailure = performance.now();
    if (++failed >= failures) trip(reason);
  };

  return {
    tripped: () => trippedAt > -Infinity && performance.now() - trippedAt < window,
    run(listener: () => unknown): unknown {
      const start = performance.now();
      const good = (answer: unknown) => {
        if (performance.now() - start > slow) fail(start, 'takes over a second');
        else failed = 0;
        return answer;
      };
      const answer = follow(listener, good, (error) => {
        fail(start, 'throws again and again');
        throw error;
      });
      block(start, performance.now());
      return answer;
    },
  };
}

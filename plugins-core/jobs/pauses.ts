/** How long to wait before the next try: longer with each failure, but never for ever. */

/** A one-off job: 10 s, 20 s, 40 s … an hour. */
export const retryAfter = (failures: number): number => Math.min(10_000 * 2 ** Math.min(failures, 20), 3_600_000);

/** A recurring job: its own pace, doubled with each failure in a row, up to ten minutes (or its own pace). */
export const nextRunAfter = (every: number, failures: number): number =>
  Math.min(every * 2 ** Math.min(failures, 20), Math.max(every, 600_000));

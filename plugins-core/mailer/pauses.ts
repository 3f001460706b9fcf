/** How long a mail waits before it is tried again. */

const first = 30_000;
const longest = 6 * 60 * 60_000;

/**
 * 30 s, 1 min, 2 min … six hours, each a quarter more or less, so that mails that failed together do not come together.
 * @param attempts made so far, at least 1 @param random 0 to 1
 */
export const pauseAfter = (attempts: number, random: number): number =>
  Math.round(Math.min(first * 2 ** Math.min(attempts - 1, 20), longest) * (0.75 + random / 2));

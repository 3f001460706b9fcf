/** Pauses while nothing answers: twice as long each time, and never the same for two pages. */
import type { PageWorld } from './world.ts';

const first = 3000;
const longest = 300_000;

/** @param failures before this one. @returns ms */
export const growing = (world: Pick<PageWorld, 'random'>, failures: number): number =>
  Math.min(first * Math.pow(2, failures), longest) * (0.5 + world.random() / 2);

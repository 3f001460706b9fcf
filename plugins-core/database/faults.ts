/**
 * Moments at which a test may kill the process or make a commit fail. Nothing in the product sets them, and no
 * configuration reaches them: a test does, by importing this file into the process under test.
 */
export interface Faults {
  /** Between the last statement and COMMIT; throwing counts as a failed COMMIT. */
  beforeCommit?: (() => void) | undefined;
  /** Between COMMIT and the release of its results. */
  afterCommit?: (() => void) | undefined;
}

export const faults: Faults = {};

/** Tests that need something which a machine may lack: skipped there with the reason, a failure in CI. */
import { describe, it } from 'vitest';

export interface Requirement {
  /** What is needed and how to get it, as it is printed. */
  readonly what: string;
  readonly present: boolean;
}

/** `describe` for tests that need all of `requirements`. */
export function describeWith(requirements: readonly Requirement[], title: string, body: () => void): void {
  const missing = requirements.filter((one) => !one.present).map((one) => one.what);
  if (missing.length === 0) describe(title, body);
  else if (process.env['CI']) {
    describe(title, () => {
      it('finds what it needs (nothing may be skipped in CI)', () => {
        throw new Error(`missing: ${missing.join('; ')}`);
      });
    });
  } else describe.skip(`${title} — skipped, needs ${missing.join('; ')}`, body);
}

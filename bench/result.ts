/** One line of a benchmark: a figure, and the baseline that ran beside it. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  /** `value / baseline`. */
  readonly ratio: number;
  /** What the ratio must keep: at least (throughput), or at most (latency). */
  readonly bound: { readonly least: number } | { readonly most: number };
  /** Further figures worth a line. */
  readonly notes?: Readonly<Record<string, string>>;
}

export interface Bench {
  /** Names of the results that it gives. */
  readonly names: readonly string[];
  run(only: (name: string) => boolean): Promise<readonly Result[]>;
}

export const result = (
  name: string,
  value: number,
  unit: string,
  baseline: number,
  bound: Result['bound'],
  notes: Readonly<Record<string, string>> = {},
): Result => ({ name, value, unit, baseline, ratio: value / baseline, bound, notes });

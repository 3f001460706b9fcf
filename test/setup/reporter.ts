/**
 * Lists what was skipped and why, and writes the totals on one last line. For a gate that runs red files once more: `MIBEW_TESTS_RED` names
 * a file for what was red and the totals of all the rest, `MIBEW_TESTS_BEFORE` one of an earlier run whose totals are added.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const reasonOf = (test: TestCase): string => {
  const result = test.result();
  return result.state === 'skipped' && result.note ? ` — ${result.note}` : '';
};

/** A vitest reporter beside the default one. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const broken = modules.filter((module) => module.errors().length > 0 && module.state() === 'failed').length;
    const out = (line: string) => process.stdout.write(`${line}\n`);
    if (skipped.length > 0) {
      out('\nSkipped:');
      const lines = skipped.map((test) => `  ${test.module.relativeModuleId}: ${test.fullName}${reasonOf(test)}`);
      for (const line of new Set(lines)) out(line);
    }
    const { MIBEW_TESTS_RED: red, MIBEW_TESTS_BEFORE: before } = process.env;
    if (red) {
      const rest = modules.filter((module) => module.ok());
      const files = modules.filter((module) => !module.ok()).map((module) => module.moduleId);
      const states = rest.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
      const totals = {
        passed: states.filter((one) => one === 'passed').length,
        skipped: states.filter((one) => one === 'skipped').length,
      };
      writeFileSync(red, JSON.stringify({ files, errors: errors.length, ...totals }));
    }
    const earlier = before
      ? (JSON.parse(readFileSync(before, 'utf8')) as { passed: number; skipped: number })
      : { passed: 0, skipped: 0 };
    const failed = count('failed') + broken + errors.length;
    out(`${earlier.passed + count('passed')} passed, ${failed} failed, ${earlier.skipped + skipped.length} skipped`);
  }
}

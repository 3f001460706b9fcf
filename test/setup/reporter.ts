/** Lists what was skipped and why, and writes the totals on one last line. */
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
    out(`${count('passed')} passed, ${count('failed') + broken + errors.length} failed, ${skipped.length} skipped`);
  }
}

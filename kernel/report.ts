/** The report as text; the data is a KernelReport. */
import type { KernelReport } from './plugin.ts';

/**
 * One line for each plugin that does not run or did something wrong, and a count of the others.
 *
 * @example
 * console.log(formatReport(kernel.report()));
 * // waiting  acme-crm  DEPENDENCY_TOO_OLD  needs chat ^2.0.0, installed 1.2.0
 */
export function formatReport(report: KernelReport, all = false): string {
  const rows = report.plugins.flatMap(({ id, version, status, problems }) =>
    problems.length > 0
      ? problems.map(({ code, message, hint }) => [status, id, code, hint ? `${message} (${hint})` : message])
      : all || !['active', 'disabled'].includes(status)
        ? [[status, id, version, '']]
        : [],
  );
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  const lines = rows.map((row) => line(row).trimEnd());
  const active = report.plugins.filter(({ status }) => status === 'active').length;
  return [...lines, `mibew ${report.version}: ${active} of ${report.plugins.length} plugins active`].join('\n');
}

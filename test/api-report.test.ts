import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiReports, declarationsOf } from './api-report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the committed interface reports', () => {
  let reports: Map<string, string>;
  beforeAll(async () => {
    reports = await apiReports();
  });

  it('say what the code says (npm run api writes them)', () => {
    const stale = [...reports].filter(
      ([path, text]) => !existsSync(`${root}/${path}`) || readFileSync(`${root}/${path}`, 'utf8') !== text,
    );
    expect(stale.map(([path]) => path)).toEqual([]);
  });

  it('follow what a door passes on from other files', () => {
    expect(reports.get('kernel/api.md')).toMatch(/^function definePlugin</m);
    expect(reports.get('kernel/api.md')).toMatch(/^interface TestKernel /m);
    expect(reports.get('plugins-core/client/api.md')).toMatch(/^interface Outbox/m);
  });
});

it('a report keeps declarations and drops comments, imports and paths', () => {
  const source = `import type { A } from './a.ts';
/** Says something. @example x() */
export declare const x: import("../a.ts").A;
interface Inner {
    /** why */
    readonly y: string; /** aside */
}
export type Z =
    | Inner
    | 'z';
export {};
`;
  expect(declarationsOf(source)).toEqual([
    { name: 'x', text: 'const x: A;', exported: true },
    { name: 'Inner', text: 'interface Inner {\n    readonly y: string;\n}', exported: false },
    { name: 'Z', text: "type Z =\n    | Inner\n    | 'z';", exported: true },
  ]);
});

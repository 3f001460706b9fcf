import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import type { TestKernel } from '../../../kernel/testing.ts';

const weightOf = (text: string) => gzipSync(text, { level: 9 }).length;

/** Everything that a module imports, itself included, by address. */
async function graph(t: TestKernel, address: string, known = new Map<string, string>()): Promise<Map<string, string>> {
  if (known.has(address)) return known;
  const response = await t.request(address);
  expect(response.status, address).toBe(200);
  const source = await response.text();
  known.set(address, source);
  const imports = [...source.matchAll(/(?:from|import)\s*"(\.{0,2}\/[^"]+\.js)"/g)].map(([, found = '']) => found);
  for (const found of imports) await graph(t, new URL(found, new URL(address, 'http://x')).pathname, known);
  return known;
}

it('keeps the launcher under 5 kB, and with the open chat under 45 kB', async () => {
  await using t = await createTestKernel({ plugins: ['widget'] });
  const launcher = weightOf(await (await t.request('/mibew.js')).text());
  const parts = await graph(t, '/plugins/widget/chat.js?locale=en');
  const weights = [...parts].map(([address, source]) => [address, weightOf(source)] as const);
  const all = weights.reduce((sum, [, weight]) => sum + weight, launcher);
  const table = [['/mibew.js', launcher] as const, ...weights]
    .map(([address, weight]) => `${weight} ${address}`)
    .join('\n');

  expect(parts.size, table).toBeGreaterThanOrEqual(6);
  expect(launcher, table).toBeLessThan(5_000);
  expect(all, table).toBeLessThan(45_000);
});

import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { listen } from '../../../kernel/server.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import type { TestKernel } from '../../../kernel/testing.ts';
import { chromiumPath, launchBrowser } from '../../../test/support/browser.ts';
import { describeWith } from '../../../test/support/needs.ts';

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

it('keeps below 45 kB with everything that the product itself joins to the chat', async () => {
  await using t = await createTestKernel({ plugins: ['widget', 'rating', 'transcript', 'waiting', 'leave-message'] });
  const parts = await graph(t, '/plugins/widget/chat.js?locale=en');
  const [entry = ''] = parts.values();
  const joined = JSON.parse(/joined = (\[.*?\])/.exec(entry)?.[1] ?? '[]') as string[];
  expect(joined.length).toBeGreaterThanOrEqual(3);
  for (const address of joined) await graph(t, address, parts);
  const weights = [...parts].map(([address, source]) => [weightOf(source), address] as const);
  const launcher = weightOf(await (await t.request('/mibew.js')).text());
  expect(
    weights.reduce((sum, [weight]) => sum + weight, launcher),
    weights.join('\n'),
  ).toBeLessThan(45_000);
});

it.each([
  ['tracking', 6_000],
  ['invitation', 4_000],
])('keeps the part %s, with its style sheet, under %i bytes', async (name, limit) => {
  await using t = await createTestKernel({ plugins: ['widget', 'tracking', 'invitation'] });
  const response = await t.request(`/plugins/widget/part/${name}.js`);
  expect(response.status).toBe(200);
  expect(weightOf(await response.text())).toBeLessThan(limit);
});

const chromium = {
  what: 'Chromium (apt-get install chromium, or MIBEW_CHROMIUM)',
  present: chromiumPath !== undefined,
};

describeWith([chromium], 'what a browser loads', () => {
  it('is the launcher alone until somebody clicks, and then everything under 45 kB', async () => {
    await using t = await createTestKernel({ plugins: ['widget', 'realtime', 'demo'] });
    const server = await listen(t.kernel);
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const weights = new Map<string, Promise<number>>();
      page.on('response', (response) => {
        const { pathname } = new URL(response.url());
        // The shop's own pictures and style sheet, and what is said in the chat, are not the product's weight.
        if (pathname === '/demo' || pathname.startsWith('/assets/demo/') || pathname === '/thread/update') return;
        weights.set(pathname, response.text().then(weightOf));
      });
      await page.goto(`${server.address}/demo`, { waitUntil: 'networkidle' });
      expect([...weights.keys()]).toEqual(['/mibew.js']);

      await page.getByRole('button', { name: 'Open the chat' }).click();
      await page.getByRole('log').getByRole('listitem').first().waitFor();
      await page.waitForLoadState('networkidle');
      const loaded = await Promise.all([...weights].map(async ([path, weight]) => [await weight, path] as const));
      const table = loaded.map((line) => line.join(' ')).join('\n');
      expect(loaded.length, table).toBeGreaterThanOrEqual(7);
      expect(
        loaded.reduce((sum, [weight]) => sum + weight, 0),
        table,
      ).toBeLessThan(45_000);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});

import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';

it('weighs under 300 bytes until somebody has said something', async () => {
  await using t = await createTestKernel({ plugins: ['widget', 'receipts'] });
  const loader = await (await t.request('/plugins/widget/chat.js?locale=en')).text();
  const joined = [...(/const joined = (\[[^\]]*\])/.exec(loader)?.[1] ?? '').matchAll(/"([^"]+)"/g)];
  expect(joined).toHaveLength(1);
  const source = await (await t.request(joined[0]![1]!)).text();
  expect(source).toContain('receipts');
  expect(gzipSync(source, { level: 9 }).length).toBeLessThan(300);
});

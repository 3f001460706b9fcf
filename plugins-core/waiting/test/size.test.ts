import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';

it('costs a visitor no more than 600 bytes', async () => {
  await using t = await createTestKernel({ plugins: ['widget', 'waiting'] });
  const loader = await (await t.request('/plugins/widget/chat.js?locale=en')).text();
  const [address] = /\/assets\/waiting\.\w+\.js/.exec(loader) ?? [];
  const source = await (await t.request(address ?? '')).text();
  expect(source).toContain('receivePosition');
  expect(gzipSync(source, { level: 9 }).length).toBeLessThan(600);
});

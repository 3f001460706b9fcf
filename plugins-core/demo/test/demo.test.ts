import { expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';

it('shows the shop with the launcher and a link that works without it', async () => {
  await using t = await createTestKernel({ plugins: ['demo'] });
  const response = await t.request('/demo');
  const html = await response.text();
  expect(response.status).toBe(200);
  const nonce = /<script src="\/mibew\.js" async nonce="([^"]+)"><\/script>/.exec(html)?.[1];
  expect(nonce).toBeDefined();
  expect(html).toContain('href="/chat"');
  expect(response.headers.get('content-security-policy')).toContain(`script-src 'nonce-${nonce}';`);
});

it('has no more than the policy that host pages are asked for', async () => {
  await using t = await createTestKernel({
    plugins: ['demo'],
    env: { MIBEW_PUBLIC_URL: 'https://chat.example.com/mibew' },
  });
  const policy = (await t.request('/mibew/demo')).headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain('connect-src https://chat.example.com wss://chat.example.com;');
  expect(policy).not.toContain('unsafe');
});

it('loads nothing that is not there', async () => {
  await using t = await createTestKernel({ plugins: ['demo'] });
  const html = await (await t.request('/demo')).text();
  const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(7);
  for (const file of files) expect((await t.request(file)).status, file).toBe(200);
});

it('stands below the path of the public address', async () => {
  await using t = await createTestKernel({
    plugins: ['demo'],
    env: { MIBEW_PUBLIC_URL: 'https://chat.example.com/mibew' },
  });
  const html = await (await t.request('/mibew/demo')).text();
  expect(html).toContain('src="/mibew/mibew.js"');
  expect(html).toContain('href="/mibew/chat"');
});

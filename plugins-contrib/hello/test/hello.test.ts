import { fileURLToPath } from 'node:url';
import { filterMessage, threads } from 'mibew/plugins/chat';
import { createTestKernel, describePlugin, fake } from 'mibew/testing';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const fakes = [fake(threads, {})];

describePlugin(folder, { fakes });

describe('hello', () => {
  it('turns :wave: into a hand', async () => {
    await using t = await createTestKernel({ plugins: [folder], fakes });
    const draft = { kind: 1, body: 'hi :wave:', name: null, agentId: 0, plugin: '', data: null } as const;
    const filtered = await t.call(filterMessage, draft, { threadId: 1, side: 'user' });
    expect(filtered.body).toBe('hi 👋');
  });

  it('has a page that the theme draws', async () => {
    await using t = await createTestKernel({ plugins: [folder], fakes });
    const page = await t.request('/plugins/hello/page');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Mibew says hello. Nobody waved today.');
  });
});

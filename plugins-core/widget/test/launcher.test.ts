import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';

describe('/mibew.js', () => {
  it('is public for a minute, and answers 304 to whoever has it', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const response = await t.request('/mibew.js');
    expect(response.headers.get('cache-control')).toBe('public, max-age=60');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    const again = await t.request('/mibew.js', { headers: { 'if-none-match': response.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  it('is a classic script that does nothing where no script element runs it', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const source = await (await t.request('/mibew.js')).text();
    const window = {};
    runInNewContext(source, { window, document: { currentScript: null } });
    expect(window).toEqual({});
  });

  it('speaks the language of the browser', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const response = await t.request('/mibew.js', { headers: { 'accept-language': 'en' } });
    expect(response.headers.get('vary')).toMatch(/accept-language/i);
    expect(await response.text()).toContain('Open the chat');
  });
});

describe('the module behind it', () => {
  it('may be loaded by anybody’s page, with everything that it imports', async () => {
    await using t = await createTestKernel({
      plugins: ['widget'],
      env: { MIBEW_PUBLIC_URL: 'https://c.example/mibew' },
    });
    const response = await t.request('/mibew/plugins/widget/chat.js?locale=en');
    const source = await response.text();
    const imports = [...source.matchAll(/from "([^"]+)"/g)].map(([, address = '']) => address);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(imports.length).toBeGreaterThanOrEqual(4);
    for (const address of imports) {
      expect(address).toMatch(/^\/mibew\/assets\//);
      const asset = await t.request(address);
      expect(asset.status, address).toBe(200);
      expect(asset.headers.get('access-control-allow-origin'), address).toBe('*');
    }
  });
});

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen, type Server } from '../../../kernel/server.ts';
import { createTestKernel, type TestKernel } from '../../../test/conformance/index.ts';
import { chromiumPath, launchBrowser } from '../../../test/support/browser.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { operators } from '../../operators/api.ts';
import { settings } from '../../settings/api.ts';

const chromium = { what: 'Chromium (MIBEW_CHROMIUM or /usr/bin/chromium)', present: chromiumPath !== undefined };
const password = 'correct horse';

interface Icon {
  readonly src: string;
  readonly sizes: string;
  readonly purpose: string;
}
interface Manifest {
  readonly name: string;
  readonly id: string;
  readonly start_url: string;
  readonly scope: string;
  readonly icons: readonly Icon[];
}

describe('the workspace as an app', () => {
  it.each(['', '/support'])('has a manifest with its addresses and icons below "%s"', async (base) => {
    const kernel = await createTestKernel({
      plugins: ['users'],
      env: { MIBEW_PUBLIC_URL: `https://chat.example${base}` },
    });
    await kernel.service(settings).change({ title: 'Lamps & Shades' }, 'test');
    const response = await kernel.request(`${base}/operator/users/app.webmanifest`);
    expect(response.headers.get('content-type')).toMatch(/^application\/manifest\+json/);
    const manifest = (await response.json()) as Manifest;
    expect(manifest).toMatchObject({
      name: 'Lamps & Shades',
      id: `${base}/operator/users`,
      start_url: `${base}/operator/users`,
      scope: `${base}/operator`,
      display: 'standalone',
    });
    expect(manifest.icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual([
      '192x192 any',
      '512x512 any',
      '192x192 maskable',
      '512x512 maskable',
    ]);
    for (const { src, sizes } of manifest.icons) {
      const image = await kernel.request(src);
      expect(image.headers.get('content-type')).toBe('image/png');
      const bytes = Buffer.from(await image.arrayBuffer());
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
    }
    await kernel.dispose();
  });

  it('has a service worker for the workspace alone, that hears of no request and is asked for anew', async () => {
    const kernel = await createTestKernel({ plugins: ['users'] });
    const response = await kernel.request('/operator/users/worker.js');
    expect(response.headers.get('service-worker-allowed')).toBe('/operator/users');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const script = await response.text();
    expect(script).toContain('notificationclick');
    expect(script).not.toMatch(/["']fetch["']|caches|indexedDB|importScripts/);
    await kernel.dispose();
  });
});

describeWith([chromium], 'the workspace as an app in a browser', () => {
  let kernel: TestKernel;
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    kernel = await createTestKernel({ plugins: ['users', 'demo', 'widget'] });
    server = await listen(kernel.kernel);
    await kernel
      .service(operators)
      .create({ login: 'ann', name: 'Ann', email: 'ann@example.com', password, permissions: [] });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await kernel?.dispose();
  });

  it('can be installed, under its own policy, and only there is a worker', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
    await page.goto(`${server.address}/demo`);
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
    await page.goto(`${server.address}/operator/users`);
    expect(await page.locator('link[rel=manifest]').count()).toBe(0);
    await page.fill('[name=login]', 'ann');
    await page.fill('[name=password]', password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-section=waiting]:not([hidden])');
    const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    expect(new URL(scope).pathname).toBe('/operator/users');

    const session = await context.newCDPSession(page);
    const { errors, data } = (await session.send('Page.getAppManifest')) as { errors: unknown[]; data?: string };
    expect(errors).toEqual([]);
    expect((JSON.parse(data ?? '{}') as Manifest).id).toBe('/operator/users');
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // Contexts of tests are private windows, which install nothing; nothing else stands in the way.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
    expect(refused).toEqual([]);
    await context.close();
  });
});

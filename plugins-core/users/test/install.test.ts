import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../test/conformance/index.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { threads } from '../../chat/api.ts';
import { settings } from '../../settings/api.ts';
import { chromium, openOffice } from './office.ts';

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

/** As on Android: pages may not show notices. The operator wants them, and looks elsewhere. */
function onAndroid(): void {
  class Refusing {
    static permission = 'granted';
    constructor() {
      throw new TypeError('Illegal constructor');
    }
  }
  Object.assign(window, { Notification: Refusing });
  document.hasFocus = () => false;
  localStorage.setItem('mibew.workspace.notify', 'yes');
}

describeWith([chromium], 'the workspace as an app in a browser', () => {
  const office = openOffice();
  const workers = (page: Page) =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope));

  it('can be installed, and has no worker where pages show notices themselves', async () => {
    const page = await office.workspace();
    const session = await page.context().newCDPSession(page);
    const { errors, data } = (await session.send('Page.getAppManifest')) as { errors: unknown[]; data?: string };
    expect(errors).toEqual([]);
    expect((JSON.parse(data ?? '{}') as Manifest).id).toBe('/operator/users');
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // Contexts of tests are private windows, which install nothing; nothing else stands in the way.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
    expect(await workers(page)).toEqual([]);
    await page.context().close();
  });

  it('shows notices through a worker where pages may not, under its own policy, and takes them back', async () => {
    const page = await office.workspace({ before: onAndroid, strict: true });
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
    await page.context().grantPermissions(['notifications']);
    const shown = () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration('/operator/users');
        return ((await registration?.getNotifications()) ?? []).map(({ title }) => title);
      });
    const zoe = await office.visit('Zoe', 'Hello');
    await expect.poll(shown).toEqual(['Zoe is waiting']);
    expect((await workers(page)).map((scope) => new URL(scope).pathname)).toEqual(['/operator/users']);
    await office.kernel.service(threads).take(zoe.id, office.bob);
    await expect.poll(shown).toEqual([]);
    expect(refused).toEqual([]);
    // Pages of visitors have no part in it.
    await page.goto(`${new URL(page.url()).origin}/chat`);
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    expect(await page.locator('link[rel=manifest]').count()).toBe(0);
    await page.context().close();
    await office.leave(zoe);
  });
});

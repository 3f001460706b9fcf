/** A page in every width and both schemes: nothing of it is cut, everybody can use it, and a picture of each view is kept. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { root } from '../support/server.ts';
import { accessFaults, layoutFaults } from './layout.ts';

/** Where the pictures lie. */
export const folder = join(root, 'screenshots');

/** Windows by their widths: as on a wide desk, on a small one, on a tablet, a phone, and the narrowest that pages have to fit in. */
const heights: Readonly<Record<number, number>> = { 1440: 900, 1280: 720, 768: 1024, 390: 844, 320: 640 };
export const sizeOf = (width: number) => ({ width, height: heights[width]! });

export interface ViewOptions {
  /** Those of `sizeOf`; absent: a desk and a phone. */
  readonly widths?: readonly number[];
  /** A page to scroll: its pictures show all of it. */
  readonly long?: boolean;
}

/**
 * Looks at a page from all sides and leaves it as it was, in light.
 * @param name what its pictures are called
 * @returns what is wrong with it, and in which view
 */
export async function faultsOf(
  page: Page,
  name: string,
  { widths = [1440, 390], long = false }: ViewOptions = {},
): Promise<string[]> {
  const before = page.viewportSize();
  const faults: string[] = [];
  for (const width of widths) {
    await page.setViewportSize(sizeOf(width));
    for (const colorScheme of ['light', 'dark'] as const) {
      const view = `${name}-${width}-${colorScheme}`;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const fault of [...(await layoutFaults(page)), ...(await accessFaults(page))])
        faults.push(`${view}: ${fault}`);
      await page.screenshot({ path: join(folder, `${view}.png`), fullPage: long, animations: 'disabled' });
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  if (before) await page.setViewportSize(before);
  return faults;
}

/**
 * Looks at pages of a server in every width, down to the narrowest, and from right to left.
 * @returns `faults`: what was found so far
 */
export function lookAt(page: Page, url: string) {
  const faults: string[] = [];
  return {
    faults,
    /** @param prepare brings the page into the state that is looked at, in any language */
    look: async (name: string, path: string, prepare?: () => Promise<void>): Promise<void> => {
      for (const locale of ['en', 'ar-XB']) {
        await page.context().addCookies([{ name: 'mibew_locale', value: locale, url }]);
        expect((await page.goto(url + path))?.status()).toBe(200);
        await prepare?.();
        faults.push(...(await faultsOf(page, `${name}-${locale}`, { widths: [1440, 390, 320], long: true })));
      }
    },
  };
}

/** Nothing is wrong with the page in any view. */
export async function expectSound(page: Page, name: string, options?: ViewOptions): Promise<void> {
  expect(await faultsOf(page, name, options)).toEqual([]);
}

/** Every state of a conversation, on both sides: nobody is kept out by it, nothing is cut, light, dark and from right to left. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { describeWith } from '../support/needs.ts';
import { accessFaults, layoutFaults } from './layout.ts';
import { chromium } from './people.ts';
import { setStage, type Stage } from './stage.ts';
import { sections, walk, type View } from './surfaces.ts';

/** Where scripts are off nothing can ask a page: the same page is shown once more as such browsers draw it, with scripts on. */
async function accessFaultsOf(page: Page, { look, width }: View): Promise<string[]> {
  const body = (await page.content()).replace(/<script[\s\S]*?<\/script>/g, '').replace(/<(\/?)noscript/g, '<$1div');
  const context = await page
    .context()
    .browser()!
    .newContext({
      bypassCSP: true,
      colorScheme: look === 'dark' ? 'dark' : 'light',
      storageState: await page.context().storageState(),
      viewport: { width, height: 900 },
    });
  try {
    const twin = await context.newPage();
    await twin.route(page.url(), (route) => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }));
    await twin.goto(page.url());
    return await accessFaults(twin);
  } finally {
    await context.close();
  }
}

describeWith([chromium], 'what people see', () => {
  let stage: Stage;
  let browser: Browser;
  beforeAll(async () => {
    stage = await setStage();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.stop();
  });

  for (const { title, surfaces } of sections) {
    describe(title, () => {
      it.each(surfaces.map((surface) => [surface.name, surface.about, surface] as const))(
        '%s: %s',
        async (_, __, surface) => {
          const faults: string[] = [];
          await walk(browser, stage, surface, async (page, view) => {
            const access = surface.plain ? await accessFaultsOf(page, view) : await accessFaults(page);
            const found = [...(await layoutFaults(page)), ...access];
            faults.push(...found.map((fault) => `${view.look} ${view.width}: ${fault}`));
          });
          expect(faults).toEqual([]);
        },
      );
    });
  }
});

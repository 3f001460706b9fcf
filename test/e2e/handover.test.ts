/** One operator hands his conversation to another in real browsers: chosen in a dialog, told by a note, and the visitor stays. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { addOperator } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { root, startServer } from '../support/server.ts';
import { accessFaults, layoutFaults } from './layout.ts';
import { chromium, logInAt, openChat, patience, rowOf, visitorOn } from './people.ts';

const soon = { timeout: patience };
const folder = join(root, 'screenshots');

describeWith([chromium], 'a conversation', () => {
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  async function talk() {
    const server = await startServer({ without: ['survey', 'leave-message'] });
    onTestFinished(() => server.stop());
    addOperator(server, 'ann', 'Ann', '--admin');
    addOperator(server, 'bob', 'Bob');
    addOperator(server, 'cem', 'Cem');
    const [ann, bob] = [
      await logInAt(browser, server.url),
      await logInAt(browser, server.url, undefined, { login: 'bob' }),
    ];
    const visitor = await visitorOn(browser, `${server.url}/demo`);
    for (const one of [ann, bob, visitor]) onTestFinished(() => one.close());
    await openChat(visitor);
    await visitor.say('Which blue?');
    await rowOf(ann, 'Which blue?').click();
    await ann.sees('Which blue?');
    return { server, ann, bob, visitor };
  }

  it('goes to a colleague with a note, by keyboard, and the visitor stays where he is', async () => {
    const { ann, bob, visitor } = await talk();
    const dialog = ann.chat.getByRole('dialog', { name: 'Hand over the conversation' });
    const open = ann.chat.getByRole('button', { name: 'Hand over', exact: true });
    await open.click();
    await dialog.getByRole('radio', { name: /Bob/ }).waitFor(soon);
    // Who is there comes first.
    expect(
      await dialog.getByRole('radio').evaluateAll((all) => all.map((one) => one.parentElement?.innerText)),
    ).toEqual([expect.stringMatching(/Bob\s+online/), expect.stringMatching(/Cem\s+offline/)]);
    const faults: string[] = [];
    for (const [width, colorScheme] of [
      [1440, 'light'],
      [1440, 'dark'],
      [390, 'dark'],
      [390, 'light'],
    ] as const) {
      await ann.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await ann.page.setViewportSize({ width, height: 900 });
      for (const fault of [...(await layoutFaults(ann.page)), ...(await accessFaults(ann.page))])
        faults.push(`${width}-${colorScheme}: ${fault}`);
      await ann.page.screenshot({ path: join(folder, `handover-${width}-${colorScheme}.png`), animations: 'disabled' });
    }
    expect(faults).toEqual([]);
    await ann.page.setViewportSize({ width: 1440, height: 900 });

    // Escape changes nothing, and leads back to where one was.
    await ann.page.keyboard.press('Escape');
    await dialog.waitFor({ ...soon, state: 'detached' });
    expect(await open.evaluate((button) => button === document.activeElement)).toBe(true);

    await ann.page.keyboard.press('Enter');
    const search = dialog.getByRole('searchbox');
    await search.pressSequentially('ce');
    await expect.poll(() => dialog.getByRole('radio').count(), soon).toBe(1);
    await dialog.getByText('Cem is offline.').waitFor(soon);
    await search.fill('');
    await expect.poll(() => dialog.getByRole('radio').count(), soon).toBe(2);
    await dialog.getByRole('button', { name: 'Hand over' }).waitFor(soon);
    await dialog.getByRole('radio', { name: /Cem/ }).focus();
    await ann.page.keyboard.press('ArrowUp');
    await dialog.getByText('Cem is offline.').waitFor({ ...soon, state: 'hidden' });
    await dialog.getByRole('textbox').fill('Wants the <light> blue.');
    await dialog.getByRole('button', { name: 'Hand over' }).click();
    await dialog.waitFor({ ...soon, state: 'detached' });
    await open.waitFor({ ...soon, state: 'hidden' });
    await visitor.sees('Operator Ann hands the conversation over to Bob. One moment, please.');
    await visitor.chat.getByRole('heading', { name: 'Live Support' }).waitFor(soon);

    await bob.page.getByText('Guest is waiting for you by name').waitFor(soon);
    await rowOf(bob, 'Which blue?').getByText('For you').waitFor(soon);
    // Who handed it over is not called to it.
    expect(await ann.page.locator('.mb-toast').count()).toBe(0);
    await bob.page.screenshot({ path: join(folder, 'handover-addressed-1280-light.png') });
    await rowOf(bob, 'Which blue?').click();
    await bob.sees('Wants the <light> blue.');
    await bob.say('The light one is here.');
    await visitor.sees('The light one is here.');
    await visitor.chat.getByRole('heading', { name: 'Bob' }).waitFor(soon);
    expect(await visitor.chat.getByText('<light>').count()).toBe(0);
    for (const one of [ann, bob, visitor]) one.watch.calm();
  }, 120_000);

  it('is handed over by the pages, too', async () => {
    const { server, ann } = await talk();
    const own = await ann.chat.getByRole('link', { name: 'Open in a window of its own' }).getAttribute('href');
    const page = await ann.page.context().newPage();
    const faults: string[] = [];
    for (const locale of ['en', 'ar-XB']) {
      await page.context().addCookies([{ name: 'mibew_locale', value: locale, url: server.url }]);
      for (const path of [`${own}/redirection-links`, `${own}/redirect?nextAgent=3`]) {
        // Whoever comes from elsewhere is asked first.
        await page.goto(`data:text/html,<a href="${new URL(path, server.url).href}">go</a>`);
        await page.getByRole('link').click();
        await page.locator('form button').first().waitFor(soon);
        for (const [width, colorScheme] of [
          [1440, 'light'],
          [390, 'dark'],
          [390, 'light'],
        ] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await page.setViewportSize({ width, height: 900 });
          const name = `handover-${path.includes('?') ? 'confirm' : 'links'}-${width}-${colorScheme}-${locale}`;
          for (const fault of [...(await layoutFaults(page)), ...(await accessFaults(page))])
            faults.push(`${name}: ${fault}`);
          await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled' });
        }
      }
    }
    expect(faults).toEqual([]);
  }, 120_000);
});

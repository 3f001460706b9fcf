/** Administrators at their browsers: settings, who changed what, plugins, and the code for a page. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { chromium, patience, rowOf } from './people.ts';
import { lookAt } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'administration', () => {
  const world = openWorld({
    operators: [
      ['ann', 'Ann Example', '--admin'],
      ['bob', 'Bob', '--admin'],
    ],
  });

  const at = (login: string, path: string, options: object = {}) =>
    world.operator(world.server.url, path, { login, ...options });
  const save = (page: Page) => page.locator('.mb-savebar').getByRole('button', { name: 'Save' }).click();
  const saved = (page: Page) => page.getByText('Saved. It counts already.').waitFor(soon);

  it('finds a setting without scripts, is told at the field what is wrong, and goes back to the default', async () => {
    const { page } = await at('ann', '/operator/settings', { javaScriptEnabled: false });
    await page.getByRole('searchbox', { name: 'Search settings' }).fill('forgotten conversation');
    await page.keyboard.press('Enter');
    await page.getByText('1 setting for “forgotten conversation”').waitFor(soon);
    const field = page.getByLabel('Lifetime of a forgotten conversation', { exact: true });
    await field.fill('soon');
    await page.keyboard.press('Enter');
    await page.getByText('Write a number, such as 30.').waitFor(soon);
    expect(await field.inputValue()).toBe('soon');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await field.fill('900');
    await save(page);
    await saved(page);
    await page.getByText('Default: 600 seconds').waitFor(soon);
    await page.getByRole('button', { name: 'Use the default: Lifetime of a forgotten conversation' }).click();
    await saved(page);
    expect(await field.inputValue()).toBe('600');
    expect(await page.getByText('Default: 600 seconds').count()).toBe(0);
  });

  it('loses nothing of two administrators, and undoes what one of them did', async () => {
    const [ann, bob] = [await at('ann', '/operator/settings'), await at('bob', '/operator/settings')];
    const company = (page: Page) => page.getByLabel('Company', { exact: true });
    const title = (page: Page) => page.getByLabel('Title of the chat window', { exact: true });
    await company(ann.page).fill('Lamp & Shade');
    await save(ann.page);
    await saved(ann.page);
    await title(bob.page).fill('Ask us');
    await company(bob.page).fill('Bob & Sons');
    await save(bob.page);
    await bob.page.getByText('Changed meanwhile to “Lamp & Shade”.').waitFor(soon);
    expect(await company(bob.page).evaluate((element) => element === document.activeElement)).toBe(true);
    expect([await company(bob.page).inputValue(), await title(bob.page).inputValue()]).toEqual([
      'Bob & Sons',
      'Ask us',
    ]);
    await save(bob.page);
    await saved(bob.page);

    await ann.page.getByRole('link', { name: 'Changes' }).click();
    const row = ann.page.getByRole('row').filter({ hasText: 'Bob & Sons' });
    await expect.poll(() => row.textContent(), soon).toMatch(/Company.*Lamp & Shade.*Bob & Sons.*Bob/s);
    await row.getByRole('button', { name: 'Undo: Company back to Lamp & Shade' }).click();
    await ann.page.getByText('Set back.').waitFor(soon);
    await bob.page.reload();
    expect([await company(bob.page).inputValue(), await title(bob.page).inputValue()]).toEqual([
      'Lamp & Shade',
      'Ask us',
    ]);
  });

  it('counts at once, for whoever has a page open: the list of an operator follows when groups are switched', async () => {
    world.set('enablepresurvey', 'off');
    world.set('enablegroups', 'on');
    const { page } = await at('ann', '/operator/group/add');
    await page.getByLabel('Name', { exact: false }).first().fill('Sales');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('checkbox', { name: /^Ann Example/ }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor(soon);
    const [ann, bob] = [await at('ann', '/operator/users'), await at('bob', '/operator/users')];
    await world.visitor(`${world.server.url}/chat?group=1&name=Zoe`);
    await rowOf(ann, 'Zoe').waitFor(soon);
    expect(await rowOf(bob, 'Zoe').count()).toBe(0);

    await page.goto(`${world.server.url}/operator/settings/features`);
    await page.getByRole('checkbox', { name: 'Groups of operators' }).uncheck();
    await save(page);
    await rowOf(bob, 'Zoe').waitFor(soon);
    await page.getByRole('checkbox', { name: 'Groups of operators' }).check();
    await save(page);
    await rowOf(bob, 'Zoe').waitFor({ state: 'detached', ...soon });
    expect(await rowOf(ann, 'Zoe').count()).toBe(1);
  });

  it('switches a plugin off and on after showing what goes with it, at once on every page', async () => {
    const { page } = await at('ann', '/operator/plugin');
    const menu = page.getByRole('navigation', { name: 'Main navigation' });
    await page.getByRole('link', { name: 'Switch off: Ratings' }).click();
    await page.getByText('It counts at once.', { exact: false }).waitFor(soon);
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('Ratings is off.').waitFor(soon);
    expect(await menu.getByRole('link', { name: 'Ratings' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Switch off: Conversations' }).click();
    await page.getByText('Stops with it').waitFor(soon);
    expect(await page.locator('.mb-facts').textContent()).toMatch(/Workspace/);
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Switch on: Ratings' }).click();
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByText('Ratings is on.').waitFor(soon);
    expect(await menu.getByRole('link', { name: 'Ratings' }).count()).toBe(1);
  });

  it('copies code that works on a page of somebody else, as the preview showed', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const { page } = await at('ann', '/operator/button-code', { permissions });
    const framed = page.frameLocator('iframe');
    await framed.locator('mibew-chat').getByRole('button').first().click();
    await framed.locator('mibew-chat').getByRole('textbox').first().waitFor(soon);
    await page.getByLabel('Text link').check();
    await expect.poll(() => page.locator('#mb-code').inputValue(), soon).toContain('mibew text link');
    await framed.getByRole('link', { name: 'Chat with us' }).waitFor(soon);
    await page.getByLabel('Name this server in the code').check();
    await expect.poll(() => page.locator('#mb-code').inputValue(), soon).toContain(world.server.url);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').waitFor(soon);
    const code = await page.evaluate(() => navigator.clipboard.readText());
    expect(code).toBe(await page.locator('#mb-code').inputValue());

    const shop = await page.context().newPage();
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end(`<!doctype html><title>Shop</title><main>${code}</main>`);
    });
    await new Promise<void>((ready) => server.listen(0, 'localhost', ready));
    onTestFinished(() => void server.close());
    const address = `http://localhost:${(server.address() as AddressInfo).port}/shop`;
    await shop.goto(address);
    const corner = shop.locator('mibew-chat').getByRole('button', { name: 'Open the chat' });
    await shop.locator('mibew-chat').waitFor({ state: 'attached', ...soon });
    expect(await corner.count()).toBe(0);
    await shop.getByRole('link', { name: 'Chat with us' }).click();
    await shop.locator('mibew-chat').getByRole('textbox').first().waitFor(soon);
    expect(shop.url()).toBe(address);
  });

  it('has pages that everybody can use, in every width, light, dark, and from right to left', async () => {
    const { page } = await at('ann', '/operator', { bypassCSP: true, reducedMotion: 'reduce' });
    const { look, faults } = lookAt(page, world.server.url);
    const refuse = async () => {
      await page.locator('[name=thread_lifetime]').fill('soon');
      await page.keyboard.press('Enter');
      await page.locator('[aria-invalid]').waitFor(soon);
    };
    await look('settings', '/operator/settings');
    await look('settings-features', '/operator/settings/features');
    await look('settings-refused', '/operator/settings/performance', refuse);
    await look('settings-nothing', '/operator/settings?q=nothing+like+it');
    await look('changes', '/operator/settings/log');
    await look('plugins', '/operator/plugin');
    await look('plugin-change', '/operator/plugin/chat/disable');
    await look('button-code', '/operator/button-code?codetype=operator_code');
    await look('button-code-strict', '/operator/button-code?codetype=button&nonce=on');
    expect(faults).toEqual([]);
  }, 400_000);
});

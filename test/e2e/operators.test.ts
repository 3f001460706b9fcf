/** Operators at their browsers: an administrator lets somebody in, changes what she may do, and shuts her out. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { password } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { chromium, openChat, patience, rowOf } from './people.ts';
import { lookAt } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'operators', () => {
  const world = openWorld({
    operators: [
      ['ann', 'Ann Example', '--admin'],
      ['bob', 'Bob of the northern department and the islands'],
    ],
    settings: { enablepresurvey: 'off' },
  });
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true });
  });

  const at = (login: string, path: string, options: object = {}) =>
    world.operator(world.server.url, path, { login, ...options });
  const submit = (page: Page) => page.locator('main form[method=post] button[type=submit]').click();
  /** A picture as a camera would make it, only smaller. */
  async function picture(page: Page): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mibew-face-'));
    folders.push(folder);
    const shot = await page.screenshot({ clip: { x: 0, y: 0, width: 48, height: 48 }, type: 'jpeg' });
    await writeFile(join(folder, 'me.of.course'), shot);
    return join(folder, 'me.of.course');
  }

  it('are added without scripts, told what is wrong, and keep what was typed', async () => {
    const { page } = await at('ann', '/operator/operator', { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Add an operator' }).click();
    const fill = async (fields: Record<string, string>) => {
      for (const [name, value] of Object.entries(fields)) await page.locator(`[name=${name}]`).fill(value);
      await submit(page);
    };
    const passwords = { password, passwordConfirm: password };
    await fill({ login: 'ann', name: 'Zoë', email: 'zoe@example.com', ...passwords });
    await page.getByText('Another operator has this login already.').waitFor();
    expect(await page.locator('[name=login]').evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.locator('[name=name]').inputValue()).toBe('Zoë');
    await fill({ login: 'zoe', ...passwords });
    await page.getByText('The operator was added.').waitFor();
    await page.locator('[name=avatarFile]').setInputFiles(await picture(page));
    await submit(page);
    await page.getByText('Saved.').waitFor();
    await page.getByRole('link', { name: 'Permissions', exact: true }).click();
    for (const name of [/^Take over conversations/, /^View conversations/])
      await page.getByRole('checkbox', { name }).check();
    await submit(page);
    await page.getByText('Saved.').waitFor();
    await page.getByRole('link', { name: 'Operators' }).first().click();
    await page.getByRole('row', { name: /Zoë/ }).getByText('2 permissions').waitFor();
  });

  it('have pages that everybody can use, in every width, light, dark, and from right to left', async () => {
    const { page } = await at('ann', '/operator/operator', { bypassCSP: true, reducedMotion: 'reduce' });
    const refuse = async () => {
      await page.locator('[name=email]').fill('nobody');
      await page.locator('main form').evaluate((form) => ((form as HTMLFormElement).noValidate = true));
      await submit(page);
      await page.getByRole('alert').waitFor();
    };
    const { look, faults } = lookAt(page, world.server.url);
    await look('operators', '/operator/operator');
    await look('operators-none', '/operator/operator?q=nobody');
    await look('operator-add', '/operator/operator/add');
    await look('operator-edit-refused', '/operator/operator/2/edit', refuse);
    await look('operator-own', '/operator/operator/1/edit');
    await look('operator-permissions', '/operator/operator/1/permissions');
    await look('operator-avatar', '/operator/operator/3/avatar');
    await look('operator-delete', '/operator/operator/2/delete');
    expect(faults).toEqual([]);
  }, 300_000);

  it('show their faces to visitors, lose a right at once, and hear at once that they are shut out', async () => {
    const office = await at('ann', '/operator/operator');
    const bob = await at('bob', '/operator/users');
    const zoe = await at('zoe', '/operator/users', { expected: [/403|4403|WebSocket/] });
    const vera = await world.visitor(world.shop.url);
    await openChat(vera);
    await vera.say('Hello');
    await rowOf(bob, 'Hello').waitFor(soon);
    await rowOf(bob, 'Hello').click();
    await bob.sees('Hello');
    await bob.say('Good day');
    await vera.sees('Good day');

    // A conversation of somebody else.
    await rowOf(zoe, 'Hello').click();
    const mayTake = zoe.page.getByRole('button', { name: 'Take over' });
    await mayTake.first().waitFor(soon);
    await office.page.goto(`${world.server.url}/operator/operator/3/permissions`);
    for (const name of [/^Take over conversations/, /^View conversations/])
      await office.page.getByRole('checkbox', { name }).uncheck();
    await submit(office.page);
    await office.page.getByText('Saved.').waitFor();
    await expect
      .poll(async () => {
        await rowOf(zoe, 'Hello').click();
        return mayTake.count();
      }, soon)
      .toBe(0);

    // A conversation of her own.
    const wim = await world.visitor(world.shop.url);
    await openChat(wim);
    await wim.say('Anybody there?');
    await rowOf(zoe, 'Anybody there?').click();
    await zoe.sees('Anybody there?');
    await zoe.say('I am');
    await wim.sees('I am');
    const face = wim.page.locator('mibew-chat').locator('.mb-chat__face img');
    await face.waitFor(soon);
    await expect.poll(() => face.evaluate((image) => (image as HTMLImageElement).naturalWidth), soon).toBe(48);

    await office.page.goto(`${world.server.url}/operator/operator/3/disable`);
    await submit(office.page);
    await office.page.getByText('The account was disabled').waitFor();
    await zoe.page.getByText('You are logged out.').waitFor(soon);
    await zoe.page.goto(`${world.server.url}/operator/login`);
    await zoe.page.getByLabel(/^Login/).fill('zoe');
    await zoe.page.getByLabel(/^Password/).fill(password);
    await zoe.page.getByRole('button', { name: 'Log in' }).click();
    await zoe.page.getByText('Your account is temporarily blocked.').waitFor();
  });
});

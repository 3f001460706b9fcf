/** Groups at their browsers: an administrator makes them without scripts, and conversations come to whom they belong. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { addOperator } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { root, startServer, type Server } from '../support/server.ts';
import { accessFaults, layoutFaults } from './layout.ts';
import { chromium, logInAt, patience, rowOf, visitorOn, type Person } from './people.ts';

const soon = { timeout: patience };
const folder = join(root, 'screenshots');

describeWith([chromium], 'groups', () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    server = await startServer();
    addOperator(server, 'ann', 'Ann Example', '--admin');
    addOperator(server, 'bob', 'Bob');
    addOperator(server, 'eve', 'Eve of the northern department and the islands');
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const at = async (login: string, path: string, options: object = {}): Promise<Person> => {
    const person = await logInAt(browser, server.url, path, { login, ...options });
    onTestFinished(() => person.close());
    return person;
  };
  const submit = (page: Page) => page.locator('main form button[type=submit]').click();

  const tick = (page: Page, name: string) => page.getByRole('checkbox', { name: new RegExp(`^${name}`) });

  it('are made without scripts: groups, one below another, members', async () => {
    const { page } = await at('ann', '/operator/group', { javaScriptEnabled: false });
    await page.getByText('No groups yet').waitFor();
    const add = async (name: string, below?: string) => {
      await page.goto(`${server.url}/operator/group/add`);
      await page.getByLabel('Name', { exact: false }).first().fill(name);
      if (below) await page.getByLabel('Below the group').selectOption({ label: below });
      await submit(page);
      await page.getByText('The group was added.').waitFor();
    };
    await add('Sales');
    await tick(page, 'Ann Example').check();
    await submit(page);
    await page.getByText('Saved.').waitFor();
    expect(await tick(page, 'Ann Example').isChecked()).toBe(true);
    await add('Web shop', 'Sales');
    await add('Support for customers of the northern region and the islands');
    await tick(page, 'Bob').check();
    await submit(page);
    await page.getByRole('link', { name: 'All groups' }).click();
    const rows = await page.locator('tbody tr').allTextContents();
    expect(rows.map((row) => row.trim().replaceAll(/\s+/g, ' '))).toEqual([
      'Sales 0 Offline 1 operator Delete',
      'Web shop in Sales 0 Offline nobody Delete',
      'Support for customers of the northern region and the islands 0 Offline 1 operator Delete',
    ]);
  });

  it('have pages that everybody can use, in every width, light, dark, and from right to left', async () => {
    const { page } = await at('ann', '/operator/group', { bypassCSP: true, reducedMotion: 'reduce' });
    const refuse = async () => {
      await page.locator('[name=email]').fill('nobody');
      await page.locator('[name=weight]').fill('heavy');
      await page.locator('main form').evaluate((form) => ((form as HTMLFormElement).noValidate = true));
      await submit(page);
      await page.getByRole('alert').waitFor();
    };
    const faults: string[] = [];
    const look = async (name: string, path: string, prepare?: () => Promise<void>) => {
      for (const locale of ['en', 'ar-XB']) {
        await page.context().addCookies([{ name: 'mibew_locale', value: locale, url: server.url }]);
        expect((await page.goto(server.url + path))?.status()).toBe(200);
        await prepare?.();
        for (const [width, colorScheme] of [
          [1440, 'light'],
          [1440, 'dark'],
          [390, 'dark'],
          [390, 'light'],
          [320, 'light'],
        ] as const) {
          const where = `${name}-${width}-${colorScheme}-${locale}`;
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          for (const fault of await layoutFaults(page)) faults.push(`${where}: ${fault}`);
          if (width !== 320) for (const fault of await accessFaults(page)) faults.push(`${where}: ${fault}`);
          await page.screenshot({ path: join(folder, `${where}.png`), fullPage: true, animations: 'disabled' });
        }
      }
    };
    await look('groups', '/operator/group');
    await look('group-add-refused', '/operator/group/add', refuse);
    await look('group-edit', '/operator/group/2/edit');
    await look('group-members', '/operator/group/1/members');
    await look('group-delete', '/operator/group/1/delete');
    await look('operator-groups', '/operator/operator/2/groups');
    expect(faults).toEqual([]);
  }, 240_000);

  it('bring a conversation to those whom it belongs to, and to a new member at once', async () => {
    expect(server.command(['setting', 'set', 'enablegroups', 'on']).code).toBe(0);
    expect(server.command(['setting', 'set', 'enablepresurvey', 'off']).code).toBe(0);
    const ann = await at('ann', '/operator/users');
    const bob = await at('bob', '/operator/users');
    const visitor = await visitorOn(browser, `${server.url}/chat?group=1&name=Zoe`);
    onTestFinished(() => visitor.close());
    await rowOf(ann, 'Zoe').waitFor(soon);
    await expect.poll(() => rowOf(ann, 'Zoe').textContent(), soon).toContain('For Sales');
    expect(await rowOf(bob, 'Zoe').count()).toBe(0);

    const office = await at('ann', '/operator/operator/2/groups');
    await tick(office.page, 'Web shop').check();
    await submit(office.page);
    await rowOf(bob, 'Zoe').waitFor(soon);
    await tick(office.page, 'Web shop').uncheck();
    await submit(office.page);
    await rowOf(bob, 'Zoe').waitFor({ state: 'detached', ...soon });
    expect(await rowOf(ann, 'Zoe').count()).toBe(1);
  });
});

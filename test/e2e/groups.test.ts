/** Groups at their browsers: an administrator makes them without scripts, and conversations come to whom they belong. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { chromium, patience, rowOf } from './people.ts';
import { lookAt } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'groups', () => {
  const world = openWorld({
    operators: [
      ['ann', 'Ann Example', '--admin'],
      ['bob', 'Bob'],
      ['eve', 'Eve of the northern department and the islands'],
    ],
  });

  const at = (login: string, path: string, options: object = {}) =>
    world.operator(world.server.url, path, { login, ...options });
  const submit = (page: Page) => page.locator('main form button[type=submit]').click();

  const tick = (page: Page, name: string) => page.getByRole('checkbox', { name: new RegExp(`^${name}`) });

  it('are made without scripts: groups, one below another, members', async () => {
    const { page } = await at('ann', '/operator/group', { javaScriptEnabled: false });
    await page.getByText('No groups yet').waitFor();
    const add = async (name: string, below?: string) => {
      await page.goto(`${world.server.url}/operator/group/add`);
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
    const { look, faults } = lookAt(page, world.server.url);
    await look('groups', '/operator/group');
    await look('group-add-refused', '/operator/group/add', refuse);
    await look('group-edit', '/operator/group/2/edit');
    await look('group-members', '/operator/group/1/members');
    await look('group-delete', '/operator/group/1/delete');
    await look('operator-groups', '/operator/operator/2/groups');
    expect(faults).toEqual([]);
  }, 240_000);

  it('bring a conversation to those whom it belongs to, and to a new member at once', async () => {
    world.set('enablegroups', 'on');
    world.set('enablepresurvey', 'off');
    const ann = await at('ann', '/operator/users');
    const bob = await at('bob', '/operator/users');
    await world.visitor(`${world.server.url}/chat?group=1&name=Zoe`);
    await rowOf(ann, 'Zoe').waitFor(soon);
    await expect.poll(() => rowOf(ann, 'Zoe').textContent(), soon).toContain('Sales');
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

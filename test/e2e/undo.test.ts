/** What is deleted is gone at once and comes back by "Undo"; a form that is refused begins where something is wrong. */
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { chromium, patience } from './people.ts';
import { expectSound } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'an administrator', () => {
  const world = openWorld({ settings: { enableban: 'on' } });

  it('deletes without being asked, and brings back what was there', async () => {
    const admin = await world.operator(world.server.url, '/operator/canned-message');
    const { page } = admin;
    const rows = page.locator('tbody tr');
    const before = await rows.allTextContents();
    await page.getByRole('button', { name: 'Delete “Goodbye”' }).click();
    await page.getByText('The message is deleted.').waitFor(soon);
    expect(await rows.count()).toBe(before.length - 1);
    await expectSound(page, 'undo');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The message is back.').waitFor(soon);
    expect(await rows.allTextContents()).toEqual(before);
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);

    await page.goto(`${world.server.url}/operator/ban/add`);
    await page.getByLabel('Address or range').fill('192.0.2.7');
    await page.getByLabel('Reason').fill('Sells lamps of his own');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Lift the ban of 192.0.2.7' }).click();
    await page.getByText('The ban is lifted.').waitFor(soon);
    await page.getByRole('button', { name: 'Undo' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('The ban holds again.').waitFor(soon);
    await page.getByText('Sells lamps of his own').waitFor(soon);
    admin.watch.calm();
  }, 180_000);

  it('finds himself at the first field that is wrong, with everything that was typed', async () => {
    const admin = await world.operator(world.server.url, '/operator/ban/add');
    const { page } = admin;
    await page.getByLabel('Address or range').fill('192.0.2.7');
    await page.getByLabel('Days').fill('soon');
    await page.getByLabel('Reason').fill('Sells lamps');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Enter a whole number from 0 to 36500.').waitFor(soon);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('name'));
    await expect.poll(focused, soon).toBe('days');
    expect(await page.getByLabel('Reason').inputValue()).toBe('Sells lamps');
    admin.watch.expecting(/answer 422/);
  }, 180_000);
});

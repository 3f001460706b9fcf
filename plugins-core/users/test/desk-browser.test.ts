import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { type Thread, threads } from '../../chat/api.ts';
import { chromium, openOffice, rowOf, writing } from './office.ts';

describeWith([chromium], 'open conversations in a browser', () => {
  const office = openOffice();
  const { visit, workspace } = office;
  const paneOf = ({ id }: Thread) => `[data-pane-of="${id}"]`;
  const fieldOf = (thread: Thread) => `${paneOf(thread)} textarea`;
  const activeTab = ({ id }: Thread) => `.mb-seat--active[data-thread="${id}"]`;
  const shown = (page: Page) => page.locator('.mb-desk__pane:visible').count();
  async function take(page: Page, thread: Thread): Promise<void> {
    await page.click(`${rowOf('waiting', thread)} button`);
    await page.waitForSelector(activeTab(thread));
    await writing(page);
  }

  it('stand side by side over a reload, and in tabs where there is no room', async () => {
    const page = await workspace();
    const [zoe, max] = [await visit('Zoe', 'One'), await visit('Max', 'Two')];
    await take(page, zoe);
    await take(page, max);
    await page.getByRole('button', { name: 'Side by side' }).click();
    await expect.poll(() => shown(page)).toBe(2);
    // What stood there stays where it was: the other one came beside it.
    const left = async (thread: Thread) => (await page.locator(paneOf(thread)).boundingBox())!.x;
    expect(await left(max)).toBeLessThan(await left(zoe));
    await page.reload();
    await expect.poll(() => shown(page)).toBe(2);
    expect(await left(max)).toBeLessThan(await left(zoe));

    // The focus says whom keys and tabs are about.
    await page.focus(fieldOf(max));
    await page.waitForSelector(activeTab(max));
    await page.keyboard.press('Alt+s');
    await page.waitForSelector(activeTab(zoe));
    expect(await page.locator(fieldOf(zoe)).evaluate((field) => field === document.activeElement)).toBe(true);

    await page.setViewportSize({ width: 1000, height: 800 });
    await expect.poll(() => shown(page)).toBe(1);
    expect(await page.getByRole('button', { name: 'Side by side' }).isVisible()).toBe(false);
    await page.setViewportSize({ width: 1440, height: 800 });
    await expect.poll(() => shown(page)).toBe(2);
    await page.keyboard.press('Alt+Shift+b');
    await expect.poll(() => shown(page)).toBe(1);
    await page.context().close();
    await office.leave(zoe, max);
  });

  it('keep what was typed in each, over switching, putting away, a reload and a closed window', async () => {
    const page = await workspace();
    const [zoe, max] = [await visit('Zoe', 'One'), await visit('Max', 'Two')];
    await office.kernel.service(threads).take(zoe.id, office.bob);
    await take(page, max);
    await page.keyboard.type('For Max');
    // Watched, so it may be put away; what is written there is a note.
    await page.click(`${rowOf('others', zoe)} button`);
    await page.click('[data-action=watch]');
    await page.waitForSelector(activeTab(zoe));
    await page.evaluate(
      (key) => sessionStorage.setItem(key, 'note'),
      `mibew:drafts:agent-${office.ann.id}:mibew:draft:agent:${zoe.id}:mode`,
    );
    await page.reload();
    await page.fill(fieldOf(zoe), 'About Zoe');
    await page.keyboard.press('Control+ArrowDown');
    await expect.poll(() => page.inputValue(fieldOf(max))).toBe('For Max');
    await page.keyboard.press('Control+ArrowUp');
    await page.keyboard.press('Alt+w');
    await page.waitForSelector(paneOf(zoe), { state: 'detached' });
    await page.keyboard.press('Alt+z');
    await expect.poll(() => page.inputValue(fieldOf(zoe))).toBe('About Zoe');
    await page.keyboard.press('Alt+w');
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await expect.poll(() => page.inputValue(fieldOf(zoe))).toBe('About Zoe');

    // The next window knows what was his own.
    const next = await workspace({ context: page.context() });
    await next.waitForSelector(activeTab(max));
    await expect.poll(() => next.inputValue(fieldOf(max))).toBe('For Max');
    await page.close();
    await next.keyboard.press('r');
    await next.keyboard.press('Control+Enter');
    await expect.poll(() => office.heard(max)).toEqual(['For Max']);
    await next.reload();
    await next.waitForSelector(activeTab(max));
    expect(await next.inputValue(fieldOf(max))).toBe('');
    await next.context().close();
    await office.leave(zoe, max);
  });

  it('are left behind when the operator ends one, for the visitor who waits for an answer', async () => {
    const page = await workspace();
    const [zoe, max, eve] = [await visit('Zoe', 'One'), await visit('Max', 'Two'), await visit('Eve', 'Three')];
    for (const each of [zoe, max, eve]) {
      await take(page, each);
      await page.keyboard.type('Good morning');
      await page.keyboard.press('Control+Enter');
      await expect.poll(() => office.heard(each)).toEqual(['Good morning']);
    }
    await office.says(zoe, 'And the price?');
    await page.waitForSelector(`.mb-seat[data-thread="${zoe.id}"] .mb-count`);
    const end = async () => {
      await page.keyboard.press('Alt+x');
      await page.locator('dialog:visible [type=submit]').waitFor();
      await page.keyboard.press('Enter');
    };
    await end();
    await page.waitForSelector(activeTab(zoe));
    await writing(page);
    await page.getByText('You put away the conversation with Eve').waitFor();
    expect(await page.locator(`.mb-seat[data-thread="${eve.id}"]`).count()).toBe(0);
    // Nobody waits any more: the end can be read.
    await page.keyboard.type('Ten euros');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => office.heard(zoe)).toContain('Ten euros');
    await end();
    await page.waitForSelector(`.mb-seat--over.mb-seat--active[data-thread="${zoe.id}"]`);
    await page.context().close();
    await office.leave(max);
  });

  it('are found by name and by what was said, and what can be done by its name', async () => {
    const page = await workspace();
    const [zoe, max] = [await visit('Zoë Drab', 'Where is my parcel?'), await visit('Max', 'Do you repair lamps?')];
    await page.waitForSelector(rowOf('waiting', max));
    const option = page.locator('[role=option][aria-selected=true]');
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Find a conversation or an action' });
    await field.fill('zoe dr');
    await expect.poll(() => option.textContent()).toContain('Zoë Drab');
    expect(await field.getAttribute('aria-activedescendant')).toBe(await option.getAttribute('id'));
    await page.keyboard.press('Enter');
    await page.waitForSelector(activeTab(zoe));
    await page.keyboard.press('Control+k');
    await field.fill('lamps');
    await page.keyboard.press('Enter');
    await page.waitForSelector(activeTab(max));
    await page.keyboard.press('Control+k');
    await field.fill('zoe');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => shown(page)).toBe(2);
    // What was done last is at hand.
    await page.keyboard.press('Control+k');
    await field.fill('away be');
    await page.keyboard.press('Enter');
    await page.getByText('You are away.').waitFor();
    await page.keyboard.press('Control+k');
    await expect.poll(() => option.textContent()).toContain('Zoë');
    await expect.poll(() => page.locator('[role=option]').first().textContent()).not.toContain('Take the next visitor');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await field.fill('available');
    await page.keyboard.press('Enter');
    await page.getByText('You are away.').waitFor({ state: 'detached' });
    // Light and dark, log-out and pages: the menus of the page around it.
    await page.keyboard.press('Control+k');
    await field.fill('log out');
    await expect.poll(() => option.textContent()).toContain('Log out');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/operator/login*');
    await page.context().close();
    await office.leave(zoe, max);
  });

  it('have all their keys on a sheet, single ones only while they are in use', async () => {
    const page = await workspace();
    const zoe = await visit('Zoe', 'Hello');
    await page.waitForSelector(rowOf('waiting', zoe));
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await sheet.getByText('Take the next visitor').waitFor();
    expect(await sheet.getByText('N', { exact: true }).count()).toBe(1);
    await sheet.getByRole('switch').uncheck();
    await sheet.getByText('N', { exact: true }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });
    await page.keyboard.press('n');
    // Until the page is drawn again the focus may still be in the sheet that was closed.
    await page.evaluate(() => {
      const left = document.querySelector('dialog:not([open]) [role="switch"]')!;
      left.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', code: 'KeyN', altKey: true, bubbles: true }));
    });
    await page.waitForSelector(activeTab(zoe));
    await page.keyboard.press('Control+/');
    await sheet.getByText('End the conversation').waitFor();
    await page.context().close();
    await office.leave(zoe);
  });

  it('open from a notice of the service worker, and from its address', async () => {
    const page = await workspace();
    const [zoe, max] = [await visit('Zoe', 'One'), await visit('Max', 'Two')];
    await page.waitForSelector(rowOf('waiting', max));
    await page.evaluate((id) => {
      navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { open: id } }));
    }, zoe.id);
    await page.waitForSelector(activeTab(zoe));
    await page.goto(`${page.url()}#thread-${max.id}`);
    await page.reload();
    await page.waitForSelector(activeTab(max));
    expect(new URL(page.url()).hash).toBe('');
    await page.context().close();
    await office.leave(zoe, max);
  });
});

import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { threads, visitors as chatVisitors } from '../../chat/api.ts';
import { settings } from '../../settings/api.ts';
import { chromium, openOffice } from '../../users/test/office.ts';
import { nothingToDo, type WidgetContact, widgetContacted } from '../../widget/api.ts';
import { tracking } from '../api.ts';
import { makeSecret } from '../visitors.ts';
import { contactOf } from './site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const soon = { timeout: 10_000 };

describeWith([chromium], 'the visitor board in a browser', () => {
  const office = openOffice('tracking', 'invitation', 'widget', 'groups');

  /** Somebody opens pages of the site. */
  function guest(fields: Partial<WidgetContact> = {}) {
    const userId = makeSecret();
    const look = async (page: string, more: Partial<WidgetContact> = {}) => {
      const contact = contactOf({ userId, title: '', ...fields, ...more, page: `https://shop.example${page}` });
      await office.kernel.call(widgetContacted, { ...nothingToDo, next: undefined }, contact);
      return (await office.kernel.service(tracking).byUserId(userId))!;
    };
    const known = () => office.kernel.service(tracking).byUserId(userId);
    return { look, known };
  }
  const named = (name: string, more: object = {}) => ({ custom: { identify: JSON.stringify({ name, ...more }) } });
  const tab = (page: Page) => page.getByRole('tab', { name: /^Visitors on the site/ });
  const rowOf = (page: Page, id: number) => page.locator(`[data-visitor="${id}"]`);
  const card = (page: Page) => page.locator('.mb-visitor');
  async function board(options: Parameters<typeof office.workspace>[0] = {}): Promise<Page> {
    const page = await office.workspace(options);
    await tab(page).click();
    return page;
  }

  beforeAll(async () => {
    await office.kernel
      .service(settings)
      .change({ visitors_limit: 0, tracking_newcomers: 0, updatefrequency_tracking: 3600 }, 'test');
  }, 60_000);

  it('says what to do while nobody is on the site', async () => {
    const page = await board();
    await page.getByText('Nobody is on the site').waitFor(soon);
    expect(await page.getByRole('link', { name: 'Code for your pages' }).count()).toBe(0);
    await page.context().close();
  });

  it('shows who comes within two seconds, and how his path grows', async () => {
    const page = await board();
    const zoe = guest();
    const { id, userId } = await zoe.look('/cart', { title: 'Your <b>cart</b>' });
    await rowOf(page, id).waitFor({ timeout: 2_000 });
    expect(await rowOf(page, id).textContent()).toContain(`Guest ${userId.slice(-5)}`);
    expect(await rowOf(page, id).textContent()).toContain('Your <b>cart</b>');
    await rowOf(page, id).click();
    await expect.poll(() => card(page).locator('.mb-track__step').count(), soon).toBe(1);
    expect(await card(page).locator('.mb-track__step').textContent()).toContain('First page');
    await zoe.look('/pay', { title: 'Pay' });
    await expect
      .poll(() => card(page).locator('.mb-track__step a').allTextContents(), soon)
      .toEqual(['Pay', 'Your <b>cart</b>']);
    expect(await tab(page).textContent()).toContain('1');
    await page.context().close();
  });

  it('shows what the page says of him, as text, and whether his number is signed', async () => {
    await office.kernel.service(settings).change({ tracking_identity_secret: 'between us' }, 'test');
    const hash = createHmac('sha256', 'between us').update('C-88').digest('hex');
    const page = await board();
    const signed = await guest(named('Ida <i>', { id: 'C-88', hash, plan: '<img src=x onerror=alert(1)>' })).look('/a');
    const events = { track: JSON.stringify([{ name: '<b>bought</b>', data: { sku: 'A-1' } }]) };
    const claimed = guest({ custom: { identify: JSON.stringify({ id: 'C-1', name: 'Per' }), ...events } });
    const { id } = await claimed.look('/b');
    await rowOf(page, signed.id).getByText('Verified').waitFor(soon);
    expect(await rowOf(page, id).getByText('Verified').count()).toBe(0);
    await rowOf(page, signed.id).click();
    await card(page).getByText('Verified customer').waitFor(soon);
    expect(await card(page).locator('.mb-visitor__said').textContent()).toContain('<img src=x onerror=alert(1)>');
    expect(await page.locator('.mb-who img, .mb-visitors img').count()).toBe(0);
    await rowOf(page, id).click();
    await card(page).getByText('Not verified').waitFor(soon);
    await card(page).getByText('<b>bought</b>').waitFor(soon);
    await page.context().close();
  });

  it('is told the same without sockets', async () => {
    const page = await board({ sockets: false });
    const { id } = await guest().look('/polled');
    await rowOf(page, id).waitFor(soon);
    await page.context().close();
  });

  it('is searched and filtered, in the order that is wanted, and still is after a reload', async () => {
    const page = await board();
    const [ida, per] = [await guest().look('/shoes/red', { title: 'Red shoes' }), await guest().look('/hats')];
    await rowOf(page, per.id).waitFor(soon);
    await page.getByRole('searchbox', { name: 'Search among the visitors' }).fill('RED sho');
    await rowOf(page, per.id).waitFor({ ...soon, state: 'detached' });
    await page.reload();
    await rowOf(page, ida.id).waitFor(soon);
    expect(await rowOf(page, per.id).count()).toBe(0);
    await page.getByRole('searchbox', { name: 'Search among the visitors' }).press('Escape');
    await page.getByRole('button', { name: 'Filters and order of the visitors' }).click();
    const chosen = (name: string) =>
      page.getByRole('combobox', { name }).evaluate((select) => (select as HTMLSelectElement).selectedOptions[0]?.text);
    expect([await chosen('Country'), await chosen('Attribute')]).toEqual(['All countries', 'Any attribute']);
    await page.getByRole('textbox', { name: 'Page' }).fill('shop.example/h*');
    await rowOf(page, ida.id).waitFor({ ...soon, state: 'detached' });
    await rowOf(page, per.id).waitFor(soon);
    await page.getByRole('combobox', { name: 'Visitors' }).selectOption('Returning');
    await page.getByText('Nobody like this is on the site').waitFor(soon);
    await page.getByRole('button', { name: 'Show everybody' }).click();
    await rowOf(page, ida.id).waitFor(soon);
    await page.context().close();
  });

  it('is reached and gone through by keys, which invite and withdraw, and what is accepted is in the desk', async () => {
    const page = await office.workspace();
    const zoe = guest();
    const { id } = await zoe.look('/help');
    await rowOf(page, id).waitFor({ ...soon, state: 'attached' });
    await page.keyboard.press('Alt+g');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-visitor')), soon)
      .toBe(String(id));
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Invite to a conversation' }).waitFor(soon);
    await page.keyboard.press('Alt+p');
    await page.getByText('You have invited this visitor.').waitFor(soon);
    await page.locator('[data-visitors-section=invited]').getByText('Invited by Ann').waitFor(soon);
    expect((await zoe.known())!.threadId).toBeGreaterThan(0);
    await page.keyboard.press('Alt+Shift+p');
    await page.getByRole('button', { name: 'Invite to a conversation' }).waitFor(soon);
    await expect.poll(async () => (await zoe.known())!.threadId, soon).toBe(0);
    await page.getByRole('textbox', { name: 'First message' }).fill('Do you need a hand?');
    await page.keyboard.press('Control+Enter');
    await page.getByText('You have invited this visitor.').waitFor(soon);

    const talks = office.kernel.service(threads);
    const { threadId } = (await zoe.known())!;
    const visitor = await office.kernel.service(chatVisitors).bySecret('accepts'.padEnd(43, 'x'));
    expect(await talks.adopt(threadId, visitor)).toBe(true);
    const place = { remote: '192.0.2.7', userAgent: 'Firefox', referrer: 'https://shop.example/' };
    await talks.start(visitor, { name: 'Zoe', ...place });
    await page.waitForSelector(`.mb-seat--active[data-thread="${threadId}"]`, soon);
    await page.locator('.mb-toast').getByText('accepted the invitation').waitFor(soon);
    await page.getByText('Do you need a hand?').first().waitFor(soon);
    // Beside the conversation his way goes on.
    await page.locator('[data-part=facts] .mb-track__step').first().waitFor(soon);
    await rowOf(page, id).waitFor({ ...soon, state: 'detached' });
    await talks.close(threadId, 'user');
    await page.context().close();
  });

  it('is found in the palette and listed on the sheet of keys', async () => {
    const page = await office.workspace();
    const { id } = await guest(named('Žofie')).look('/palette', { title: 'Palette page' });
    await rowOf(page, id).waitFor({ ...soon, state: 'attached' });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find a conversation or an action' }).fill('palette page');
    await page.locator('[role=option][aria-selected=true]').getByText('Palette page').waitFor(soon);
    await page.keyboard.press('Enter');
    await card(page).waitFor(soon);
    await expect.poll(() => rowOf(page, id).getAttribute('aria-current'), soon).toBe('true');
    await page.keyboard.press('Escape');
    await card(page).waitFor({ ...soon, state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Visitors on the site', level: 3 }).waitFor(soon);
    await page.context().close();
  });

  it('is accessible, light and dark, from the right, and on phones, where the panel covers it', async () => {
    const page = await board();
    const { id } = await guest().look('/look', { title: 'Look' });
    await rowOf(page, id).click();
    await card(page).locator('.mb-track__step').waitFor(soon);
    await page.addScriptTag({ content: axe });
    const faults = () =>
      page.evaluate(async () => {
        const { violations } = await (
          window as unknown as {
            axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          }
        ).axe.run();
        return violations.map((one) => `${one.id}: ${one.nodes[0]!.html}`);
      });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await faults()).toEqual([]);
    }
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    expect(await faults()).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    const width = await card(page).evaluate((element) => element.getBoundingClientRect().width);
    expect(width).toBeGreaterThan(380);
    expect(await faults()).toEqual([]);
    await page.getByRole('button', { name: 'Close the visitor’s details' }).click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-visitor')), soon)
      .toBe(String(id));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await faults()).toEqual([]);
    await page.context().close();
  });

  it('tells an operator who may invite nobody why', async () => {
    await office.kernel.service(settings).change({ enablegroups: true }, 'test');
    const page = await board();
    const { id } = await guest().look('/nobody');
    await rowOf(page, id).click();
    await card(page).getByText('You belong to no group').waitFor(soon);
    expect(await page.getByRole('button', { name: 'Invite to a conversation' }).isDisabled()).toBe(true);
    await page.keyboard.press('Alt+p');
    expect(await page.locator('[data-visitors-section=invited]').isVisible()).toBe(false);
    await office.kernel.service(settings).change({ enablegroups: false }, 'test');
    await page.context().close();
  });

  it('says that visitors cannot be shown once tracking is switched off', async () => {
    const page = await board({ sockets: false });
    await page.locator('[data-visitor]').first().waitFor(soon);
    await office.kernel.disable('tracking');
    await page.getByText('Visitors cannot be shown').waitFor(soon);
    expect(await page.locator('[data-visitor]:visible').count()).toBe(0);
    // The queue goes on.
    const zoe = await office.visit('Zoe', 'Hello');
    await page.getByRole('tab', { name: /^Queue/ }).click();
    await page.waitForSelector(`[data-rows=waiting] [data-thread="${zoe.id}"]`);
    await page.context().close();
  });
});

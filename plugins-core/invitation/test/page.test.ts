import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../test/support/browser.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { invitationState, threads, threadState } from '../../chat/api.ts';
import { operators } from '../../operators/api.ts';
import { tracking } from '../../tracking/api.ts';
import { openHost } from '../../widget/test/host.ts';
import { invitations } from '../api.ts';

const chromium = {
  what: 'Chromium (apt-get install chromium, or MIBEW_CHROMIUM)',
  present: chromiumPath !== undefined,
};
/** Busy machines take their time. */
const patient = { timeout: 15_000 };
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const launcher = '<script src="CHAT/mibew.js" async></script>';
const shop = `<h1>Shop</h1><label>Search <input id="search"></label>${launcher}`;
const popup = (page: Page) => page.locator('#mibew-invitation-popup');

describeWith([chromium], 'an invitation in a visited page', () => {
  const host = openHost(['tracking', 'invitation', 'realtime']);
  const service: typeof host.kernel.service = (token) => host.kernel.service(token);

  /** Invites whoever looks at the page. */
  async function invite(page: Page) {
    const address = page.url();
    await expect
      .poll(
        () =>
          service(tracking)
            .present()
            .some((one) => one.page?.address === address),
        patient,
      )
      .toBe(true);
    const visitor = service(tracking)
      .present()
      .find((one) => one.page?.address === address)!;
    const ann = (await service(operators).byLogin('ann'))!;
    const outcome = await service(invitations).invite(visitor.id, ann, { greeting: 'Hello <b>you</b>,\nmay I help?' });
    if (!('thread' in outcome)) throw new Error(outcome.refused);
    return outcome.thread;
  }
  const thread = async (id: number) => (await service(threads).byId(id))!;
  /** What the page hears of invitations. */
  const listen = async (page: Page) => {
    await page.addInitScript(() => {
      const told: string[] = [];
      const calls = ['show', 'hide', 'accept', 'reject'].map((name) => ['onInvitation', name, () => told.push(name)]);
      Object.assign(window, { told, Mibew: calls });
    });
  };
  const told = (page: Page) => page.evaluate(() => (window as unknown as { told: string[] }).told);

  it('appears where the visitor is, says who asks, and leaves the focus alone', async () => {
    const { page, watch } = await host.visit(shop);
    await page.focus('#search');
    await invite(page);
    await popup(page).waitFor();
    await page.getByText('may I help?').waitFor();
    expect(await popup(page).innerText()).toContain('Hello <b>you</b>,\nmay I help?');
    expect(await page.getByRole('dialog', { name: 'Ann' }).count()).toBe(1);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('search');
    watch.calm();
  });

  it('leads into the conversation, which begins with the greeting', async () => {
    const { page, watch } = await host.visit(shop, { before: listen });
    const { id } = await invite(page);
    await page.getByRole('button', { name: 'Chat now' }).click();
    await page.getByRole('log').getByText('may I help?').waitFor();
    expect(await popup(page).count()).toBe(0);
    await expect.poll(async () => (await thread(id)).state, patient).toBe(threadState.chatting);
    expect((await thread(id)).invitationState).toBe(invitationState.accepted);
    expect(await told(page)).toEqual(['show', 'accept', 'hide']);
    watch.calm();
  });

  it('is told at once that the visitor does not want it', async () => {
    const { page, watch } = await host.visit(shop, { before: listen });
    const { id } = await invite(page);
    await page.getByRole('button', { name: 'No, thank you' }).click();
    await expect.poll(async () => (await thread(id)).invitationState, patient).toBe(invitationState.rejected);
    expect(await popup(page).count()).toBe(0);
    expect(await told(page)).toEqual(['show', 'reject', 'hide']);
    watch.calm();
  });

  it('is closed by Escape, but not under somebody who writes elsewhere', async () => {
    const { page } = await host.visit(shop);
    const { id } = await invite(page);
    await popup(page).waitFor();
    await page.focus('#search');
    await page.keyboard.press('Escape');
    expect(await popup(page).isVisible()).toBe(true);
    // After the field comes the launcher's button, then the invitation.
    for (const name of ['Open the chat', 'Chat now']) {
      await page.keyboard.press('Tab');
      expect(await page.getByRole('button', { name }).evaluate((element) => element.matches(':focus'))).toBe(true);
    }
    await page.keyboard.press('Escape');
    await popup(page).waitFor({ state: 'detached' });
    await expect.poll(async () => (await thread(id)).invitationState, patient).toBe(invitationState.rejected);
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('mibew-chat');
  });

  it('shows in each open page, and goes from all when it was answered in one', async () => {
    const { page } = await host.visit(shop);
    const other = await page.context().newPage();
    await other.goto(page.url(), { waitUntil: 'networkidle' });
    await invite(page);
    await Promise.all([popup(page).waitFor(), popup(other).waitFor()]);
    await other.getByRole('button', { name: 'No, thank you' }).click();
    await Promise.all([page, other].map((each) => popup(each).waitFor({ state: 'detached' })));
  });

  it('goes when the operator takes it back, and when the visitor opens the chat himself', async () => {
    const { page } = await host.visit(shop);
    const first = await invite(page);
    await popup(page).waitFor();
    const ann = (await service(operators).byLogin('ann'))!;
    const visitor = await service(tracking).ofThread(first.id);
    await service(invitations).cancel(visitor!.id, ann);
    await popup(page).waitFor({ state: 'detached' });
    const second = await invite(page);
    await popup(page).waitFor();
    await page.getByRole('button', { name: 'Open the chat' }).click();
    await popup(page).waitFor({ state: 'detached' });
    await expect.poll(async () => (await thread(second.id)).invitationState, patient).toBe(invitationState.accepted);
  });

  it.each([
    ['', 1],
    ['data-silent', 0],
  ])('sounds unless the page is silent (%s)', async (attribute, times) => {
    const { page, asked } = await host.visit(shop.replace('async', `async ${attribute}`));
    await invite(page);
    await popup(page).waitFor();
    await page.waitForLoadState('networkidle');
    expect(asked.filter((address) => address.startsWith('/chat/invitation/invite.'))).toHaveLength(times);
  });

  describe.each([
    ['light', 'en', { width: 1280, height: 800 }],
    ['dark', 'en', { width: 1280, height: 800 }],
    ['light', 'ar', { width: 1280, height: 800 }],
    ['dark', 'en', { width: 320, height: 568 }],
    ['light', 'en', { width: 640, height: 320 }],
  ] as const)('%s, in %s, at %o', (colorScheme, locale, size) => {
    it('is accessible, within the window, and off the launcher’s button', async () => {
      const { page } = await host.visit(
        shop.replace('async', locale === 'ar' ? 'async data-position="start"' : 'async'),
        {
          before: async (one) => {
            await one.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            await one.setViewportSize(size);
          },
        },
      );
      await invite(page);
      await page.getByText('may I help?').waitFor();
      if (locale === 'ar')
        await page.evaluate(() =>
          document.querySelectorAll('mibew-invitation, mibew-chat').forEach((one) => one.setAttribute('dir', 'rtl')),
        );
      await page.evaluate(axe);
      const problems = await page.evaluate(async () => {
        const { axe: checker } = window as unknown as {
          axe: {
            run(root: object, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
          };
        };
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
        const { violations } = await checker.run({ include: [['mibew-invitation']] }, { runOnly: tags });
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
      });
      expect(problems).toEqual([]);
      const box = (await popup(page).boundingBox())!;
      const button = (await page.getByRole('button', { name: 'Open the chat' }).boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(size.width);
      expect(box.y + box.height).toBeLessThanOrEqual(button.y);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
    });
  });
});

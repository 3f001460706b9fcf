import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { chromiumPath } from '../../../test/support/browser.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { openHost } from '../../widget/test/host.ts';
import { tracking } from '../api.ts';

const chromium = {
  what: 'Chromium (apt-get install chromium, or MIBEW_CHROMIUM)',
  present: chromiumPath !== undefined,
};
/** Busy machines take their time. */
const patient = { timeout: 15_000 };
const launcher = '<script src="CHAT/mibew.js" async></script>';
/** Notes what the server has the page do. */
const noting = `<script>
  window.noted = [];
  window.Mibew = [['handle', 'note', function (data) { noted.push(data.word); }]];
</script>${launcher}`;
const noted = (page: Page) => page.evaluate(() => (window as unknown as { noted: string[] }).noted);

describeWith([chromium], 'a followed page in a browser', () => {
  const host = openHost(['tracking', 'realtime']);
  const present = () => host.kernel.service(tracking).present();
  const at = (page: Page) => present().find((one) => one.page?.address === page.url());
  const tell = (page: Page, word: string) =>
    host.kernel.service(tracking).tell(at(page)!.id, { handlers: ['note'], data: { word } });

  it('is seen over a socket, with where it goes and what it says, and does what it is told', async () => {
    const { page, watch, asked } = await host.visit(noting);
    await expect.poll(() => at(page), patient).toBeDefined();
    await page.evaluate(() => {
      const api = (window as unknown as { Mibew: Record<string, (...args: unknown[]) => void> }).Mibew;
      api['identify']!({ id: 7, plan: 'gold' });
      api['track']!('basket', { items: 3 });
      history.pushState(null, '', `${location.href}/basket`);
    });
    await expect
      .poll(() => at(page), patient)
      .toMatchObject({
        pages: 2,
        attributes: { plan: 'gold' },
        identity: { id: '7', verified: false },
        events: [{ name: 'basket', data: { items: '3' } }],
      });
    expect(tell(page, 'hello')).toBe(1);
    await expect.poll(() => noted(page), patient).toEqual(['hello']);
    expect(asked.filter((address) => address.endsWith('/widget'))).toHaveLength(1);
    watch.calm();
  });

  it('hears through one stream of all its tabs where there are no sockets', async () => {
    const { page, watch } = await host.visit(noting, {
      before: async (one) => {
        await one.context().addInitScript(() => Object.assign(window, { WebSocket: undefined }));
      },
    });
    const tabs = [page];
    while (tabs.length < 7) {
      const tab = await page.context().newPage();
      await tab.goto(page.url());
      tabs.push(tab);
    }
    await expect.poll(() => at(page), patient).toBeDefined();
    /** Tabs that have just come do not hear it at once. */
    const reaches = async (pages: readonly Page[], word: string) => {
      for (const tab of pages)
        await expect
          .poll(async () => [tell(pages[0]!, word), (await noted(tab)).includes(word)], patient)
          .toEqual([1, true]);
    };
    await reaches(tabs, 'ready');
    // Another one takes it over.
    await page.close();
    await reaches(tabs.slice(1), 'again');
    watch.calm();
  });

  it('leaves nothing behind and asks for nothing before consent', async () => {
    const { page, asked, kept } = await host.visit(launcher.replace('async', 'async data-consent="required"'));
    expect(asked).toEqual(['/mibew.js']);
    expect(await kept()).toEqual([]);
    await page.evaluate(() => (window as unknown as { Mibew: { consent(given: boolean): void } }).Mibew.consent(true));
    await expect.poll(() => at(page), patient).toBeDefined();
    await page.evaluate(() => (window as unknown as { Mibew: { consent(given: boolean): void } }).Mibew.consent(false));
    expect((await kept()).filter((key) => key.includes('tracking'))).toEqual([]);
  });

  it('is seen from a page whose scripts have changed what everybody builds on', async () => {
    const hostile = `<script>
      Array.from = function (list) { return [].slice.call(list); };
      Array.prototype.each = function () { throw new Error('not a list'); };
      Array.prototype.toJSON = function () { return 'list'; };
      Object.prototype.silent = 'everywhere';
      Object.keys = function (object) { var names = []; for (var name in object) names.push(name); return names; };
    </script>${noting}`;
    const { page, watch } = await host.visit(hostile);
    await expect.poll(() => at(page), patient).toBeDefined();
    await page.evaluate(() => (window as unknown as { Mibew: { track(name: string): void } }).Mibew.track('basket'));
    await expect.poll(() => at(page)?.events.length, patient).toBe(1);
    expect(tell(page, 'hello')).toBe(1);
    await expect.poll(() => noted(page), patient).toEqual(['hello']);
    watch.calm();
  });
});

import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { chromiumPath } from '../../../test/support/browser.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { invitations } from '../../invitation/api.ts';
import { operators } from '../../operators/api.ts';
import { tracking } from '../../tracking/api.ts';
import { openHost } from './host.ts';
import { longestOwn } from './own-tasks.ts';

const chromium = {
  what: 'Chromium (apt-get install chromium, or MIBEW_CHROMIUM)',
  present: chromiumPath !== undefined,
};
const line = '<script src="CHAT/mibew.js" async></script>';
const withData = (attributes: string) => `<script src="CHAT/mibew.js" async ${attributes}></script>`;
const button = (page: Page) => page.locator('mibew-chat').getByRole('button').first();
const chatField = (page: Page) => page.locator('mibew-chat').getByRole('textbox');
const soon = { timeout: 30_000 };
const heard = (page: Page) => page.evaluate(() => (window as unknown as { heard?: unknown[] }).heard);

/** Prototype as it was, resets of style sheets, a map of imports, all over plain http. */
const hostile = `<!doctype html><html lang="en"><title>Old shop</title>
<style>
  * { all: unset; margin: 3px !important; position: static !important; direction: ltr }
  *, ::before { box-sizing: content-box; font: 40px fantasy; color: red; letter-spacing: 1em }
  div, section, button, span { display: none !important; visibility: hidden; transform: scale(0); opacity: 0.1 }
  mibew-chat { display: none !important; left: -9999px; z-index: -1 !important }
</style>
<script type="importmap">{"imports":{"mibew/client":"/nowhere.js"}}</script>
<script>
  window.$ = function () { return 'the page’s own' };
  Array.prototype.toJSON = function () { return '[' + this.map(function (one) { return Object.toJSON(one) }).join() + ']' };
  Object.toJSON = function (one) { return JSON.stringify(one) };
  String.prototype.toJSON = undefined;
  Array.from = function (iterable) { var all = []; for (var i = 0; i < iterable.length; i++) all.push(iterable[i]); return all };
  Array.prototype.each = Array.prototype.forEach;
  Array.prototype.first = function () { return this[0] };
  Array.prototype.last = function () { return this[this.length - 1] };
  Array.prototype.clear = function () { this.length = 0; return this };
  Function.prototype.bind = function (context) {
    var method = this, given = [].slice.call(arguments, 1);
    return function () { return method.apply(context, given.concat([].slice.call(arguments))) };
  };
  Function.prototype.defer = function () {};
  Element.prototype.hide = Element.prototype.show = function () { return this };
</script>
<body><main style="display: block; position: relative !important">Shop</main>
<script src="CHAT/mibew.js" async></script>`;

describeWith([chromium], 'the launcher on a page', () => {
  const host = openHost();

  it('loads its parts after the page, hands them what was called before, and takes one global', async () => {
    const { page, watch, asked } = await host.visit(`
      <script>var before = Object.keys(window);
        (window.Mibew = window.Mibew || []).push(['identify', { id: 7 }], ['nobody', 1]);</script>${line}`);
    await expect.poll(() => heard(page)).toEqual(['hello', { id: 7 }]);
    expect(asked).toEqual(['/mibew.js', '/plugins/widget/part/probe.js']);
    await page.evaluate(() => window.Mibew?.push(['track', 'basket', { items: 3 }]));
    expect(await heard(page)).toEqual(['hello', { id: 7 }, 'basket', { items: 3 }]);
    const added = await page.evaluate(() => {
      const { before } = window as unknown as { before: string[] };
      return Object.keys(window).filter((name) => before.indexOf(name) < 0 && name !== 'before');
    });
    expect(added.toSorted()).toEqual(['Mibew', 'heard']);
    watch.calm();
  });

  it('gives its parts the connection of the open chat', async () => {
    const { page } = await host.visit(line);
    await expect.poll(() => heard(page)).toEqual(['hello']);
    await button(page).click();
    await expect.poll(() => heard(page), soon).toContain('chat');
  });

  it('is there once, however often and in whatever version it is included', async () => {
    const { page, watch } = await host.visit(`${line}${line}<script src="CHAT/mibew.js?v=older" async></script>`);
    await expect.poll(() => heard(page)).toEqual(['hello']);
    expect(await page.locator('mibew-chat').count()).toBe(1);
    await button(page).click();
    await chatField(page).waitFor();
    watch.calm();
  });

  it('stores and sends nothing before consent, keeps it for the next page, and forgets all when it is withdrawn', async () => {
    const { page, watch, asked, kept } = await host.visit(`
      <script>(window.Mibew = window.Mibew || []).push(['identify', { id: 7 }]);</script>
      ${withData('data-consent="required"')}`);
    // A page that does things: nothing of it is told or kept.
    await page.evaluate(() => window.Mibew?.push(['track', 'seen', {}]));
    await page.evaluate(() => history.pushState({}, '', '?next'));
    await button(page).hover();
    await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
    expect(asked).toEqual(['/mibew.js']);
    expect(await kept()).toEqual([]);

    await page.evaluate(() => window.Mibew?.push(['consent', true]));
    await expect.poll(() => heard(page)).toEqual(['hello', { id: 7 }, 'seen', {}]);
    expect((await kept()).map((key) => key.replace(/^.*\/:/, '')).toSorted()).toEqual(['consent', 'part:mark']);

    await page.reload({ waitUntil: 'networkidle' });
    await expect.poll(() => heard(page)).toEqual(['hello', { id: 7 }]);
    await page.evaluate(() => window.Mibew?.push(['consent', false]));
    expect(await heard(page)).toEqual(['hello', { id: 7 }, false]);
    expect(await kept()).toEqual([]);
    await page.reload({ waitUntil: 'networkidle' });
    expect(await heard(page)).toBeUndefined();
    watch.calm();
  });

  it('takes a visitor who opens the chat himself at his word, and still does not follow him', async () => {
    const { page, kept } = await host.visit(withData('data-consent'));
    await button(page).click();
    await chatField(page).fill('Hello?');
    await page.locator('mibew-chat').getByRole('button', { name: 'Send' }).click();
    await page.locator('mibew-chat').getByRole('log').getByText('Hello?').waitFor();
    expect(await heard(page)).toBeUndefined();
    await page.evaluate(() => window.Mibew?.push(['consent', true]));
    await expect.poll(() => heard(page)).toContain('hello');
    await page.evaluate(() => window.Mibew?.push(['consent', false]));
    const left = (await kept()).map((key) => key.replace(/^.*\/:/, ''));
    expect(left).toContain('visitor');
    expect(left).toContain('chat');
    expect(left).not.toContain('part:mark');
    expect(left).not.toContain('consent');
  });

  it('can be opened by an element of the page’s own, and has no button then until a conversation begins', async () => {
    const { page, watch } = await host.visit(
      `<p><button class="help"><b>Help</b></button>${withData('data-button=".help"')}`,
    );
    await page.locator('mibew-chat').waitFor({ state: 'attached' });
    expect(await button(page).isVisible()).toBe(false);
    await page.getByText('Help').click();
    await chatField(page).waitFor();
    await page.keyboard.press('Escape');
    await button(page).waitFor();
    expect(await page.locator('.help').evaluate((element) => element === document.activeElement)).toBe(true);
    watch.calm();
  });

  it('says nothing about a selector that is none', async () => {
    const { page, watch } = await host.visit(`<p>Shop</p>${withData('data-button="[[" data-rules="{"')}`);
    await page.getByText('Shop').click();
    await page.locator('[mibew-chat]').count();
    watch.calm();
  });

  it('looks as attributes say, and as scripts say later', async () => {
    const { page, watch } = await host.visit(
      withData('data-position="start" data-bottom="70" data-side="10" data-color="#ffe08a" data-label="Ask us"'),
    );
    const size = page.viewportSize()!;
    const place = async () => (await button(page).boundingBox())!;
    const first = await place();
    expect([first.x, Math.round(size.height - first.y - first.height)]).toEqual([10, 70]);
    expect(await button(page).getAttribute('aria-label')).toBe('Ask us');
    const colors = () =>
      button(page).evaluate((element) => {
        const { backgroundColor, color } = getComputedStyle(element);
        const canvas = document.createElement('canvas').getContext('2d')!;
        canvas.fillStyle = color;
        return [backgroundColor, canvas.fillStyle];
      });
    await expect.poll(colors).toEqual(['rgb(255, 224, 138)', 'oklch(0 0 0)']);

    await page.evaluate(() => window.Mibew?.push(['configure', { color: '#123456', position: 'end', label: '' }]));
    await expect.poll(colors).toEqual(['rgb(18, 52, 86)', 'oklch(1 0 0)']);
    const then = await place();
    expect([Math.round(size.width - then.x - then.width), Math.round(then.width), Math.round(then.height)]).toEqual([
      10, 56, 56,
    ]);
    expect(await button(page).getAttribute('aria-label')).toBe('Open the chat');
    watch.calm();
  });

  it('shows a picture of the page’s own', async () => {
    const picture = 'data:image/gif;base64,R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=';
    const { page } = await host.visit(withData(`data-image="${picture}"`));
    await page.locator('mibew-chat img').waitFor();
    expect(await page.locator('mibew-chat svg.chat').isVisible()).toBe(false);
    const { width, height } = (await button(page).boundingBox())!;
    expect([Math.round(width), Math.round(height)]).toEqual([56, 56]);
  });

  it('knows the opening hours, and tells when they end while the page is open', async () => {
    const hours = 'data-hours="Mo-Fr 09:00-17:00" data-zone="Europe/Berlin"';
    // A Friday, 16:58 in Berlin.
    const before = (page: Page) => page.clock.install({ time: new Date('2026-01-16T15:58:00Z') });
    const { page } = await host.visit(withData(hours), { before });
    expect(await button(page).getAttribute('aria-label')).toBe('Open the chat');
    await page.clock.runFor(180_000);
    expect(await button(page).getAttribute('aria-label')).toBe('We are closed now');
    await page.evaluate(() => window.Mibew?.push(['configure', { closed: 'hide' }]));
    expect(await button(page).isVisible()).toBe(false);
  });

  it('begins a conversation on the page where the visitor is by then, in the group and language of its path', async () => {
    const { page, watch } = await host.visit(
      withData(`data-group="1" data-field-order="17" data-rules='[{"path":"/de/","locale":"de","group":2}]'`),
    );
    await button(page).waitFor();
    const frames: string[] = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(String(payload))));
    await page.evaluate(() => history.pushState({}, '', '/de/shoes'));
    await page.evaluate(() => window.Mibew?.push(['open', { info: 'from the test' }]));
    await expect.poll(() => frames.some((frame) => frame.includes('"open"')), soon).toBe(true);
    const { requests } = JSON.parse(frames.find((frame) => frame.includes('"open"'))!) as {
      requests: { functions: { function: string; arguments: Record<string, unknown> }[] }[];
    };
    const call = requests.flatMap(({ functions }) => functions).find((one) => one.function === 'open');
    expect(call?.arguments).toMatchObject({
      url: expect.stringMatching(/\/de\/shoes$/) as string,
      locale: 'de',
      group: 2,
      info: 'from the test',
      fields: { order: '17' },
    });
    watch.calm();
  });

  it('is not noticed where the chat’s host is down, and asks again in growing pauses', async () => {
    const expected = [/net::ERR_/];
    let asked = 0;
    const { page } = await host.visit(line, {
      expected,
      before: async (one) => {
        await one.clock.install();
        await one.route('**/part/probe.js', (route) => {
          asked += 1;
          return route.abort();
        });
      },
    });
    await page.clock.runFor(1000);
    await expect.poll(() => asked).toBe(1);
    const after = async (ms: number) => {
      await page.clock.runFor(ms);
      await page.evaluate(() => fetch(location.href));
      return asked;
    };
    expect(await after(5100)).toBe(2);
    expect(await after(5100)).toBe(2);
    expect(await after(5100)).toBe(3);
    await page.unroute('**/part/probe.js');
    await page.clock.runFor(21_000);
    await expect.poll(() => heard(page)).toEqual(['hello']);

    const down = await host.visit(line, {
      expected,
      before: (one) => one.route('**/mibew.js', (route) => route.abort()),
    });
    expect(await down.page.title()).toBe('Shop');
    down.watch.calm();
  });

  it('works on a hostile page, and changes nothing there', async () => {
    const { page, watch } = await host.visit(hostile, { expected: [/^console: .*style/] });
    const before = await page.evaluate(
      () => document.querySelector('main')!.getBoundingClientRect().toJSON() as object,
    );
    const place = (await button(page).boundingBox())!;
    const size = page.viewportSize()!;
    expect(Math.round(size.width - place.x - place.width)).toBe(20);
    expect(Math.round(size.height - place.y - place.height)).toBe(20);
    await button(page).click();
    const chat = page.locator('mibew-chat');
    await chatField(page).fill('Is anybody here?');
    await chat.getByRole('button', { name: 'Send' }).click();
    await chat.getByRole('log').getByText('Is anybody here?').waitFor();
    await expect
      .poll(() => page.evaluate(() => Object.keys(localStorage).some((key) => key.endsWith(':visitor'))))
      .toBe(true);
    await page.reload();
    await chat.getByRole('log').getByText('Is anybody here?').waitFor();
    expect(
      await page.evaluate(() => document.querySelector('main')!.getBoundingClientRect().toJSON() as object),
    ).toEqual(before);
    expect(await page.evaluate(() => (window as unknown as { $: () => string }).$())).toBe('the page’s own');
    watch.calm();
  });

  it('takes less than 30 ms of the main thread on a page with 5 MB of other scripts', async () => {
    const others = `<script>${'function f(){return [1,2,3].map(function(n){return n*2})}f();'.repeat(80_000)}</script>`;
    let stop = async () => [] as { readonly url: string; readonly ms: number }[];
    const { page } = await host.visit(others + line, {
      async before(one) {
        const devtools = await one.context().newCDPSession(one);
        await devtools.send('Profiler.enable');
        await devtools.send('Profiler.start');
        stop = async () => {
          const { profile } = await devtools.send('Profiler.stop');
          const { nodes, samples = [], timeDeltas = [] } = profile;
          const urls = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.url]));
          return samples.map((id, index) => ({ url: urls.get(id) ?? '', ms: (timeDeltas[index] ?? 0) / 1000 }));
        };
      },
    });
    await expect.poll(() => heard(page), soon).toEqual(['hello']);
    const own = (await stop()).filter(({ url }) => url.startsWith(host.chat));
    expect(own.reduce((sum, { ms }) => sum + ms, 0)).toBeLessThan(30);
  });

  it('moves nothing', async () => {
    const { page } = await host.visit(`<h1>Shop</h1>${line}<p>Text</p>`, {
      before: (one) => one.addInitScript(reportShifts),
    });
    await button(page).click();
    await chatField(page).waitFor();
    expect(await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)).toEqual([]);
  });
});

/** Keeps what moved. */
function reportShifts(): void {
  const shifts: number[] = ((window as unknown as { shifts: number[] }).shifts = []);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
  }).observe({ type: 'layout-shift', buffered: true });
}
/** Processor time, too, is longer where others want the same processor. That comes and goes; what we do comes every time. */
const attempts = 3;

describeWith([chromium], 'the launcher on the demo page, where visitors are followed and invited', () => {
  const host = openHost(['tracking', 'invitation', 'realtime', 'demo']);

  async function walk(index: number): Promise<{ readonly shifts: readonly number[]; readonly longest: number }> {
    const context = await host.browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(reportShifts);
    await host.browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
    await page.goto(`${host.chat}/demo`, { waitUntil: 'networkidle' });
    const present = () => host.kernel.service(tracking).present();
    await expect.poll(() => present().length, soon).toBe(index + 1);
    const ann = (await host.kernel.service(operators).byLogin('ann'))!;
    const newest = present().reduce((one, other) => (one.id > other.id ? one : other));
    await host.kernel.service(invitations).invite(newest.id, ann, { greeting: 'May I help?' });
    await page.getByRole('dialog', { name: 'Ann' }).getByText('May I help?').waitFor();
    await page.getByRole('button', { name: 'Chat now' }).click();
    await chatField(page).waitFor();
    await page.waitForLoadState('networkidle');
    const longest = longestOwn(await host.browser.stopTracing(), host.chat);
    const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
    await context.close();
    return { shifts, longest };
  }

  it('moves nothing and has no task over 50 ms: loaded, with an invitation, in the chat', async () => {
    let longest = Infinity;
    for (let attempt = 0; attempt < attempts && longest > 50; attempt += 1) {
      const seen = await walk(attempt);
      expect(seen.shifts).toEqual([]);
      longest = seen.longest;
    }
    // Our scripts are at work in it, or nothing was measured.
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThanOrEqual(50);
  });
});

/** What a page of the server's does between the click that leaves it and the page that comes next. */
import type { Browser, Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { launchBrowserThatKeepsPages } from '../support/browser.ts';
import { password } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { chromium, patience } from './people.ts';
import { openWorld } from './world.ts';

describeWith([chromium], 'a page that is being left', () => {
  const world = openWorld({ launch: launchBrowserThatKeepsPages });

  async function stranger(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await world.browser.newContext(options);
    context.setDefaultTimeout(patience);
    onTestFinished(() => context.close());
    return context.newPage();
  }
  const button = (page: Page) => page.getByRole('button', { name: 'Log in' });
  const bar = (page: Page) => page.locator('.mb-progress');
  const status = (page: Page) => page.locator('[data-mb-loading]');

  async function fillIn(page: Page): Promise<void> {
    await page.goto(`${world.server.url}/operator/login`, { waitUntil: 'networkidle' });
    await page.getByLabel(/^Login/).fill('ann');
    await page.getByLabel(/^Password/).fill(password);
  }
  /** Log-ins that leave the browser, as they do. */
  function posts(page: Page): string[] {
    const found: string[] = [];
    page.on('request', (request) => void (request.method() === 'POST' && found.push(request.url())));
    return found;
  }
  /**
   * The next page does not come. While it is under way the browser answers no questions about the one that is there; after an
   * answer without content it does, and to that page nothing has come yet.
   */
  const hold = (page: Page) =>
    page.route('**', (route) =>
      route.request().isNavigationRequest() ? route.fulfill({ status: 204 }) : route.fallback(),
    );

  async function isReady(page: Page): Promise<void> {
    await bar(page).waitFor({ state: 'detached' });
    expect(await button(page).getAttribute('aria-busy')).toBeNull();
    expect(await status(page).textContent()).toBe('');
  }

  it('logs in once when the button is clicked twice', async () => {
    const page = await stranger();
    await fillIn(page);
    const sent = posts(page);
    const { x, y } = (await button(page).boundingBox())!;
    let answer = () => {};
    const clicked = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/operator/login', async (route) => {
      await clicked;
      await route.continue();
    });
    const underWay = page.waitForRequest((request) => request.method() === 'POST');
    await page.mouse.click(x + 9, y + 9);
    // Of two submits at the same instant the browser itself drops one.
    await underWay;
    await page.mouse.click(x + 9, y + 9);
    answer();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    expect(sent).toEqual([`${world.server.url}/operator/login`]);
  });

  it('has a busy button, and sends nothing more by any road', async () => {
    const page = await stranger();
    await fillIn(page);
    const sent = posts(page);
    await hold(page);
    await button(page).click();
    await bar(page).waitFor();
    expect(await button(page).getAttribute('aria-busy')).toBe('true');
    expect(await button(page).evaluate((element) => element === document.activeElement)).toBe(true);
    await button(page).dblclick();
    await page.getByLabel(/^Password/).press('Enter');
    // Whatever had been sent before this would be in the list when this is answered.
    await page.evaluate(() => fetch('/health'));
    expect(sent).toHaveLength(1);
  });

  it('shows and says that it loads after a moment, not before, and moves nothing', async () => {
    const page = await stranger();
    await page.clock.install({ time: 0 });
    await fillIn(page);
    await page.clock.pauseAt(3_600_000);
    await hold(page);
    const place = () => button(page).boundingBox();
    const before = await place();
    const gone = page.waitForEvent('requestfailed', (request) => request.isNavigationRequest());
    await page.getByRole('link', { name: 'Mibew' }).click();
    await gone;
    await page.clock.runFor(299);
    expect(await bar(page).count()).toBe(0);
    expect(await status(page).textContent()).toBe('');
    await page.clock.runFor(1);
    await bar(page).waitFor();
    expect(await page.getByRole('status').textContent()).toBe('Loading');
    expect(await place()).toEqual(before);
    expect(await bar(page).evaluate((element) => element.getBoundingClientRect().top)).toBe(0);
  });

  it('is as before when the browser is told to stop, and can be sent again', async () => {
    const page = await stranger();
    await fillIn(page);
    const sent = posts(page);
    const devtools = await page.context().newCDPSession(page);
    // What the page says of itself gets out while it is being left.
    await page.exposeBinding('barIsThere', () => devtools.send('Page.stopLoading'));
    await page.evaluate(() =>
      new MutationObserver(() => {
        if (document.querySelector('.mb-progress:popover-open'))
          (window as unknown as { barIsThere(): void }).barIsThere();
      }).observe(document.body, { childList: true }),
    );
    await page.route('**/operator/login', () => undefined);
    await button(page).click({ noWaitAfter: true });
    await page.waitForEvent('requestfailed', (request) => request.method() === 'POST');
    await isReady(page);
    await page.unroute('**/operator/login');
    await button(page).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    expect(sent).toHaveLength(2);
  });

  it('is ready again when the back button shows it as it was left', async () => {
    const page = await stranger();
    // There are browsers that keep such a page whatever it says about storing; this one asks.
    await page.route('**/operator/login', async (route) => {
      if (route.request().method() !== 'GET') return route.fallback();
      const response = await route.fetch();
      const { 'cache-control': _, ...headers } = response.headers();
      return route.fulfill({ response, headers });
    });
    await fillIn(page);
    const sent = posts(page);
    await page.evaluate(() => Object.assign(window, { kept: true }));
    await button(page).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    await page.goBack({ waitUntil: 'commit' });
    await button(page).waitFor();
    expect(await page.evaluate(() => 'kept' in window)).toBe(true);
    await isReady(page);
    // What the server says to somebody who is logged in already is not of interest here.
    await button(page).click();
    expect(sent).toHaveLength(2);
  });

  it('does without scripts', async () => {
    const page = await stranger({ javaScriptEnabled: false });
    await fillIn(page);
    expect(await bar(page).count()).toBe(0);
    expect(await status(page).textContent()).toBe('');
    await button(page).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  });
});

/** Every page in every width, in light and dark, long and from right to left: nothing is cut, everybody can use it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { addOperator } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer, type Server } from '../support/server.ts';
import { callByPost, newVisitor, startThread, threadCall, type Caller, type TestThread } from '../support/wire.ts';
import { accessFaults, layoutFaults } from './layout.ts';
import { cut, hold, lay } from './line.ts';
import { chromium, logInAt, patience, setUp, setUpPath } from './people.ts';
import { faultsOf, folder, sizeOf } from './views.ts';

const widths = [1440, 768, 390, 320];

type Who = 'stranger' | 'scriptless' | 'ann' | 'bob';
interface Surface {
  readonly name: string;
  readonly who: Who;
  /** Brings the page there, and waits until it stands. */
  readonly show: (page: Page) => Promise<unknown>;
  /** Leaves a page of the server's for the next: it is looked at once more while that is long in coming. */
  readonly leave?: (page: Page) => Promise<unknown>;
}

describeWith([chromium], 'every page', () => {
  let server: Server;
  let browser: Browser;
  const contexts = {} as Record<Who, BrowserContext>;
  /** Waits; is Ann's; is Bob's; has ended. */
  const thread = {} as Record<'waiting' | 'mine' | 'others' | 'over', TestThread>;

  const gateway = () => `${server.url}/thread/update`;
  const own = ({ id, token }: TestThread) => ({ threadId: id, token, user: true });

  async function converse(visitor: Caller, ...messages: readonly string[]): Promise<TestThread> {
    const thread = await startThread(gateway(), visitor);
    await callByPost(gateway(), visitor, threadCall('update', { ...own(thread), typed: false, lastId: 0 }));
    for (const message of messages)
      await callByPost(gateway(), visitor, threadCall('post', { ...own(thread), message }));
    return thread;
  }

  async function context(options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserContext> {
    const made = await browser.newContext({ bypassCSP: true, reducedMotion: 'reduce', ...options });
    made.setDefaultTimeout(patience);
    return made;
  }

  const speak = (who: Who, locale: string) =>
    contexts[who].addCookies([{ name: 'mibew_locale', value: locale, url: server.url }]);

  /** The conversation of that number, taken by whoever looks. */
  async function take(who: Who, { id }: TestThread): Promise<void> {
    await speak(who, 'en');
    const page = await contexts[who].newPage();
    await page.goto(`${server.url}/operator/chat/${id}`);
    await page.getByRole('textbox').fill('Good morning! I am looking it up, one moment please.');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('log').getByText('I am looking it up').waitFor();
    await page.close();
  }

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    server = await startServer({ without: beforeChat });
    browser = await launchBrowser();
    contexts.stranger = await context();
    contexts.scriptless = await context({ javaScriptEnabled: false });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** Looks at a page from all sides, and keeps a picture of each. @returns what is wrong with it */
  async function look({ name, who, show, leave }: Surface): Promise<string[]> {
    const faults: string[] = [];
    const add = (where: string, found: readonly string[]) => faults.push(...found.map((one) => `${where}: ${one}`));
    const scripts = who !== 'scriptless';
    const picture = async (page: Page, where: string) => {
      await page.screenshot({ path: join(folder, `${name}-${where}.png`), animations: 'disabled' });
    };

    async function pass(locale: 'en' | 'ar-XB'): Promise<void> {
      await speak(who, locale);
      const page = await contexts[who].newPage();
      const mark = locale === 'en' ? '' : '-long';
      await page.setViewportSize(sizeOf(1440));
      await show(page);
      for (const width of locale === 'en' ? widths : [1440, 768, 320]) {
        await page.setViewportSize(sizeOf(width));
        add(`${width}${mark}`, await layoutFaults(page));
        await picture(page, `${width}${mark}`);
      }
      if (scripts) add(`320${mark}`, await accessFaults(page));
      if (locale === 'en') {
        await page.emulateMedia({ colorScheme: 'dark' });
        await picture(page, '320-dark');
        await page.setViewportSize(sizeOf(1440));
        await picture(page, '1440-dark');
        if (scripts) add('dark', await accessFaults(page));
        await page.emulateMedia({ colorScheme: 'light' });
        if (scripts) add('1440', await accessFaults(page));
        // Zoomed in twice, a window has half as many pixels of layout, and each is drawn with twice as many.
        const devtools = await page.context().newCDPSession(page);
        const metrics = { width: 640, height: 400, deviceScaleFactor: 2, mobile: false };
        await devtools.send('Emulation.setDeviceMetricsOverride', metrics);
        expect(await page.evaluate(() => [innerWidth, devicePixelRatio])).toEqual([640, 2]);
        add('zoom', await layoutFaults(page));
        // The page's own way of taking a picture would take it in its own size.
        const { data } = await devtools.send('Page.captureScreenshot');
        await writeFile(join(folder, `${name}-zoom.png`), data, 'base64');
      }
      await page.close();
    }
    async function passLoading(leave: NonNullable<Surface['leave']>): Promise<void> {
      await speak(who, 'en');
      const page = await contexts[who].newPage();
      await show(page);
      // While a page is under way the browser answers no questions about the one that is there. After an answer without
      // content it does, and to the page that is there nothing has come yet.
      await page.route('**', (route) =>
        route.request().isNavigationRequest() ? route.fulfill({ status: 204 }) : route.fallback(),
      );
      await leave(page);
      await page.locator('[data-mb-loading]', { hasText: 'Loading' }).waitFor({ state: 'attached' });
      await page.locator('.mb-progress').waitFor();
      faults.push(...(await faultsOf(page, `${name}-loading`)));
      await page.close();
    }
    await pass('en');
    await pass('ar-XB');
    if (leave) await passLoading(leave);
    return faults;
  }
  const at = (path: string) => (page: Page) => page.goto(server.url + path, { waitUntil: 'networkidle' });
  /** Fills the form in the order of its fields and sends it. */
  const send =
    (...values: readonly string[]) =>
    async (page: Page) => {
      const fields = page.locator('form input:not([type=hidden]):not([type=checkbox])');
      for (const [index, value] of values.entries()) await fields.nth(index).fill(value);
      await page.locator('main form button[type=submit]').click();
    };
  const refused =
    (path: string, ...values: readonly string[]) =>
    async (page: Page) => {
      await page.goto(server.url + path);
      await send(...values)(page);
      await page.locator('[aria-invalid], [role=alert]').first().waitFor();
    };
  const follow = (link: string) => (page: Page) => page.locator(link).first().click();
  const launcher = (page: Page) => page.locator('mibew-chat').getByRole('button').first();
  async function demo(page: Page): Promise<void> {
    await page.goto(`${server.url}/demo`);
    await launcher(page).waitFor();
  }
  async function inline(page: Page): Promise<void> {
    await demo(page);
    // As a page would do it: the panel may have been left open by the page before.
    await page.evaluate(() => (window as unknown as { Mibew: { open(): void } }).Mibew.open());
  }
  const workspace = async (page: Page) => {
    await page.goto(`${server.url}/operator/users`);
    await page.locator('[data-part=skeleton]').waitFor({ state: 'hidden' });
  };
  const row = (page: Page, { id }: TestThread) =>
    page.locator(`[data-thread="${id}"]`).first().getByRole('button').first();

  it('is looked at by something that sees', async () => {
    const page = await contexts.stranger.newPage();
    const box = (style: string, text = 'Anunbreakablewordofsomelength') =>
      `<div class="box" style="inline-size: 60px; ${style}">${text}</div>`;
    const faultsOf = async (html: string) => {
      await page.setContent(`<!doctype html><html lang="en"><title>Faults</title><main><h1>Faults</h1>${html}</main>`);
      return (await layoutFaults(page)).map((fault) => fault.replace(/:.*|(?<=the page) .*/, ''));
    };
    expect(await faultsOf(box('overflow: hidden'))).toContain('text is cut at its side');
    expect(await faultsOf(box('overflow: auto'))).toContain('scrolls sideways');
    expect(await faultsOf(box('block-size: 20px; overflow: hidden', 'one two three four'))).toContain(
      'text is cut below',
    );
    expect(await faultsOf(box(''))).toEqual(['text runs out of its box']);
    expect(await faultsOf(box('inline-size: 3000px; block-size: 9px', ''))).toEqual(['the page']);
    expect(await faultsOf(box('overflow: hidden; text-overflow: ellipsis'))).toEqual([]);
    expect(await faultsOf(box('', 'short words that wrap'))).toEqual([]);
    await page.setContent('<!doctype html><html><title>x</title><p style="color: #ccc">pale<img src="data:,"></html>');
    expect((await accessFaults(page)).map((fault) => fault.split(':')[0])).toEqual(
      expect.arrayContaining(['color-contrast', 'html-has-lang', 'image-alt']),
    );
    await page.close();
  });

  it('is fit to be seen before there is an administrator', async () => {
    const path = await setUpPath(server);
    const before: readonly Surface[] = [
      {
        name: 'setup',
        who: 'stranger',
        show: at(path),
        leave: send('ann', 'Ann', 'ann@example.com', 'long enough'),
      },
      {
        name: 'setup-refused',
        who: 'stranger',
        show: refused(path, 'ann with blanks', 'Ann', 'ann@example.com', 'long enough'),
      },
      { name: 'setup-needed', who: 'stranger', show: at('/operator') },
      { name: 'setup-dead', who: 'stranger', show: at(`/operator/setup/${'x'.repeat(43)}`), leave: follow('main a') },
    ];
    const faults: string[] = [];
    for (const surface of before) faults.push(...(await look(surface)).map((one) => `${surface.name} ${one}`));
    const ann = await setUp(browser, server.url + path, { bypassCSP: true, reducedMotion: 'reduce' });
    contexts.ann = ann.page.context();
    expect(faults).toEqual([]);
    // Four pages, each looked at from all sides.
  }, 240_000);

  const app = (name: string) => `**/assets/${name}.*.js`;
  const quiet: readonly Surface[] = [
    { name: 'login', who: 'stranger', show: at('/operator/login'), leave: send('ann', 'some password') },
    { name: 'login-refused', who: 'stranger', show: refused('/operator/login', 'ann', 'wrong password') },
    { name: 'error-404', who: 'stranger', show: at('/there/is/nothing') },
    {
      name: 'error-404-operator',
      who: 'ann',
      show: at('/operator/there/is/nothing'),
      leave: follow('main .mb-card a'),
    },
    { name: 'demo', who: 'stranger', show: demo },
    { name: 'dashboard-empty', who: 'ann', show: at('/operator'), leave: follow('main .mb-main__actions a') },
    { name: 'plugins', who: 'ann', show: at('/operator/plugin'), leave: follow('main a[href*=able]') },
    {
      name: 'plugin-change',
      who: 'ann',
      async show(page) {
        await page.goto(`${server.url}/operator/plugin`);
        await page.locator('main a[href*="disable"], main a[href*="enable"]').first().click();
        await page.waitForURL(/able/);
      },
      leave: send(),
    },
    { name: 'settings', who: 'ann', show: at('/operator/settings'), leave: follow('.mb-savebar button') },
    { name: 'logout', who: 'ann', show: at('/operator/logout'), leave: send() },
    {
      name: 'account-menu',
      who: 'ann',
      async show(page) {
        await page.goto(`${server.url}/operator`);
        await page.locator('[popovertarget=mb-account]').click();
      },
    },
    { name: 'workspace-empty', who: 'ann', show: workspace },
    {
      name: 'workspace-loading',
      who: 'ann',
      async show(page) {
        await hold(page, '/operator/users/update');
        await page.goto(`${server.url}/operator/users`);
        await page.locator('[data-part=skeleton]').waitFor();
      },
    },
    {
      name: 'workspace-failed',
      who: 'ann',
      async show(page) {
        await page.route(app('users'), (route) => route.abort());
        await page.goto(`${server.url}/operator/users`);
        await page.getByRole('alert').waitFor();
      },
    },
    {
      name: 'workspace-offline',
      who: 'ann',
      async show(page) {
        await cut(page, '/operator/users/update');
        await page.goto(`${server.url}/operator/users`);
        await page.locator('[data-part=notices] [data-action]').first().waitFor();
      },
    },
    {
      name: 'inline-loading',
      who: 'stranger',
      async show(page) {
        await page.route('**/plugins/widget/chat.js*', () => undefined);
        await inline(page);
        await page.locator('[aria-busy=true]').first().waitFor();
      },
    },
    {
      name: 'inline-failed',
      who: 'stranger',
      async show(page) {
        await page.route('**/plugins/widget/chat.js*', (route) => route.abort());
        await inline(page);
        // The button says so itself, and has the focus.
        await page.locator('mibew-chat .label').filter({ hasText: /\S/ }).waitFor();
      },
    },
    {
      name: 'inline-starting',
      who: 'stranger',
      async show(page) {
        await hold(page, '/thread/update');
        await inline(page);
        await page.locator('.mb-chat__cover').getByRole('status').waitFor();
      },
    },
    {
      name: 'inline-offline',
      who: 'stranger',
      async show(page) {
        await cut(page, '/thread/update');
        await inline(page);
        await page.locator('.mb-chat__cover .mb-empty').waitFor();
      },
    },
  ];
  it.each(quiet)('is fit to be seen: $name', async (surface) => expect(await look(surface)).toEqual([]));

  it('has people to show', async () => {
    addOperator(server, 'bob', 'Bob with a name of some length');
    const bob = await logInAt(browser, server.url, '/operator/users', {
      login: 'bob',
      bypassCSP: true,
      reducedMotion: 'reduce',
    });
    contexts.bob = bob.page.context();
    const long = 'https://shop.example/a/very/long/address/without/any/place/to/break?with=parameters&and=more';
    thread.waiting = await converse(newVisitor(), 'Hello, is anybody there? My parcel did not arrive.');
    thread.mine = await converse(newVisitor(), 'Good morning', `I was looking at ${long}`, 'What does it cost?');
    thread.others = await converse(newVisitor(), 'Do you repair lamps?');
    const last = newVisitor();
    thread.over = await converse(last, 'Never mind');
    await callByPost(gateway(), last, threadCall('close', own(thread.over)));
    await take('ann', thread.mine);
    await take('bob', thread.others);
  });

  const busy: readonly Surface[] = [
    { name: 'dashboard', who: 'ann', show: at('/operator'), leave: follow('main .mb-figure__link') },
    { name: 'error-403', who: 'bob', show: at('/operator/settings'), leave: follow('main .mb-card a') },
    { name: 'workspace-queue', who: 'ann', show: workspace },
    {
      name: 'workspace-conversation',
      who: 'ann',
      async show(page) {
        await workspace(page);
        await row(page, thread.mine).click();
        await page.getByRole('log').getByText('I am looking it up').waitFor();
      },
    },
    {
      name: 'workspace-taken',
      who: 'ann',
      async show(page) {
        await workspace(page);
        await row(page, thread.others).click();
        await page.locator('[data-action=force]').waitFor();
      },
    },
    {
      name: 'workspace-keys',
      who: 'ann',
      async show(page) {
        await workspace(page);
        // Not by its key: with a conversation open that goes into the writing field.
        await page.locator('[data-action=keys]').click();
        await page.getByRole('dialog').waitFor();
      },
    },
    {
      name: 'operator-window',
      who: 'ann',
      async show(page) {
        await page.goto(`${server.url}/operator/chat/${thread.mine.id}`);
        await page.getByRole('log').getByText('I am looking it up').waitFor();
      },
    },
    {
      name: 'take-over-form',
      who: 'ann',
      show: (page) => at(`/operator/chat/${thread.others.id}`)(page),
      leave: send(),
    },
    {
      name: 'take-over-refused',
      who: 'bob',
      show: (page) => at(`/operator/chat/${thread.mine.id}`)(page),
      leave: follow('main .mb-card a'),
    },
    {
      name: 'take-closed',
      who: 'ann',
      show: (page) => at(`/operator/chat/${thread.over.id}`)(page),
      leave: follow('main .mb-card a'),
    },
    {
      name: 'chat-page',
      who: 'stranger',
      async show(page) {
        await page.goto(`${server.url}/chat`);
        await page.getByRole('textbox').waitFor();
        await page.getByRole('log').getByRole('listitem').first().waitFor();
      },
    },
    {
      name: 'chat-page-loading',
      who: 'stranger',
      async show(page) {
        await hold(page, '/thread/update');
        await page.goto(`${server.url}/chat`);
        await page.getByRole('textbox').waitFor();
      },
    },
    {
      name: 'chat-page-failed',
      who: 'stranger',
      async show(page) {
        await page.route(app('chat'), (route) => route.abort());
        await page.goto(`${server.url}/chat`);
        await page.getByRole('alert').waitFor();
      },
    },
    {
      name: 'chat-page-offline',
      who: 'stranger',
      async show(page) {
        const cutOff = await lay(page, '/thread/update');
        await page.goto(`${server.url}/chat`);
        await page.getByRole('log').getByRole('listitem').first().waitFor();
        await cutOff(async () => {
          await page.getByRole('textbox').fill('Can you hear me?');
          await page.keyboard.press('Control+Enter');
        });
        await page.locator('[data-part=banners] > *').first().waitFor();
      },
    },
    {
      name: 'chat-plain',
      who: 'scriptless',
      async show(page) {
        await page.goto(`${server.url}/chat`);
        await page.locator('textarea').fill('A word without scripts');
        await page.locator('button[type=submit]').first().click();
        await page.frameLocator('iframe').getByText('A word without scripts').first().waitFor();
      },
    },
    {
      name: 'inline-open',
      who: 'stranger',
      async show(page) {
        await inline(page);
        await page.getByRole('textbox').waitFor();
        await page.getByRole('log').getByRole('listitem').first().waitFor();
      },
    },
    {
      name: 'inline-menu',
      who: 'stranger',
      async show(page) {
        await inline(page);
        await page.locator('mibew-chat [data-action=menu]').click();
        await page.locator('mibew-chat [data-part=drop]').waitFor();
      },
    },
    {
      name: 'inline-ended',
      who: 'stranger',
      async show(page) {
        await demo(page);
        // A conversation of its own for each time.
        await page.evaluate(() => localStorage.clear());
        await inline(page);
        await page.locator('mibew-chat [data-action=menu]').click();
        await page.locator('mibew-chat [data-action=close]').click();
        await page.locator('mibew-chat dialog [type=submit]').click();
        await page.locator('mibew-chat [data-action=again]').waitFor();
      },
    },
  ];
  it.each(busy)('is fit to be seen: $name', async (surface) => expect(await look(surface)).toEqual([]));
});

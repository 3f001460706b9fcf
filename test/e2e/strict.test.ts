/** The chat on somebody else's page: strict policy, nothing kept for third parties, no storage, no scripts. */
import { expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, endConversation, openChat, patience, rowOf, type Person } from './people.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

/** All that a page asks for from now on, in order; sockets too. */
function traffic({ page }: Person): string[] {
  const urls: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  page.on('websocket', (socket) => urls.push(socket.url()));
  return urls;
}

describeWith([chromium], "the chat on somebody else's page", () => {
  const world = openWorld({
    start: () => startServer({ without: beforeChat }),
    launch: () => launchBrowser('--test-third-party-cookie-phaseout'),
    attended: true,
  });

  async function visit(script?: string): Promise<Person> {
    const visitor = await world.visitor('about:blank');
    if (script) await visitor.page.context().addInitScript(script);
    return visitor;
  }

  it('is tried in a browser that keeps no cookies for third parties', async () => {
    const context = await world.browser.newContext();
    onTestFinished(() => context.close());
    const cookie = { name: 'mibewCheckToken', value: '1', sameSite: 'None', secure: true } as const;
    await context.addCookies([{ ...cookie, url: world.server.url.replace('http:', 'https:') }]);
    const page = await context.newPage();
    await page.goto(world.shop.url);
    // The address answers 200 where the cookie comes along.
    const probe = page.waitForResponse(/cookies-set-permission/);
    await page.evaluate(
      (address) => void (new Image().src = address),
      `${world.server.url}/chat/cookies-set-permission?rnd=1`,
    );
    expect((await probe).status()).toBe(404);
    await page.goto(`${world.server.url}/chat/cookies-set-permission?rnd=1`);
    const own = await page.goto(`${world.server.url}/chat/cookies-set-permission?rnd=1`);
    expect(own?.status()).toBe(200);
  });

  it('is had in full, without a report, a cookie, or a word to other hosts', async () => {
    const visitor = await visit();
    const asked = traffic(visitor);
    await visitor.page.goto(world.shop.url, { waitUntil: 'networkidle' });
    expect(asked).toEqual([`${world.shop.url}/`, `${world.server.url}/mibew.js`]);

    await openChat(visitor);
    await visitor.say('Do you deliver to Malta?');
    await visitor.sees('Do you deliver to Malta?');
    await rowOf(world.ann, 'Do you deliver to Malta?').click();
    await world.ann.sees('Do you deliver to Malta?');
    await world.ann.say('We do, see https://example.com/malta');
    await visitor.chat.getByText('We do, see').waitFor(soon);
    await endConversation(visitor);
    await visitor.chat.getByText(/^This conversation has ended\. /).waitFor(soon);
    await world.ann.chat.getByText('This conversation has ended.').waitFor(soon);

    const hosts = new Set(asked.map((url) => new URL(url).host));
    expect([...hosts].toSorted()).toEqual([new URL(world.server.url).host, new URL(world.shop.url).host].toSorted());
    expect(asked.some((url) => url.startsWith('ws:'))).toBe(true);
    expect(await visitor.page.context().cookies()).toEqual([]);
    expect(visitor.watch.violations).toEqual([]);
    visitor.watch.calm();
  });

  it('goes on by itself on the next page, and counts there what came while it was put away', async () => {
    const visitor = await visit();
    await visitor.page.goto(world.shop.url);
    await openChat(visitor);
    await visitor.say('I am looking around meanwhile');
    await rowOf(world.ann, 'I am looking around meanwhile').click();
    await world.ann.say('Take your time');
    await visitor.sees('Take your time');
    await visitor.page.getByRole('link', { name: 'Next page' }).click();
    await visitor.page.getByRole('heading', { name: 'The next page' }).waitFor(soon);
    await visitor.sees('Take your time');

    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    await visitor.chat.getByRole('log').waitFor({ ...soon, state: 'hidden' });
    const asked = traffic(visitor);
    await visitor.page.getByRole('link', { name: 'First page' }).click();
    await visitor.page.getByRole('heading', { name: 'The first page' }).waitFor(soon);
    await visitor.page.getByRole('button', { name: 'Open the chat' }).waitFor(soon);
    await expect.poll(() => asked.some((url) => url.includes('/plugins/widget/chat.js')), soon).toBe(true);
    await world.ann.say('Found something?');
    await world.ann.say('We have lamps, too');
    await visitor.page.getByRole('button', { name: 'Open the chat, unread messages: 2' }).waitFor(soon);
    await openChat(visitor);
    await visitor.sees('We have lamps, too');
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    await visitor.page.getByRole('button', { name: 'Open the chat', exact: true }).waitFor(soon);
    visitor.watch.calm();
  });

  it('says so where the browser keeps nothing, and works until the page is left', async () => {
    const refuse = `for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError') } });`;
    const visitor = await visit(refuse);
    await visitor.page.goto(world.shop.url);
    await openChat(visitor);
    await visitor.chat.getByText('this conversation will not survive a reload').waitFor(soon);
    await visitor.chat.getByRole('button', { name: 'OK' }).click();
    await visitor.say('Do you keep anything?');
    await rowOf(world.ann, 'Do you keep anything?').click();
    await world.ann.say('Not even your cookies');
    await visitor.sees('Not even your cookies');
    await visitor.page.reload();
    await openChat(visitor);
    await visitor.chat.getByText('this conversation will not survive a reload').waitFor(soon);
    expect(await visitor.texts('Do you keep')).toEqual([]);
    visitor.watch.calm();
  });

  it('can be tried again where it could not be loaded, on a phone, too', async () => {
    const visitor = await world.visitor('about:blank', {
      viewport: { width: 390, height: 700 },
      expected: [/chat\.js.* net::ERR_FAILED/, /net::ERR_FAILED.*chat\.js/],
    });
    const { page, chat } = visitor;
    await page.route('**/plugins/widget/chat.js*', (route) => route.abort());
    await page.goto(world.shop.url);
    await openChat(visitor);
    await chat.getByText('The chat could not be loaded').waitFor(soon);
    await page.unroute('**/plugins/widget/chat.js*');
    await chat.getByRole('button', { name: 'The chat could not be loaded' }).click();
    await visitor.field.waitFor(soon);
    await chat.getByRole('button', { name: 'Close the chat' }).waitFor({ ...soon, state: 'hidden' });
    visitor.watch.calm();
  });

  it('is opened in the page by a link that also works without', async () => {
    const visitor = await visit();
    await visitor.page.goto(world.shop.url);
    await visitor.page.getByRole('button', { name: 'Open the chat' }).waitFor(soon);
    await visitor.page.getByRole('link', { name: 'Talk with us' }).click();
    await visitor.field.waitFor(soon);
    expect(visitor.page.url()).toBe(`${world.shop.url}/`);
    visitor.watch.calm();
  });

  it('is a page with a form where scripts are switched off', async () => {
    const visitor = await world.visitor(world.shop.url, {
      javaScriptEnabled: false,
      // What the page would like to have ready for its scripts.
      expected: [/\.js csp$/],
    });
    const { page } = visitor;
    await page.getByRole('link', { name: 'Talk with us' }).click();
    await page.waitForURL(/\/chat\/\d+\/\d+/);
    const messages = page.frameLocator('iframe').getByRole('log');
    await page.getByLabel('Your message').fill('No scripts here & <b>no</b> harm');
    await page.getByRole('button', { name: 'Send' }).click();
    await messages.getByText('No scripts here & <b>no</b> harm').waitFor(soon);

    await rowOf(world.ann, 'No scripts here').click();
    await world.ann.sees('No scripts here & <b>no</b> harm');
    await world.ann.say('None needed');
    // The frame loads itself anew; a sentence that is half written outside of it stays.
    await page.getByLabel('Your message').fill('Then let me');
    await messages.getByText('None needed').waitFor(soon);
    expect(await page.getByLabel('Your message').inputValue()).toBe('Then let me');

    await page.getByRole('button', { name: 'End the conversation' }).click();
    await messages.getByText('Guest left the chat').waitFor(soon);
    await world.ann.chat.getByText('This conversation has ended.').waitFor(soon);
    await page.getByRole('link', { name: 'Start a new conversation' }).click();
    await page.getByLabel('Your message').waitFor(soon);
    visitor.watch.calm();
  });
});

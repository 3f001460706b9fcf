/** The chat window in somebody's page under the strictest policy, and what is loaded only when it is asked for. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { addOperator } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer, type Server } from '../support/server.ts';
import { chromium, logInAt, openChat, patience, rowOf, visitorOn, type Person, type PersonOptions } from './people.ts';
import { openShop, type Shop } from './shop.ts';

const soon = { timeout: patience };

describeWith([chromium], 'the chat window', () => {
  let server: Server;
  let shop: Shop;
  let browser: Browser;
  let operator: Person;

  beforeAll(async () => {
    server = await startServer({ without: beforeChat });
    addOperator(server, 'ann', 'Ann', '--admin');
    shop = await openShop(server.url);
    browser = await launchBrowser();
    operator = await logInAt(browser, server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await shop?.close();
    await server?.stop();
  });
  afterEach(() => {
    expect(shop.reports).toEqual([]);
    operator.watch.calm();
  });

  async function visit(options?: PersonOptions): Promise<Person> {
    const visitor = await visitorOn(browser, shop.url, options);
    onTestFinished(() => visitor.close());
    await openChat(visitor);
    await visitor.field.waitFor(soon);
    return visitor;
  }

  it('loads the picker of emoji on the first click, in the colours of the chat, and puts one where the cursor is', async () => {
    const visitor = await visit();
    const { page, chat } = visitor;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await visitor.field.fill('Hello  there');
    await visitor.field.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(6, 6));
    expect(asked.filter((path) => path.includes('emoji'))).toEqual([]);
    await chat.getByRole('button', { name: 'Insert an emoji' }).click();
    const picker = chat.getByRole('dialog', { name: 'Emoji' });
    await picker.waitFor(soon);
    expect(asked.filter((path) => path.includes('emoji')).length).toBeGreaterThan(2);
    // The sheet of the part has arrived in the shadow root.
    expect(await picker.evaluate((element) => getComputedStyle(element).position)).toBe('absolute');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await visitor.field.inputValue()).toBe('Hello 😃 there');
    await picker.waitFor({ ...soon, state: 'detached' });

    await chat.getByRole('button', { name: 'Insert an emoji' }).click();
    await picker.getByRole('region', { name: 'Used lately' }).getByText('😃').waitFor(soon);
    await page.keyboard.press('Escape');
    await picker.waitFor({ ...soon, state: 'detached' });
    // The panel itself stays.
    await visitor.field.waitFor(soon);
    await visitor.say('One 👍 for you');
    await rowOf(operator, 'One 👍 for you').click();
    await operator.sees('One 👍 for you');
    visitor.watch.calm();
  });

  it('offers the picker again where it could not be loaded', async () => {
    const visitor = await visit({ expected: [/emoji-part/, /dynamically imported module/] });
    const { page, chat } = visitor;
    await page.route('**/assets/emoji-part-*', (route) => route.abort());
    await chat.getByRole('button', { name: 'Insert an emoji' }).click();
    await page.unroute('**/assets/emoji-part-*');
    await expect
      .poll(async () => {
        await chat.getByRole('button', { name: 'Insert an emoji' }).click();
        return chat.getByRole('dialog', { name: 'Emoji' }).isVisible();
      }, soon)
      .toBe(true);
  });

  it('says at once that the network is gone, how much waits, and sends it when it is back', async () => {
    const visitor = await visit({ expected: [/ERR_INTERNET_DISCONNECTED/, /WebSocket/] });
    const { chat } = visitor;
    await visitor.say('Before the tunnel');
    await rowOf(operator, 'Before the tunnel').click();
    await operator.sees('Before the tunnel');
    await visitor.page.context().setOffline(true);
    await chat.getByText('Connection lost. Trying again…').waitFor(soon);
    await visitor.say('In the tunnel');
    await chat.getByText('Your message will be sent as soon as it is back.').waitFor(soon);
    await visitor.page.context().setOffline(false);
    await chat.getByText('Connection lost').waitFor({ ...soon, state: 'detached' });
    await operator.sees('In the tunnel');
  });

  it('calls the operator by his name before he has said a word', async () => {
    const visitor = await visit();
    await visitor.say('Is anybody there?');
    await rowOf(operator, 'Is anybody there?').click();
    await visitor.chat.getByRole('heading', { name: 'Ann' }).waitFor(soon);
    await operator.write('Yes, of cou');
    await visitor.chat.getByText('Ann is writing').waitFor(soon);
    visitor.watch.calm();
  });
});

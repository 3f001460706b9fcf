/** People have several tabs, several computers, and close what they still need. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { addOperator } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer, type Server } from '../support/server.ts';
import {
  chromium,
  endConversation,
  logInAt,
  openChat,
  patience,
  rowOf,
  tabOf,
  visitorOn,
  type Person,
} from './people.ts';

const soon = { timeout: patience };
const offline = /ERR_INTERNET_DISCONNECTED|WebSocket connection to/;

describeWith([chromium], 'with more than one tab', () => {
  let server: Server;
  let browser: Browser;
  let operator: Person;
  let visitors = 0;

  beforeAll(async () => {
    server = await startServer({ without: beforeChat });
    addOperator(server, 'ann', 'Ann', '--admin');
    browser = await launchBrowser();
    operator = await logInAt(browser, server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(() => operator.watch.calm());

  /** Somebody new in conversation with the operator. */
  async function talking(): Promise<Person> {
    const hello = `Hello from visitor ${(visitors += 1)}`;
    const visitor = await visitorOn(browser, `${server.url}/demo`, { expected: [offline] });
    onTestFinished(() => visitor.close());
    await openChat(visitor);
    await visitor.say(hello);
    await rowOf(operator, hello).click();
    await operator.sees(hello);
    return visitor;
  }
  const network = (page: Page, there: boolean) => page.context().setOffline(!there);
  const three = ['Unsent 1', 'Unsent 2', 'Unsent 3'];

  it('shows one conversation in both tabs, and each keeps its own draft', async () => {
    const first = await talking();
    const second = await tabOf(first, `${server.url}/demo`);
    await first.say('Written in the first');
    await second.sees('Written in the first');
    await second.say('Written in the second');
    await first.sees('Written in the second');
    await first.write('first draft');
    await second.write('second draft');
    await first.page.reload();
    await second.page.reload();
    await expect.poll(() => first.field.inputValue(), soon).toBe('first draft');
    await expect.poll(() => second.field.inputValue(), soon).toBe('second draft');
    await operator.sees('Written in the second');
    await endConversation(operator);
    for (const tab of [first, second]) await tab.chat.getByText(/^This conversation has ended\. /).waitFor(soon);
    first.watch.calm();
  });

  it('sends from the tab that is left what a closed one could not, in order and once', async () => {
    const left = await talking();
    const closed = await tabOf(left, `${server.url}/demo`);
    await closed.sees(`Hello from visitor ${visitors}`);
    await network(left.page, false);
    for (const text of three) await closed.say(text);
    await closed.page.close();
    await network(left.page, true);
    await expect.poll(() => operator.texts('Unsent'), soon).toEqual(three);
    await expect.poll(() => left.texts('Unsent'), soon).toEqual(three);
    await operator.say('All of it came');
    await left.sees('All of it came');
    expect(await operator.texts('Unsent')).toEqual(three);
    await endConversation(operator);
    left.watch.calm();
  });

  it('sends from the next page what the last tab could not, before anybody clicks', async () => {
    const visitor = await talking();
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    await openChat(visitor);
    await network(visitor.page, false);
    for (const text of three) await visitor.say(text);
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    const { page: before } = visitor;
    const context = before.context();
    await before.close();
    await context.setOffline(false);
    const next = await tabOf(visitor, `${server.url}/demo`);
    await expect.poll(() => operator.texts('Unsent'), soon).toEqual(three);
    await openChat(next);
    await expect.poll(() => next.texts('Unsent'), soon).toEqual(three);
    await endConversation(operator);
    visitor.watch.calm();
  });

  it('counts on the button what came while the chat was put away', async () => {
    const visitor = await talking();
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    await operator.say('Are you there?');
    await visitor.page.getByRole('button', { name: 'Open the chat, unread messages: 1' }).waitFor(soon);
    await operator.say('Hello?');
    await visitor.page.getByRole('button', { name: 'Open the chat, unread messages: 2' }).waitFor(soon);
    await openChat(visitor);
    await visitor.sees('Hello?');
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    await visitor.page.getByRole('button', { name: 'Open the chat', exact: true }).waitFor(soon);
    await endConversation(operator);
    visitor.watch.calm();
  });

  it('lets an operator go on in another browser', async () => {
    const visitor = await talking();
    const elsewhere = await logInAt(browser, server.url);
    onTestFinished(() => elsewhere.close());
    await rowOf(elsewhere, `Hello from visitor ${visitors}`).click();
    await elsewhere.say('I am at the other desk now');
    await operator.sees('I am at the other desk now');
    await visitor.sees('I am at the other desk now');
    await operator.say('And back');
    await elsewhere.sees('And back');
    await visitor.say('Both of you, welcome');
    for (const desk of [operator, elsewhere]) await desk.sees('Both of you, welcome');
    await endConversation(elsewhere);
    await operator.chat.getByText('This conversation has ended.').waitFor(soon);
    await visitor.chat.getByText(/^This conversation has ended\. /).waitFor(soon);
    elsewhere.watch.calm();
    visitor.watch.calm();
  });
});

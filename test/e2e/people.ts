/** A visitor and an operator at their browsers, told what to do in words of the interface. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import { password } from '../support/login.ts';
import type { Requirement } from '../support/needs.ts';
import type { Server } from '../support/server.ts';
import { watch, type Watch } from './watch.ts';

export const chromium: Requirement = {
  what: 'Chromium (apt-get install chromium, or MIBEW_CHROMIUM)',
  present: chromiumPath !== undefined,
};

/** Everything waits for something that happens; this is when a test is red. */
export const patience = 30_000;
const soon = { timeout: patience };

export interface Person {
  readonly page: Page;
  readonly watch: Watch;
  /** The conversation, as this side sees it. */
  readonly chat: Locator;
  readonly field: Locator;
  /** Writes without sending. */
  write(text: string): Promise<void>;
  say(text: string): Promise<void>;
  /** Resolves when the text stands in the conversation, once. */
  sees(text: string): Promise<void>;
  /** Messages that begin like this, in the order in which they stand there. */
  texts(start: string): Promise<string[]>;
  close(): Promise<void>;
}

export interface PersonOptions extends BrowserContextOptions {
  readonly expected?: readonly RegExp[];
}

function person(page: Page, watched: Watch, chat: Locator): Person {
  const field = chat.getByRole('textbox');
  const log = chat.getByRole('log');
  return {
    page,
    chat,
    field,
    watch: watched,
    // Key by key: that is what "somebody writes" is made of.
    write: (text) => field.pressSequentially(text),
    async say(text) {
      await field.fill(text);
      await chat.getByRole('button', { name: 'Send' }).click();
    },
    async sees(text) {
      await log.getByText(text, { exact: true }).first().waitFor(soon);
      expect(await log.getByText(text, { exact: true }).count()).toBe(1);
    },
    texts: (start) => log.getByText(new RegExp(`^${start}`)).allTextContents(),
    close: () => page.context().close(),
  };
}

async function open(browser: Browser, { expected = [], ...options }: PersonOptions) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(patience);
  const watched = await watch(context, ...expected);
  return { page: await context.newPage(), watched };
}

/** Somebody on a page with the launcher. */
export async function visitorOn(browser: Browser, address: string, options: PersonOptions = {}): Promise<Person> {
  const { page, watched } = await open(browser, options);
  await page.goto(address);
  return person(page, watched, page.locator('mibew-chat'));
}

/** A further tab of somebody who has one. */
export async function tabOf({ page: first, watch: watched }: Person, address: string): Promise<Person> {
  const page = await first.context().newPage();
  await page.goto(address);
  return person(page, watched, page.locator('mibew-chat'));
}

export const openChat = ({ page }: Person) => page.getByRole('button', { name: /^Open the chat/ }).click();

const conversation = (page: Page) => page.getByRole('region', { name: /^Conversation with/ });

/** Where the server said an administrator is to be made. */
export async function setUpPath(server: Server): Promise<string> {
  const link = () => /\S+\/operator\/setup\/[\w-]{43}/.exec(server.output())?.[0];
  await expect.poll(link, soon).toBeDefined();
  return link()!.replace(server.url, '');
}

/** Makes the administrator through the form that the set-up link shows; he is logged in then. */
export async function setUp(browser: Browser, address: string, options: PersonOptions = {}): Promise<Person> {
  const { page, watched } = await open(browser, options);
  await page.goto(address);
  await page.getByLabel(/^Login/).fill('ann');
  await page.getByLabel(/^Name/).fill('Ann');
  await page.getByLabel(/^E-mail/).fill('ann@example.com');
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Create and log in' }).click();
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  return person(page, watched, conversation(page));
}

/** Logs an operator in who exists already; he ends at `path`. */
export async function logInAt(
  browser: Browser,
  base: string,
  path = '/operator/users',
  { login = 'ann', ...options }: PersonOptions & { readonly login?: string } = {},
): Promise<Person> {
  const { page, watched } = await open(browser, options);
  await page.goto(`${base}${path}`);
  await page.getByLabel(/^Login/).fill(login);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`**${path}`);
  return person(page, watched, conversation(page));
}

/** Goes from any page of his to the workspace, and waits until it is there. */
export async function toWorkspace({ page }: Person): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Conversations' }).click();
  await page
    .getByRole('region', { name: 'Queue' })
    .getByRole('button', { name: /^Your status/ })
    .waitFor();
}

/** The visitor's row in the operator's queue. */
export const rowOf = ({ page }: Person, text: string) =>
  page.getByRole('region', { name: 'Queue' }).getByRole('button', { name: text });

/** Ends the conversation from the menu of the window. */
export async function endConversation({ chat }: Person): Promise<void> {
  await chat.getByRole('button', { name: 'More' }).click();
  await chat.getByRole('button', { name: 'End the conversation' }).click();
  await chat.getByRole('button', { name: 'End it' }).click();
}

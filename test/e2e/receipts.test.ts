/** Marks on own messages, and what a visitor types before he sends it, in real browsers. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { addOperator } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { beforeChat, root, startServer, type Server } from '../support/server.ts';
import { accessFaults } from './layout.ts';
import { chromium, logInAt, openChat, patience, rowOf, visitorOn, type Person } from './people.ts';
import { openShop, type Shop } from './shop.ts';

const soon = { timeout: patience };
const folder = join(root, 'screenshots');

describeWith([chromium], 'while two people talk', () => {
  let server: Server;
  let shop: Shop;
  let browser: Browser;
  let operator: Person;
  const set = (key: string, value: string) => expect(server.command(['setting', 'set', key, value]).code).toBe(0);

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
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

  async function visit(before?: (page: Page) => Promise<void>): Promise<Person> {
    const visitor = await visitorOn(browser, shop.url);
    onTestFinished(() => visitor.close());
    await before?.(visitor.page);
    await openChat(visitor);
    await visitor.field.waitFor(soon);
    return visitor;
  }
  /** The mark on a message of this person. */
  const markOn = ({ chat }: Person, text: string, mark: string) =>
    chat.getByRole('listitem').filter({ hasText: text }).getByRole('img', { name: mark, exact: true }).waitFor(soon);
  async function sound({ page }: Person, name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
      expect(await accessFaults(page)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  }

  it('each sees what the other one got, and what he has read', async () => {
    const visitor = await visit();
    await visitor.say('Is anybody there?');
    await markOn(visitor, 'Is anybody there?', 'Sent');
    await rowOf(operator, 'Is anybody there?').click();
    await markOn(visitor, 'Is anybody there?', 'Read');

    await operator.say('At your service');
    await markOn(operator, 'At your service', 'Read');
    await visitor.page.keyboard.press('Escape');
    await operator.say('Still there?');
    await markOn(operator, 'Still there?', 'Delivered');
    await sound(operator, 'receipts-agent');
    await openChat(visitor);
    await markOn(operator, 'Still there?', 'Read');
    await sound(visitor, 'receipts-visitor');

    // What is marked stays so over a reload.
    await visitor.page.reload();
    await markOn(visitor, 'Is anybody there?', 'Read');
    visitor.watch.calm();
  });

  it('loads nothing for typing while nobody is to see it; the operator sees what is typed when that is on', async () => {
    const asked: string[] = [];
    const note = async (page: Page) => {
      page.on('request', (request) => asked.push(`${new URL(request.url()).pathname} ${request.postData() ?? ''}`));
      page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => asked.push(String(payload))));
    };
    const first = await visit(note);
    await first.say('Nobody shall look over my shoulder');
    await first.write('My secret');
    await first.chat.getByText('is writing').or(first.chat.getByRole('log')).first().waitFor(soon);
    expect(asked.filter((text) => /preview-part|"preview"|My secret/.test(text))).toEqual([]);
    expect(await first.chat.getByText('The operator can see what you type.').count()).toBe(0);

    set('preview_enabled', 'on');
    const visitor = await visit(note);
    const notice = visitor.chat.getByRole('status').getByText('The operator can see what you type.');
    await visitor.chat.getByText('The operator can see what you type.').waitFor(soon);
    expect(await notice.count()).toBe(1);
    await visitor.say('You may look');
    await rowOf(operator, 'You may look').click();
    await visitor.write('A <b>bold</b> plan');
    const typed = operator.chat.getByRole('group', { name: 'Being typed, not sent yet' });
    await typed.getByText('A <b>bold</b> plan', { exact: true }).waitFor(soon);
    expect(await typed.locator('b').count()).toBe(0);
    await sound(operator, 'preview-agent');
    await sound(visitor, 'preview-visitor');
    await visitor.say('A better plan');
    await operator.sees('A better plan');
    await typed.waitFor({ ...soon, state: 'hidden' });
    await visitor.write('x');
    await typed.getByText('x', { exact: true }).waitFor(soon);

    set('preview_enabled', 'off');
    await visitor.write('y');
    await visitor.chat.getByText('The operator can see what you type.').waitFor({ ...soon, state: 'detached' });
    visitor.watch.calm();
  });

  it('does the same where sockets are refused', async () => {
    set('preview_enabled', 'on');
    onTestFinished(() => set('preview_enabled', 'off'));
    const visitor = await visit((page) => page.routeWebSocket(/thread\/update/, (socket) => void socket.close()));
    await visitor.say('By post');
    await rowOf(operator, 'By post').click();
    await markOn(visitor, 'By post', 'Read');
    await visitor.write('And so');
    await operator.chat
      .getByRole('group', { name: 'Being typed, not sent yet' })
      .getByText('And so', { exact: true })
      .waitFor(soon);
    await operator.say('I see');
    await markOn(operator, 'I see', 'Read');
  });
});

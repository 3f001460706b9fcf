/** A conversation found again once it is over: its log, those before it, and that its visitor comes again. */
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { callByPost, threadCall, type Json } from '../support/wire.ts';
import { chromium, endConversation, openChat, patience, rowOf, type Person } from './people.ts';
import { expectSound } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'the log of a conversation', () => {
  const world = openWorld({
    start: () => startServer({ without: beforeChat }),
    operators: [
      ['ann', 'Ann', '--admin'],
      ['bob', 'Bob'],
    ],
    settings: { message_rate: '0' },
    attended: true,
  });

  /** What opens in a tab of its own when that is done. */
  async function tab({ page }: Person, open: () => Promise<unknown>): Promise<Page> {
    const [opened] = await Promise.all([page.context().waitForEvent('page'), open()]);
    await opened.waitForLoadState();
    return opened;
  }

  it('is opened from its end, shows all that was said, noted and happened, and leads to those before it', async () => {
    const { ann, server } = world;
    const visitor = await world.visitor(`${server.url}/demo`);
    await openChat(visitor);
    await visitor.say('Which blue?');
    await rowOf(ann, 'Which blue?').click();
    await ann.sees('Which blue?');
    const note = ann.chat.getByRole('button', { name: 'Write a note for operators' });
    await note.click();
    await ann.say('Wants the light one, I think.');
    await ann.sees('Wants the light one, I think.');
    await note.click();
    await ann.say('The light one: https://shop.example/blue');
    await visitor.chat.getByRole('log').getByText('The light one').waitFor(soon);
    await endConversation(visitor);

    const log = await tab(ann, () => ann.chat.getByRole('link', { name: 'Open the log' }).click());
    const said = log.getByRole('region', { name: 'Messages' });
    await log.getByRole('heading', { name: 'Conversation with Guest' }).waitFor(soon);
    for (const text of ['Which blue?', 'Wants the light one, I think.', /joined the chat/, /left the chat/])
      await said.getByText(text).first().waitFor(soon);
    const time = said.getByRole('listitem').filter({ hasText: 'Which blue?' }).locator('time');
    expect(await time.getAttribute('title')).toMatch(/\d{4}/);
    expect(await said.getByRole('link', { name: 'https://shop.example/blue' }).getAttribute('rel')).toContain(
      'noopener',
    );
    await log.getByText('Ended').waitFor(soon);
    await expectSound(log, 'thread-log');

    await visitor.chat.getByRole('button', { name: 'Start a new conversation' }).click();
    await visitor.say('And which green?');
    const row = rowOf(ann, 'And which green?');
    await row.getByText('2nd visit').waitFor(soon);
    expect(await row.textContent()).toContain('one earlier conversation');
    await row.click();
    await ann.sees('And which green?');
    const earlier = ann.page.getByRole('region', { name: 'Earlier conversations' });
    await earlier.getByText('Which blue?').waitFor(soon);
    const again = await tab(ann, () => earlier.getByRole('link', { name: /Which blue/ }).click());
    expect(again.url()).toBe(log.url());

    await ann.chat.getByRole('button', { name: 'More' }).click();
    const all = await tab(ann, () => ann.chat.locator('[data-entry=history]').click());
    expect(await all.getByRole('table').getByRole('link').allTextContents()).toEqual([
      'And which green?',
      'Which blue?',
    ]);
    await all.getByRole('link', { name: 'Which blue?' }).click();
    await all.waitForURL(log.url());
    for (const one of [ann, visitor]) one.watch.calm();
  }, 180_000);

  it('is not there for an operator who may not read it', async () => {
    const { server, ann } = world;
    const bob = await world.operator(server.url, undefined, { login: 'bob', expected: [/404/] });
    const list = await ann.page.request.get(`${server.url}/operator/history/thread/1`);
    expect(list.status()).toBe(200);
    await bob.page.goto(`${server.url}/operator/history/thread/1`);
    await bob.page.getByText('There is nothing here').first().waitFor(soon);
    expect(await bob.page.getByText('Which blue?').count()).toBe(0);
  });

  it('holds a long conversation in parts, and what stands there already is not drawn again', async () => {
    const { server, ann } = world;
    const gateway = `${server.url}/thread/update`;
    const secret = randomBytes(32).toString('base64url');
    const caller = { headers: { 'x-mibew-visitor': secret }, secret };
    const ask = async (name: string, args: Json, ...results: string[]) =>
      (await callByPost(gateway, caller, threadCall(name, args, results)))[0]!;
    const { options } = await ask('start', { locale: 'en' }, 'options');
    const { id, token } = (options as { thread: { id: number; token: number } }).thread;
    for (let number = 1; number <= 450; number++)
      expect(await ask('post', { threadId: id, token, user: true, message: `Line ${number}.` })).toMatchObject({
        errorCode: 0,
      });

    const page = await ann.page.context().newPage();
    await page.goto(`${server.url}/operator/history/thread/${id}`);
    const said = page.getByRole('region', { name: 'Messages' });
    await said.getByText('Line 1.', { exact: true }).waitFor(soon);
    expect(await said.getByText('Line 450.', { exact: true }).count()).toBe(0);
    // Rows keep what a test has written on them.
    await said.getByRole('listitem').evaluateAll((rows) => rows.forEach((row) => row.setAttribute('data-seen', '1')));
    const seen = await said.locator('[data-seen]').count();
    // Once the way on is cut off, then it is not.
    ann.watch.expecting(/ERR_FAILED/);
    const parts = '**/operator/history/thread/*/messages*';
    await page.route(parts, (route) => route.abort());
    await said.getByText('Line 190.', { exact: true }).scrollIntoViewIfNeeded();
    await said.getByText('More messages could not be loaded').waitFor(soon);
    await page.unroute(parts);
    await said.getByRole('button', { name: 'Show more' }).click();
    await said.getByText('Line 300.', { exact: true }).scrollIntoViewIfNeeded(soon);
    for (const line of [390, 450]) await said.getByText(`Line ${line}.`, { exact: true }).scrollIntoViewIfNeeded(soon);
    expect(await said.getByText(/^Line \d+\.$/).count()).toBe(450);
    expect(await said.locator('[data-seen]').count()).toBe(seen);
    await page.close();
  }, 180_000);

  it('is read without scripts, too', async () => {
    const { server, ann, browser } = world;
    const context = await browser.newContext({
      javaScriptEnabled: false,
      storageState: await ann.page.context().storageState(),
    });
    const page = await context.newPage();
    await page.goto(`${server.url}/operator/history/thread/1`);
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Wants the light one' })
      .getByText('Only operators')
      .waitFor(soon);
    await page.getByRole('listitem').filter({ hasText: 'left the chat' }).waitFor(soon);
    await page.getByRole('link', { name: 'All conversations of this visitor' }).click();
    await page.getByRole('table').getByRole('link', { name: 'Which blue?' }).waitFor(soon);
    await context.close();
  });
});

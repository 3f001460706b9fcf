/** The conversation to take home, in real browsers, and what administrators see of mail. */
import { readFile } from 'node:fs/promises';
import type { Download, Page } from 'playwright-core';
import { afterAll, afterEach, expect, it } from 'vitest';
import { openOffice, type Office } from '../../plugins-core/mailer/test/office.ts';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, endConversation, openChat, patience, rowOf } from './people.ts';
import { expectSound, sizeOf } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };
const contentOf = async (download: Download) => readFile(await download.path(), 'utf8');

describeWith([chromium], 'a conversation to take home', () => {
  let office: Office;
  // After the server, which sends to it until its end.
  afterAll(() => office?.close());
  const world = openWorld({
    async start() {
      office = await openOffice();
      return startServer({ without: beforeChat, env: { MIBEW_SMTP: office.url } });
    },
  });
  afterEach(() => world.set('enableemailcaptcha', 'off'));

  const menu = async (page: Page, entry: string) => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: entry }).click();
  };
  const dialogOn = (page: Page) => page.getByRole('dialog', { name: 'Keep a copy of the chat' });

  /** Seen from all sides; what comes after that is done on a phone. */
  async function looks(page: Page, name: string): Promise<void> {
    await expectSound(page, name);
    await page.setViewportSize(sizeOf(390));
  }

  it("is mailed and saved from inside somebody's page under the strictest policy, with a proof of work", async () => {
    world.set('enableemailcaptcha', 'on');
    const visitor = await world.visitor(world.shop.url);
    const { page } = visitor;
    await openChat(visitor);
    await visitor.say('Is the tea still hot?');
    await visitor.sees('Is the tea still hot?');
    await menu(page, 'Keep a copy of the chat');
    const dialog = dialogOn(page);
    await dialog.getByLabel('Your e-mail address').fill('tess');
    await dialog.getByRole('button', { name: 'Send by e-mail' }).click();
    await dialog.getByText('This does not look like an e-mail address.').waitFor(soon);
    expect(await page.getByLabel('Your e-mail address').getAttribute('aria-invalid')).toBe('true');
    await looks(page, 'transcript-inline');
    await dialog.getByLabel('Your e-mail address').fill('tess@example.org');
    await page.keyboard.press('Enter');
    await dialog.getByText('The mail is on its way to tess@example.org.').waitFor(soon);
    const { to, text } = await office.heard('arrived');
    expect(to).toEqual(['tess@example.org']);
    expect(text).toContain('Is the tea still hot?');

    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Save as text' }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^conversation-\d+\.txt$/);
    expect(await contentOf(saved)).toContain('Is the tea still hot?');
    await dialog.getByText('The file was saved.').waitFor(soon);

    // Escape puts the dialog away, and leaves the panel.
    await page.keyboard.press('Escape');
    await dialog.waitFor({ ...soon, state: 'detached' });
    await visitor.say('Thank you');
    await visitor.sees('Thank you');
    visitor.watch.calm();
  });

  it('is offered again below the end of the conversation, on a page of the chat', async () => {
    const visitor = await world.visitor(`${world.server.url}/chat`);
    const { page } = visitor;
    const chat = page.getByRole('main');
    await chat.getByRole('textbox').fill('Bye');
    await chat.getByRole('button', { name: 'Send' }).click();
    await chat.getByRole('log').getByText('Bye', { exact: true }).waitFor(soon);
    await endConversation({ ...visitor, chat });
    await page.getByRole('button', { name: 'Keep a copy of the chat' }).click();
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      dialogOn(page).getByRole('button', { name: 'Save as a web page' }).click(),
    ]);
    expect(await contentOf(saved)).toMatch(/<p>Bye<\/p>/);
    await looks(page, 'transcript-page');
    await dialogOn(page).getByRole('button', { name: 'Close' }).click();
    await page.goto(`${page.url().replace(/\?.*/, '')}/mail`);
    await page.getByRole('heading', { name: 'Your conversation by mail' }).waitFor(soon);
    await looks(page, 'transcript-mail');
    visitor.watch.calm();
  });

  it('is saved by the operator, notes included', async () => {
    const ann = await world.operator(world.server.url);
    const visitor = await world.visitor(world.shop.url);
    await openChat(visitor);
    await visitor.say('For the records');
    await rowOf(ann, 'For the records').click();
    await ann.sees('For the records');
    await ann.chat.getByRole('button', { name: 'More' }).click();
    const [saved] = await Promise.all([
      ann.page.waitForEvent('download'),
      ann.chat.getByRole('button', { name: 'Save the conversation' }).click(),
    ]);
    expect(await contentOf(saved)).toContain('For the records');
    ann.watch.calm();
  });

  it('leaves traces where administrators look: failures, the queue, and the words of mails', async () => {
    const ann = await world.operator(world.server.url, '/operator/mail');
    const { page } = ann;
    await office.next('refuse recipient');
    await page.getByRole('button', { name: 'Send me a test mail' }).click();
    await page.getByText('A test mail to you is on its way.').waitFor(soon);
    await expect
      .poll(async () => {
        await page.goto(`${world.server.url}/operator/mail`);
        return page.getByText('no such mailbox').count();
      }, soon)
      .toBe(1);
    await looks(page, 'mail-failed');
    await page.getByRole('button', { name: /^Send now: mail to ann@/ }).click();
    await page.getByText('The mail will be sent in a moment.').waitFor(soon);
    await page.goto(`${world.server.url}/operator/mail-template`);
    await looks(page, 'mail-templates');
    await page
      .getByRole('row', { name: /Conversation for the visitor/ })
      .getByRole('link')
      .click();
    await page.getByLabel('Subject').fill('Our talk, {0}');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('Our talk, [name of the visitor]').waitFor(soon);
    await looks(page, 'mail-template');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. The next mail will read like this.').waitFor(soon);
    ann.watch.calm();
  });
});

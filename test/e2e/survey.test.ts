/** A visitor is asked who he is, told where he stands, and asked in the end how it was. */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { chromium, openChat, patience } from './people.ts';
import { expectSound, folder } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'before a chat and after it', () => {
  const world = openWorld({
    settings: {
      surveyaskmail: 'on',
      surveyaskmessage: 'on',
      privacypolicy: 'https://shop.example/privacy',
      enableprivacypolicy: 'on',
    },
    // The shop hands over what it knows.
    attributes: ' data-name="Wes" data-field-topic="Delivery"',
    attended: true,
  });

  it('an administrator adds questions of his own, and puts them in order', async () => {
    const admin = await world.operator(world.server.url, '/operator/survey-fields');
    const { page } = admin;
    await expectSound(page, 'fields-empty');
    const add = async (
      label: string,
      name: string,
      kind: string,
      more: (page: Page) => Promise<void> = async () => {},
    ) => {
      await page.getByRole('link', { name: 'Add a question' }).first().click();
      await page.getByLabel('Question, as visitors read it').fill(label);
      await page.getByLabel('Name', { exact: false }).first().fill(name);
      await page.getByLabel('Kind').selectOption(kind);
      await more(page);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.').waitFor(soon);
    };
    await add('Topic', 'topic', 'choice', (form) => form.getByLabel('Choices').fill('Delivery\nReturn'));
    await add('Order number', 'order', 'text', (form) => form.getByLabel('Has to be answered').check());
    await page.getByRole('button', { name: 'Move “Order number” up' }).click();
    await expect.poll(() => page.locator('tbody tr strong').allTextContents(), soon).toEqual(['Order number', 'Topic']);
    await expectSound(page, 'fields');
    await page.getByRole('link', { name: 'Order number', exact: true }).click();
    await page.getByLabel('Longest answer').fill('many');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('A whole number from 1').waitFor(soon);
    await expectSound(page, 'field-wrong');
    admin.watch.expecting(/answer 422/);
  });

  const survey = (root: Page | Locator) => ({
    name: root.getByLabel('Your name'),
    email: root.getByLabel('Your e-mail address'),
    order: root.getByLabel('Order number'),
    topic: root.getByLabel('Topic'),
    question: root.getByLabel('Your question'),
    consent: root.getByLabel('I agree to the privacy policy'),
    start: root.getByRole('button', { name: 'Start the chat' }),
  });

  it('a visitor answers on a page of the chat, waits, is attended to, and says how it was', async () => {
    const visitor = await world.visitor(`${world.server.url}/chat?name=Tess&field-topic=Return`);
    const { page, watch } = visitor;
    const form = survey(page);
    await form.start.waitFor(soon);
    await expectSound(page, 'survey');
    expect(await form.name.inputValue()).toBe('Tess');
    expect(await form.topic.inputValue()).toBe('Return');
    await form.email.fill('tess');
    await form.start.click();
    await page.getByText('This is not an e-mail address.').waitFor(soon);
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe('email');
    await expectSound(page, 'survey-wrong');
    await form.question.fill('Where is it?');
    await page.reload();
    await expect.poll(() => form.question.inputValue(), soon).toBe('Where is it?');
    await form.email.fill('tess@example.com');
    await form.order.fill('4711');
    await form.start.click();
    await page.getByText('Please agree before we begin.').waitFor(soon);
    await form.consent.check();
    await form.start.click();
    await page.getByRole('log').getByText('Where is it?').waitFor(soon);
    expect(page.url()).toMatch(/\/chat\/\d+\/\d+/);
    await page.getByText('You are next.').waitFor(soon);
    await expectSound(page, 'position');

    const desk = world.ann.page;
    await desk.getByRole('button', { name: /Tess/ }).first().click();
    await page.getByText('You are next.').waitFor({ state: 'detached', ...soon });
    await desk.getByText('Order number: 4711').waitFor(soon);
    await desk.getByText('agreed to the privacy policy').waitFor(soon);
    await desk.getByLabel('Answers').getByText('4711').waitFor(soon);
    await desk.screenshot({ path: join(folder, 'survey-workspace.png') });

    await page.getByRole('button', { name: 'More' }).click();
    await page
      .getByRole('button', { name: /End|Close|Leave/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button').last().click();
    await page.getByText('Rate this conversation').waitFor(soon);
    await expectSound(page, 'rating');
    await page.getByRole('radio', { name: 'Good', exact: true }).check();
    await page.getByLabel('Would you like to add something?').fill('Quick, thanks');
    await expectSound(page, 'rating-chosen');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('You said: Good. Thank you.').waitFor(soon);
    await expectSound(page, 'rating-thanks');
    await desk.getByText('rated the conversation 4 of 5').waitFor(soon);
    watch.calm();
  });

  it('everybody who waits is told when somebody before him is gone', async () => {
    world.set('enablepresurvey', 'off');
    onTestFinished(() => world.set('enablepresurvey', 'on'));
    const first = await world.visitor(`${world.server.url}/chat?name=Una`);
    await first.page.getByText('You are next.').waitFor(soon);
    const second = await world.visitor(`${world.server.url}/chat?name=Vic`);
    await second.page.getByText('You are number 2 in the queue.').waitFor(soon);
    await world.ann.page.getByRole('button', { name: /Una/ }).first().click();
    await second.page.getByText('You are next.').waitFor(soon);
    first.watch.calm();
    second.watch.calm();
  });

  it("a visitor answers inside somebody's page, under the strictest policy", async () => {
    const visitor = await world.visitor(world.shop.url);
    await openChat(visitor);
    const form = survey(visitor.chat);
    await form.start.waitFor(soon);
    await expectSound(visitor.page, 'survey-inline');
    expect([await form.name.inputValue(), await form.topic.inputValue()]).toEqual(['Wes', 'Delivery']);
    await form.order.fill('1');
    await form.consent.check();
    await form.start.click();
    await visitor.chat.getByRole('log').waitFor(soon);
    await visitor.chat.getByText(/You are (next|number)/).waitFor(soon);
    visitor.watch.calm();
  });

  it('what was said is listed for operators', async () => {
    const page = await world.ann.page.context().newPage();
    onTestFinished(() => page.close());
    await page.goto(`${world.server.url}/operator/ratings`);
    await page.getByText('Quick, thanks').waitFor(soon);
    await expectSound(page, 'ratings');
    await page.goto(`${world.server.url}/operator`);
    await page.getByText('Rating out of 5, 30 days', { exact: true }).waitFor(soon);
  });
});

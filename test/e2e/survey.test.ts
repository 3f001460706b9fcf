/** A visitor is asked who he is, told where he stands, and asked in the end how it was. */
import { mkdir } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { addOperator } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { startServer, type Server } from '../support/server.ts';
import { accessFaults, layoutFaults } from './layout.ts';
import { chromium, logInAt, openChat, patience, visitorOn, type Person, type PersonOptions } from './people.ts';
import { openShop, type Shop } from './shop.ts';

const soon = { timeout: patience };
const shots = process.env['MIBEW_SHOTS'];

describeWith([chromium], 'before a chat and after it', () => {
  let server: Server;
  let shop: Shop;
  let browser: Browser;
  let ann: Person;

  const set = (key: string, value: string) => expect(server.command(['setting', 'set', key, value]).code).toBe(0);
  beforeAll(async () => {
    if (shots) await mkdir(shots, { recursive: true });
    server = await startServer();
    addOperator(server, 'ann', 'Ann', '--admin');
    set('surveyaskmail', 'on');
    set('surveyaskmessage', 'on');
    set('privacypolicy', 'https://shop.example/privacy');
    set('enableprivacypolicy', 'on');
    // The shop hands over what it knows.
    shop = await openShop(server.url, ' data-name="Wes" data-field-topic="Delivery"');
    browser = await launchBrowser();
    ann = await logInAt(browser, server.url, '/operator/users');
  });
  afterAll(async () => {
    await browser?.close();
    await shop?.close();
    await server?.stop();
  });

  /** Nothing is wrong with the page at any width, light or dark. */
  async function sound(page: Page, name: string): Promise<void> {
    const before = page.viewportSize();
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await accessFaults(page), `${name} ${width} ${colorScheme}`).toEqual([]);
        if (shots) await page.screenshot({ path: `${shots}/${name}-${width}-${colorScheme}.png` });
      }
      expect(await layoutFaults(page), `${name} ${width}`).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
    if (before) await page.setViewportSize(before);
  }

  async function come(address: string, options: PersonOptions = {}): Promise<Person> {
    const visitor = await visitorOn(browser, address, options);
    onTestFinished(() => visitor.close());
    return visitor;
  }

  it('an administrator adds questions of his own, and puts them in order', async () => {
    const admin = await logInAt(browser, server.url, '/operator/survey-fields');
    onTestFinished(() => admin.close());
    const { page } = admin;
    await sound(page, 'fields-empty');
    const add = async (
      label: string,
      name: string,
      kind: string,
      more: (page: Page) => Promise<void> = async () => {},
    ) => {
      await page.getByRole('link', { name: 'Add a question' }).click();
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
    await sound(page, 'fields');
    await page.getByRole('link', { name: 'Order number', exact: true }).click();
    await page.getByLabel('Longest answer').fill('many');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('A whole number from 1').waitFor(soon);
    await sound(page, 'field-wrong');
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
    const visitor = await come(`${server.url}/chat?name=Tess&field-topic=Return`);
    const { page, watch } = visitor;
    const form = survey(page);
    await form.start.waitFor(soon);
    await sound(page, 'survey');
    expect(await form.name.inputValue()).toBe('Tess');
    expect(await form.topic.inputValue()).toBe('Return');
    await form.email.fill('tess');
    await form.start.click();
    await page.getByText('This is not an e-mail address.').waitFor(soon);
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe('email');
    await sound(page, 'survey-wrong');
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
    await sound(page, 'position');

    const desk = ann.page;
    await desk.getByRole('button', { name: /Tess/ }).first().click();
    await page.getByText('You are next.').waitFor({ state: 'detached', ...soon });
    await desk.getByText('Order number: 4711').waitFor(soon);
    await desk.getByText('agreed to the privacy policy').waitFor(soon);
    await desk.getByLabel('Answers').getByText('4711').waitFor(soon);
    if (shots) await desk.screenshot({ path: `${shots}/workspace.png` });

    await page.getByRole('button', { name: 'More' }).click();
    await page
      .getByRole('button', { name: /End|Close|Leave/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button').last().click();
    await page.getByText('Rate this conversation').waitFor(soon);
    await sound(page, 'rating');
    await page.getByRole('radio', { name: 'Good', exact: true }).check();
    await page.getByLabel('Would you like to add something?').fill('Quick, thanks');
    await sound(page, 'rating-chosen');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('You said: Good. Thank you.').waitFor(soon);
    await sound(page, 'rating-thanks');
    await desk.getByText('rated the conversation 4 of 5').waitFor(soon);
    watch.calm();
  });

  it('everybody who waits is told when somebody before him is gone', async () => {
    set('enablepresurvey', 'off');
    onTestFinished(() => set('enablepresurvey', 'on'));
    const first = await come(`${server.url}/chat?name=Una`);
    await first.page.getByText('You are next.').waitFor(soon);
    const second = await come(`${server.url}/chat?name=Vic`);
    await second.page.getByText('You are number 2 in the queue.').waitFor(soon);
    await ann.page.getByRole('button', { name: /Una/ }).first().click();
    await second.page.getByText('You are next.').waitFor(soon);
    first.watch.calm();
    second.watch.calm();
  });

  it("a visitor answers inside somebody's page, under the strictest policy", async () => {
    const visitor = await come(shop.url);
    await openChat(visitor);
    const form = survey(visitor.chat);
    await form.start.waitFor(soon);
    await sound(visitor.page, 'survey-inline');
    expect([await form.name.inputValue(), await form.topic.inputValue()]).toEqual(['Wes', 'Delivery']);
    await form.order.fill('1');
    await form.consent.check();
    await form.start.click();
    await visitor.chat.getByRole('log').waitFor(soon);
    await visitor.chat.getByText(/You are (next|number)/).waitFor(soon);
    visitor.watch.calm();
    expect(shop.reports).toEqual([]);
  });

  it('what was said is listed for operators', async () => {
    const page = await ann.page.context().newPage();
    onTestFinished(() => page.close());
    await page.goto(`${server.url}/operator/ratings`);
    await page.getByText('Quick, thanks').waitFor(soon);
    await sound(page, 'ratings');
    await page.goto(`${server.url}/operator`);
    await page.getByText('Rating, 30 days', { exact: true }).waitFor(soon);
    ann.watch.calm();
  });
});

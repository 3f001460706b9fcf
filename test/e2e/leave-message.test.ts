/** Nobody is there: a visitor leaves a message, an operator answers it; and logins while somebody guesses. */
import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { password } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { accessFaults, layoutFaults } from './layout.ts';
import { chromium, openChat, patience } from './people.ts';
import { expectSound } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };
const typed = { name: 'Tess', email: 'tess@example.org', message: 'Is the chair still there?' };

describeWith([chromium], 'a visitor when nobody is there', () => {
  const world = openWorld({ settings: { enablepresurvey: 'off' } });
  afterEach(() => world.set('enablecaptcha', 'off'));

  async function fill(page: Page, { name, email, message } = typed) {
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Your e-mail address').fill(email);
    await page.getByLabel('Your message').fill(message);
  }
  const send = (page: Page) => page.getByRole('button', { name: 'Send the message' }).click();

  it('leaves a message on a page of the chat, and sees that it arrived', async () => {
    const { page, watch } = await world.visitor(`${world.server.url}/chat`);
    await fill(page);
    expect(await accessFaults(page)).toEqual([]);
    expect(await layoutFaults(page)).toEqual([]);
    await send(page);
    await page.getByText('We will answer you at tess@example.org.').waitFor(soon);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Thank you');
    expect(await accessFaults(page)).toEqual([]);
    watch.calm();
  });

  it("leaves a message inside somebody's page under the strictest policy, with a proof of work", async () => {
    world.set('enablecaptcha', 'on');
    const visitor = await world.visitor(world.shop.url);
    await openChat(visitor);
    await fill(visitor.page);
    await visitor.page.getByText('Checked: you are not a machine.').waitFor(soon);
    await send(visitor.page);
    await visitor.page.getByText('We will answer you at tess@example.org.').waitFor(soon);
    visitor.watch.calm();
  });

  it('is told beside each field what is wrong, led to the first, and loses nothing by loading the page again', async () => {
    const { page, watch } = await world.visitor(`${world.server.url}/chat`);
    await page.getByLabel('Your message').fill(typed.message);
    await page.getByLabel('Your e-mail address').fill('tess');
    await send(page);
    await page.getByText('Please tell us your name.').waitFor(soon);
    await page.getByText('Please give the e-mail address').waitFor(soon);
    const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement).name);
    expect(await focused()).toBe('name');
    expect(await page.getByLabel('Your name').getAttribute('aria-invalid')).toBe('true');
    expect(await accessFaults(page)).toEqual([]);
    await page.getByLabel('Your name').fill('Tess');
    await page.getByText('Please tell us your name.').waitFor({ state: 'hidden' });
    await page.reload();
    await expect.poll(() => page.getByLabel('Your message').inputValue(), soon).toBe(typed.message);
    expect(await page.getByLabel('Your name').inputValue()).toBe('Tess');
    watch.calm();
  });

  it('writes without scripts, and an operator finds it', async () => {
    const { page, watch } = await world.visitor(`${world.server.url}/chat`, {
      javaScriptEnabled: false,
      // Scripts that the page would load ahead.
      expected: [/\.js csp$/],
    });
    await fill(page, { ...typed, name: 'Nora' });
    expect(await page.getByLabel('Your name').inputValue()).toBe('Nora');
    await send(page);
    // Texts inside <noscript> are no texts to `getByText`.
    await page.getByRole('status').filter({ hasText: 'Thank you' }).waitFor(soon);
    watch.calm();
    const operator = await world.operator(world.server.url, '/operator/left-messages');
    const desk = operator.page;
    await desk.getByRole('row', { name: /Nora/ }).getByRole('link').click();
    await desk.getByRole('heading', { name: 'Message from Nora' }).waitFor(soon);
    await expectSound(desk, 'left-message');
    await desk.getByRole('button', { name: 'Mark as done' }).click();
    await desk.getByText('The message is marked as done.').waitFor(soon);
    await desk.getByRole('link', { name: 'All left messages' }).click();
    expect(await desk.getByRole('row', { name: /Nora/ }).count()).toBe(0);
    await desk.getByRole('link', { name: 'Done', exact: true }).click();
    await desk.getByRole('row', { name: /Nora/ }).waitFor(soon);
    operator.watch.calm();
  });

  it('does not keep an operator out, whose login somebody guesses at: his browser does some work', async () => {
    const { page, watch } = await world.visitor(`${world.server.url}/operator/login`);
    const logIn = async (secret: string) => {
      await page.getByLabel(/^Login/).fill('ann');
      await page.getByLabel(/^Password/).fill(secret);
      await page.getByRole('button', { name: 'Log in' }).click();
    };
    for (let n = 0; n < 3; n++) {
      await logIn(`wrong ${n}`);
      await page.getByText('Entered login/password is incorrect').waitFor(soon);
    }
    expect(await accessFaults(page)).toEqual([]);
    // Whether the work is done yet or not: the form waits for it.
    await logIn(password);
    await page.waitForURL('**/operator');
    watch.calm();
  });

  it('is offered to chat when somebody comes while he writes', async () => {
    const { page, watch } = await world.visitor(`${world.server.url}/chat`);
    await page.getByLabel('Your message').fill(typed.message);
    await world.operator(world.server.url);
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await page.getByText('Somebody is here now.').waitFor(soon);
    expect(await accessFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Chat instead' }).click();
    await page.getByRole('log').waitFor(soon);
    watch.calm();
  });
});

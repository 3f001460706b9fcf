/** Canned messages and bans in a real browser: found by a / in the field, from a row to the ban and to what follows from it. */
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { startServer } from '../support/server.ts';
import { accessFaults } from './layout.ts';
import { chromium, endConversation, openChat, patience, rowOf } from './people.ts';
import { gather } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'an operator', () => {
  const crowd = gather();

  async function talk() {
    const server = await startServer();
    onTestFinished(() => server.stop());
    for (const [setting, value] of [
      ['enableban', 'on'],
      ['enablepresurvey', 'off'],
    ] as const)
      expect(server.command(['setting', 'set', setting, value])).toMatchObject({ code: 0 });
    const operator = await crowd.founder(server);
    const visitor = await crowd.visitor(`${server.url}/demo`);
    await openChat(visitor);
    await visitor.say('Hello?');
    await rowOf(operator, 'Hello?').click();
    await operator.sees('Hello?');
    return { server, operator, visitor };
  }

  it('finds what he writes again and again by a / in the field', async () => {
    const { operator, visitor } = await talk();
    const { field, page, chat } = operator;
    const list = chat.getByRole('listbox', { name: 'Canned messages' });
    const marked = list.getByRole('option', { selected: true });

    await field.pressSequentially('/');
    await list.waitFor(soon);
    expect(await list.getByRole('option').count()).toBeGreaterThan(3);
    expect(await accessFaults(page)).toEqual([]);
    await field.press('ArrowUp');
    expect(await field.getAttribute('aria-activedescendant')).toBe(await marked.getAttribute('id'));

    await field.pressSequentially('hel');
    await expect.poll(() => marked.textContent(), soon).toContain('Hello, Guest!');
    await field.press('Enter');
    await list.waitFor({ ...soon, state: 'hidden' });
    // It can be changed before it is sent.
    expect(await field.inputValue()).toBe('Hello, Guest! How can I help you?');
    await field.pressSequentially(' I am Ann.');
    await field.press('Control+Enter');
    await visitor.sees('Hello, Guest! How can I help you? I am Ann.');

    await field.pressSequentially('/etc/hosts');
    await list.waitFor({ ...soon, state: 'hidden' });
    await field.press('Control+Enter');
    await visitor.sees('/etc/hosts');

    await field.fill('Well. ');
    await chat.getByRole('button', { name: 'Canned messages (/)' }).click();
    await list.getByRole('option', { name: /^Thanks/ }).click();
    expect(await field.inputValue()).toBe('Well. Thank you for talking with us.');

    // Escape puts the list away, and not the conversation.
    await field.fill('/');
    await list.waitFor(soon);
    await field.press('Escape');
    await list.waitFor({ ...soon, state: 'hidden' });
    expect(await field.isVisible()).toBe(true);
    expect(await field.inputValue()).toBe('');
    operator.watch.calm();
    visitor.watch.calm();
  }, 180_000);

  it('finds it by the same keys in a window of its own, and on the page behind it', async () => {
    const { operator, visitor } = await talk();
    const opened = operator.page.context().waitForEvent('page');
    await operator.chat.getByRole('link', { name: 'Open in a window of its own' }).click();
    const popped = await opened;
    const alone = await operator.page.context().newPage();
    await alone.goto(popped.url());
    for (const page of [popped, alone]) {
      const field = page.getByRole('textbox');
      const list = page.getByRole('listbox', { name: 'Canned messages' });
      await field.fill('');
      await field.pressSequentially('/');
      await list.waitFor(soon);
      const { length } = await list.getByRole('option').all();
      expect(length).toBeGreaterThan(3);
      await field.press('ArrowUp');
      const marked = list.getByRole('option', { selected: true });
      expect(await field.getAttribute('aria-activedescendant')).toBe(await marked.getAttribute('id'));
      // Nothing of it lies outside the window.
      const [box, view] = [(await list.boundingBox())!, page.viewportSize()!];
      expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(view.width);
      expect(await accessFaults(page)).toEqual([]);
      await field.press('Escape');
      await list.waitFor({ ...soon, state: 'hidden' });
      expect(await field.inputValue()).toBe('');
      await field.pressSequentially('/hel');
      await expect.poll(() => marked.textContent(), soon).toContain('Hello, Guest!');
      await field.press('Enter');
      await list.waitFor({ ...soon, state: 'hidden' });
      expect(await field.inputValue()).toBe('Hello, Guest! How can I help you?');
    }
    await alone.getByRole('textbox').press('Control+Enter');
    await visitor.sees('Hello, Guest! How can I help you?');
    operator.watch.calm();
    visitor.watch.calm();
  }, 180_000);

  it('bans a visitor from his row, who then can neither write nor come back', async () => {
    const { server, operator, visitor } = await talk();
    const { page } = operator;
    const opened = page.context().waitForEvent('page');
    await page.getByRole('region', { name: 'Queue' }).getByRole('link', { name: 'Ban Guest' }).click();
    const form = await opened;
    await form.getByRole('radio', { name: 'Visitor' }).check();
    expect(await accessFaults(form)).toEqual([]);
    expect(await form.getByLabel('Address or range').inputValue()).toBe('127.0.0.1');
    expect(await form.getByLabel('Days').inputValue()).toBe('15');
    await form.getByLabel('Reason').fill('Sells lamps of his own');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('The ban is saved.').waitFor(soon);
    expect(await form.getByText('Sells lamps of his own').count()).toBe(1);
    expect(await accessFaults(form)).toEqual([]);

    const row = page.getByRole('region', { name: 'Queue' });
    await row.getByText('Marked as spam').waitFor(soon);
    await row.getByRole('link', { name: 'Edit the ban of Guest' }).waitFor(soon);
    await page.getByText('Banned: Sells lamps of his own').waitFor(soon);
    expect(await accessFaults(page)).toEqual([]);

    await visitor.say('Buy my lamps');
    await visitor.chat.getByText('Not sent: Sorry, you cannot use this chat.').waitFor(soon);
    expect(await visitor.page.content()).not.toContain('Sells lamps');
    await operator.say('Please leave.');
    await visitor.sees('Please leave.');
    await endConversation(operator);
    await visitor.page.getByRole('button', { name: 'Start a new conversation' }).click();
    await visitor.chat.getByText('Sorry, you cannot use this chat.', { exact: true }).waitFor(soon);

    // Somebody else at the same address is welcome.
    const other = await crowd.visitor(`${server.url}/demo`);
    await openChat(other);
    await other.say('I am somebody else');
    await rowOf(operator, 'I am somebody else').waitFor(soon);
    operator.watch.calm();
  }, 180_000);

  it('finds pages without faults, in every state of theirs', async () => {
    const server = await startServer();
    onTestFinished(() => server.stop());
    const operator = await crowd.founder(server);
    const { page } = operator;
    const at = async (path: string) => {
      await page.goto(`${server.url}${path}`);
      expect(await accessFaults(page), path).toEqual([]);
    };
    await at('/operator/ban');
    await at('/operator/ban/add');
    await page.getByLabel('Address or range').fill('0.0.0.0/0');
    await page.getByLabel('Reason').fill('x');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/every address there is/).waitFor(soon);
    expect(await accessFaults(page)).toEqual([]);
    await page.getByLabel('Ban 0.0.0.0/0 all the same').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The ban is saved.').waitFor(soon);
    await at('/operator/ban/1/edit');
    await at('/operator/ban/1/delete');
    await at('/operator/canned-message');
    await at('/operator/canned-message/add');
    await page.getByLabel('Title').fill(' ');
    await page.getByLabel('Text').fill(' ');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Enter a title.').waitFor(soon);
    expect(await accessFaults(page)).toEqual([]);
    await at('/operator/canned-message/1/edit');
    await at('/operator/canned-message/1/delete');
  }, 180_000);
});

/** Who is there, as an operator chooses it and as visitors see it: by the menu, after a log-out, after a browser was killed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { describeWith } from '../support/needs.ts';
import { root } from '../support/server.ts';
import { accessFaults, layoutFaults } from './layout.ts';
import { chromium, endConversation, logInAt, openChat, patience, rowOf, tabOf, type Person } from './people.ts';
import { expectSound } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };
const loggedOut = /WebSocket connection to|answer 403|status of 403/;

describeWith([chromium], 'presence', () => {
  const world = openWorld({
    operators: [
      ['ann', 'Ann', '--admin'],
      ['bob', 'Bob'],
    ],
    settings: { enablepresurvey: 'off', showonlineoperators: 'on', online_timeout: '15', start_rate: '0' },
  });

  const status = ({ page }: Person) => page.getByRole('button', { name: /^Your status/ });
  const choice = ({ page }: Person, name: string) =>
    page.getByRole('group', { name: 'Your status' }).getByRole('button', { name: new RegExp(`^${name}`) });
  const says = async (person: Person, text: string) =>
    expect.poll(async () => (await status(person).innerText()).trim(), soon).toMatch(new RegExp(`${text}$`));
  async function choose(person: Person, name: string) {
    await status(person).click();
    await choice(person, name).click();
    await says(person, name);
  }
  /** Does the button of a shop say just now that somebody is there? */
  async function shown(): Promise<boolean> {
    const image = Buffer.from(await (await fetch(`${world.server.url}/b?lang=en`)).arrayBuffer());
    return image.equals(await readFile(join(root, 'plugins-core/widget/buttons/en/mibew_on.png')));
  }
  const online = ({ page }: Person) => page.getByRole('list').filter({ has: page.locator('.mb-agents__item') });

  it('is chosen from a menu, by keyboard alone, and is the same in every window', async () => {
    const ann = await world.operator(world.server.url);
    const bob = await world.operator(world.server.url, undefined, { login: 'bob' });
    await says(ann, 'Available');
    expect(await shown()).toBe(true);
    await online(bob).getByText('Ann').waitFor(soon);

    await status(ann).focus();
    await ann.page.keyboard.press('Enter');
    await expect.poll(() => choice(ann, 'Available').getAttribute('aria-pressed'), soon).toBe('true');
    expect(await accessFaults(ann.page)).toEqual([]);
    expect(await layoutFaults(ann.page)).toEqual([]);
    await ann.page.keyboard.press('ArrowDown');
    await ann.page.keyboard.press('Enter');
    await says(ann, 'Away');
    expect(await status(ann).evaluate((element) => element === document.activeElement)).toBe(true);
    await online(bob).getByText('Away').waitFor(soon);
    const other = await tabOf(ann, `${world.server.url}/operator/users`);
    // Opening the page makes available, in all windows.
    await says(other, 'Available');
    await says(ann, 'Available');

    await choose(other, 'Invisible');
    await says(ann, 'Invisible');
    await online(bob)
      .getByText('Ann')
      .waitFor({ state: 'hidden', ...soon });
    await choose(bob, 'Away');
    expect(await shown()).toBe(false);
    await ann.page.reload();
    await says(ann, 'Invisible');
    await ann.page.getByRole('button', { name: 'Be available' }).click();
    await says(ann, 'Available');
    expect(await shown()).toBe(true);
    await status(ann).click();
    await expectSound(ann.page, 'workspace-status');
    await ann.page.keyboard.press('Escape');
    ann.watch.calm();
    bob.watch.calm();
  });

  it('ends everywhere with a log-out in one tab: visitors who wait are told, and may leave a message', async () => {
    const ann = await world.operator(world.server.url, undefined, { expected: [loggedOut] });
    const second = await tabOf(ann, `${world.server.url}/operator/users`);
    await says(second, 'Available');
    const visitor = await world.visitor(world.shop.url);
    await openChat(visitor);
    await visitor.say('Is the "small" chair still <there> & free?');
    await visitor.chat.getByText('You are next.').waitFor(soon);

    await second.page.goto(`${world.server.url}/operator/logout`);
    await second.page.getByRole('button', { name: 'Log out' }).click();
    await second.page.waitForURL('**/operator/login');
    await expect.poll(shown, soon).toBe(false);
    await ann.page.getByText('You are logged out.').waitFor(soon);
    await visitor.chat.getByText('Nobody is here just now.').waitFor(soon);
    const leave = visitor.chat.getByRole('button', { name: 'Leave a message' });
    await leave.waitFor(soon);
    await expectSound(visitor.page, 'chat-unattended');

    const back = await world.operator(world.server.url, undefined, { login: 'bob' });
    await visitor.chat.getByText('You are next.').waitFor(soon);
    await leave.waitFor({ state: 'hidden', ...soon });
    await choose(back, 'Invisible');
    await leave.click();
    await expect
      .poll(() => visitor.page.getByLabel('Your message').inputValue(), soon)
      .toBe('Is the "small" chair still <there> & free?');
    await choose(back, 'Available');
    await visitor.page.getByText('Somebody is here now.').waitFor(soon);
    visitor.watch.calm();
    back.watch.calm();
    ann.watch.calm();
  });

  it('hears of what is done in any window, where doing nothing makes away', async () => {
    world.set('idle_timeout', '30');
    onTestFinished(() => world.set('idle_timeout', '0'));
    const ann = await world.operator(world.server.url);
    const told = (page: Page) => {
      const frames: string[] = [];
      page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => void frames.push(String(payload))));
      return () => frames.filter((frame) => frame.includes('"function":"active"')).length;
    };
    const inWorkspace = told(ann.page);
    await ann.page.reload();
    await says(ann, 'Available');
    expect(inWorkspace()).toBe(0);
    await ann.page.mouse.move(200, 300);
    await expect.poll(inWorkspace, soon).toBe(1);

    const visitor = await world.visitor(world.shop.url);
    await openChat(visitor);
    await visitor.say('Anybody there?');
    await rowOf(ann, 'Anybody there?').click();
    const link = ann.chat.getByRole('link', { name: 'Open in a window of its own' });
    const address = new URL((await link.getAttribute('href'))!, world.server.url).href;
    const alone = await ann.page.context().newPage();
    const inWindow = told(alone);
    await alone.goto(address);
    await alone.getByText('Anybody there?').first().waitFor(soon);
    await alone.mouse.move(200, 300);
    await expect.poll(inWindow, soon).toBe(1);
    await alone.close();
    await endConversation(ann);
    ann.watch.calm();
    visitor.watch.calm();
  });

  it('ends with a killed browser, which says no word', async () => {
    await expect.poll(shown, soon).toBe(false);
    const visitor = await world.visitor(world.shop.url);
    const doomed = await launchBrowser();
    onTestFinished(() => doomed.close());
    await logInAt(doomed, world.server.url);
    await expect.poll(shown, soon).toBe(true);
    await openChat(visitor);
    await visitor.say('Hello?');
    await visitor.chat.getByText('You are next.').waitFor(soon);

    const killer = await doomed.newBrowserCDPSession();
    const gone = new Promise((done) => doomed.once('disconnected', done));
    void killer.send('Browser.crash').catch(() => undefined);
    await gone;
    expect(await shown()).toBe(true);
    await visitor.chat.getByText('Nobody is here just now.').waitFor(soon);
    await expect.poll(shown, soon).toBe(false);

    visitor.watch.calm();
  });
});

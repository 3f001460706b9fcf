/** The queue of the workspace in a browser: long, searched, filtered, by keyboard, and in a rush. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { listen, type Server } from '../../kernel/server.ts';
import { type Thread, threads, visitors } from '../../plugins-core/chat/api.ts';
import { groups } from '../../plugins-core/groups/api.ts';
import { availability, type Operator, operators } from '../../plugins-core/operators/api.ts';
import { settings } from '../../plugins-core/settings/api.ts';
import { createTestKernel, type TestKernel } from '../conformance/index.ts';
import { password } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { callByPost, newVisitor, threadCall } from '../support/wire.ts';
import { runWorkspace } from '../workspace/run.ts';
import { chromium, patience } from './people.ts';
import { expectSound } from './views.ts';
import { gather } from './world.ts';

const soon = { timeout: patience };
const many = 300;
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
];
const names = ['Zoë', 'Max', 'Žofie', 'Ida'];

describeWith([chromium], 'the queue', () => {
  const crowd = gather();
  let kernel: TestKernel;
  let server: Server;
  let ann: Operator;
  let bob: Operator;
  let [sales, repairs] = [0, 0];
  const open: Thread[] = [];
  let serial = 0;

  const talks = () => kernel.service(threads);
  async function visit(name: string, message: string, group = sales): Promise<Thread> {
    serial += 1;
    const visitor = await kernel.service(visitors).bySecret(`visitor${serial}`.padEnd(43, 'x'));
    const place = {
      remote: `192.0.2.${serial % 250}`,
      userAgent: agents[serial % 2]!,
      referrer: 'https://shop.example/',
    };
    const { thread } = await talks().start(visitor, { name, group, ...place });
    await talks().post(thread!.id, 'user', { message });
    return thread!;
  }
  /** Somebody who is gone again when the test is over. */
  async function guest(name: string, message: string, group?: number): Promise<Thread> {
    const thread = await visit(name, message, group);
    onTestFinished(async () => void (await talks().close(thread.id, 'user')));
    return thread;
  }
  async function addressed(name: string, message: string): Promise<Thread> {
    const thread = await guest(name, message);
    await talks().take(thread.id, bob);
    await talks().redirect(thread.id, bob, { agent: ann });
    return thread;
  }

  beforeAll(async () => {
    kernel = await createTestKernel({
      plugins: ['users', 'groups', 'bans', 'leave-message'],
      config: { plugins: { rpc: { packagesPerSecond: 1e6, packagesAtOnce: 1e6 } } },
    });
    const limits = { start_rate: 0, max_connections_from_one_host: 0, online_timeout: 3600 };
    await kernel.service(settings).change({ enablegroups: true, ...limits }, 'test');
    const hire = (login: string, name: string, permissions: readonly string[]) =>
      kernel.service(operators).create({ login, name, email: `${login}@example.com`, password, permissions });
    ann = await hire('ann', 'Ann', ['takeover', 'viewthreads']);
    bob = await hire('bob', 'Bob', []);
    const teams = kernel.service(groups);
    ({ id: sales } = await teams.create({ name: 'Sales' }));
    ({ id: repairs } = await teams.create({ name: 'Repairs' }));
    await teams.changeMembers(sales, { add: [ann.id, bob.id] });
    await kernel.service(availability).touch(ann.id);
    for (let index = 0; index < many; index += 1)
      open.push(await visit(`${names[index % names.length]!} ${index}`, `Where is my order ${index}?`));
    server = await listen(kernel.kernel);
  }, 120_000);
  afterAll(async () => {
    await server?.close();
    await kernel?.dispose();
  });

  async function workspace(width = 1440): Promise<Page> {
    const context = await crowd.browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    await page.goto(`${server.address}/operator/users`);
    await page.fill('[name=login]', 'ann');
    await page.fill('[name=password]', password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-rows=waiting] .mb-thread');
    return page;
  }
  const rows = (page: Page, section = 'waiting') => page.locator(`[data-rows=${section}] .mb-thread`);
  const row = (page: Page, { id }: Thread) => page.locator(`[data-rows] [data-thread="${id}"]`);
  const heading = (page: Page, section = 'waiting') => page.locator(`[data-count=${section}]`);
  const search = (page: Page) => page.getByRole('searchbox', { name: 'Search in the queue' });
  const choice = (page: Page, name: string) => page.getByRole('combobox', { name });
  const scrollTo = (page: Page, top: number) =>
    page.locator('[data-part=scroll]').evaluate((element, to) => element.scrollTo(0, to), top);
  const focused = (page: Page) =>
    page.evaluate(() => document.activeElement?.closest('.mb-thread')?.getAttribute('aria-posinset') ?? undefined);

  it('has few of many rows on the page, all within reach, and tells how many there are', async () => {
    const page = await workspace();
    expect(await heading(page).textContent()).toBe(String(many));
    expect(await rows(page).count()).toBeLessThan(60);
    expect(await rows(page).first().getAttribute('aria-setsize')).toBe(String(many));
    expect(await rows(page).first().getAttribute('aria-posinset')).toBe('1');
    await scrollTo(page, 1e6);
    await row(page, open.at(-1)!).waitFor();
    expect(await row(page, open.at(-1)!).getAttribute('aria-posinset')).toBe(String(many));
    expect(await rows(page).count()).toBeLessThan(60);
    // The heading of what is looked at stays in sight.
    expect(await page.getByRole('heading', { name: `Waiting ${many}` }).isVisible()).toBe(true);
    const details = row(page, open.at(-1)!).locator('.mb-thread__detail');
    expect(await details.allTextContents()).toEqual(['Sales', 'Firefox 140', `192.0.2.${many % 250}`]);
  });

  it('stays where it is read while visitors come and go above', async () => {
    const page = await workspace();
    await scrollTo(page, 5000);
    await row(page, open[70]!).waitFor();
    const place = async () => (await row(page, open[70]!).boundingBox())!.y;
    const before = await place();
    for (const name of ['Per', 'Eve']) await addressed(name, 'Are you there?');
    await expect.poll(() => heading(page, 'addressed').textContent(), soon).toBe('2');
    const gone = open.splice(3, 4);
    for (const { id } of gone) await talks().close(id, 'user');
    await expect.poll(() => heading(page).textContent(), soon).toBe(String(many - 4));
    const now = (await row(page, open[66]!).boundingBox())!.y;
    expect(Math.abs(now - before)).toBeLessThan(2);
    for (const _ of gone) open.push(await visit('Zoë', 'Once more'));
  });

  it('is gone through by keyboard, over rows that are not on the page, and whoever goes hands the focus on', async () => {
    const page = await workspace();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await expect.poll(() => search(page).evaluate((field) => field === document.activeElement), soon).toBe(true);
    await page.keyboard.press('ArrowDown');
    for (let step = 0; step < 79; step += 1) await page.keyboard.press('j');
    expect(await focused(page)).toBe('80');
    await page.keyboard.press('k');
    expect(await focused(page)).toBe('79');
    expect(await rows(page).count()).toBeLessThan(60);
    // Looking elsewhere does not take the focus away.
    await scrollTo(page, 0);
    await row(page, open[0]!).waitFor();
    expect(await focused(page)).toBe('79');
    const [one] = open.splice(78, 1);
    await talks().close(one!.id, 'user');
    await expect.poll(() => heading(page).textContent(), soon).toBe(String(many - 1));
    await expect.poll(() => focused(page), soon).toBe('79');
    await page.keyboard.press('j');
    expect(await focused(page)).toBe('80');
    open.push(await visit('Zoë', 'Once more'));
  });

  it('finds words in whatever case and with whatever marks, tells who is left out, and has it again after a reload', async () => {
    await addressed('Per', 'Are you there?');
    const page = await workspace();
    await search(page).fill('zofie 192.0.2.7');
    const found = open.filter((_, index) => names[index % 4] === 'Žofie').length;
    await expect.poll(() => heading(page).textContent(), soon).toMatch(new RegExp(`^\\d+ of ${many}$`));
    expect(found).toBeGreaterThan(10);
    await page.getByText('One visitor who waits for you is left out').waitFor();
    const shown = await rows(page).locator('.mb-thread__name').allTextContents();
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((name) => !name.startsWith('Žofie'))).toEqual([]);
    await page.reload();
    await page.waitForSelector('[data-rows=waiting] .mb-thread');
    expect(await search(page).inputValue()).toBe('zofie 192.0.2.7');
    await page.getByRole('button', { name: 'Show everything' }).click();
    await expect.poll(() => heading(page).textContent(), soon).toBe(String(many));
    expect(await heading(page, 'addressed').textContent()).toBe('1');

    await search(page).fill('nobody has this name');
    await page.getByText('Nothing found for “nobody has this name”').waitFor();
    await expectSound(page, 'queue-nothing');
    await search(page).press('Escape');
    await expect.poll(() => heading(page).textContent(), soon).toBe(String(many));
  });

  it('shows one section or group, in the order that is wanted', async () => {
    const late = await guest('Aaron', 'A late word', 0);
    await talks().take(late.id, bob);
    const page = await workspace();
    await page.getByRole('button', { name: 'Filters and order' }).click();
    await choice(page, 'Order').selectOption('Name');
    await row(page, open[3]!).waitFor();
    await choice(page, 'Show').selectOption('With others');
    await row(page, late).waitFor();
    expect(await rows(page).count()).toBe(0);
    await expectSound(page, 'queue-filtered', { widths: [1440, 390, 320] });
    await page.getByRole('button', { name: 'With others 1' }).click();
    await choice(page, 'Group').selectOption('Sales');
    await row(page, late).waitFor({ state: 'detached' });
    await expect.poll(() => heading(page).textContent(), soon).toBe(String(many));
    expect(await heading(page, 'others').textContent()).toBe('0 of 1');
    await page.getByRole('button', { name: 'Remove the filter Sales' }).click();
    await expect.poll(() => heading(page, 'others').textContent(), soon).toBe('1');
  });

  it('loses what leaves the sight of the operator, from what was found, too', async () => {
    const nina = await guest('Nina the only', 'Mine alone');
    const page = await workspace();
    await search(page).fill('nina only');
    await row(page, nina).waitFor();
    await talks().take(nina.id, bob);
    await talks().redirect(nina.id, bob, { group: { id: repairs, name: 'Repairs' } });
    await row(page, nina).waitFor({ state: 'detached' });
    await page.getByText('Nothing found').waitFor();
    await search(page).fill('');
    await expect.poll(() => heading(page).textContent(), soon).toBe(String(many));
    expect(await page.locator('body').textContent()).not.toContain('Nina');
  });

  it('marks conversations whose visitor waits for an answer, until he has it', async () => {
    const mia = await guest('Mia', 'Good morning');
    await talks().take(mia.id, ann);
    const page = await workspace();
    // His conversation stands below three hundred visitors: that somebody waits for him there is told above.
    await page.getByRole('button', { name: 'With me 1 Your turn' }).click();
    const mark = row(page, mia).getByText('Your turn');
    await mark.waitFor();
    await talks().post(mia.id, 'agent', { message: 'Good morning, Mia!', operator: ann });
    await mark.waitFor({ state: 'detached' });
    await talks().post(mia.id, 'agent', { message: 'Is a regular', operator: bob, private: true });
    await talks().post(mia.id, 'user', { message: 'What does it cost?' });
    await mark.waitFor();
  });

  it('tells how many left messages wait, at once', async () => {
    const page = await workspace();
    const entry = page.getByRole('link', { name: 'Left messages' }).and(page.locator('.mb-left-messages'));
    expect(await entry.count()).toBe(0);
    const left = async (name: string) => {
      const words = { name, email: `${name}@example.org`, message: 'Call me', key: `key-of-${name}` };
      const gateway = `${server.address}/thread/update`;
      const [result] = await callByPost(gateway, newVisitor(serial), threadCall('processLeaveMessage', words));
      expect(result).toMatchObject({ errorCode: 0 });
    };
    await left('tess');
    await entry.waitFor();
    expect(await entry.textContent()).toContain('1');
    await left('ida');
    await expect.poll(() => entry.textContent(), soon).toContain('2');
    await entry.click();
    await page.waitForURL('**/operator/left-messages');
  });
});

describeWith([chromium], 'the workspace with a thousand open conversations and fifty changes a second', () => {
  it('keeps no task of the browser over 50 ms, few rows on the page, and nothing that it needs no more', async () => {
    const outcome = await runWorkspace({ open: 1000, parts: 3, changes: 500, perSecond: 50 });
    process.stdout.write(`workspace: ${JSON.stringify({ parts: outcome.parts, counts: outcome.counts })}\n`);
    expect(outcome.faults).toEqual([]);
    for (const what of ['messages', 'came', 'taken', 'left']) expect(outcome.counts[what], what).toBeGreaterThan(100);
  }, 300_000);
});

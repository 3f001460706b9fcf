import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen, type Server } from '../../../kernel/server.ts';
import { createTestKernel, type TestKernel } from '../../../test/conformance/index.ts';
import { chromiumPath, launchBrowser } from '../../../test/support/browser.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { type Thread, threads, visitors } from '../../chat/api.ts';
import { type Operator, operators } from '../../operators/api.ts';

const chromium = { what: 'Chromium (MIBEW_CHROMIUM or /usr/bin/chromium)', present: chromiumPath !== undefined };
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describeWith([chromium], 'the workspace in a browser', () => {
  let kernel: TestKernel;
  let server: Server;
  let browser: Browser;
  let ann: Operator;
  let bob: Operator;
  let visitorCount = 0;

  beforeAll(async () => {
    kernel = await createTestKernel({ plugins: ['users'] });
    server = await listen(kernel.kernel);
    const person = (login: string, name: string, permissions: readonly string[]) =>
      kernel
        .service(operators)
        .create({ login, name, email: `${login}@example.com`, password: 'correct horse', permissions });
    ann = await person('ann', 'Ann', ['takeover', 'viewthreads']);
    bob = await person('bob', 'Bob', []);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await kernel?.dispose();
  });

  async function visit(name: string, message: string): Promise<Thread> {
    visitorCount += 1;
    const visitor = await kernel.service(visitors).bySecret(`visitor${visitorCount}`.padEnd(43, 'x'));
    const input = { name, remote: '192.0.2.7', userAgent: 'Firefox', referrer: 'https://shop.example/' };
    const { thread } = await kernel.service(threads).start(visitor, input);
    if (!thread) throw new Error('no thread');
    await kernel.service(threads).post(thread.id, 'user', { message });
    return thread;
  }

  /** The workspace of Ann in a window of its own. */
  async function workspace(width = 1440, sockets = true, frames: string[] = []): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 800 }, bypassCSP: true });
    if (!sockets) await context.addInitScript('delete window.WebSocket');
    const page = await context.newPage();
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await page.goto(`${server.address}/operator/users`);
    await page.fill('[name=login]', 'ann');
    await page.fill('[name=password]', 'correct horse');
    await page.keyboard.press('Enter');
    // The first answer is there.
    await page.waitForSelector('[data-section=waiting]:not([hidden])');
    return page;
  }
  const rowOf = (section: string, { id }: Thread) => `[data-rows=${section}] [data-thread="${id}"]`;
  const writing = (page: Page) => page.waitForFunction(() => document.activeElement?.localName === 'textarea');

  it('shows a visitor without a reload, and lets the keyboard alone take and answer him', async () => {
    const page = await workspace();
    const zoe = await visit('Zoe', 'Hello there');
    await page.waitForSelector(rowOf('waiting', zoe));
    await expect.poll(() => page.title()).toMatch(/^\(1\) /);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(rowOf('mine', zoe));
    await writing(page);
    await page.keyboard.type('Hi Zoe');
    await page.keyboard.press('Control+Enter');
    await expect
      .poll(async () =>
        (await kernel.service(threads).messages(zoe.id, 'user', 0)).messages.map((each) => each.message),
      )
      .toContain('Hi Zoe');
    await page.context().close();
    await kernel.service(threads).close(zoe.id, 'user');
  });

  it('is told of a new visitor by push', async () => {
    const frames: string[] = [];
    const page = await workspace(1440, true, frames);
    const zoe = await visit('Pushed Zoe', 'Hello there');
    await page.waitForSelector(rowOf('waiting', zoe));
    const pushes = frames.filter((frame) => frame.includes('"receiveThreads"'));
    expect(pushes.join()).toContain('Pushed Zoe');
    await page.context().close();
    await kernel.service(threads).close(zoe.id, 'user');
  });

  it('works without sockets, too', async () => {
    const page = await workspace(1440, false);
    const zoe = await visit('Zoe', 'Hello there');
    await page.click(`${rowOf('waiting', zoe)} button`);
    await page.waitForSelector(rowOf('mine', zoe));
    await page.context().close();
    await kernel.service(threads).close(zoe.id, 'user');
  });

  it('marks what was not looked at, and forgets the mark once it was', async () => {
    const page = await workspace();
    const [zoe, max] = [await visit('Zoe', 'One'), await visit('Max', 'Two')];
    for (const each of [zoe, max]) {
      await page.click(`${rowOf('waiting', each)} button`);
      await page.waitForSelector(`.mb-seat--active[data-thread="${each.id}"]`);
      await page.waitForSelector(`[data-pane-of="${each.id}"] :text("${each === zoe ? 'One' : 'Two'}")`);
    }
    await kernel.service(threads).post(zoe.id, 'user', { message: 'Still there?' });
    await page.waitForSelector(`.mb-seat[data-thread="${zoe.id}"] .mb-count`);
    await page.keyboard.press('Control+ArrowUp');
    await page.waitForSelector(`.mb-seat--active[data-thread="${zoe.id}"]`);
    await page.waitForSelector(`.mb-seat[data-thread="${zoe.id}"] .mb-count`, { state: 'detached' });
    await page.context().close();
    for (const { id } of [zoe, max]) await kernel.service(threads).close(id, 'user');
  });

  it('has conversations and drafts back after a reload', async () => {
    const page = await workspace();
    const zoe = await visit('Zoe', 'Hello');
    await page.click(`${rowOf('waiting', zoe)} button`);
    await writing(page);
    await page.keyboard.type('half a sen');
    await page.reload();
    await page.waitForSelector(`.mb-seat--active[data-thread="${zoe.id}"]`);
    await expect.poll(() => page.inputValue(`[data-pane-of="${zoe.id}"] textarea`)).toBe('half a sen');
    await page.context().close();
    await kernel.service(threads).close(zoe.id, 'user');
  });

  it('tells who has a conversation, takes it over when asked to, and says when one has ended', async () => {
    const page = await workspace();
    const zoe = await visit('Zoe', 'Hello');
    await kernel.service(threads).take(zoe.id, bob);
    await page.click(`${rowOf('others', zoe)} button`);
    await page.waitForSelector('[data-part=blank] :text("Bob has this conversation")');
    await page.click('[data-action=force]');
    await page.waitForSelector(`.mb-seat--active[data-thread="${zoe.id}"]`);
    expect((await kernel.service(threads).byId(zoe.id))?.agentId).toBe(ann.id);
    await kernel.service(threads).close(zoe.id, 'user');
    await page.waitForSelector(`.mb-seat--over[data-thread="${zoe.id}"]`);
    await page.click(`.mb-seat[data-thread="${zoe.id}"] [data-action=close]`);
    await page.waitForSelector(`.mb-seat[data-thread="${zoe.id}"]`, { state: 'detached' });
    await page.context().close();
  });

  it('says that the connection is lost, and when it is back', async () => {
    const page = await workspace();
    await page.context().setOffline(true);
    await page.waitForSelector('[data-part=notices] [data-action=wake]');
    await page.context().setOffline(false);
    await page.waitForSelector('[data-part=notices] [data-action=wake]', { state: 'detached' });
    await page.context().close();
  });

  it('shows the way to the login when the session ends', async () => {
    const page = await workspace();
    await kernel.service(operators).setPassword(ann.id, 'correct horse');
    const link = await page.waitForSelector('[data-part=notices] a');
    expect(await link.getAttribute('href')).toContain('/operator/login');
    await page.context().close();
  });

  it('warns before a log-out that would lose messages, and then logs out', async () => {
    const page = await workspace(1440, false);
    const zoe = await visit('Zoe', 'Hello');
    await page.click(`${rowOf('waiting', zoe)} button`);
    await writing(page);
    await page.route('**/thread/update', (route) => route.abort());
    await page.keyboard.type('On its way');
    await page.keyboard.press('Control+Enter');
    const logOut = async () => {
      await page.click('[popovertarget=mb-account]');
      await page.click('#mb-account form[action$="/operator/logout"] button');
    };
    await logOut();
    await page.waitForSelector('[data-part=logout][open] :text("One message")');
    await page.click('[data-part=logout] [value=stay]');
    await page.waitForSelector('[data-part=logout][open]', { state: 'detached' });
    await page.keyboard.press('Escape');
    await logOut();
    await page.click('[data-part=logout] [value=leave]');
    await page.waitForURL('**/operator/login*');
    const kept = await page.evaluate(() =>
      Object.keys(localStorage).filter((key) => key.includes('outbox') && key.includes('box:')),
    );
    expect(kept).toEqual([]);
    await page.context().close();
    await kernel.service(threads).close(zoe.id, 'user');
  });

  it.each([320, 390, 768, 1440])('is accessible and fits at %i px', async (width) => {
    const zoe = await visit('A visitor with a name that is much longer than any list is wide', 'Hello');
    await kernel.service(threads).take(zoe.id, ann);
    const page = await workspace(width);
    await page.click(`${rowOf('mine', zoe)} button`);
    await page.waitForSelector(`[data-pane-of="${zoe.id}"] [role="log"] :text-is("Hello")`);
    await page.evaluate(axe);
    const problems = await page.evaluate(async () => {
      const { axe: checker } = window as unknown as {
        axe: {
          run(root: string, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        };
      };
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
      const { violations } = await checker.run('.mb-workspace', { runOnly: tags });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
    });
    expect(problems).toEqual([]);
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(content).toBeLessThanOrEqual(window ?? 0);
    await page.context().close();
    await kernel.service(threads).close(zoe.id, 'user');
  });
});

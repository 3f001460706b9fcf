/** What browser tests of the workspace begin with: a product, two operators, visitors who come, and Ann's window. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { listen, type Server } from '../../../kernel/server.ts';
import { createTestKernel, type TestKernel } from '../../../test/conformance/index.ts';
import { chromiumPath, launchBrowser } from '../../../test/support/browser.ts';
import type { Requirement } from '../../../test/support/needs.ts';
import { type Thread, threads, visitors } from '../../chat/api.ts';
import { type Operator, operators } from '../../operators/api.ts';

export const chromium: Requirement = {
  what: 'Chromium (MIBEW_CHROMIUM or /usr/bin/chromium)',
  present: chromiumPath !== undefined,
};

type Filled<T> = { -readonly [Key in keyof T]: T[Key] };

interface WindowOptions {
  readonly width?: number;
  readonly sockets?: boolean;
  /** Frames that its sockets receive are added here. */
  readonly frames?: string[];
  /** Another window of the same browser. */
  readonly context?: BrowserContext;
  /** Under the policy of its pages; else tests may add scripts of their own. */
  readonly strict?: boolean;
  /** Runs before each page. */
  readonly before?: () => void;
}

export interface Office {
  readonly kernel: TestKernel;
  readonly ann: Operator;
  readonly bob: Operator;
  readonly visit: (name: string, message: string) => Promise<Thread>;
  /** The workspace of Ann. */
  readonly workspace: (options?: WindowOptions) => Promise<Page>;
  /** The visitor says something more. */
  readonly says: (thread: Thread, message: string) => Promise<void>;
  /** What the visitor was answered. */
  readonly heard: (thread: Thread) => Promise<readonly string[]>;
  readonly leave: (...all: readonly Thread[]) => Promise<void>;
}

export const rowOf = (section: string, { id }: Thread) => `[data-rows=${section}] [data-thread="${id}"]`;
export const writing = (page: Page) => page.waitForFunction(() => document.activeElement?.localName === 'textarea');

/** Registers hooks. @param plugins besides those that the workspace cannot do without */
export function openOffice(...plugins: readonly string[]): Office {
  const office = {} as Filled<Office>;
  let server: Server;
  let browser: Browser;
  let visitorCount = 0;

  beforeAll(async () => {
    office.kernel = await createTestKernel({ plugins: ['users', ...plugins] });
    server = await listen(office.kernel.kernel);
    const person = (login: string, name: string, permissions: readonly string[]) =>
      office.kernel
        .service(operators)
        .create({ login, name, email: `${login}@example.com`, password: 'correct horse', permissions });
    office.ann = await person('ann', 'Ann', ['takeover', 'viewthreads']);
    office.bob = await person('bob', 'Bob', []);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await office.kernel?.dispose();
  });

  office.visit = async (name, message) => {
    visitorCount += 1;
    const visitor = await office.kernel.service(visitors).bySecret(`visitor${visitorCount}`.padEnd(43, 'x'));
    const input = { name, remote: '192.0.2.7', userAgent: 'Firefox', referrer: 'https://shop.example/' };
    const { thread } = await office.kernel.service(threads).start(visitor, input);
    if (!thread) throw new Error('no thread');
    await office.says(thread, message);
    return thread;
  };
  office.says = async ({ id }, message) => void (await office.kernel.service(threads).post(id, 'user', { message }));
  office.heard = async ({ id }) => {
    const { messages } = await office.kernel.service(threads).messages(id, 'user', 0);
    return messages.filter(({ kind }) => kind === 2).map(({ message }) => message);
  };
  office.leave = async (...all) => {
    for (const { id } of all) await office.kernel.service(threads).close(id, 'user');
  };
  office.workspace = async ({
    width = 1440,
    sockets = true,
    frames = [],
    context: known,
    strict = false,
    before,
  } = {}) => {
    const context = known ?? (await browser.newContext({ viewport: { width, height: 800 }, bypassCSP: !strict }));
    if (!sockets) await context.addInitScript('delete window.WebSocket');
    if (before) await context.addInitScript(before);
    const page = await context.newPage();
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await page.goto(`${server.address}/operator/users`);
    if (!known) {
      await page.fill('[name=login]', 'ann');
      await page.fill('[name=password]', 'correct horse');
      await page.keyboard.press('Enter');
    }
    // The first answer is there.
    await page.waitForSelector('[data-section=waiting]:not([hidden])');
    return page;
  };
  return office;
}

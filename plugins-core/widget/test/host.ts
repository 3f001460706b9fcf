/** Somebody's site on another origin than the chat's, with whatever pages a test wants, and a browser that looks at them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { definePlugin } from '../../../kernel/index.ts';
import { listen, type Server } from '../../../kernel/server.ts';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { watch, type Watch } from '../../../test/e2e/watch.ts';
import { launchBrowser } from '../../../test/support/browser.ts';
import { operators } from '../../operators/api.ts';
import { launcherPart } from '../api.ts';

/** Contributes the part in `part/probe.ts`, which answers what else the part `tracking` does. */
const probe = definePlugin({
  id: 'probe',
  needs: {},
  setup(ctx) {
    ctx.contribute(
      launcherPart({
        name: 'probe',
        entry: join(import.meta.dirname, 'part/probe.ts'),
        facts: () => ({ word: 'hello' }),
      }),
    );
  },
});

interface Visit {
  readonly page: Page;
  readonly watch: Watch;
  /** Addresses that the page asked for, without the host's name for those of the chat. */
  readonly asked: string[];
  /** Everything that lies in the browser for the site. */
  readonly kept: () => Promise<readonly string[]>;
}
export interface Host {
  readonly kernel: TestKernel;
  /** Where the chat is. */
  readonly chat: string;
  readonly browser: Browser;
  /** Opens a page whose body, or whole text, is this; `CHAT` in it stands for the chat's address. */
  visit(
    html: string,
    options?: { readonly expected?: readonly RegExp[]; readonly before?: (page: Page) => Promise<unknown> },
  ): Promise<Visit>;
}

/** Registers hooks. @param plugins besides the widget */
export function openHost(plugins: readonly string[] = []): Host {
  const made = {} as { -readonly [K in keyof Host]: Host[K] };
  const pages = new Map<string, string>();
  let chatServer: Server;
  const site = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0]!;
    const html = pages.get(path.split('/')[1] ?? '');
    if (html === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  beforeAll(async () => {
    made.kernel = await createTestKernel({
      plugins: ['widget', ...plugins, ...(plugins.includes('tracking') ? [] : [probe])],
    });
    const ann = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'correct horse battery' };
    await made.kernel.service(operators).create(ann);
    chatServer = await listen(made.kernel.kernel);
    made.chat = chatServer.address;
    await new Promise<void>((done) => site.listen(0, 'localhost', done));
    made.browser = await launchBrowser();
  });
  afterAll(async () => {
    await made.browser?.close();
    site.closeAllConnections();
    site.close();
    await chatServer?.close();
    await made.kernel?.dispose();
  });
  made.visit = async (html, { expected = [], before } = {}) => {
    const name = `page${pages.size}`;
    const whole = /^<!doctype/i.test(html) ? html : `<!doctype html><html lang="en"><title>Shop</title><body>${html}`;
    pages.set(name, whole.replaceAll('CHAT', made.chat));
    const context = await made.browser.newContext();
    onTestFinished(() => context.close());
    context.setDefaultTimeout(30_000);
    const watched = await watch(context, /favicon/, ...expected);
    const page = await context.newPage();
    const asked: string[] = [];
    const url = `http://localhost:${(site.address() as AddressInfo).port}/${name}`;
    page.on('request', (request) => {
      const address = request.url();
      if (address !== url && !address.endsWith('/favicon.ico')) asked.push(address.replace(made.chat, ''));
    });
    page.on('websocket', (socket) => asked.push(socket.url()));
    await before?.(page);
    await page.goto(url, { waitUntil: 'networkidle' });
    return {
      page,
      watch: watched,
      asked,
      kept: async () => [
        ...(await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)])),
        ...(await context.cookies()).map((cookie) => `cookie ${cookie.name}`),
      ],
    };
  };
  return made;
}

import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { open } from '../../../kernel/plugin.ts';
import { locales } from '../../locales/api.ts';
import { clientModule, defineView, views, viewsService } from '../api.ts';
import { createWorld, type World } from './world.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const inBrowser = existsSync(executablePath) ? test : test.skip;

let browser: Browser | undefined;
let world: World;
const servers: Server[] = [];
beforeAll(async () => {
  if (!existsSync(executablePath)) return;
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  browser = await chromium.launch({ executablePath, args });
});
afterAll(() => browser?.close());
beforeEach(() => {
  world = createWorld();
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await world.dispose();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;
async function serve(answer: Answer): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const app = `import { hello } from 'mibew/client';
import Handlebars from 'handlebars/runtime';
export async function start({ root, boot, templates, texts, assets }) {
  const template = Handlebars.create().template(templates['shop/row']);
  const policy = globalThis.trustedTypes?.createPolicy('mibew', { createHTML: (text) => text });
  const host = document.createElement('template');
  const html = template({ text: texts.texts['shop.hello']({ n: boot.n }) });
  host.innerHTML = policy ? policy.createHTML(html) : html;
  root.replaceChildren(...host.content.childNodes, hello, String(globalThis.joined));
  if (root instanceof ShadowRoot) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync((await import(assets.styleModule)).default);
    root.adoptedStyleSheets = [sheet];
  }
  document.documentElement.dataset.done = '';
}`;

function plugins() {
  world.write('client/client/index.ts', "export const hello: string = 'from the library';");
  world.plugin('client', { contributes: [clientModule({ name: 'client', entry: 'client/index.ts' })] });
  world.write('shop/client/app.js', app);
  world.write('shop/templates/client/row.hbs', '<p class="mb-badge mb-badge--accent">{{icon "send"}}{{text}}</p>');
  world.write('shop/templates/server/page.hbs', '{{#extends "views/chat"}}{{/extends}}');
  world.write('shop/locales/en.json', '{"hello": "{n, plural, one {# thing} other {# things}} <b>"}');
  world.write('extra/client/extra.js', 'globalThis.joined = "joined before the start";');
  world.plugin('extra', { contributes: [clientModule({ name: 'extra', entry: 'client/extra.js', joins: ['shop'] })] });
  world.plugin('shop', {
    contributes: [
      locales('locales/'),
      views([
        defineView('shop/page', { version: 1, side: 'server' }),
        defineView('shop/row', { version: 1, side: 'client' }),
      ]),
      clientModule({ name: 'shop', entry: 'client/app.js', templates: ['shop/*'], texts: ['shop.'] }),
    ],
    needs: { views: viewsService },
    setup(ctx) {
      const service = ctx.use.views;
      ctx.route({
        name: 'page',
        method: 'GET',
        path: '/shop',
        access: open,
        handler: (c) => service.page(c, 'shop/page', {}, { app: { name: 'shop', boot: { n: 3 } } }),
      });
    },
  });
}

/** Opens an address and reports every refusal of the policy and every error. */
async function visit(address: string) {
  const page = await (await browser!.newContext()).newPage();
  const complaints: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('pageerror', (error) => void complaints.push(error.message));
  await page.goto(address);
  return { page, complaints };
}

inBrowser('an app starts on a page under the strict policy without one complaint', async () => {
  plugins();
  const { kernel } = await world.boot({}, null);
  const origin = await serve(getRequestListener((request) => kernel.fetch(request)));
  const { page, complaints } = await visit(`${origin}/shop`);
  await page.waitForSelector('html[data-done]');
  expect(await page.locator('[data-mb-app]').innerText()).toMatch(
    /3 things <b>\s*from the libraryjoined before the start/,
  );
  const accent = await page.locator('.mb-badge').evaluate((element) => getComputedStyle(element).borderTopLeftRadius);
  expect(accent).toBe('999px');
  expect(complaints).toEqual([]);
});

inBrowser('an app starts in a shadow root of a foreign page whose policy knows a nonce and nothing else', async () => {
  plugins();
  const { kernel, views } = await world.boot({}, null);
  const chat = await serve(getRequestListener((request) => kernel.fetch(request)));
  const found = JSON.stringify(await views.app('shop', 'en'));
  const host = await serve((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.setHeader('content-security-policy', "default-src 'none'; script-src 'nonce-abc'; img-src data:");
    response.end(`<!doctype html><link rel="icon" href="data:,"><p id="host">text</p><div id="chat"></div><script nonce="abc">
      (async () => {
        const at = (path) => '${chat}' + path, assets = ${found};
        assets.styleModule = at(assets.styleModule);
        const load = (path) => import(at(path));
        const [app, templates, texts] = await Promise.all([load(assets.app), load(assets.templates), load(assets.texts), ...assets.joined.map(load)]);
        const root = document.getElementById('chat').attachShadow({ mode: 'open' });
        await app.start({ root, boot: { n: 1 }, templates: templates.default, texts: texts.default, assets });
      })();
    </script>`);
  });
  const { page, complaints } = await visit(host);
  await page.waitForSelector('html[data-done]');
  const badge = page.locator('.mb-badge');
  expect(await badge.innerText()).toBe('1 thing <b>');
  const [radius, font] = await badge.evaluate((element) => [
    getComputedStyle(element).borderTopLeftRadius,
    getComputedStyle(element).fontSize,
  ]);
  expect([radius, font]).toEqual(['999px', '12px']);
  const host2 = await page.locator('#host').evaluate((element) => getComputedStyle(element).marginTop);
  expect(host2).toBe('16px');
  expect(complaints).toEqual([]);
});

inBrowser('when the app cannot be loaded the page says so', async () => {
  plugins();
  const { kernel } = await world.boot({}, null);
  const origin = await serve(getRequestListener((request) => kernel.fetch(request)));
  const page = await (await browser!.newContext()).newPage();
  await page.route(/shop-templates/, (route) => route.abort());
  await page.goto(`${origin}/shop`);
  await page.waitForSelector('.mb-app__failed', { state: 'visible' });
  expect(await page.locator('[role=alert]').innerText()).toContain('This did not load');
});

inBrowser('times stay true while a page is open, by the clock and in the zone of whoever looks', async () => {
  const at = Date.now() - 3 * 60_000;
  world.write(
    'shop/templates/server/page.hbs',
    `{{#extends "views/bare"}}{{#override "content"}}{{ago ${at}}}{{/override}}{{/extends}}`,
  );
  world.plugin('shop', {
    contributes: [views([defineView('shop/page', { version: 1, side: 'server' })])],
    needs: { views: viewsService },
    setup(ctx) {
      const service = ctx.use.views;
      ctx.route({
        name: 'page',
        method: 'GET',
        path: '/shop',
        access: open,
        handler: (c) => service.page(c, 'shop/page', {}),
      });
    },
  });
  const { kernel } = await world.boot({}, null);
  const origin = await serve(getRequestListener((request) => kernel.fetch(request)));
  const context = await browser!.newContext({ timezoneId: 'Asia/Tokyo' });
  const page = await context.newPage();
  await page.clock.install({ time: at + 5 * 60_000 });
  await page.goto(`${origin}/shop`);
  const time = page.locator('time');
  await page.getByText('5 minutes ago').waitFor();
  expect(await time.getAttribute('title')).toContain('GMT+9');
  await page.clock.runFor(2 * 60_000);
  expect(await time.innerText()).toBe('7 minutes ago');

  // What was done is not yet to come because the clock of whoever looks is slow.
  const late = await browser!.newPage();
  await late.clock.install({ time: at - 5 * 60_000 });
  await late.goto(`${origin}/shop`);
  await late.getByText('3 minutes ago').waitFor();
  await late.clock.runFor(2 * 60_000);
  expect(await late.locator('time').innerText()).toBe('5 minutes ago');
});

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listening } from '../../../kernel/tokens.ts';
import { locales } from '../../locales/api.ts';
import { assets, clientModule, defineView, views } from '../api.ts';
import { codingOf } from '../delivery.ts';
import { sheetModule } from '../sheet.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.dispose());

const library = 'export const shared = (text: string): string => `LIBRARY ${text}`;';
const app = `import { shared } from '../../client/client/index.ts';
import Handlebars from 'handlebars/runtime.js';
export interface Options { readonly root: Element }
export function start({ root }: Options): void { root.append(shared('APP'), String(Handlebars.VERSION)); }`;

/** The plugins `client` (the library), `shop` (an app) and `extra` (which joins it). */
function plugins() {
  world.write('client/client/index.ts', library);
  world.plugin('client', { contributes: [clientModule({ name: 'client', entry: 'client/index.ts' })] });
  world.write('shop/client/app.ts', app);
  world.write('shop/client/shop.css', '.shop-row { color: var(--mb-color-text); }');
  world.write('shop/templates/client/row.hbs', '<p>\n    {{icon "send"}} {{name}}\n</p>{{> shop/part}}');
  world.write('shop/templates/client/part.hbs', '<i>{{l10n "shop.hello" name=name}}</i>');
  world.write('shop/locales/en.json', '{"hello": "Hello {name}", "secret": "not asked for"}');
  world.write('shop/assets/img/logo.svg', `<svg xmlns="http://www.w3.org/2000/svg">${'<g/>'.repeat(300)}</svg>`);
  world.write('shop/package-secret.txt', 'never served');
  world.plugin('shop', {
    contributes: [
      locales('locales/'),
      views([defineView('shop/row', { version: 1, side: 'client' })]),
      assets('assets/'),
      clientModule({
        name: 'shop',
        entry: 'client/app.ts',
        templates: ['shop/row'],
        texts: ['shop.hello'],
        styles: ['client/shop.css'],
      }),
    ],
  });
  world.write('extra/client/extra.js', "import { shared } from 'mibew/client';\nconsole.log(shared('EXTRA'));");
  world.write('extra/client/extra.css', ':root .extra { margin: 0; }');
  world.plugin('extra', {
    contributes: [
      clientModule({ name: 'extra', entry: 'client/extra.js', joins: ['shop'], styles: ['client/extra.css'] }),
    ],
  });
}
const text = async (answer: Promise<Response>) => (await answer).text();

test('an app is hashed modules around one shared library, with templates, texts and a sheet', async () => {
  plugins();
  const { views, get } = await world.boot();
  const found = await views.app('shop', 'en');
  expect(found.parts).toEqual({});
  const { parts: _, ...addresses } = found;
  for (const address of Object.values(addresses).flat())
    expect(address).toMatch(/^\/mibew\/assets\/[\w-]+\.[\da-f]{10}\.(js|css)$/);
  expect(found.modules).toEqual([found.client, ...found.joined, found.app]);
  const name = found.client.split('/').at(-1)!;
  for (const address of [found.app, ...found.joined]) {
    const module = await text(get(address));
    expect(module).toContain(`"./${name}"`);
    expect(module).not.toMatch(/LIBRARY|eval\(|new Function/);
  }
  expect(await text(get(found.client))).toContain('LIBRARY');
  const templates = await text(get(found.templates));
  expect(templates).toContain('"shop/row":');
  expect(templates).toContain('"shop/part":');
  expect(templates).toContain('<svg class="mb-icon"');
  expect(templates).not.toMatch(/^import|\\n {4}/m);
  const texts = await text(get(found.texts));
  expect(texts).toContain('"shop.hello":a=>');
  expect(texts).not.toContain('secret');
  const style = await text(get(found.style));
  expect(style).toMatch(/^@layer tokens,base,plugin,theme,site;/);
  expect(style.indexOf('.shop-row')).toBeGreaterThan(style.indexOf('@layer plugin'));
  expect(style).toContain('--mb-color-accent');
  const styleModule = await text(get(found.styleModule));
  expect(styleModule).toMatch(/^export default "@layer/);
  expect(styleModule).not.toContain(':root');
  expect(styleModule).toContain(':host .extra');
});

test('files are for ever, for everybody, and compressed as the browser likes', async () => {
  plugins();
  const { views, get } = await world.boot();
  const { app } = await views.app('shop', 'en');
  const plain = await get(app);
  const body = await plain.text();
  expect(
    Object.fromEntries(
      [
        'cache-control',
        'access-control-allow-origin',
        'x-content-type-options',
        'content-type',
        'vary',
        'content-encoding',
      ].map((name) => [name, plain.headers.get(name)]),
    ),
  ).toEqual({
    'cache-control': 'public, max-age=31536000, immutable',
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
    'content-type': 'text/javascript; charset=utf-8',
    vary: 'accept-encoding',
    'content-encoding': null,
  });
  const brotli = await get(app, { 'accept-encoding': 'gzip, deflate, br' });
  expect(brotli.headers.get('content-encoding')).toBe('br');
  expect(brotliDecompressSync(Buffer.from(await brotli.arrayBuffer())).toString()).toBe(body);
  const gzip = await get(app, { 'accept-encoding': 'gzip, br;q=0' });
  expect(gzip.headers.get('content-encoding')).toBe('gzip');
  expect(gunzipSync(Buffer.from(await gzip.arrayBuffer())).toString()).toBe(body);
});

test.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['br;q=1.0, gzip', 'br'],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['gzip;q=0.000', undefined],
  ['BR', 'br'],
])('of "%s" %s is chosen', (header, coding) => {
  expect(codingOf(header)).toBe(coding);
});

test("static files of a plugin are hashed; an outdated hash gets today's file, not to be kept", async () => {
  plugins();
  const { views, get } = await world.boot();
  const address = views.asset('shop', 'img/logo.svg');
  expect(address).toMatch(/^\/mibew\/assets\/shop\/img\/logo\.[\da-f]{10}\.svg$/);
  const answer = await get(address, { 'accept-encoding': 'br' });
  expect([answer.headers.get('content-type'), answer.headers.get('content-encoding')]).toEqual(['image/svg+xml', 'br']);
  expect(answer.headers.get('content-security-policy')).toContain('sandbox');
  const outdated = await get('/mibew/assets/shop/img/logo.0123456789.svg');
  expect([outdated.status, outdated.headers.get('cache-control')]).toEqual([200, 'no-cache']);
  world.write('shop/assets/img/logo.svg', '<svg/>');
  expect(views.asset('shop', 'img/logo.svg')).not.toBe(address);
  expect(() => views.asset('shop', 'img/none.svg')).toThrow(expect.objectContaining({ code: 'ASSET_UNKNOWN' }));
});

test('no address below /assets/ leads anywhere else', async () => {
  plugins();
  const { views, get } = await world.boot();
  await views.app('shop', 'en');
  const tries = [
    'index.json',
    '../index.json',
    '..%2findex.json',
    'shop/../shop/package-secret.txt',
    'shop/package-secret.0123456789.txt',
    '%2e%2e/%2e%2e/mibew.db',
    'shop/img/..%2f..%2f..%2fpackage-secret.0123456789.txt',
    '%00',
    'shop/img/logo.svg',
    '/etc/passwd',
    'shop/client/app.0123456789.ts',
    '__proto__.0123456789.js',
    `..%5c..%5cindex.json`,
  ];
  for (const one of tries) expect([one, (await get(`/mibew/assets/${one}`)).status]).toEqual([one, 404]);
});

test('a second start builds nothing, and serves what the first one built', async () => {
  plugins();
  const first = await world.boot();
  const before = await first.views.app('shop', 'en');
  await first.kernel.stop();
  const folder = join(world.root, 'data/cache/assets');
  const stamps = () => readdirSync(folder).map((file) => `${file} ${statSync(join(folder, file)).mtimeMs}`);
  const kept = stamps();
  const second = await world.boot({ watch: false });
  expect(await second.views.app('shop', 'en')).toEqual(before);
  expect(stamps()).toEqual(kept);
  expect((await second.get(before.app)).status).toBe(200);
});

test('in development a changed file is built anew, and the old address still answers', async () => {
  plugins();
  const { views, get } = await world.boot();
  const before = await views.app('shop', 'en');
  world.write('shop/client/app.ts', app.replace('APP', 'NEWER'));
  world.write('shop/templates/client/part.hbs', '<b>newer</b>');
  world.write('shop/client/shop.css', '.shop-newer { margin: 0; }');
  // A page's files are looked at once; the next page, a moment later, looks again.
  await expect.poll(async () => (await views.app('shop', 'en')).app).not.toBe(before.app);
  const after = await views.app('shop', 'en');
  expect(await text(get(after.app))).toContain('NEWER');
  expect(await text(get(after.templates))).toContain('newer');
  expect(await text(get(after.style))).toContain('.shop-newer');
  expect(after.client).toBe(before.client);
  expect((await get(before.app)).status).toBe(200);
});

test('a changed library gives every module that imports it a new address', async () => {
  plugins();
  const first = await world.boot();
  const before = await first.views.app('shop', 'en');
  await first.kernel.stop();
  world.write('client/client/index.ts', library.replace('LIBRARY', 'LIBRARY 2'));
  const after = await (await world.boot()).views.app('shop', 'en');
  expect(after.client).not.toBe(before.client);
  expect(after.app).not.toBe(before.app);
  expect(after.joined).not.toEqual(before.joined);
  expect(after.templates).toBe(before.templates);
});

test('a plugin that is switched off takes its module along', async () => {
  plugins();
  const { kernel, views } = await world.boot();
  expect((await views.app('shop', 'en')).joined).toHaveLength(1);
  await kernel.disable('extra');
  expect((await views.app('shop', 'en')).joined).toEqual([]);
});

test('what joins a module that joins an app comes with that app', async () => {
  plugins();
  world.write('pane/client/pane.js', 'console.log("PANE");');
  const joins = (name: string, app: string) => clientModule({ name, entry: 'client/pane.js', joins: [app] });
  world.plugin('pane', { contributes: [joins('pane', 'shop'), joins('pane-more', 'pane')] });
  const { views } = await world.boot();
  expect((await views.app('shop', 'en')).joined).toHaveLength(3);
  expect((await views.app('pane', 'en')).joined).toHaveLength(1);
});

test('a part is one address for all that it brings, and weighs nothing on the app until it is asked for', async () => {
  plugins();
  world.write('cart/client/cart.js', "import { shared } from 'mibew/client';\nconsole.log(shared('CART'));");
  world.write('cart/client/cart.css', '.cart { color: var(--mb-color-danger); }');
  world.write('cart/templates/client/row.hbs', '<b>{{l10n "cart.pay"}}</b>');
  world.write('cart/locales/en.json', '{"pay": "Pay now"}');
  world.plugin('cart', {
    contributes: [
      locales('locales/'),
      views([defineView('cart/row', { version: 1, side: 'client' })]),
      clientModule({
        name: 'cart',
        entry: 'client/cart.js',
        partOf: ['shop'],
        templates: ['cart/*'],
        texts: ['cart.'],
        styles: ['client/cart.css'],
      }),
    ],
  });
  const { views: service, get, kernel } = await world.boot();
  const found = await service.app('shop', 'en');
  expect(Object.keys(found.parts)).toEqual(['cart']);
  expect(found.joined).toHaveLength(1);
  for (const address of [found.templates, found.texts, found.style])
    expect(await text(get(address))).not.toMatch(/cart/);

  const part = await text(get(found.parts['cart']!));
  const imports = [...part.matchAll(/"\.\/([^"]+)"/g)].map(([, name]) => `/mibew/assets/${name}`);
  const sources = await Promise.all(imports.map((address) => text(get(address))));
  expect(sources.join()).toMatch(/CART[\s\S]*"cart\/row"[\s\S]*Pay now[\s\S]*\.cart/);
  // The base is on the page; the tokens come along, since the app's own sheet has only those that it uses.
  const style = sources.at(-1)!;
  expect(style).toContain('--mb-color-danger');
  expect(style).not.toMatch(/--mb-color-accent|\.mb-button/);
  // Whatever changes in a part gives it another address.
  world.write('cart/client/cart.css', '.cart { margin: 0; }');
  await expect.poll(async () => (await service.app('shop', 'en')).parts).not.toEqual(found.parts);
  await kernel.disable('cart');
  expect((await service.app('shop', 'en')).parts).toEqual({});
});

test('each language has texts of its own', async () => {
  plugins();
  const { views, get } = await world.boot();
  const [english, pseudo] = [await views.app('shop', 'en'), await views.app('shop', 'ar-XB')];
  expect(pseudo.app).toBe(english.app);
  expect(pseudo.texts).not.toBe(english.texts);
  expect(await text(get(pseudo.texts))).toContain('rtl:true');
});

test('what cannot be built says who is to blame, and costs nobody else', async () => {
  plugins();
  world.write('broken/client/app.ts', 'export const x = ;');
  world.plugin('broken', { contributes: [clientModule({ name: 'broken', entry: 'client/app.ts' })] });
  const { views } = await world.boot();
  await expect(views.app('broken', 'en')).rejects.toMatchObject({
    code: 'BUNDLE_FAILED',
    plugin: 'broken',
    message: /app\.ts/,
  });
  await expect(views.app('nothing', 'en')).rejects.toMatchObject({ code: 'APP_UNKNOWN' });
  expect((await views.app('shop', 'en')).app).toMatch(/shop\./);
});

test('everything is built once the server listens', async () => {
  plugins();
  const { kernel } = await world.boot();
  await kernel.call(listening, { address: 'http://localhost', print: () => undefined });
  const built = readdirSync(join(world.root, 'data/cache/assets')).join(' ');
  for (const file of ['shop.', 'client.', 'extra.', 'loader.', 'page.', 'shop-templates.', 'shop-en.'])
    expect(built).toContain(file);
});

test('in a shadow root the root element is the host', () => {
  expect(sheetModule(":root{a:b}:root[data-x='y'],:root:not([z]) p{c:d}")).toBe(
    `export default ${JSON.stringify(":host{a:b}:host([data-x='y']),:host(:not([z])) p{c:d}")};\n`,
  );
});

test('in a shadow root tokens that nothing in the sheet uses are left out, and those that only they used', () => {
  const css = ':root{--mb-a:1px;--mb-b:var(--mb-a);--mb-c:var(--mb-d);--mb-d:2px}p{margin:var(--mb-b);--own:3px}';
  expect(sheetModule(css)).toBe(
    `export default ${JSON.stringify(':host{--mb-a:1px;--mb-b:var(--mb-a);}p{margin:var(--mb-b);--own:3px}')};\n`,
  );
});

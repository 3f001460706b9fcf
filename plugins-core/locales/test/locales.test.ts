import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Kernel, Logger } from '../../../kernel/plugin.ts';
import { createCatalogue } from '../catalogue.ts';
import { compileMessage } from '../compile.ts';
import { dictionary } from '../dictionary.ts';
import { parseMessage } from '../message.ts';
import { accepted, nearest, negotiate } from '../negotiate.ts';
import { createLocales } from '../service.ts';

let root: string;
const logged: string[] = [];
const note = (_: object, message?: string) => void logged.push(message ?? '');
const log: Logger = { debug: note, info: note, warn: note, error: note };
const kernel = {
  config: { base: '/mibew' },
  facts: () => ({ address: '', origin: '', secure: true }),
} as unknown as Kernel;

const write = (plugin: string, locale: string, texts: Record<string, string>, age = 0) => {
  mkdirSync(join(root, plugin, 'locales'), { recursive: true });
  const file = join(root, plugin, 'locales', `${locale}.json`);
  writeFileSync(file, JSON.stringify(texts));
  utimesSync(file, new Date(), new Date(Date.now() - age));
};
const owner = (id: string) => ({ id, version: '1.0.0', root: join(root, id) });

function world() {
  const catalogue = createCatalogue(log);
  for (const id of ['chat', 'shop']) catalogue.add(owner(id), 'locales/');
  return { catalogue, locales: createLocales({ catalogue, kernel, log, watch: true }) };
}

/** Runs a module source as a browser would, without its export statement. */
function load(source: string): {
  locale: string;
  rtl: boolean;
  texts: Record<string, string | ((args: object) => string)>;
} {
  return runInNewContext(source.replace('export default', 'exported =') + ';exported', {}) as ReturnType<typeof load>;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mibew-locales-'));
  logged.length = 0;
  write('chat', 'en', { hello: 'Hello, {name}!', bye: 'Goodbye', colour: 'Colour' }, 10_000);
  write('chat', 'pt', { hello: 'Olá, {name}!' });
  write('chat', 'pt-br', { bye: 'Tchau' });
  write('shop', 'en', { cart: '{n, plural, =0 {Empty} one {# thing} other {# things}}' });
});
afterEach(() => rmSync(root, { recursive: true }));

test('a text comes from the language, then its parent, then English, then is its own key', () => {
  const { locales } = world();
  expect(locales.text('pt-br', 'chat.bye')).toBe('Tchau');
  expect(locales.text('pt-br', 'chat.hello', { name: 'Ann' })).toBe('Olá, Ann!');
  expect(locales.text('pt-br', 'chat.colour')).toBe('Colour');
  expect(locales.text('pt-br', 'chat.nothing')).toBe('chat.nothing');
  expect(locales.text('pt-br', 'chat.nothing')).toBe('chat.nothing');
  expect(logged).toEqual(['nobody has this text']);
});

test('a text that lacks an argument is shown as written, and logged', () => {
  const { locales } = world();
  expect(locales.text('en', 'chat.hello')).toBe('Hello, {name}!');
  expect(logged).toHaveLength(1);
});

test('a file with anything but texts is refused by name', () => {
  write('bad', 'en', { hello: 5 as unknown as string });
  expect(() => createCatalogue(log).add(owner('bad'), 'locales/')).toThrow(
    /bad.locales.en\.json: "hello": expected text/,
  );
});

test('texts of a plugin that stopped are gone', () => {
  const catalogue = createCatalogue(log);
  const remove = catalogue.add(owner('chat'), 'locales/');
  const before = catalogue.revision;
  remove();
  expect(catalogue.find('en', 'chat.bye')).toBeUndefined();
  expect(catalogue.revision).toBeGreaterThan(before);
});

test('in development a changed file is read again, and raises the revision', () => {
  const { catalogue, locales } = world();
  const before = locales.revision;
  expect(catalogue.refresh()).toBe(false);
  write('chat', 'en', { bye: 'See you' }, 5_000);
  expect(catalogue.refresh()).toBe(true);
  expect(locales.text('en', 'chat.bye')).toBe('See you');
  expect(locales.revision).toBeGreaterThan(before);
});

test('the nearest known code is itself, a parent, or a relative', () => {
  const codes = ['de', 'en', 'pt', 'zh-tw'];
  expect(['DE-at', 'pt_BR', 'zh-cn', 'fr', '../x', ''].map((code) => nearest(codes, code))).toEqual([
    'de',
    'pt',
    'zh-tw',
    undefined,
    undefined,
    undefined,
  ]);
});

test('languages of a header come in the order of their quality', () => {
  expect(accepted('fr;q=0.3, de-CH, *;q=0.1, en;q=0.8, xx;q=0')).toEqual(['de-CH', 'en', 'fr']);
});

test('the query wins over the cookie, the cookie over the header, the header over the default', () => {
  const codes = ['de', 'en', 'fr', 'pt'];
  const wish = { query: 'de', cookie: 'fr', header: 'pt' };
  expect(negotiate(codes, wish, undefined)).toBe('de');
  expect(negotiate(codes, { ...wish, query: 'klingon' }, undefined)).toBe('fr');
  expect(negotiate(codes, { ...wish, query: undefined, cookie: '%' }, undefined)).toBe('pt');
  expect(negotiate(codes, { query: undefined, cookie: undefined, header: 'xx' }, 'de')).toBe('de');
  expect(negotiate(codes, { query: undefined, cookie: undefined, header: undefined }, undefined)).toBe('en');
});

test('the pseudo-locale is had by name alone, never through a header, and is not in the list', () => {
  const { locales } = world();
  const codes = ['en'];
  expect(negotiate(codes, { query: 'ar-XB', cookie: undefined, header: undefined }, undefined)).toBe('ar-XB');
  expect(negotiate(codes, { query: undefined, cookie: 'ar-XB', header: undefined }, undefined)).toBe('ar-XB');
  expect(negotiate(codes, { query: undefined, cookie: undefined, header: 'ar-XB,ar' }, undefined)).toBe('en');
  expect(locales.available().map(({ code }) => code)).toEqual(['en', 'pt', 'pt-br']);
  expect(locales.match('ar')).toBeUndefined();
});

test('the pseudo-locale is longer, accented, in brackets, right to left, and keeps arguments and plurals', () => {
  const { locales } = world();
  const text = locales.text('ar-XB', 'chat.hello', { name: 'Ann' });
  expect(text).toMatch(/^⟦.*Ann.*⟧$/u);
  expect(text).not.toMatch(/Hello/);
  const long = parseMessage('Please wait until an operator answers you', 'en').source.length;
  write('chat', 'en', { long: 'Please wait until an operator answers you' });
  const again = world().locales.text('ar-XB', 'chat.long');
  expect(again.length / long).toBeGreaterThan(1.35);
  expect(again.length / long).toBeLessThan(1.6);
  expect(locales.text('ar-XB', 'shop.cart', { n: 1 })).toMatch(/1 .*ţ.*ĥ/u);
  expect(locales.info('ar-XB').rtl).toBe(true);
  expect(locales.intl('ar-XB')).toBe('en');
});

test('pages keep the choice for a thousand days, for scripts unreadable', async () => {
  const { locales } = world();
  const app = new Hono().get('/', (context) => {
    locales.remember(context, locales.of(context));
    return context.text(locales.of(context));
  });
  const answer = await app.request('/?locale=pt');
  expect(await answer.text()).toBe('pt');
  const cookie = answer.headers.get('set-cookie')!;
  expect(cookie).toMatch(
    /^mibew_locale=pt; Max-Age=86400000; Path=\/mibew; Expires=.*; HttpOnly; SameSite=Lax; Secure$/,
  );
});

test.each([
  ['a plain text', 'Hi "there"', {}],
  ['arguments', '{a} and {b}', { a: 'x', b: 3 }],
  ['numbered arguments', '{0} of {1}', { 0: 1, 1: 2 }],
  ['a quoted brace', "it''s '{'not'}' {a}", { a: 'x' }],
  ['plural one', '{n, plural, one {# day} other {# days}}', { n: 1 }],
  ['plural many', '{n, plural, one {# day} other {# days}} left', { n: 12_345 }],
  ['plural exact', '{n, plural, =0 {none} one {# day} other {# days}}', { n: 0 }],
  ['plural with offset', '{n, plural, offset:1 =1 {you} one {you and # more} other {you and # more}}', { n: 2 }],
  ['ordinal', '{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}', { n: 22 }],
  ['select', '{who, select, user {visitor} agent {operator} other {system}}', { who: 'agent' }],
  ['select without a match', '{who, select, user {visitor} other {system}}', { who: 'toString' }],
  ['nesting', '{w, select, a {{n, plural, one {one #} other {many #}}} other {}}', { w: 'a', n: 4 }],
  ['a select inside a plural', '{n, plural, other {{w, select, a {# a} other {# b}}}}', { n: 4, w: 'a' }],
  ['numbers', '{n, number} {p, number, percent} {i, number, ::compact-short}', { n: 1234.5, p: 0.25, i: 12_000 }],
  ['numbers side by side', '{a, number}{b, number}', { a: 1, b: 2 }],
  ['dates', '{d, date, long} {d, time, short} {d, date} {d, time}', { d: new Date(86_400_000 * 365) }],
  ['a date by skeleton', '{d, date, ::yyyyMMMd}', { d: new Date(86_400_000 * 365) }],
])('compiled for browsers, %s reads as on the server', (_, source, args) => {
  for (const locale of ['en', 'ru']) {
    const message = parseMessage(source, locale);
    const module = load(`${compileRuntime()}export default {texts:{x:${compileMessage(message)}}}`);
    const text = module.texts['x'];
    expect(typeof text === 'function' ? text(args) : text).toBe(message.format(args as Record<string, string>));
  }
});
const compileRuntime = () => {
  const source = world().locales.clientModule('en', ['none.']);
  return source.slice(0, source.indexOf('export default'));
};

test('the module for browsers has the keys asked for, in the language, and nothing that could end a script element', () => {
  write('chat', 'en', { evil: '</script><b>\u2028\\"`$x`', 'window.title': 'Chat' });
  const { locales } = world();
  const source = locales.clientModule('pt', ['chat.']);
  expect(source).not.toMatch(/<|\u2028/);
  const { locale, rtl, texts } = load(source);
  expect([locale, rtl]).toEqual(['pt', false]);
  expect(Object.keys(texts)).toEqual(
    ['chat.bye', 'chat.evil', 'chat.hello', 'chat.window.title'].filter((key) => texts[key]),
  );
  expect(texts['chat.evil']).toBe('</script><b>\u2028\\"`$x`');
  expect((texts['chat.hello'] as (args: object) => string)({ name: 'Zé' })).toBe('Olá, Zé!');
  expect(load(locales.clientModule('ar-XB', ['shop.'])).rtl).toBe(true);
});

test('the dictionary of the original: cacheable for two minutes, with 304, unknown languages refused', async () => {
  const { catalogue } = world();
  const app = new Hono().get('/locales/:locale/translation.js', dictionary(catalogue));
  const answer = await app.request('/locales/en/translation.js');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=120');
  expect(answer.headers.get('content-type')).toMatch(/javascript/);
  const body = await answer.text();
  const set = (dictionary: unknown) => dictionary;
  expect(runInNewContext(body, { Mibew: { Localization: { set } } })).toMatchObject({
    'chat.bye': 'Goodbye',
    'chat.hello': 'Hello, {name}!',
  });
  const etag = answer.headers.get('etag')!;
  const again = await app.request('/locales/en/translation.js', { headers: { 'if-none-match': etag } });
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  expect((await app.request('/locales/xx/translation.js')).status).toBe(404);
});

test('knows the language of the house: the configured one, else English', () => {
  const { catalogue, locales } = world();
  expect(locales.home).toBe('en');
  expect(createLocales({ catalogue, kernel, log, defaultLocale: 'de' }).home).toBe('de');
});

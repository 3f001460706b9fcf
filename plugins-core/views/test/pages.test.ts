import { afterEach, beforeEach, expect, test } from 'vitest';
import { open } from '../../../kernel/plugin.ts';
import { locales } from '../../locales/api.ts';
import { assets, clientModule, defineView, menuItem, views, viewsService, type PageOptions } from '../api.ts';
import { formatSpan, initials, tint } from '../helpers.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.dispose());

/** A plugin `shop` with one page at `/shop`, drawn from `templates/server/page.hbs` with this model. */
function shop(template: string, model: Record<string, unknown> = {}, options: PageOptions = {}) {
  world.write('shop/templates/server/page.hbs', template);
  world.write('shop/locales/en.json', '{"title": "Shop of {name}", "cart": "Cart"}');
  world.write('shop/assets/logo.svg', '<svg/>');
  world.plugin('shop', {
    contributes: [
      locales('locales/'),
      views([defineView('shop/page', { version: 2, side: 'server' })]),
      assets('assets/'),
      menuItem({ label: 'shop.cart', route: 'shop.cart', weight: 5, permission: 'admin' }),
      menuItem({ label: 'shop.title', route: 'shop.page', weight: 1, icon: 'no-such-icon' }),
      menuItem({ label: 'shop.hidden', route: 'shop.page', weight: 2, shown: () => false }),
    ],
    needs: { views: viewsService },
    setup(ctx) {
      const service = ctx.use.views;
      ctx.route({
        name: 'page',
        method: 'GET',
        path: '/shop',
        access: open,
        handler: (c) => service.page(c, 'shop/page', model, options),
      });
      ctx.route({
        name: 'cart',
        method: 'GET',
        path: '/shop/cart/:id{\\d+}',
        access: open,
        handler: (c) => service.error(c, 404, 'CART_UNKNOWN'),
      });
    },
  });
}
const partOf = (policy: string, name: string) => policy.split('; ').find((part) => part.startsWith(`${name} `));

test('a page is its view inside its layout, escaped, in the language of the request', async () => {
  shop(
    '{{#extends "views/bare"}}{{#override "title"}}{{l10n "shop.title" name=owner}}{{/override}}{{#override "content"}}<p>{{owner}}</p>{{/override}}{{/extends}}',
    { owner: '<b>"Ann"&' },
  );
  const { get } = await world.boot();
  const answer = await get('/mibew/shop');
  const html = await answer.text();
  expect(answer.status).toBe(200);
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain('<p>&lt;b&gt;&quot;Ann&quot;&amp;</p>');
  expect(html).toContain('<title>Shop of &lt;b&gt;&quot;Ann&quot;&amp; · Mibew</title>');
  expect(html).not.toContain('<b>');
  expect(html).toContain('<html lang="en" dir="ltr"');
  expect(answer.headers.get('set-cookie')).toContain('mibew_locale=en');
  const pseudo = await get('/mibew/shop?locale=ar-XB');
  expect(await pseudo.text()).toMatch(/dir="rtl"[\s\S]*⟦/);
});

test('the policy lets nothing in but our own, scripts by a nonce that is fresh each time', async () => {
  shop(
    '{{#extends "views/bare"}}{{/extends}}',
    {},
    { policy: { 'img-src': ['https://img.example'], 'trusted-types': [] } },
  );
  const { get } = await world.boot();
  const [one, two] = [await get('/mibew/shop'), await get('/mibew/shop')];
  const policy = one.headers.get('content-security-policy')!;
  const nonce = /'nonce-([\w-]{22})'/.exec(policy)![1];
  expect(partOf(policy, 'default-src')).toBe("default-src 'none'");
  expect(partOf(policy, 'script-src')).toBe(`script-src 'nonce-${nonce}'`);
  expect(partOf(policy, 'style-src')).toBe("style-src 'self'");
  expect(partOf(policy, 'base-uri')).toBe("base-uri 'none'");
  expect(partOf(policy, 'form-action')).toBe("form-action 'self'");
  expect(partOf(policy, 'frame-ancestors')).toBe("frame-ancestors 'none'");
  expect(partOf(policy, 'connect-src')).toBe("connect-src 'self' wss://shop.example");
  expect(partOf(policy, 'img-src')).toBe("img-src 'self' data: https://img.example");
  expect(partOf(policy, 'require-trusted-types-for')).toBe("require-trusted-types-for 'script'");
  expect(partOf(policy, 'trusted-types')).toBeUndefined();
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(two.headers.get('content-security-policy')).not.toContain(nonce);
  const html = await one.text();
  for (const [tag] of html.matchAll(/<script[^>]*>/g))
    expect(tag).toMatch(new RegExp(`nonce="${nonce}"|type="application/json"`));
  expect(html).not.toMatch(/ style="| on\w+="/);
  expect(
    Object.fromEntries(
      ['x-content-type-options', 'referrer-policy', 'cache-control', 'x-frame-options'].map((name) => [
        name,
        one.headers.get(name),
      ]),
    ),
  ).toEqual({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
  });
});

test('a page may let its own origin frame it, answer with another status, and add headers', async () => {
  shop('{{#extends "views/bare"}}{{/extends}}', {}, { frame: 'self', status: 403, headers: { 'x-shop': 'yes' } });
  const answer = await (await world.boot()).get('/mibew/shop');
  expect([answer.status, answer.headers.get('x-shop'), answer.headers.get('x-frame-options')]).toEqual([
    403,
    'yes',
    'SAMEORIGIN',
  ]);
  expect(partOf(answer.headers.get('content-security-policy')!, 'frame-ancestors')).toBe("frame-ancestors 'self'");
});

test('the navigation holds what the operator may use, and forms carry his token', async () => {
  shop(
    '{{#extends "views/page"}}{{#override "content"}}{{csrfTokenInput}}{{csrfProtectedRoute "shop.cart" id=7}}{{/override}}{{/extends}}',
    { title: 'T' },
  );
  const { get, views } = await world.boot();
  expect(await (await get('/mibew/shop')).text()).not.toContain('mb-nav__item');
  const permissions: string[] = [];
  views.decorate((_, model) => {
    model.operator = { name: 'Ann <b>', permissions };
    model.csrfToken = 'tok"en';
  });
  const plain = await (await get('/mibew/shop')).text();
  expect(plain).toContain('href="/mibew/shop" aria-current="page"');
  expect(plain).toContain('Ann &lt;b&gt;');
  expect(plain).not.toContain('/mibew/shop/cart"');
  expect(plain).not.toContain('shop.hidden');
  expect(plain).toContain('name="csrf_token" value="tok&quot;en"');
  expect(plain).toContain('/mibew/shop/cart/7?csrf_token&#x3D;tok%22en');
});

test('the error page has a sentence, the code and the status, and leads nobody but operators to their pages', async () => {
  shop('');
  const answer = await (await world.boot()).get('/mibew/shop/cart/1');
  expect(answer.status).toBe(404);
  const html = await answer.text();
  expect(html).toMatch(/There is nothing here[\s\S]*CART_UNKNOWN/);
  expect(html).not.toMatch(/<a [^>]*href="\/mibew\/?"/);
});

test('boot data cannot end its script element, and everything that the app needs is announced with the nonce', async () => {
  shop(
    '{{#extends "views/chat"}}{{/extends}}',
    {},
    { app: { name: 'bag', boot: { text: '</script><script>alert(1)//\u2028' } } },
  );
  world.plugin('bags', { contributes: [clientModule({ name: 'bag', entry: 'client/app.ts' })] });
  world.write(
    'bags/client/app.ts',
    'export function start(options: { boot: unknown }): void { console.log(options); }',
  );
  const html = await (await (await world.boot()).get('/mibew/shop')).text();
  expect(html).not.toContain('alert(1)//\u2028');
  const json = /<script type="application\/json" id="mibew-boot">(.*?)<\/script>/s.exec(html)![1]!;
  expect(JSON.parse(json)).toMatchObject({
    app: 'bag',
    boot: { text: '</script><script>alert(1)//\u2028' },
    assets: { client: '', joined: [] },
  });
  expect(html).toMatch(/data-mb-app="bag"/);
  expect(html.match(/rel="modulepreload" nonce=/g)).toHaveLength(3);
});

test('a theme replaces a view file by file, and an older one is told of', async () => {
  shop('{{> shop/part}} own');
  world.write('shop/templates/server/part.hbs', 'own part');
  world.write('themes/child/package.json', '{"version": "1.0.0", "mibewTheme": {"parent": "middle"}}');
  world.write('themes/middle/package.json', '{"version": "1.0.0", "mibewTheme": {"parent": "default"}}');
  world.write('themes/middle/templates/shop/part.hbs', 'middle part');
  world.write('themes/child/templates/shop/page.hbs', '{{!-- view: shop/page@1 --}}{{> shop/part}} child');
  const { get, log, views } = await world.boot({ theme: 'child', themeFolders: [`${world.root}/themes`] });
  expect(await (await get('/mibew/shop')).text()).toBe('middle part child');
  expect(log.filter((line) => line.includes('VIEW_OUTDATED'))).toHaveLength(1);
  expect(await views.render('shop/page', {}, 'en')).toBe('middle part child');
});

test('in development a changed template is read again', async () => {
  shop('{{> shop/part}}');
  world.write('shop/templates/server/part.hbs', 'one');
  const { get } = await world.boot();
  expect(await (await get('/mibew/shop')).text()).toBe('one');
  world.write('shop/templates/server/part.hbs', 'two');
  expect(await (await get('/mibew/shop')).text()).toBe('two');
});

test('a missing partial is named with the template that asked for it, and no name leads out of the folders', async () => {
  shop('{{> shop/nothing}}');
  const { views } = await world.boot();
  world.write('shop/templates/server/framed.hbs', '{{#> shop/nothing}}what would be drawn instead{{/shop/nothing}}');
  for (const name of ['page', 'framed'])
    await expect(views.render(`shop/${name}`, {}, 'en')).rejects.toMatchObject({
      code: 'TEMPLATE_MISSING',
      message: new RegExp(`shop/${name}.*"shop/nothing"`),
    });
  for (const name of ['shop/../../views/templates/server/page', '../shop/page', 'shop', '/etc/passwd', 'shop//page'])
    await expect(views.render(name, {}, 'en')).rejects.toMatchObject({ code: 'TEMPLATE_MISSING' });
});

test("a contribution whose file is missing, or whose name is another's, is refused", async () => {
  world.write('a/templates/server/x.hbs', 'x');
  world.plugin('a', { contributes: [views([defineView('a/y', { version: 1, side: 'server' })])] });
  world.plugin('b', { contributes: [views([defineView('a/x', { version: 1, side: 'server' })])] });
  world.plugin('c', { contributes: [clientModule({ name: 'c', entry: '../a/app.ts' })] });
  world.plugin('d', { contributes: [assets('../a')] });
  const { kernel } = await world.boot();
  const problems = kernel
    .report()
    .plugins.filter(({ id }) => id.length === 1)
    .map(({ id, problems }) => `${id} ${problems[0]?.code}`);
  expect(problems).toEqual(['a', 'b', 'c', 'd'].map((id) => `${id} CONTRIBUTION_REJECTED`));
});

test.each([
  ['{{#ifEqual a "3"}}yes{{else}}no{{/ifEqual}}', 'yes'],
  ['{{#ifAny none a}}yes{{else}}no{{/ifAny}}', 'yes'],
  ['{{#ifEven a}}even{{else}}odd{{/ifEven}} {{#ifOdd a}}odd{{/ifOdd}}', 'odd odd'],
  ['{{#repeat a}}x{{/repeat}}', 'xxx'],
  ['{{#replace "\\n" "<br>"}}{{lines}}{{/replace}}', 'one<br>two'],
  ['{{#replace "\\u0041" "b"}}cAt{{/replace}}', 'cbt'],
  ['{{#cutString 4}}{{long}}{{/cutString}}', 'abcd'],
  ['{{route "shop.cart" id=5 x="a b"}}', '/mibew/shop/cart/5?x&#x3D;a+b'],
  ['{{asset "shop/logo.svg"}}', '/mibew/assets/shop/logo.d4dc566691.svg'],
  ['{{formatDateDiff 3725}} {{formatDateDiff 65}}', '01:02:05 01:05'],
  ['{{formatDate 0}}', 'Never'],
  ['{{ago 0}}', 'Never'],
  [
    '{{ago long_ago}}',
    /^<time class="mb-time" datetime="2024-05-01T12:00:00.000Z" title="\w+ \d, 2024[^"<]+" data-mb-ago="\d+">May 1, 2024<\/time>$/,
  ],
  ['{{#> shop/frame name="x"}}{{a}} of {{name}}{{/shop/frame}}', '(x: 3 of x)'],
  ['{{l10n "shop.title" name=evil}}', 'Shop of &lt;i&gt;'],
  ['{{#extends "shop/mid"}}{{#override "x"}}child{{/override}}{{/extends}}', '[child|base y]'],
  ['{{#extends "shop/mid"}}{{/extends}}', '[mid|base y]'],
])('%s gives %s', async (template, expected) => {
  shop(template, { a: 3, none: 0, lines: 'one\ntwo', long: 'abcdef', evil: '<i>', long_ago: Date.UTC(2024, 4, 1, 12) });
  world.write('shop/templates/server/frame.hbs', '({{name}}: {{> @partial-block}})');
  world.write('shop/templates/server/base.hbs', '[{{#block "x"}}base x{{/block}}|{{#block "y"}}base y{{/block}}]');
  world.write('shop/templates/server/mid.hbs', '{{#extends "shop/base"}}{{#override "x"}}mid{{/override}}{{/extends}}');
  const text = await (await (await world.boot()).get('/mibew/shop')).text();
  if (typeof expected === 'string') expect(text).toBe(expected);
  else expect(text).toMatch(expected);
});

test('times, spans and initials read as people write them', () => {
  expect([formatSpan(0), formatSpan(-5), formatSpan(Number.NaN), formatSpan(360_000)]).toEqual([
    '00:00',
    '00:00',
    '00:00',
    '100:00:00',
  ]);
  expect([initials('Ann Maria Lee'), initials('ann'), initials(' '), initials('Ünal')]).toEqual(['AL', 'A', '?', 'Ü']);
  expect(tint('Ann')).toBe(tint('Ann'));
  expect(new Set(Array.from('abcdefgh', tint)).size).toBeGreaterThan(3);
});

test('an operator keeps his navigation where something fails, and a visitor is shown none', async () => {
  world.plugin('operator', {
    needs: { views: viewsService },
    setup(ctx) {
      const fail = ctx.use.views;
      for (const [name, path] of [
        ['inside', '/operator/lost'],
        ['outside', '/plugins/operator/lost'],
      ] as const)
        ctx.route({ name, method: 'GET', path, access: open, handler: (c) => fail.error(c, 404, 'LOST') });
    },
  });
  const { get, views } = await world.boot();
  const html = async (path: string) => (await get(`/mibew${path}`)).text();
  expect(await html('/operator/lost')).not.toContain('mb-nav');
  views.decorate((_, model) => {
    model.operator = { name: 'Ann' };
  });
  const inside = await html('/operator/lost');
  expect(inside).toContain('mb-nav');
  expect(inside).toContain('LOST');
  expect(await html('/plugins/operator/lost')).not.toContain('mb-nav');
});

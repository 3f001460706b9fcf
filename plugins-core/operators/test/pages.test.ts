import { afterEach, describe, expect, it, vi } from 'vitest';
import { definePlugin, routeAccess } from '../../../kernel/index.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import * as api from '../api.ts';
import { createBrowser, tokenIn } from './browser.ts';
import { ann, bob } from './world.ts';

/** Pages that need somebody, as another plugin would have them. */
const guarded = definePlugin({
  id: 'guarded',
  needs: { operators: api.operators },
  setup(ctx) {
    const handler = async (c: Parameters<Parameters<typeof ctx.route>[0]['handler']>[0]) =>
      c.text((await ctx.use.operators.current(c))?.operator.login ?? 'nobody');
    ctx.route({ name: 'any', method: 'GET', path: '/any', access: api.loggedIn, handler });
    ctx.route({ name: 'admin', method: 'GET', path: '/admin', access: api.withPermission('admin'), handler });
    ctx.route({
      name: 'save',
      method: 'POST',
      path: '/save',
      access: api.loggedIn,
      handler: async (c) => {
        const form = await ctx.use.operators.form(c, await ctx.use.operators.current(c));
        return form.ok ? c.text('saved') : form.response;
      },
    });
  },
});

const kernels: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of kernels.splice(0)) await end();
});

async function begin(env: Record<string, string> = {}) {
  const kernel = await createTestKernel({ plugins: ['operators', guarded], env });
  kernels.push(() => kernel.dispose());
  const operators = kernel.service(api.operators);
  await operators.create(ann);
  await operators.create(bob);
  return { kernel, operators, browser: createBrowser(kernel) };
}
const login = (browser: ReturnType<typeof createBrowser>, who: { login: string; password: string }) =>
  browser.submit('/operator/login', { login: who.login, password: who.password });

describe('the login page', () => {
  it('logs an operator in and sends him to the start page', async () => {
    const { kernel, browser } = await begin();
    const response = await login(browser, { ...ann, login: ' ANN ' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/operator');
    const cookie = response.headers.getSetCookie().find((one) => one.startsWith('MibewSessionID='));
    expect(cookie).toMatch(/^MibewSessionID=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await (await browser.get('/plugins/guarded/any')).text()).toBe('ann');
    expect(kernel.calls(api.operatorLoggedIn)).toMatchObject([[{ operator: { login: 'ann' }, remember: false }]]);
  });

  it('keeps somebody logged in who wants that, and marks cookies as secure on https', async () => {
    const { browser } = await begin({ MIBEW_PUBLIC_URL: 'https://chat.example.com/mibew' });
    const page = await browser.get('/mibew/operator/login');
    const fields = { csrf_token: tokenIn(await page.text()), login: 'ann', password: ann.password, isRemember: 'on' };
    const response = await browser.post('/mibew/operator/login', fields, { origin: 'https://chat.example.com' });
    expect(response.headers.get('location')).toBe('/mibew/operator');
    const cookie = response.headers.getSetCookie().find((one) => one.startsWith('MibewSessionID='));
    expect(cookie).toMatch(/; Max-Age=31536000; Path=\/mibew; HttpOnly; Secure; SameSite=Lax$/);
  });

  it('refuses a wrong password and an unknown name with the same words, and keeps what was typed', async () => {
    const { browser } = await begin();
    const wrong = await (await login(browser, { login: 'ann', password: 'wrong' })).text();
    const unknown = await (await login(browser, { login: 'eve', password: 'wrong' })).text();
    expect(wrong).toContain('Entered login/password is incorrect');
    expect(wrong).toContain('value="ann"');
    const plain = (html: string) => html.replaceAll(/value="[^"]*"/g, '').replaceAll(/nonce[-="]+[^"']*/g, '');
    expect(plain(unknown)).toBe(plain(wrong));
  });

  it('tells whoever has the right password of a disabled account that it is blocked', async () => {
    const { operators, browser } = await begin();
    await operators.setDisabled((await operators.byLogin('bob'))!.id, true);
    expect(await (await login(browser, bob)).text()).toContain('temporarily blocked');
    expect(await (await login(browser, { ...bob, password: 'wrong' })).text()).toContain('is incorrect');
    expect(browser.cookies.has('MibewSessionID')).toBe(false);
  });

  it('fills in the login that the address names, if it looks like one', async () => {
    const { browser } = await begin();
    expect(await (await browser.get('/operator/login?login=ann')).text()).toContain('value="ann"');
    expect(await (await browser.get('/operator/login?login=%3Cb%3E')).text()).not.toContain('&lt;b&gt;');
  });

  it('sends somebody home who is logged in already', async () => {
    const { browser } = await begin();
    await login(browser, ann);
    const response = await browser.get('/operator/login');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/operator']);
  });

  it('does nothing without its token, with the token of another browser, or for another site', async () => {
    const { kernel, browser } = await begin();
    const fields = { login: 'ann', password: ann.password };
    expect((await browser.post('/operator/login', fields)).status).toBe(400);
    const other = tokenIn(await (await createBrowser(kernel).get('/operator/login')).text());
    await browser.get('/operator/login');
    expect((await browser.post('/operator/login', { ...fields, csrf_token: other })).status).toBe(400);
    const own = tokenIn(await (await browser.get('/operator/login')).text());
    for (const origin of ['https://evil.example', 'null'])
      expect((await browser.post('/operator/login', { ...fields, csrf_token: own }, { origin })).status).toBe(403);
    expect((await browser.post('/operator/login', { ...fields, csrf_token: own })).status).toBe(302);
  });

  it('takes forms only, and small ones', async () => {
    const { browser } = await begin();
    const json = await browser.post(
      '/operator/login',
      {},
      { 'content-type': 'application/json', accept: 'application/json' },
    );
    expect([json.status, await json.json()]).toMatchObject([415, { error: { code: 'FORM_TYPE' } }]);
    expect((await browser.post('/operator/login', { login: 'x'.repeat(70_000) })).status).toBe(413);
  });

  it('makes guessing slow: after five failures even the right password has to wait', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { browser } = await begin();
    const guess = () => login(browser, { login: 'ann', password: 'wrong' });
    for (let failures = 0; failures < 6; failures += 1) expect((await guess()).status).toBe(200);
    const refused = await login(browser, ann);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.text()).toContain('Too many attempts');
    expect((await login(browser, bob)).status).toBe(302);
    vi.setSystemTime(Date.now() + 1_000);
    browser.cookies.delete('MibewSessionID');
    expect((await login(browser, ann)).status).toBe(302);
  });
});

it('lets nobody who has to wait himself make the name of an operator wait', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { browser } = await begin({ MIBEW_TRUSTED_PROXIES: '127.0.0.1' });
  const token = tokenIn(await (await browser.get('/operator/login')).text());
  const attempt = (from: string, who: { login: string; password: string }) =>
    browser.post(
      '/operator/login',
      { csrf_token: token, login: who.login, password: who.password },
      { 'x-forwarded-for': from },
    );
  const statuses: number[] = [];
  for (let failures = 0; failures < 22; failures += 1)
    statuses.push((await attempt('192.0.2.1', { login: `nobody${failures}`, password: 'wrong' })).status);
  expect(statuses.lastIndexOf(200)).toBe(20);
  for (let failures = 0; failures < 10; failures += 1)
    expect((await attempt('192.0.2.1', { login: 'ann', password: 'wrong' })).status).toBe(429);
  expect((await attempt('192.0.2.2', ann)).status).toBe(302);
});

describe('a guarded page', () => {
  it('sends a stranger to the login, and after it back to where he wanted to go', async () => {
    const { browser } = await begin();
    const response = await browser.get('/plugins/guarded/any?page=2');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/operator/login']);
    expect((await login(browser, ann)).headers.get('location')).toBe('/plugins/guarded/any?page=2');
    expect(browser.cookies.has('mibew_back')).toBe(false);
  });

  it('never sends anybody back to another site', async () => {
    for (const path of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/%09/evil.example',
      '/..//evil.example',
      '/%2e%2e//evil.example',
      'javascript:1',
    ]) {
      const { browser } = await begin();
      browser.cookies.set('mibew_back', encodeURIComponent(path.replace('%09', '\t')));
      expect((await login(browser, ann)).headers.get('location'), path).toBe('/operator');
    }
  });

  it('refuses an operator without the permission, and a post of a stranger, with a code', async () => {
    const { browser } = await begin();
    const post = await browser.post('/plugins/guarded/save', {}, { accept: 'application/json' });
    expect([post.status, await post.json()]).toMatchObject([403, { error: { code: 'LOGIN_NEEDED' } }]);
    await login(browser, bob);
    expect((await browser.get('/plugins/guarded/any')).status).toBe(200);
    const page = await browser.get('/plugins/guarded/admin');
    expect(page.status).toBe(403);
    expect(await page.text()).toContain('PERMISSION_MISSING');
  });

  it('saves a form with the token of the session and no other', async () => {
    const { operators, browser } = await begin();
    await login(browser, ann);
    const session = await operators.session(browser.cookies.get('MibewSessionID'));
    const save = (csrf: string, headers = {}) => browser.post('/plugins/guarded/save', { csrf_token: csrf }, headers);
    expect(await (await save(session!.csrf)).text()).toBe('saved');
    expect((await save('wrong')).status).toBe(400);
    expect((await save(session!.csrf, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await save(session!.csrf, { origin: 'null', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('lets a plugin say who it is by other means', async () => {
    const { kernel, operators } = await begin();
    const sso = definePlugin({
      id: 'sso',
      setup: (ctx) => ctx.on(api.authenticate, (c) => (c.req.header('x-user') ? operators.byLogin('bob') : undefined)),
    });
    const own = await createTestKernel({ plugins: ['operators', guarded, sso], dataDir: kernel.dataDir });
    kernels.unshift(() => own.dispose());
    const browser = createBrowser(own);
    expect((await browser.get('/plugins/guarded/any')).status).toBe(302);
    expect(await (await browser.get('/plugins/guarded/any', { 'x-user': 'bob' })).text()).toBe('bob');
    expect(await (await browser.get('/plugins/guarded/any')).text()).toBe('bob');
  });

  it('leaves access of other kinds to others', async () => {
    const { kernel } = await begin();
    const question = { access: { kind: 'visitor' }, context: {}, route: { name: 'x', plugin: 'y' } };
    expect(await kernel.call(routeAccess, question as never)).toBeUndefined();
  });
});

describe('a session', () => {
  it('is a new one at each login, and the old one ends', async () => {
    const { kernel, operators, browser } = await begin();
    await login(browser, ann);
    const first = browser.cookies.get('MibewSessionID')!;
    const stranger = createBrowser(kernel);
    stranger.cookies.set('MibewSessionID', first);
    expect((await stranger.get('/plugins/guarded/any')).status).toBe(200);
    browser.cookies.delete('MibewSessionID');
    const page = tokenIn(await (await browser.get('/operator/login')).text());
    browser.cookies.set('MibewSessionID', first);
    await browser.post('/operator/login', { csrf_token: page, login: 'ann', password: ann.password });
    expect(browser.cookies.get('MibewSessionID')).not.toBe(first);
    expect(await operators.session(first)).toBeUndefined();
  });

  it('ends at the log-out, with its sockets and its presence', async () => {
    const { kernel, operators, browser } = await begin();
    await login(browser, ann);
    const session = (await operators.session(browser.cookies.get('MibewSessionID')))!;
    const availability = kernel.service(api.availability);
    await availability.touch(session.operator.id, session.id);
    const form = await browser.get('/operator/logout');
    expect(await form.text()).toContain('Log out');
    expect((await browser.get('/plugins/guarded/any')).status).toBe(200);
    expect((await browser.post('/operator/logout', { csrf_token: 'wrong' })).status).toBe(400);
    const response = await browser.submit('/operator/logout', {});
    expect([response.status, response.headers.get('location')]).toEqual([302, '/operator/login']);
    expect(browser.cookies.has('MibewSessionID')).toBe(false);
    await expect
      .poll(() => kernel.calls(api.operatorLoggedOut))
      .toEqual([[{ operatorId: session.operator.id, sessionId: session.id }]]);
    expect(await availability.isOnline(session.operator.id)).toBe(false);
  });

  it('ends by a link with its token, as the original had it', async () => {
    const { operators, browser } = await begin();
    await login(browser, ann);
    const session = await operators.session(browser.cookies.get('MibewSessionID'));
    expect((await browser.get('/operator/logout?csrf_token=wrong')).status).toBe(200);
    expect((await browser.get(`/operator/logout?csrf_token=${session!.csrf}`)).status).toBe(302);
    expect((await browser.get('/plugins/guarded/any')).status).toBe(302);
  });

  it('ends when the password changes, and when the account is disabled', async () => {
    const { operators, browser } = await begin();
    const { id } = (await operators.byLogin('bob'))!;
    await login(browser, bob);
    await operators.setPassword(id, 'another secret');
    expect((await browser.get('/plugins/guarded/any')).status).toBe(302);
    expect((await login(browser, { login: 'bob', password: 'another secret' })).status).toBe(302);
    await operators.setDisabled(id, true);
    expect((await browser.get('/plugins/guarded/any')).status).toBe(302);
  });
});

describe.skipIf(missingDialect('mysql'))('on MariaDB', () => {
  it('logs an operator in as on SQLite', async () => {
    const { url, drop } = await createTestUrl('mysql');
    const { browser } = await begin({ MIBEW_DATABASE: url });
    kernels.push(drop);
    expect((await login(browser, ann)).status).toBe(302);
    expect(await (await browser.get('/plugins/guarded/any')).text()).toBe('ann');
  });
});

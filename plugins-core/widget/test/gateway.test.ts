import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { stopping } from '../../../kernel/tokens.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { operators, sessionCookie } from '../../operators/api.ts';
import { createBrowser } from '../../operators/test/browser.ts';
import { readAsked } from '../jsonp.ts';
import { contactPack, firstCall, secret, startSite } from './listener.ts';

const idle =
  '/**/Mibew.Objects.widget.onResponse({"load":[],"handlers":["updateCookiesBlockStatus"],"dependencies":{"updateCookiesBlockStatus":[]},"data":{"cookiesBlocked":false}});';
const blocked = idle.replace('false', 'true');
const probed = { cookie: 'a=b; mibewRndValue=0.25; c=d', referer: 'https://shop.example/cart?id=7' };
const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', origin: 'https://shop.example', ...headers },
  body: JSON.stringify(body),
});

describe('GET /widget, as the original’s script asks', () => {
  it('says that cookies are blocked when the probe did not come back, and asks nobody', async () => {
    const site = await startSite();
    await using t = site.test;
    for (const [query, cookie] of [
      ['rnd=0.25', undefined],
      ['rnd=0.25', 'mibewRndValue=0.5'],
      ['rnd=0.25', 'xmibewRndValue=0.25'],
      ['', 'mibewRndValue=0.25'],
      ['', undefined],
    ] as const) {
      const response = await t.request(`/widget?${query}`, cookie ? { headers: { cookie } } : {});
      expect(await response.text()).toBe(blocked);
    }
    expect(site.contacts).toEqual([]);
  });

  it('says nothing else while nobody follows visitors', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const response = await t.request(`/widget?rnd=0.25&user_id=${secret}`, { headers: probed });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(idle);
  });

  it('answers anybody’s page, keeps nothing, and gives a privacy policy to those who ask for one', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const response = await t.request('/widget?rnd=1');
    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'no-store',
      'content-type': 'text/javascript; charset=utf-8',
      'cross-origin-resource-policy': 'cross-origin',
      p3p: 'CP="IDC DSP COR ADM DEVi TAIi PSA PSD IVAi IVDi CONi HIS OUR IND CNT"',
      'x-content-type-options': 'nosniff',
    });
  });

  it('hears what the page says', async () => {
    const site = await startSite();
    await using t = site.test;
    const query = `entry=${encodeURIComponent('https://s.example/?q=a+b%20c')}&locale=de&rnd=0.25&user_id=${secret}&silent=1&invitation_rejected=1&cart=two+%26%20three&empty=&bad=%E9&${'n'.repeat(65)}=1`;
    await t.request(`/widget?${query}`, { headers: { ...probed, 'user-agent': 'Browser/1' } });
    expect(site.contacts).toEqual([
      {
        carrier: 'jsonp',
        userId: secret,
        page: 'https://shop.example/cart?id=7',
        title: '',
        entry: 'https://s.example/?q=a+b%20c',
        locale: 'de',
        silent: true,
        hidden: false,
        invitation: undefined,
        rejected: true,
        custom: { cart: 'two & three', empty: '', bad: '%E9' },
        operator: false,
        declined: false,
        address: '127.0.0.1',
        origin: 'http://localhost',
        userAgent: 'Browser/1',
        session: undefined,
      },
    ]);
  });

  it('takes what is no secret for none, and cuts what is too long', async () => {
    const site = await startSite();
    await using t = site.test;
    const long = 'x'.repeat(5000);
    await t.request(`/widget?rnd=0.25&user_id=7&locale=${long}&entry=${long}&c=${long}`, { headers: probed });
    const [contact] = site.contacts;
    expect(contact).toMatchObject({ userId: undefined, silent: false, rejected: false });
    expect([contact?.locale.length, contact?.entry.length, contact?.custom['c']?.length]).toEqual([16, 2048, 1024]);
  });

  it('gives the answer in the original’s words, empty maps as lists', async () => {
    const site = await startSite();
    await using t = site.test;
    site.answer = (answer) => ({
      ...answer,
      next: 10,
      load: { shop: 'https://c.example/shop.js' },
      handlers: ['updateUserId', 'shopGreet'],
      dependencies: { shopGreet: ['shop'] },
      data: { user: { id: secret } },
    });
    const response = await t.request('/widget?rnd=0.25', { headers: probed });
    expect(await response.text()).toBe(
      `/**/Mibew.Objects.widget.onResponse({"load":{"shop":"https://c.example/shop.js"},"handlers":["updateCookiesBlockStatus","updateUserId","shopGreet"],"dependencies":{"updateCookiesBlockStatus":[],"updateUserId":[],"shopGreet":["shop"]},"data":{"cookiesBlocked":false,"user":{"id":"${secret}"}}});`,
    );
  });

  it('cannot be made to say anything else by what is in the answer', async () => {
    const site = await startSite();
    await using t = site.test;
    const text = '</script><!--\'&\u2028\u2029"\\';
    site.answer = (answer) => ({ ...answer, next: 10, handlers: ['a'], data: { text } });
    const source = await (await t.request('/widget?rnd=0.25&callback=alert', { headers: probed })).text();
    expect(source).not.toMatch(/[<>&'\u2028\u2029]/);
    let given: { data?: { text?: string } } = {};
    runInNewContext(source, { Mibew: { Objects: { widget: { onResponse: (data: typeof given) => (given = data) } } } });
    expect(given.data?.text).toBe(text);
  });

  it('knows nobody by his cookies: what another page reads is what it brought itself', async () => {
    const site = await startSite();
    await using t = site.test;
    const cookie = `${probed.cookie}; MIBEW_UserID=${secret}; MIBEW_VisitorID=${secret}; MibewVisitor=${secret}`;
    const response = await t.request('/widget?rnd=0.25', { headers: { ...probed, cookie } });
    expect(site.contacts[0]?.userId).toBeUndefined();
    expect(await response.text()).toBe(idle);
  });

  it('sees that a browser does not want to be followed', async () => {
    const site = await startSite();
    await using t = site.test;
    for (const header of [[['dnt', '1']], [['sec-gpc', '1']], [['dnt', '0']]] as const)
      await t.request('/widget?rnd=0.25', { headers: { ...probed, ...Object.fromEntries(header) } });
    expect(site.contacts.map(({ declined }) => declined)).toEqual([true, true, false]);
  });

  it('has nobody listen to whoever asks too often', async () => {
    const site = await startSite({ config: { plugins: { rpc: { packagesPerSecond: 1, packagesAtOnce: 2 } } } });
    await using t = site.test;
    const ask = () => t.request('/widget?rnd=0.25', { headers: probed });
    expect([await ask(), await ask(), await ask()].map(({ status }) => status)).toEqual([200, 200, 429]);
    expect((await ask()).headers.get('retry-after')).toMatch(/^\d+$/);
    expect(site.contacts).toHaveLength(2);
  });
});

describe('POST /widget', () => {
  it('may be called by any page, without its cookies', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const preflight = await t.request('/widget', { method: 'OPTIONS', headers: { origin: 'https://shop.example' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('Content-Type, X-Mibew-Visitor');
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
    const response = await t.request('/widget', post(contactPack()));
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('hears the page, who brings his secret in a header', async () => {
    const site = await startSite();
    await using t = site.test;
    const said = { title: 'Cart', entry: 'https://s.example/', locale: 'de', silent: true, hidden: true };
    const more = { invitation: '7', rejected: true, custom: { cart: 'two' } };
    const headers = { 'x-mibew-visitor': secret, 'user-agent': 'Browser/1', 'sec-gpc': '1' };
    const response = await t.request('/widget', post(contactPack({ ...said, ...more }), headers));
    expect(site.contacts).toEqual([
      {
        carrier: 'json',
        userId: secret,
        page: 'https://shop.example/',
        ...said,
        ...more,
        invitation: 7,
        operator: false,
        declined: true,
        address: '127.0.0.1',
        origin: 'http://localhost',
        userAgent: 'Browser/1',
        session: undefined,
      },
    ]);
    expect(firstCall(await response.text()).arguments).toMatchObject({
      load: {},
      handlers: [],
      dependencies: {},
      data: {},
      next: 10,
      errorCode: 0,
    });
  });

  it('tells a page to stop while nobody follows visitors', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const response = await t.request('/widget', post(contactPack()));
    expect(firstCall(await response.text()).arguments).toMatchObject({ next: 0, errorCode: 0 });
  });

  it('gives every handler a list of what it needs', async () => {
    const site = await startSite();
    await using t = site.test;
    site.answer = (answer) => ({ ...answer, next: 5, handlers: ['a', 'b'], dependencies: { b: ['s'] } });
    const response = await t.request('/widget', post(contactPack()));
    expect(firstCall(await response.text()).arguments['dependencies']).toEqual({ a: [], b: ['s'] });
  });

  it.each([
    ['no page', { page: undefined }],
    ['a page that is too long', { page: 'x'.repeat(2049) }],
    ['a number for a title', { title: 7 }],
    ['custom data that is not flat', { custom: { a: { b: 'c' } } }],
    ['custom data that is too long', { custom: { a: 'x'.repeat(1025) } }],
    ['an invitation that is no number', { invitation: -1 }],
  ])('refuses %s', async (_, args) => {
    const site = await startSite();
    await using t = site.test;
    const response = await t.request('/widget', post(contactPack(args)));
    expect(firstCall(await response.text()).arguments).toMatchObject({ errorCode: 3 });
    expect(site.contacts).toEqual([]);
  });

  it('refuses what is no package, and too many', async () => {
    const site = await startSite({ config: { plugins: { rpc: { packagesPerSecond: 1, packagesAtOnce: 1 } } } });
    await using t = site.test;
    expect((await t.request('/widget', post({ proto: '0.9' }))).status).toBe(400);
    expect((await t.request('/widget', post(contactPack()))).status).toBe(429);
    expect((await t.request('/widget', { method: 'DELETE' })).status).toBe(400);
  });

  it('limits an address, however many visitors it says to be', async () => {
    const site = await startSite({ config: { plugins: { rpc: { packagesPerSecond: 1, packagesAtOnce: 2 } } } });
    await using t = site.test;
    const as = async (letter: string) => {
      const response = await t.request('/widget', post(contactPack(), { 'x-mibew-visitor': letter.repeat(43) }));
      return firstCall(await response.text()).arguments['errorCode'];
    };
    expect([await as('a'), await as('b'), await as('c')]).toEqual([0, 0, 102]);
  });
});

describe('an operator’s own browser', () => {
  it('is known by its cookie: from our own origin, and to scripts, which tell none', async () => {
    const site = await startSite();
    await using t = site.test;
    const ann = { login: 'ann', password: 'correct horse' };
    await t.service(operators).create({ ...ann, name: 'Ann', email: 'ann@example.com', permissions: [] });
    const browser = createBrowser(t);
    await browser.submit('/operator/login', ann);
    const cookie = `${sessionCookie}=${browser.cookies.get(sessionCookie)}`;
    await t.request('/widget', post(contactPack(), { origin: 'http://localhost', cookie }));
    await t.request('/widget', post(contactPack(), { cookie }));
    await t.request('/widget?rnd=1', { headers: { cookie: `mibewRndValue=1; ${cookie}` } });
    await t.request('/widget?rnd=1', { headers: { cookie: `mibewRndValue=1; ${cookie}er` } });
    expect(site.contacts.map(({ operator }) => operator)).toEqual([true, false, true, false]);
  });
});

describe('a server that goes away', () => {
  it('is no reason for a page to stop, though nobody follows visitors any more', async () => {
    const site = await startSite();
    await using t = site.test;
    await t.call(stopping);
    await t.disable('follower');
    const response = await t.request('/widget', post(contactPack()));
    expect(firstCall(await response.text()).arguments).toMatchObject({ errorCode: 120 });
    expect(await (await t.request('/widget?rnd=0.25', { headers: probed })).text()).toBe(idle);
  });
});

describe('the secret of an address', () => {
  const held = () => {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    return process.memoryUsage().heapUsed;
  };

  it('does not keep the rest of it in memory', () => {
    const kept: unknown[] = [];
    const before = held();
    for (let at = 0; at < 2_000; at += 1) {
      const id = String(at).padStart(43, 'x');
      const url = Buffer.from(`http://localhost/widget?user_id=${id}&pad=${'y'.repeat(10_000)}`).toString();
      kept.push(readAsked(url).userId);
    }
    expect(held() - before).toBeLessThan(5_000_000);
    expect(kept.at(-1)).toBe('1999'.padStart(43, 'x'));
  });

  it('is none of another shape, however long', () => {
    expect(readAsked(`/widget?user_id=${'x'.repeat(44)}`).userId).toBeUndefined();
    expect(readAsked('/widget?user_id=').userId).toBeUndefined();
  });
});

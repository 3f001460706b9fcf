/** Pages, redirects and probes at the addresses of the original: extension points section 5, widget spec sections 1 to 3 and 8. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '../support/login.ts';
import type { Server } from '../support/server.ts';
import type { Answer, Json } from '../support/wire.ts';
import {
  bootOf,
  cookiesOf,
  logInAs,
  openBrowser,
  openChat,
  openDesk,
  packOf,
  ping,
  read,
  startHost,
  take,
  thread,
  threadFunction,
  type Browser,
  type Desk,
  type Place,
} from './people.ts';

let server: Server;
let ann: Desk;
let bob: Desk;
let boss: Desk;
let stranger: Browser;
beforeAll(async () => {
  server = await startHost();
  ann = await openDesk(server, 'ann', 'Ann');
  bob = await openDesk(server, 'bob', 'Bob');
  boss = await openDesk(server, 'boss', 'Boss', '--admin');
  stranger = openBrowser(server.url);
});
afterAll(() => server.stop());

const at = ({ headers }: Answer) => headers.get('location');
const close = (browser: Browser, place: Place) => browser.json(thread, packOf(threadFunction(place, true)('close')));
const newChat = async () => {
  const browser = openBrowser(server.url);
  const place = await openChat(browser);
  await ping(browser, place, true);
  return { browser, place };
};

describe('addresses', () => {
  it('/ leads to /operator, and that to the login', async () => {
    const [home, operator] = [await stranger.get('/'), await stranger.get('/operator')];
    expect([home.status, at(home)]).toEqual([302, '/operator']);
    expect([operator.status, at(operator)]).toEqual([302, '/operator/login']);
  });
  it.each([
    '/operator/users',
    '/operator/chat/1',
    '/operator/chat/1/2',
    '/operator/settings',
    '/operator/plugin',
    '/operator/logout',
  ])('%s leads a stranger to the login', async (path) => {
    const answer = await openBrowser(server.url).get(path);
    expect([answer.status, at(answer)]).toEqual([302, '/operator/login']);
  });
  it('the way back after the login is the page that was asked for', async () => {
    const browser = openBrowser(server.url);
    await browser.get('/operator/chat/5?viewonly=true');
    expect(at(await logInAs(browser, 'ann'))).toBe('/operator/chat/5?viewonly=true');
    expect(at(await logInAs(openBrowser(server.url), 'ann'))).toBe('/operator');
  });
  it('an operator without the permission is 403', async () => {
    expect((await ann.get('/operator/settings')).status).toBe(403);
    expect((await boss.get('/operator/settings')).status).toBe(200);
  });
  it.each(['/chat/', '/operator/', '/operator/users/', '/operator/login/', '/chat/style/popup/'])(
    '%s: a slash at the end is taken away with 301, and the query stays',
    async (path) => {
      const answer = await stranger.get(`${path}?a=1&b=2`);
      expect([answer.status, at(answer)]).toEqual([301, `${path.slice(0, -1)}?a=1&b=2`]);
    },
  );
  it.each([
    '/nope',
    '/chat/12345678901/1',
    '/chat/1/12345678901',
    '/chat/x/1',
    '/chat/1/x',
    '/chat/1',
    '/chat/-1/1',
    '/chat/1/2/nope',
    '/chat/x/y/check',
    '/chat/style/popup/a-b',
    '/chat/style/popup/a/b',
    '/operator/chat/x',
    '/operator/chat/12345678901',
    '/operator/chat/1/x',
    '/operator/nope',
  ])('%s is 404', async (path) => {
    expect((await stranger.get(path)).status).toBe(404);
    expect((await boss.get(path, { accept: 'text/html' })).status).toBe(404);
  });
  it('another method is 405 and says which ones there are', async () => {
    for (const path of ['/operator/login', '/chat', '/operator/users']) {
      const response = await fetch(server.url + path, { method: 'DELETE' });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toMatch(/GET/);
    }
  });
  it('HEAD answers like GET, without a body and without doing anything', async () => {
    const head = (path: string, browser: Browser = stranger) =>
      fetch(server.url + path, { method: 'HEAD', redirect: 'manual', headers: browser.headers() });
    expect((await head('/operator/login')).status).toBe(200);
    expect((await head('/nope')).status).toBe(404);
    expect((await head('/')).status).toBe(302);
    expect((await head('/b')).headers.get('content-type')).toBe('image/png');
    expect(await (await head('/operator/login')).text()).toBe('');
    const { browser, place } = await newChat();
    await head(`/operator/chat/${place.id}`, ann);
    expect(await ping(browser, place, true)).toMatchObject({ threadState: 0 });
    const fresh = openBrowser(server.url);
    const started = await head('/chat', fresh);
    expect([started.headers.get('location'), started.headers.getSetCookie()]).toEqual([null, []]);
  });
  it('/health and /ready are 200', async () => {
    expect([(await stranger.get('/health')).status, (await stranger.get('/ready')).status]).toEqual([200, 200]);
  });
});

describe('/chat', () => {
  it('starts a conversation and leads to it, and leads back to it while it is open', async () => {
    const browser = openBrowser(server.url);
    const answer = await browser.get('/chat');
    expect([answer.status, at(answer)]).toEqual([302, expect.stringMatching(/^\/chat\/\d{1,10}\/\d{1,10}$/)]);
    const [visitor] = cookiesOf(answer.headers);
    expect(visitor!.attributes).toMatchObject({ httponly: '', samesite: 'Lax', path: '/', 'max-age': '31536000' });
    expect(visitor!.attributes).not.toHaveProperty('secure');
    expect(visitor!.value).toMatch(/^[\w-]{43}$/);
    const again = await browser.get('/chat');
    expect([again.status, at(again)]).toEqual([302, at(answer)]);
    const [, id, token] = /(\d+)\/(\d+)$/.exec(at(answer)!)!;
    await close(browser, { id: Number(id), token: Number(token) });
    expect(at(await browser.get('/chat'))).not.toBe(at(answer));
  });
  it('passes style and locale on', async () => {
    const to = new URL(at(await openBrowser(server.url).get('/chat?style=dark&locale=en'))!, server.url);
    expect([to.searchParams.get('style'), to.searchParams.get('locale')]).toEqual(['dark', 'en']);
    const only = at(await openBrowser(server.url).get('/chat?style=dark'))!;
    expect(only).toMatch(/^\/chat\/\d+\/\d+\?style=dark$/);
  });
  it('tells the operator where the visitor came from: the parameter, else the Referer', async () => {
    const one = openBrowser(server.url);
    const first = await openChat(one, '?url=http%3A%2F%2Fshop.example%2Fa');
    const two = openBrowser(server.url, { referer: 'http://shop.example/b' });
    const second = await openChat(two);
    const three = openBrowser(server.url);
    const third = await openChat(three);
    const kinds = async (place: Place) => (await read(ann, place, false)).map(({ kind }) => kind);
    expect((await read(ann, first, false))[0]).toMatchObject({
      kind: 3,
      message: expect.stringContaining('http://shop.example/a'),
    });
    expect((await read(ann, second, false))[0]).toMatchObject({
      kind: 3,
      message: expect.stringContaining('http://shop.example/b'),
    });
    expect(await kinds(first)).toEqual([3, 4]);
    expect(await kinds(third)).toEqual([4]);
  });
  it('takes the name from MIBEW_Data, else from the query, else Guest', async () => {
    const nameIn = async (browser: Browser, query: string) => {
      const { id, token } = await openChat(browser, query);
      const { chatOptions } = bootOf((await browser.get(`/chat/${id}/${token}`)).text) as {
        chatOptions: { user: Json };
      };
      return chatOptions.user;
    };
    expect(await nameIn(openBrowser(server.url), '')).toMatchObject({ name: 'Guest', defaultName: false });
    expect(await nameIn(openBrowser(server.url), '?name=Zoe')).toMatchObject({ name: 'Zoe', defaultName: true });
    const known = openBrowser(server.url);
    known.jar.set(
      'MIBEW_Data',
      Buffer.from('Yann?>').toString('base64').replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ','),
    );
    expect(await nameIn(known, '?name=Zoe')).toMatchObject({ name: 'Yann?>' });
  });
  it('addresses the operator whose code is given only if there is one', async () => {
    expect(await openChat(openBrowser(server.url), '?operator_code=nobody')).toMatchObject({ id: expect.any(Number) });
    expect(
      await openChat(openBrowser(server.url), '?operator_code=%3Cscript%3E&group=7&info=x&email=a%40b.example'),
    ).toMatchObject({
      id: expect.any(Number),
    });
  });
  it('refuses an address with too many open conversations, and says so in plain words', async () => {
    const address = { 'x-forwarded-for': '198.51.100.9' };
    for (let count = 0; count < 10; count++) await openChat(openBrowser(server.url, address));
    const answer = await openBrowser(server.url, address).get('/chat');
    expect([answer.status, at(answer)]).toEqual([429, null]);
    expect(answer.text).toMatch(/too many/i);
  });
  it('is a page for the one who has it, and 404 for everybody else', async () => {
    const { browser, place } = await newChat();
    const path = `/chat/${place.id}/${place.token}`;
    const own = await browser.get(path);
    expect(own.status).toBe(200);
    expect(own.headers.get('content-type')).toMatch(/^text\/html/);
    const foreign = await (await newChat()).browser.get(path);
    expect([(await stranger.get(path)).status, foreign.status, (await ann.get(path)).status]).toEqual([404, 404, 404]);
    const wrong = `/chat/${place.id}/${place.token === 1 ? 2 : place.token - 1}`;
    expect((await browser.get(wrong)).status).toBe(404);
    expect((await browser.get('/chat/9999999999/9999999999')).status).toBe(404);
  });
  it('/check is 200 or 404, and never has a body', async () => {
    const { browser, place } = await newChat();
    const path = `/chat/${place.id}/${place.token}/check`;
    const own = await browser.get(path);
    expect([own.status, own.text]).toEqual([200, '']);
    for (const answer of [
      await stranger.get(path),
      await browser.get(`/chat/${place.id}/1/check`),
      await stranger.get('/chat/1/2/check'),
    ])
      expect([answer.status, answer.text]).toEqual([404, '']);
  });
  it('/cookies-set-permission is 200 if the cookie came along, else 404', async () => {
    const asked = (query: string, cookie?: string) =>
      stranger.get(`/chat/cookies-set-permission${query}`, cookie ? { cookie: `mibewCheckToken=${cookie}` } : {});
    expect([(await asked('?rnd=0.5', '0.5')).status, (await asked('?rnd=0.5', '0.5')).text]).toEqual([200, '']);
    for (const answer of [
      await asked('?rnd=0.5', '0.6'),
      await asked('?rnd=0.5'),
      await asked(''),
      await asked('?rnd='),
    ])
      expect([answer.status, answer.text]).toEqual([404, '']);
  });
  it.each(['/chat/style/popup', '/chat/style/popup/default', '/chat/style/popup/default/force_secure'])(
    '%s answers a script that does nothing',
    async (path) => {
      const { status, headers, text } = await stranger.get(path);
      expect([status, text]).toEqual([200, '{}']);
      expect(headers.get('content-type')).toMatch(/javascript/);
    },
  );
  it('starts its app with what the spec names', async () => {
    const { browser, place } = await newChat();
    const boot = bootOf((await browser.get(`/chat/${place.id}/${place.token}?style=dark`)).text);
    expect(boot).toMatchObject({
      server: { url: '/thread/update', requestsFrequency: 2 },
      page: {
        style: 'dark',
        mibewBasePath: '',
        mibewBaseUrl: expect.any(String),
        stylePath: expect.any(String),
        company: 'Your Company',
        mibewHost: 'https://mibew.org',
        title: 'Live Support',
      },
      startFrom: 'chat',
      chatOptions: {
        thread: { id: place.id, token: place.token, agentId: 0, userId: expect.any(String) },
        user: {
          name: 'Guest',
          canChangeName: true,
          defaultName: false,
          canPost: true,
          isAgent: false,
          canSendEmail: expect.any(Boolean),
        },
        messageForm: { ignoreCtrl: false },
        links: { mail: expect.any(String), chat: `/chat/${place.id}/${place.token}` },
        windowsParams: { mail: expect.anything(), history: expect.anything(), trackedPath: expect.anything() },
        avatar: false,
        page: { title: expect.any(String) },
      },
    });
  });
});

describe('/operator/chat', () => {
  it('takes and leads to the window; whoever has it already is led there as well', async () => {
    const { browser, place } = await newChat();
    for (let round = 0; round < 2; round++) {
      const answer = await take(ann, place);
      expect([answer.status, at(answer)]).toEqual([302, `/operator/chat/${place.id}/${place.token}`]);
    }
    expect((await read(browser, place, true)).filter(({ kind }) => kind === 6)).toHaveLength(1);
    const boot = bootOf((await ann.get(`/operator/chat/${place.id}/${place.token}`)).text);
    expect(boot).toMatchObject({
      chatOptions: {
        thread: { id: place.id, token: place.token, agentId: ann.id },
        user: { name: 'Guest', canPost: true, isAgent: true },
        links: { chat: expect.any(String), history: expect.any(String), redirect: expect.any(String) },
      },
    });
  });
  it.each([
    ['an unknown thread', 'Wrong thread', async () => take(ann, { id: 999_999, token: 1 })],
    [
      'somebody else’s without the permission to take over',
      'Cannot take over',
      async () => {
        const { place } = await newChat();
        await take(ann, place);
        return take(bob, place);
      },
    ],
    [
      'somebody else’s without that permission, with force',
      'Cannot take over',
      async () => {
        const { place } = await newChat();
        await take(ann, place);
        return take(bob, place, '?force=true');
      },
    ],
    [
      'a closed one',
      'Cannot take thread',
      async () => {
        const { browser, place } = await newChat();
        await close(browser, place);
        return take(ann, place);
      },
    ],
    [
      'one to watch without the permission',
      'Cannot view threads',
      async () => take(ann, (await newChat()).place, '?viewonly=true'),
    ],
    [
      'the window of somebody else’s without the permission',
      'Cannot view threads',
      async () => {
        const { place } = await newChat();
        await take(ann, place);
        return bob.get(`/operator/chat/${place.id}/${place.token}`);
      },
    ],
  ])('%s is a page with status 200 that says "%s"', async (_what, words, open) => {
    const answer = await open();
    expect([answer.status, at(answer)]).toEqual([200, null]);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.text).toContain(words);
  });
  it('asks before taking over, and takes over with force', async () => {
    const { browser, place } = await newChat();
    await take(ann, place);
    const asked = await take(boss, place);
    expect([asked.status, at(asked)]).toEqual([200, null]);
    expect(asked.text).toContain('Ann');
    expect(await ping(browser, place, true)).toMatchObject({ threadAgentId: ann.id });
    // The page goes on by a form of its own.
    const token = /name="csrf_token" value="([^"]+)"/.exec(asked.text)![1]!;
    const action = /<form[^>]*method="post"[^>]*action="([^"]+)"/.exec(asked.text)![1]!;
    const taken = await boss.send(action, { csrf_token: token, force: 'true' });
    expect([taken.status, at(taken)]).toEqual([302, `/operator/chat/${place.id}/${place.token}`]);
    expect(await ping(browser, place, true)).toMatchObject({ threadAgentId: boss.id });
  });
  it('watches without taking', async () => {
    const { browser, place } = await newChat();
    await take(ann, place);
    const answer = await take(boss, place, '?viewonly=true');
    expect([answer.status, at(answer)]).toEqual([302, `/operator/chat/${place.id}/${place.token}`]);
    const boot = bootOf((await boss.get(at(answer)!)).text) as { chatOptions: { user: Json } };
    expect(boot.chatOptions.user).toMatchObject({ canPost: false, isAgent: true });
    expect(await ping(browser, place, true)).toMatchObject({ threadState: 2, threadAgentId: ann.id });
  });
  it('with a wrong token is 404', async () => {
    const { place } = await newChat();
    await take(ann, place);
    expect((await ann.get(`/operator/chat/${place.id}/${place.token === 1 ? 2 : place.token - 1}`)).status).toBe(404);
    expect((await boss.get('/operator/chat/999999/1')).status).toBe(404);
  });
  it('changes nothing when another site leads there', async () => {
    const { browser, place } = await newChat();
    const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const answer = await ann.get(`/operator/chat/${place.id}`, foreign);
    expect([answer.status, at(answer)]).toEqual([200, null]);
    expect(await ping(browser, place, true)).toMatchObject({ threadState: 0 });
    const typed = await ann.get(`/operator/chat/${place.id}`, { ...foreign, 'sec-fetch-site': 'none' });
    expect(typed.status).toBe(302);
  });
});

describe('/operator/login and /operator/logout', () => {
  it('a wrong password is told in the words of the original, and nobody is logged in', async () => {
    const browser = openBrowser(server.url);
    const token = /name="csrf_token" value="([^"]+)"/.exec((await browser.get('/operator/login')).text)![1]!;
    for (const login of ['ann', 'nobody']) {
      const answer = await browser.send('/operator/login', { login, password: 'wrong', csrf_token: token });
      expect([answer.status, at(answer)]).toEqual([200, null]);
      expect(answer.text).toContain('Entered login/password is incorrect');
      expect(browser.jar.has('MibewSessionID')).toBe(false);
    }
    expect((await browser.send('/operator/login', { login: 'ann', password: 'x', csrf_token: 'wrong' })).status).toBe(
      400,
    );
    expect((await browser.send('/operator/login', { login: 'ann', password: 'x' })).status).toBe(400);
  });
  it('a disabled operator is told that he is blocked, and his session ends', async () => {
    addOperator(server, 'gone', 'Gone');
    const before = openBrowser(server.url);
    expect((await logInAs(before, 'gone')).status).toBe(302);
    server.command(['operator', 'disable', '--login', 'gone']);
    expect((await before.get('/operator/users')).status).toBe(302);
    const answer = await logInAs(openBrowser(server.url), 'gone');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('temporarily blocked');
  });
  it('the session is a cookie that scripts do not see, new with each login', async () => {
    const browser = openBrowser(server.url);
    const [first] = cookiesOf((await logInAs(browser, 'ann')).headers).filter(({ name }) => name === 'MibewSessionID');
    expect(first!.attributes).toMatchObject({ httponly: '', samesite: 'Lax', path: '/' });
    expect(first!.attributes).not.toHaveProperty('max-age');
    const [second] = cookiesOf((await logInAs(openBrowser(server.url), 'ann')).headers);
    expect(second!.value).not.toBe(first!.value);
    const home = await browser.get('/operator/login');
    expect([home.status, at(home)]).toEqual([302, '/operator']);
    expect((await browser.get('/operator')).status).toBe(200);
  });
  it('fills in the login that the address names', async () => {
    expect((await stranger.get('/operator/login?login=zoe')).text).toMatch(/value="zoe"/);
    expect((await stranger.get('/operator/login?login=%22%3E%3Cb%3E')).text).not.toContain('<b>');
  });
  it('log-out by a link with the token ends the session; without it asks', async () => {
    const browser = openBrowser(server.url);
    await logInAs(browser, 'ann');
    const asked = await browser.get('/operator/logout');
    expect(asked.status).toBe(200);
    expect((await browser.get('/operator')).status).toBe(200);
    const token = /name="csrf_token" value="([^"]+)"/.exec(asked.text)![1]!;
    const cookies = browser.headers();
    const answer = await browser.get(`/operator/logout?csrf_token=${encodeURIComponent(token)}`);
    expect([answer.status, at(answer)]).toEqual([302, '/operator/login']);
    expect(browser.jar.has('MibewSessionID')).toBe(false);
    // The cookie is worth nothing any more, wherever it was kept.
    expect((await fetch(`${server.url}/operator`, { headers: cookies, redirect: 'manual' })).status).toBe(302);
  });
});

describe('languages', () => {
  it('the cookie mibew_locale is written by each page and lasts 1000 days', async () => {
    const [cookie] = cookiesOf((await stranger.get('/operator/login')).headers).filter(
      ({ name }) => name === 'mibew_locale',
    );
    expect(cookie).toMatchObject({
      value: 'en',
      attributes: { httponly: '', samesite: 'Lax', path: '/', 'max-age': '86400000' },
    });
  });
});

describe('/b', () => {
  it('is an image that nobody keeps', async () => {
    for (const query of ['', '?i=mibew', '?lang=en', '?lang=xx', '?i=mibew&lang=en&group=1']) {
      const { status, headers } = await stranger.get(`/b${query}`);
      expect([status, headers.get('content-type')]).toEqual([200, 'image/png']);
      expect(headers.get('cache-control')).toMatch(/no-cache/);
      expect(headers.get('cache-control')).toMatch(/no-store/);
      expect(headers.get('cache-control')).toMatch(/must-revalidate/);
      expect(headers.get('pragma')).toBe('no-cache');
      expect(Date.parse(headers.get('expires')!)).toBeLessThan(Date.now());
    }
  });
  it.each(['?i=nothing', '?i=..%2F..%2Fsecret', '?i=a.b'])('%s is 404', async (query) => {
    expect((await stranger.get(`/b${query}`)).status).toBe(404);
  });
});

describe('below a path, over https', () => {
  it('all addresses and cookies are those of the path, and cookies are for https alone', async () => {
    const host = await startHost({ env: { MIBEW_PUBLIC_URL: 'https://chat.example/mibew' } });
    try {
      const browser = openBrowser(host.url);
      const started = await browser.get('/mibew/chat');
      expect(at(started)).toMatch(/^\/mibew\/chat\/\d+\/\d+$/);
      const page = await browser.get(at(started)!);
      expect(bootOf(page.text)).toMatchObject({
        server: { url: '/mibew/thread/update' },
        page: { mibewBasePath: '/mibew' },
      });
      addOperator(host, 'ann');
      const form = await browser.get('/mibew/operator/login');
      const token = /name="csrf_token" value="([^"]+)"/.exec(form.text)![1]!;
      const login = await browser.send('/mibew/operator/login', {
        login: 'ann',
        password: 'a long enough password',
        csrf_token: token,
        isRemember: 'on',
      });
      expect([login.status, at(login)]).toEqual([302, '/mibew/operator']);
      const cookies = [started, page, form, login].flatMap(({ headers }) => cookiesOf(headers));
      expect(new Set(cookies.map(({ name }) => name))).toEqual(
        new Set(['MibewVisitor', 'mibew_locale', 'mibew_form', 'MibewSessionID']),
      );
      for (const { attributes } of cookies)
        expect(attributes).toMatchObject({ path: '/mibew', secure: '', httponly: '', samesite: 'Lax' });
      expect(cookies.find(({ name }) => name === 'MibewSessionID')!.attributes).toHaveProperty('max-age');
      expect(at(await browser.get('/mibew'))).toBe('/mibew/operator');
      expect(at(await browser.get('/mibew/chat/?a=1'))).toBe('/mibew/chat?a=1');
      expect((await browser.get('/chat')).status).toBe(404);
      expect([(await browser.get('/health')).status, (await browser.get('/mibew/health')).status]).toEqual([200, 200]);
    } finally {
      await host.stop();
    }
  });
});

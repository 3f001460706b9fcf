/** Whose cookies count, and what other sites may do: design section 7. */
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../support/server.ts';
import type { Json } from '../support/wire.ts';
import {
  openBrowser,
  openChat,
  openDesk,
  packOf,
  ping,
  read,
  resultsOf,
  startHost,
  thread,
  threadFunction,
  users,
  usersFunction,
  type Browser,
  type Call,
  type Desk,
  type Place,
} from './people.ts';

let server: Server;
let ann: Desk;
let visitor: Browser;
let place: Place;
beforeAll(async () => {
  server = await startHost();
  ann = await openDesk(server, 'ann', 'Ann');
  visitor = openBrowser(server.url);
  place = await openChat(visitor);
});
afterAll(() => server.stop());

const secretOf = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const post = (message: string) => packOf(threadFunction(place, true)('post', { message }));
const startCall: Call = {
  function: 'start',
  arguments: { threadId: null, token: null, references: {}, return: { options: 'options' } },
};
const startWith = async (browser: Browser, more: Record<string, string> = {}) => {
  const [got] = resultsOf(await browser.json(thread, packOf(startCall), more));
  const { id, token } = (got!['options'] as { thread: Place }).thread;
  return { id, token };
};

const trusted: readonly [string, () => Record<string, string>][] = [
  ['neither Origin nor Sec-Fetch-Site', () => ({})],
  ['our own Origin', () => ({ origin: server.url })],
  [
    'our own Origin and what browsers say of themselves',
    () => ({ origin: server.url, 'sec-fetch-site': 'same-origin' }),
  ],
];
const foreign: readonly [string, () => Record<string, string>][] = [
  ['a foreign Origin', () => ({ origin: 'https://evil.example' })],
  ['Origin null', () => ({ origin: 'null' })],
  ['our host under another scheme', () => ({ origin: server.url.replace('http:', 'https:') })],
  ['our host with another port', () => ({ origin: 'http://127.0.0.1:1' })],
  ['no Origin but Sec-Fetch-Site', () => ({ 'sec-fetch-site': 'cross-site' })],
  ['no Origin but Sec-Fetch-Site of the same site', () => ({ 'sec-fetch-site': 'same-site' })],
];

describe('the cookie of a visitor', () => {
  it.each(trusted)('counts with %s', async (_what, headers) => {
    for (const how of ['json', 'form'] as const)
      expect((await visitor[how](thread, post('mine'), headers())).status).toBe(200);
  });
  it.each(foreign)('does not count with %s: he is nobody', async (_what, headers) => {
    const before = await read(visitor, place, true);
    for (const how of ['json', 'form'] as const) {
      const answer = await visitor[how](thread, post('never'), headers());
      expect(answer.status).toBe(403);
      const nobody = await openBrowser(server.url)[how](thread, post('never'));
      expect(answer.text.replaceAll(/wnd\d+/g, 'wnd')).toBe(nobody.text.replaceAll(/wnd\d+/g, 'wnd'));
    }
    expect(await read(visitor, place, true)).toEqual(before);
  });
});

describe('the cookie of an operator', () => {
  it.each(trusted)('counts with %s', async (_what, headers) => {
    expect((await ann.json(users, packOf(usersFunction(ann)('update')), headers())).status).toBe(200);
  });
  it.each(foreign)('does not count with %s', async (_what, headers) => {
    const sent = packOf(usersFunction(ann)('away'));
    expect((await ann.json(users, sent, headers())).status).toBe(403);
    expect((await ann.form(users, sent, headers())).status).toBe(302);
    const taken = await ann.json(thread, packOf(threadFunction(place, false)('take')), headers());
    expect(taken.status).toBe(403);
    expect(await ping(visitor, place, true)).toMatchObject({ threadAgentId: 0 });
  });
});

describe('the header X-Mibew-Visitor', () => {
  it('counts whatever the origin is, and needs no cookie', async () => {
    const inline = openBrowser(server.url, { 'x-mibew-visitor': secretOf(1), origin: 'https://shop.example' });
    const own = await startWith(inline);
    expect(await ping(inline, own, true)).toMatchObject({ errorCode: 0, threadState: 0 });
    expect(inline.jar.size).toBe(0);
  });
  it('wins over the cookie', async () => {
    const header = { 'x-mibew-visitor': secretOf(2) };
    expect((await visitor.json(thread, post('never'), header)).status).toBe(403);
    const own = await startWith(visitor, header);
    expect(own.id).not.toBe(place.id);
    const call = packOf(threadFunction(own, true)('update', { typed: false }));
    expect((await visitor.json(thread, call, header)).status).toBe(200);
    expect((await visitor.json(thread, call)).status).toBe(403);
  });
  it.each(['', 'short', 'x'.repeat(42), 'x'.repeat(44), `${'x'.repeat(42)}!`])(
    'that is no secret (%j) starts nothing',
    async (secret) => {
      const browser = openBrowser(server.url, { 'x-mibew-visitor': secret });
      const [got] = resultsOf(await browser.json(thread, packOf(startCall)));
      expect(got).toMatchObject({ errorCode: 3 });
    },
  );
  it('is never told to anybody: the public id is another value', async () => {
    const inline = openBrowser(server.url, { 'x-mibew-visitor': secretOf(3) });
    const answer = await inline.json(thread, packOf(startCall));
    expect(answer.text).not.toContain(secretOf(3));
    const rows = await ann.json(users, packOf(usersFunction(ann)('updateThreads', { revision: 0 }, 'threads')));
    expect(rows.text).not.toContain(secretOf(3));
  });
});

describe('other sites', () => {
  const preflight = (path: string) =>
    fetch(server.url + path, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-mibew-visitor',
      },
    });

  it('may read the answers of the visitors’ gateway, without credentials', async () => {
    const asked = await preflight(thread);
    expect(asked.ok).toBe(true);
    expect(asked.headers.get('access-control-allow-origin')).toBe('*');
    expect(asked.headers.get('access-control-allow-methods')).toContain('POST');
    expect(asked.headers.get('access-control-allow-headers')!.toLowerCase()).toContain('x-mibew-visitor');
    expect(asked.headers.get('access-control-allow-headers')!.toLowerCase()).toContain('content-type');
    expect(asked.headers.has('access-control-allow-credentials')).toBe(false);
    const origin = { origin: 'https://shop.example' };
    const inline = openBrowser(server.url, { 'x-mibew-visitor': secretOf(4), ...origin });
    const good = await inline.json(thread, packOf(startCall));
    const refused = await inline.json(thread, { ...packOf(startCall), proto: '2' });
    const forbidden = await inline.form(thread, post('never'));
    expect([good.status, refused.status, forbidden.status]).toEqual([200, 400, 403]);
    for (const { headers } of [good, refused, forbidden]) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.has('access-control-allow-credentials')).toBe(false);
    }
  });
  it('may not read those of the operators’ gateway', async () => {
    expect((await preflight(users)).headers.has('access-control-allow-origin')).toBe(false);
    const answer = await ann.json(users, packOf(usersFunction(ann)('update')), { origin: 'https://shop.example' });
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });
  it('cannot start a conversation with an image, a frame or a script, only by a link', async () => {
    // What `fetch` says of itself cannot be changed.
    const visit = (mode: string, dest: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
        get(`${server.url}/chat`, { headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).once('error', reject);
      });
    for (const [mode, dest] of [
      ['no-cors', 'image'],
      ['no-cors', 'script'],
      ['navigate', 'iframe'],
      ['cors', 'empty'],
    ] as const)
      expect(await visit(mode, dest)).toBe(403);
    expect(await visit('navigate', 'document')).toBe(302);
  });
  it('cannot frame our pages', async () => {
    for (const path of [`/chat/${place.id}/${place.token}`, '/operator/login', '/operator']) {
      const { headers } = await visitor.get(path);
      if (headers.has('location')) continue;
      expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
    }
  });
});

describe('a stranger', () => {
  it('gets nothing from the numbers of a conversation', async () => {
    const stranger = openBrowser(server.url);
    const calls: readonly (readonly [string, Json])[] = [
      ['update', { typed: false }],
      ['updateMessages', { lastId: 0 }],
      ['post', { message: 'x' }],
      ['rename', { name: 'x' }],
      ['close', {}],
      ['getAvatar', {}],
      ['take', {}],
    ];
    for (const [name, args] of calls)
      for (const user of [true, false])
        expect((await stranger.json(thread, packOf(threadFunction(place, user)(name, args)))).status).toBe(403);
    expect(await ping(visitor, place, true)).toMatchObject({ threadState: 0 });
  });
});

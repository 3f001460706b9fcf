import { describe, expect, it } from 'vitest';
import {
  address,
  ann,
  call,
  createWorld,
  decodeAnswer,
  deskCall,
  operator,
  pack,
  request,
  send,
  sendText,
} from './world.ts';

const chat = '/thread/update';
const users = '/operator/users/update';
const poll = pack(request('t', call('update', { user: true, typed: false })));
const encodings = ['json', 'form'] as const;

describe('who calls', () => {
  const cookie = { cookie: 'a=1; MIBEW_VISITOR=ann' };
  it.each([
    ['of our own origin', { ...cookie, origin: address }, 200],
    ['of no browser', cookie, 200],
    ['of another origin', { ...cookie, origin: 'https://shop.example' }, 403],
    ['of an opaque origin', { ...cookie, origin: 'null' }, 403],
    ['of a browser that hides the origin', { ...cookie, 'sec-fetch-site': 'cross-site' }, 403],
    ['of a browser that says no origin', { ...cookie, 'sec-fetch-site': 'same-origin' }, 403],
    ['of another origin with the secret in a header', { ...ann, origin: 'https://shop.example' }, 200],
    ['with a header that says somebody else', { ...cookie, 'x-mibew-visitor': 'bob' }, 403],
  ])('is taken from a request %s', async (_, headers, status) => {
    expect((await send(createWorld(), chat, poll, 'json', headers)).status).toBe(status);
  });

  it.each(encodings)('is refused before anything else, as %s', async (encoding) => {
    const world = createWorld();
    const { status, body } = await send(world, chat, poll, encoding, { 'x-mibew-visitor': 'banned' });
    expect(status).toBe(403);
    expect(body).toEqual({ error: { code: 130, name: 'VISITOR_REFUSED', message: 'Not welcome' }, tokens: ['t'] });
    expect(world.log).toEqual([]);
  });

  it('gets one and the same answer for a thread of somebody else and one that is not', async () => {
    const world = createWorld();
    const about = (threadId: number) =>
      pack(
        request('a', call('post', { user: true, message: 'x' })),
        request('b', call('update', { threadId, user: true, typed: false })),
      );
    const [foreign, missing] = [
      await send(world, chat, about(99), 'json', ann),
      await send(world, chat, about(77), 'json', ann),
    ];
    expect([foreign.status, foreign.text]).toEqual([403, missing.text]);
    expect(foreign.body).toMatchObject({ error: { code: 131 }, tokens: ['a', 'b'] });
    expect(world.log).toEqual([]);
  });

  const desk = pack(request('t', deskCall('currentTime')));
  it('is sent to the login from the users gateway, where the original would be, and refused in JSON', async () => {
    const world = createWorld();
    const form = await sendText(world, users, 'form', 'data=x');
    expect([form.status, form.headers.get('location')]).toEqual([302, '/operator/login?back=%2Foperator%2Fusers']);
    const json = await send(world, users, desk);
    expect([json.status, json.body]).toMatchObject([403, { error: { code: 1 }, tokens: ['t'] }]);
    expect((await send(world, users, desk, 'json', operator)).status).toBe(200);
  });
});

describe('the answer', () => {
  it('is JSON to JSON, with the headers that functions add', async () => {
    const { headers } = await send(createWorld(), chat, pack(request('t', call('echo'))), 'json', ann);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('set-cookie')).toBe('MIBEW_Data=1');
  });

  it('carries a cookie once, however often functions set it', async () => {
    const renames = pack(request('t', call('echo'), call('echo')), request('u', call('echo')));
    const { headers } = await send(createWorld(), chat, renames, 'json', ann);
    expect(headers.getSetCookie()).toEqual(['MIBEW_Data=1']);
  });

  it('may be read by any page at the visitors’ gateway only, and never with credentials', async () => {
    const world = createWorld();
    const good = await send(world, chat, poll, 'json', ann);
    const bad = await sendText(world, chat, 'json', '{', ann);
    for (const { headers } of [good, bad]) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
    const preflight = await world.app.request(chat, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('X-Mibew-Visitor');

    const desk = await world.app.request(users, { method: 'OPTIONS' });
    expect([desk.status, desk.headers.get('access-control-allow-origin')]).toEqual([400, null]);
  });
});

describe('what is no package', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])('is refused with a code: %s', async (method) => {
    const response = await createWorld().app.request(chat, { method });
    expect(response.status).toBe(400);
    if (method !== 'HEAD') expect(await response.json()).toMatchObject({ error: { code: 12 }, tokens: [] });
  });

  it('is refused where nobody carries sockets', async () => {
    const response = await createWorld().app.request(chat, { headers: { upgrade: 'websocket' } });
    expect([response.status, await response.json()]).toMatchObject([403, { error: { name: 'NO_SOCKETS' } }]);
  });

  it.each(['text/plain', 'multipart/form-data; boundary=x', ''])('is refused by its type: %j', async (type) => {
    const response = await createWorld().app.request(chat, {
      method: 'POST',
      body: Buffer.from(JSON.stringify(poll)),
      headers: type ? { ...ann, 'content-type': type } : ann,
    });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 12 } }]);
  });

  it('is refused in the encoding that it came in', async () => {
    const response = await createWorld().app.request(chat, {
      method: 'POST',
      body: 'data=%7B',
      headers: { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=utf-8' },
    });
    expect(response.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
    expect(decodeAnswer(await response.text())).toMatchObject({ error: { code: 12 } });
  });
});

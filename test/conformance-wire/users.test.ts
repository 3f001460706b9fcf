/** The gateway of the operators: RPC spec sections 6 and 10, domain spec sections 1.3 and 2.3. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '../support/login.ts';
import type { Server } from '../support/server.ts';
import { decodeForm, type Json } from '../support/wire.ts';
import {
  logInAs,
  openBrowser,
  openChat,
  openDesk,
  pack,
  packOf,
  ping,
  request,
  resultsOf,
  say,
  startHost,
  take,
  thread,
  threadFunction,
  users,
  usersFunction,
  type Call,
  type Desk,
  type Place,
} from './people.ts';

let server: Server;
let ann: Desk;
let bob: Desk;
let boss: Desk;
beforeAll(async () => {
  server = await startHost();
  ann = await openDesk(server, 'ann', 'Ann');
  bob = await openDesk(server, 'bob', 'Bob');
  boss = await openDesk(server, 'boss', 'Boss', '--admin');
});
afterAll(() => server.stop());

const result = async (desk: Desk, ...functions: readonly Call[]): Promise<Json> =>
  resultsOf(await desk.json(users, pack(request(...functions))))[0]!;
const list = async (desk: Desk, revision: number) =>
  (await result(desk, usersFunction(desk)('updateThreads', { revision }, 'threads', 'lastRevision'))) as {
    readonly threads: readonly (Json & { readonly id: number; readonly state: number; readonly revision?: number })[];
    readonly lastRevision: number;
  };
const rowOf = async (desk: Desk, { id }: Place) => (await list(desk, 0)).threads.find((row) => row.id === id);
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0';
const newChat = async (more: Record<string, string> = {}) => {
  const browser = openBrowser(server.url, { 'user-agent': firefox, ...more });
  const place = await openChat(browser);
  return { browser, place };
};

describe('nobody logged in', () => {
  it('is 403 with a coded body in JSON, and led to the login in the form encoding', async () => {
    const stranger = openBrowser(server.url);
    const sent = packOf(usersFunction(ann)('update'));
    const json = await stranger.json(users, sent);
    expect([json.status, JSON.parse(json.text)]).toEqual([
      403,
      {
        error: { code: 1, name: 'ERROR_AGENT_NOT_LOGGED_IN', message: expect.any(String) },
        tokens: sent.requests.map(({ token }) => token),
      },
    ]);
    const encoded = await stranger.form(users, sent);
    expect([encoded.status, encoded.text]).toEqual([302, '']);
    const login = encoded.headers.get('location')!;
    expect(new URL(login, server.url).pathname).toBe('/operator/login');
    // The way back leads to the queue.
    await stranger.get(login);
    const answer = await logInAs(stranger, 'ann');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/operator/users']);
  });
});

describe('a function', () => {
  it('of another operator is 2, whatever its arguments are, and stops its request', async () => {
    const wrong = { ...bob, id: bob.id + 100 };
    for (const name of ['update', 'currentTime', 'updateOperators', 'away', 'available', 'updateThreads'])
      expect(await result(ann, usersFunction(wrong)(name, { revision: 'x' }))).toMatchObject({ errorCode: 2 });
    const got = await result(
      ann,
      {
        ...usersFunction(ann)('currentTime', {}),
        arguments: { agentId: ann.id, references: {}, return: { time: 't' } },
      },
      usersFunction({ ...ann, id: 4 + ann.id + bob.id })('away'),
      usersFunction(ann)('nobodyKnowsMe', {}, 'x'),
    );
    expect(got).toEqual({
      t: expect.any(Number),
      errorCode: 2,
      errorMessage: `Wrong agent id: '${4 + ann.id + bob.id}' instead of ${ann.id}`,
      agentId: null,
      references: [],
      return: [],
    });
  });
  it('whose arguments do not fit is 104', async () => {
    for (const revision of ['x', -1, 1.5, {}, null])
      expect(await result(ann, usersFunction(ann)('updateThreads', { revision }))).toMatchObject({ errorCode: 104 });
  });
  it('takes the id of the agent as text, too', async () => {
    const call = {
      function: 'currentTime',
      arguments: { agentId: String(ann.id), references: [], return: { time: 'time' } },
    };
    const got = await result(ann, call);
    expect(got).toMatchObject({ errorCode: 0, time: expect.any(Number) });
    expect(Math.abs((got['time'] as number) - Date.now() / 1000)).toBeLessThan(60);
  });
  it('takes results of an earlier one, as in the worked example', async () => {
    const got = await result(
      ann,
      {
        function: 'updateThreads',
        arguments: {
          agentId: ann.id,
          revision: 0,
          references: {},
          return: { threads: 'snapshot', lastRevision: 'firstRevision' },
        },
      },
      {
        function: 'updateThreads',
        arguments: {
          agentId: ann.id,
          revision: 'lastRevision',
          references: { revision: 1 },
          return: { threads: 'delta', lastRevision: 'lastRevision' },
        },
      },
      { function: 'currentTime', arguments: { agentId: ann.id, references: {}, return: { time: 'currentTime' } } },
    );
    expect(got).toMatchObject({
      snapshot: expect.any(Array),
      delta: [],
      currentTime: expect.any(Number),
      errorCode: 0,
    });
    expect(got['lastRevision']).toBe(got['firstRevision']);
  });
  it.each([
    ['a function that has not run', 1021, { revision: 'lastRevision', references: { revision: 2 }, return: {} }],
    ['an unknown result', 1017, { revision: 'noSuchKey', references: { revision: 1 }, return: {} }],
    ['a return that is not there', 1018, { revision: 0, references: {}, return: { nope: 'nope' } }],
  ])('that asks for %s is %i', async (_what, code, args) => {
    const got = await result(ann, usersFunction(ann)('currentTime', {}, 'time'), {
      function: 'updateThreads',
      arguments: { agentId: ann.id, ...args },
    });
    expect(got).toMatchObject({ time: expect.any(Number), errorCode: code, errorName: expect.any(String) });
  });
  it('answers errors of the whole package in the encoding that it came in', async () => {
    const answer = await ann.form(users, { ...packOf(usersFunction(ann)('update')), proto: '9' });
    expect([answer.status, decodeForm(answer.text)]).toMatchObject([400, { error: { code: 23 } }]);
  });
});

describe('updateThreads', () => {
  it('gives rows with all fields of the spec and no others, each of its type', async () => {
    const { place } = await newChat({ 'x-forwarded-for': '192.0.2.7' });
    const row = (await rowOf(ann, place))!;
    expect(row).toEqual({
      id: place.id,
      token: place.token,
      userId: expect.stringMatching(/./),
      userName: 'Guest',
      userIp: '192.0.2.7',
      remote: '192.0.2.7',
      userAgent: 'Firefox 121.0',
      agentId: 0,
      agentName: '-',
      canOpen: true,
      canView: false,
      canBan: false,
      ban: false,
      state: 4,
      totalTime: expect.any(Number),
      waitingTime: expect.any(Number),
      firstMessage: null,
    });
    for (const key of ['totalTime', 'waitingTime']) {
      expect(Number.isInteger(row[key])).toBe(true);
      expect(Math.abs((row[key] as number) - Date.now() / 1000)).toBeLessThan(60);
    }
  });
  it('says who may open and who may watch', async () => {
    const { place } = await newChat();
    expect(await rowOf(boss, place)).toMatchObject({ canOpen: true, canView: true });
    await take(ann, place);
    expect(await rowOf(ann, place)).toMatchObject({
      canOpen: true,
      canView: false,
      agentId: ann.id,
      agentName: 'Ann',
      state: 2,
    });
    expect(await rowOf(bob, place)).toMatchObject({ canOpen: false, canView: false });
    expect(await rowOf(boss, place)).toMatchObject({ canOpen: true, canView: true });
    await take(boss, place, '?force=true');
    expect(await rowOf(boss, place)).toMatchObject({ canOpen: true, canView: false, agentName: 'Boss' });
  });
  it('gives the rows by id, and after a revision only what changed', async () => {
    const [one, two] = [await newChat(), await newChat()];
    const all = await list(ann, 0);
    const ids = all.threads.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(ids).toEqual(expect.arrayContaining([one.place.id, two.place.id]));
    expect(await list(ann, all.lastRevision)).toMatchObject({ threads: [], lastRevision: all.lastRevision });
    await ping(two.browser, two.place, true);
    const delta = await list(ann, all.lastRevision);
    expect(delta.threads).toMatchObject([{ id: two.place.id, state: 0 }]);
    expect(delta.lastRevision).toBeGreaterThan(all.lastRevision);
    expect((await list(ann, delta.lastRevision + 1000)).lastRevision).toBe(delta.lastRevision + 1000);
  });
  it('is told of a start, the first ping, the first message, a take, a new name and the end, and of nothing else', async () => {
    let { lastRevision } = await list(ann, 0);
    const changes = async () => {
      const { threads, lastRevision: now } = await list(ann, lastRevision);
      expect(now).toBeGreaterThanOrEqual(lastRevision);
      lastRevision = now;
      return threads.map(({ id, state }) => [id, state]);
    };
    const { browser, place } = await newChat();
    const call = (name: string, args: Json = {}) =>
      browser.json(thread, packOf(threadFunction(place, true)(name, args))).then(resultsOf);
    expect(await changes()).toEqual([[place.id, 4]]);
    await ping(browser, place, true);
    expect(await changes()).toEqual([[place.id, 0]]);
    await ping(browser, place, true, true);
    expect(await changes()).toEqual([]);
    await say(browser, place, true, ' first\r\n\twords <b>&</b>');
    const { threads } = await list(ann, lastRevision);
    expect(threads).toMatchObject([{ id: place.id, firstMessage: ' first words <b>&</b>' }]);
    expect(await changes()).toEqual([[place.id, 0]]);
    await say(browser, place, true, 'more');
    expect(await changes()).toEqual([]);
    await take(ann, place);
    expect(await changes()).toEqual([[place.id, 2]]);
    await say(ann, place, false, 'an answer');
    await ping(ann, place, false);
    expect(await changes()).toEqual([]);
    await call('rename', { name: 'Zoe' });
    expect(await changes()).toEqual([[place.id, 2]]);
    await call('rename', { name: 'Zoe' });
    expect(await changes()).toEqual([]);
    await call('close');
    expect(await changes()).toEqual([[place.id, 3]]);
    expect((await list(ann, 0)).threads.some(({ id }) => id === place.id)).toBe(false);
  });
});

describe('operators', () => {
  it('are listed only where the setting says so: id, name, away', async () => {
    const asked = () => result(ann, usersFunction(ann)('updateOperators', {}, 'operators'));
    // Logged in, but the page is not open.
    addOperator(server, 'cid', 'Cid');
    await logInAs(openBrowser(server.url), 'cid');
    await result(ann, usersFunction(ann)('update'));
    expect(await asked()).toMatchObject({ operators: [], errorCode: 0 });
    server.command(['setting', 'set', 'showonlineoperators', 'on']);
    await result(bob, usersFunction(bob)('update'), usersFunction(bob)('away'));
    const { operators } = (await asked()) as unknown as { readonly operators: readonly Json[] };
    expect(operators).toEqual(
      expect.arrayContaining([
        { id: ann.id, name: 'Ann', away: false },
        { id: bob.id, name: 'Bob', away: true },
      ]),
    );
    expect(operators.some(({ name }) => name === 'Cid')).toBe(false);
    await result(bob, usersFunction(bob)('available'));
    expect((await asked())['operators']).toEqual(expect.arrayContaining([{ id: bob.id, name: 'Bob', away: false }]));
  });
  it('make the button say that somebody is there, unless they are away', async () => {
    const alone = await startHost();
    try {
      const image = async () => (await (await fetch(`${alone.url}/b`)).arrayBuffer()).byteLength;
      const nobody = await image();
      const desk = await openDesk(alone, 'solo', 'Solo');
      const call = (name: string) => desk.json(users, packOf(usersFunction(desk)(name)));
      // The page is open: that alone makes him available.
      const on = await image();
      expect(on).not.toBe(nobody);
      await call('update');
      expect(await image()).toBe(on);
      await call('away');
      const off = await image();
      expect(off).toBe(nobody);
      await call('update');
      expect(await image()).toBe(off);
      await call('available');
      expect(await image()).toBe(on);
      // Opening it anew makes him available again.
      await call('away');
      await desk.get('/operator/users');
      expect(await image()).toBe(on);
    } finally {
      await alone.stop();
    }
  });
});

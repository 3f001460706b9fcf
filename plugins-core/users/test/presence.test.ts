import { once } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { listen, type Server } from '../../../kernel/server.ts';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import {
  callByPost,
  callBySocket,
  newVisitor,
  openSocket,
  startThread,
  threadCall,
  type Caller,
  type Json,
  type TestThread,
} from '../../../test/support/wire.ts';
import { createTestUrl, eachDialect } from '../../database/testing.ts';
import { availability, operators, type Operator } from '../../operators/api.ts';
import { createBrowser, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';

const password = 'correct horse';
const [second, minute] = [1_000, 60_000];

interface Member {
  readonly operator: Operator;
  readonly browser: Browser;
  readonly caller: Caller;
}

eachDialect((dialect) => {
  let kernel: TestKernel;
  let server: Server;
  let url: string;
  let drop: () => Promise<void>;
  let ann: Member;
  let bob: Member;
  let sockets: WebSocket[];

  beforeEach(async () => {
    // Time goes on as the test says; what waits for something goes on by itself.
    vi.useFakeTimers({ toFake: ['Date'] });
    const database = await createTestUrl(dialect);
    drop = database.drop;
    const plugins = ['users', 'widget', 'leave-message', 'handover'];
    kernel = await createTestKernel({ plugins, env: { MIBEW_DATABASE: database.url } });
    await kernel.service(settings).change({ showonlineoperators: true }, 'test');
    server = await listen(kernel.kernel);
    url = `http://127.0.0.1:${server.port}`;
    [ann, bob] = [await hire('ann'), await hire('bob', ['viewthreads'])];
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.terminate();
    await server.close();
    await kernel.dispose();
    await drop();
    vi.useRealTimers();
  });

  async function hire(login: string, permissions: readonly string[] = []): Promise<Member> {
    const account = { login, name: login, email: `${login}@example.com`, password, permissions };
    const operator = await kernel.service(operators).create(account);
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password });
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return { operator, browser, caller: { headers: { cookie, origin: url, 'sec-fetch-site': 'same-origin' } } };
  }
  const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
  const question = ({ operator }: Member, name: string, results: readonly string[] = []) => ({
    function: name,
    arguments: {
      agentId: operator.id,
      references: {},
      return: Object.fromEntries(results.map((key) => [key, key])),
    },
  });
  /** Functions of the users processor over POST. */
  const ask = async (who: Member, name: string, ...results: string[]): Promise<Json> =>
    (await callByPost(`${url}/operator/users/update`, who.caller, question(who, name, results)))[0]!;
  const own = async (who: Member) => {
    const { status, idle } = await ask(who, 'update', 'status', 'idle');
    return { status, idle };
  };
  const inThread = async (who: Caller, thread: TestThread, name: string, user: boolean, args: Json = {}) => {
    const { id: threadId, token } = thread;
    const call = threadCall(name, { threadId, token, user, ...args });
    expect((await callByPost(`${url}/thread/update`, who, call))[0]).toMatchObject({ errorCode: 0 });
  };
  const typing = { typed: true, lastId: 0 };
  const still = { typed: false, lastId: 0 };

  let off: Buffer;
  /** Who is there, as everybody sees it: the button, visitors' forms, colleagues. */
  async function seen() {
    const image = Buffer.from(await (await fetch(`${url}/b`)).arrayBuffer());
    const call = threadCall('operatorsOnline', { groupId: 0 }, ['online']);
    const [answer] = await callByPost(`${url}/thread/update`, newVisitor(), call);
    const { operators: list } = await ask(bob, 'updateOperators', 'operators');
    const others = (list as { name: string; away: boolean }[]).filter(({ name }) => name !== 'bob');
    return {
      button: !image.equals(off),
      form: answer!['online'],
      listed: others.map(({ name, away }) => (away ? `${name} away` : name)),
    };
  }
  const there = { button: true, form: true, listed: ['ann'] };
  const away = { button: false, form: false, listed: ['ann away'] };
  const gone = { button: false, form: false, listed: [] };
  beforeEach(async () => {
    off = Buffer.from(await (await fetch(`${url}/b`)).arrayBuffer());
    // Bob looks on and counts for nobody.
    await ask(bob, 'invisible');
  });

  /** A window of the workspace, with what is pushed to it. */
  async function workspace(who: Member) {
    const socket = await openSocket(`${url}/operator/users/update`, who.caller);
    sockets.push(socket);
    const pushed: { function: string; arguments: Json }[] = [];
    socket.on('message', (data: Buffer) => {
      const { requests = [] } = JSON.parse(String(data)) as { requests?: { functions: typeof pushed }[] };
      for (const { functions } of requests) pushed.push(...functions.filter((one) => one.function !== 'result'));
    });
    await callBySocket(socket, question(who, 'update'));
    return { socket, told: (name: string) => pushed.findLast((one) => one.function === name)?.arguments };
  }

  it('shows available, away and invisible everywhere alike', async () => {
    await ann.browser.get('/operator/users');
    expect(await seen()).toEqual(there);
    await ask(ann, 'away');
    expect([await own(ann), await seen()]).toEqual([{ status: 'away', idle: false }, away]);
    await ask(ann, 'invisible');
    expect([await own(ann), await seen()]).toEqual([{ status: 'invisible', idle: false }, gone]);
    await ask(ann, 'available');
    expect([await own(ann), await seen()]).toEqual([{ status: 'available', idle: false }, there]);
  });

  it('makes available who opens the page, but leaves invisible who chose that', async () => {
    for (const [chosen, then] of [
      ['away', 'available'],
      ['invisible', 'invisible'],
    ] as const) {
      await ask(ann, chosen);
      const page = await (await ann.browser.get('/operator/users')).text();
      expect(page).toContain(`"presence":{"status":"${then}","detectsIdle":false}`);
      expect((await own(ann)).status).toBe(then);
    }
    expect(await seen()).toEqual(gone);
  });

  it('makes nobody available whose browser only guesses that he will open the page', async () => {
    await ask(ann, 'away');
    later(60_000);
    const guess = { 'sec-purpose': 'prefetch;prerender' };
    expect((await ann.browser.get('/operator/users', guess)).status).toBe(503);
    expect(await seen()).toEqual(gone);
    expect((await own(ann)).status).toBe('away');
  });

  it('lets whoever is invisible work as always', async () => {
    const visitor = newVisitor();
    await ann.browser.get('/operator/users');
    const thread = await startThread(`${url}/thread/update`, visitor);
    await ask(ann, 'invisible');
    await inThread(ann.caller, thread, 'take', false);
    await inThread(ann.caller, thread, 'post', false, { message: 'Hello' });
    expect(await seen()).toEqual(gone);
  });

  it('loses a killed browser within 35 seconds', async () => {
    const { socket } = await workspace(ann);
    expect(await seen()).toEqual(there);
    socket.terminate();
    later(29 * second);
    expect(await seen()).toEqual(there);
    later(second);
    expect(await seen()).toEqual(gone);
  });

  it('loses whoever closed his last window sooner, and nobody who has another or loads it again', async () => {
    const [first, other] = [await workspace(ann), await workspace(ann)];
    const ended = async ({ socket }: typeof first) => {
      const over = once(socket, 'close');
      socket.close(1001);
      await over;
    };
    await ended(first);
    later(10 * second);
    await callBySocket(other.socket, question(ann, 'currentTime'));
    later(10 * second);
    expect(await seen()).toEqual(there);
    await ended(other);
    const secondLater = async () => {
      later(second);
      return seen();
    };
    await expect.poll(secondLater, { interval: 1 }).toEqual(gone);
    const again = await workspace(ann);
    expect(await seen()).toEqual(there);
    await ended(again);
    later(5 * second);
    await workspace(ann);
    later(20 * second);
    expect(await seen()).toEqual(there);
  });

  it('forgets at once who logged out, in every window, and not who works in another browser', async () => {
    const [first, second_] = [await workspace(ann), await workspace(ann)];
    const closed = Promise.all([once(first.socket, 'close'), once(second_.socket, 'close')]);
    const colleague = await workspace(bob);
    await ann.browser.submit('/operator/logout', {});
    expect((await closed).map(([code]) => code as number)).toEqual([4403, 4403]);
    await expect.poll(seen).toEqual(gone);
    await expect
      .poll(() => colleague.told('receiveOperators'))
      .toMatchObject({ agentId: bob.operator.id, operators: [] });

    await ann.browser.submit('/operator/login', { login: 'ann', password });
    const elsewhere = createBrowser(kernel);
    await elsewhere.submit('/operator/login', { login: 'ann', password });
    for (const browser of [ann.browser, elsewhere]) await browser.get('/operator/users');
    await ann.browser.submit('/operator/logout', {});
    expect(await seen()).toEqual(there);
    await elsewhere.submit('/operator/logout', {});
    await expect.poll(seen).toEqual(gone);
  });

  it('counts an open conversation alone, taken or watched, without making a watcher its owner', async () => {
    const visitor = newVisitor();
    await kernel.service(availability).touch(ann.operator.id);
    const thread = await startThread(`${url}/thread/update`, visitor);
    later(minute);
    expect(await seen()).toEqual(gone);
    await inThread(ann.caller, thread, 'take', false);
    for (let turn = 0; turn < 3; turn += 1) {
      await inThread(ann.caller, thread, 'update', false, still);
      await inThread(visitor, thread, 'update', true, still);
      later(25 * second);
      expect(await seen()).toEqual(there);
    }
    await ask(bob, 'available');
    later(minute);
    await inThread(bob.caller, thread, 'update', false, still);
    expect(await kernel.service(availability).isOnline(bob.operator.id)).toBe(true);
    expect(await kernel.service(availability).isOnline(ann.operator.id)).toBe(false);
  });

  it('counts the socket of an open conversation, but not a logged-in operator who plays the visitor', async () => {
    const visitor = newVisitor();
    await kernel.service(availability).touch(ann.operator.id);
    const thread = await startThread(`${url}/thread/update`, visitor);
    const about = { threadId: thread.id, token: thread.token };
    const both = { ...visitor, headers: { ...visitor.headers, ...ann.caller.headers } };
    later(minute);
    const asVisitor = await openSocket(`${url}/thread/update`, both);
    sockets.push(asVisitor);
    await callBySocket(asVisitor, threadCall('update', { ...about, user: true, ...still }));
    asVisitor.send('');
    await callBySocket(asVisitor, threadCall('updateMessages', { ...about, user: true, lastId: 0 }));
    expect(await seen()).toEqual(gone);
    const window = await openSocket(`${url}/thread/update`, ann.caller);
    sockets.push(window);
    await callBySocket(window, threadCall('update', { ...about, user: false, ...still }));
    later(minute);
    expect(await seen()).toEqual(gone);
    window.send('');
    await once(window, 'message');
    await expect.poll(seen).toEqual(there);
  });

  it('pushes to each window of an operator what he chose in another, and to others who is there', async () => {
    const [first, other, colleague] = [await workspace(ann), await workspace(ann), await workspace(bob)];
    const online = (list: readonly object[]) => ({ agentId: bob.operator.id, operators: list });
    const { id } = ann.operator;
    for (const [name, list] of [
      ['away', [{ id, name: 'ann', away: true }]],
      ['invisible', []],
      ['available', [{ id, name: 'ann', away: false }]],
    ] as const) {
      await callBySocket(first.socket, question(ann, name));
      await expect.poll(() => other.told('receiveStatus')).toMatchObject({ agentId: id, status: name, idle: false });
      await expect.poll(() => colleague.told('receiveOperators')).toMatchObject(online(list));
    }
    expect(colleague.told('receiveStatus')?.['agentId']).not.toBe(id);
  });

  it('makes whoever does nothing away where that is on, until something is done in any of his windows', async () => {
    await kernel.service(settings).change({ idle_timeout: 5 }, 'test');
    const page = await (await ann.browser.get('/operator/users')).text();
    expect(page).toContain('"presence":{"status":"available","detectsIdle":true}');
    const thread = await startThread(`${url}/thread/update`, newVisitor());
    await inThread(ann.caller, thread, 'take', false);
    const moves = {
      workspace: () => ask(ann, 'active'),
      window: () => inThread(ann.caller, thread, 'active', false),
      typing: () => inThread(ann.caller, thread, 'update', false, typing),
      writing: () => inThread(ann.caller, thread, 'post', false, { message: 'Hello' }),
    };
    for (const [name, move] of Object.entries(moves)) {
      for (let gap = 0; gap < 12; gap += 1) {
        expect(await own(ann), name).toEqual({ status: 'available', idle: false });
        later(25 * second);
      }
      expect(await own(ann), name).toEqual({ status: 'available', idle: true });
      expect(await seen(), name).toEqual(away);
      await inThread(ann.caller, thread, 'update', false, still);
      expect(await seen(), name).toEqual(away);
      await move();
      expect(await seen(), name).toEqual(there);
    }
  });
});

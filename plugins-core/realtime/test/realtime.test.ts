import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { operatorLoggedOut } from '../../operators/api.ts';
import { call, first, type Host, pack, startHost } from './host.ts';

let host: Host;
afterEach(() => host.close());

describe('hello', () => {
  it('is answered with the seconds between heartbeats', async () => {
    host = await startHost({ realtime: { heartbeat: 7 } });
    const client = await host.connect();
    client.send({ hello: { visitor: 'ann' } });
    expect(await client.next()).toEqual({ hello: { heartbeat: 7 } });
  });

  it('is refused with the same object as a package, and 4403', async () => {
    host = await startHost();
    const client = await host.connect();
    client.send({ hello: {} });
    expect(await client.next()).toEqual({
      error: { code: 130, name: 'NOBODY', message: 'Who are you?' },
      tokens: [],
    });
    expect(await client.closed).toMatchObject({ code: 4403 });
  });

  it('has to come in time', async () => {
    host = await startHost({ realtime: { hello: 10 } });
    const client = await host.connect();
    expect(await client.closed).toMatchObject({ code: 4408 });
  });

  it('comes before packages: these are refused and not run, and hello may still come', async () => {
    host = await startHost();
    const client = await host.connect();
    client.send(pack('early', call('echo')));
    expect(await client.next()).toMatchObject({ error: { code: 114, name: 'HELLO_EXPECTED' }, tokens: ['early'] });
    client.send({ hello: { visitor: 'ann' } });
    client.send(pack('hasty', call('echo')));
    expect(await client.next()).toMatchObject({ error: { code: 114 }, tokens: ['hasty'] });
    expect(await client.next()).toHaveProperty('hello');
    client.send(pack('good', call('echo')));
    expect(first(await client.next()).token).toBe('good');
  });

  it.each(['{"hello":5}', '{"hello":{"visitor":7}}', 'null', '[]', '{', '{"__proto__":{"hello":{}}}'])(
    'is not %s',
    async (frame) => {
      host = await startHost();
      const client = await host.connect();
      client.send(frame);
      expect(await client.next()).toMatchObject({ error: { code: 114 } });
    },
  );

  it('is waited for by a few sockets of one address only', async () => {
    host = await startHost({ realtime: { strangers: 2 } });
    const [one] = [await host.connect(), await host.connect()];
    const third = new WebSocket(`${host.origin.replace('http', 'ws')}/talk`);
    const [, response] = (await once(third, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(429);
    third.on('error', () => undefined).terminate();
    one.send({ hello: { visitor: 'ann' } });
    await one.next();
    await host.connect();
  });

  it('identifies by a cookie only where the page is our own', async () => {
    host = await startHost();
    const cookie = 'MibewSessionID=operator';
    const own = await host.connect({ cookie, origin: host.origin });
    own.send({ hello: {} });
    expect(await own.next()).toHaveProperty('hello');
    const foreign = await host.connect({ cookie, origin: 'https://shop.example' });
    foreign.send({ hello: {} });
    expect(await foreign.closed).toMatchObject({ code: 4403 });
  });
});

describe('packages', () => {
  it('are answered like those of a POST, and mix with them', async () => {
    host = await startHost();
    const client = await host.enter('ann');
    client.send(pack('over socket', call('echo', { text: '+ % 👍 "</script>' }, { text: 'text', carrier: 'carrier' })));
    expect(first(await client.next())).toEqual({
      token: 'over socket',
      function: 'result',
      arguments: {
        text: '+ % 👍 "</script>',
        carrier: 'socket',
        threadId: null,
        references: [],
        return: [],
        errorCode: 0,
      },
    });
    const posted = await host.post(pack('over POST', call('echo', {}, { carrier: 'carrier' })), {
      'x-mibew-visitor': 'ann',
    });
    expect(first(await posted.json())).toMatchObject({ token: 'over POST', arguments: { carrier: 'json' } });
  });

  it('run strictly one after the other on one socket', async () => {
    host = await startHost();
    const client = await host.enter('ann');
    for (const token of ['a', 'b', 'c']) client.send(pack(token, call('wait', {}, { n: 'n' })));
    for (const [index, token] of ['a', 'b', 'c'].entries()) {
      await vi.waitUntil(() => host.waits.length > 0);
      expect(host.waits).toHaveLength(1);
      host.waits.shift()?.();
      expect(first(await client.next())).toMatchObject({ token, arguments: { n: index + 1 } });
    }
    expect(host.log.filter((line) => line.startsWith('wait'))).toEqual([
      'wait 1',
      'waited 1',
      'wait 2',
      'waited 2',
      'wait 3',
      'waited 3',
    ]);
  });

  it('do not wait for those of other sockets', async () => {
    host = await startHost();
    const [ann, bob] = [await host.enter('ann'), await host.enter('bob')];
    ann.send(pack('slow', call('wait')));
    await vi.waitUntil(() => host.waits.length === 1);
    bob.send(pack('quick', call('echo')));
    expect(first(await bob.next()).token).toBe('quick');
    host.waits[0]?.();
    expect(first(await ann.next()).token).toBe('slow');
  });

  it('are all answered however many wait', async () => {
    host = await startHost();
    const client = await host.enter('ann');
    const tokens = Array.from({ length: 500 }, (_, index) => `t${index}`);
    for (const token of tokens) client.send(pack(token, call('echo')));
    const answered = [];
    for (const _ of tokens) answered.push(first(await client.next()).token);
    expect(answered).toEqual(tokens);
  });

  it.each([
    ['a malformed package', JSON.stringify({ ...pack('x', call('echo')), proto: '0.9' }), { code: 23 }, ['x']],
    ['no JSON', '{"signature"', { code: 12 }, []],
    ['a second hello', '{"hello":{}}', { code: 7 }, []],
    ['too much', `"${'x'.repeat(256 * 1024)}"`, { code: 110 }, []],
    ['too deep a package', '['.repeat(60_000) + ']'.repeat(60_000), { code: 113 }, []],
  ])('are refused with a frame when they are %s', async (_, frame, error, tokens) => {
    host = await startHost();
    const client = await host.enter('ann');
    client.send(frame);
    expect(await client.next()).toMatchObject({ error, tokens });
    client.send(pack('good', call('echo')));
    expect(first(await client.next()).token).toBe('good');
  });

  it('are text', async () => {
    host = await startHost();
    const client = await host.enter('ann');
    client.ws.send(Buffer.from(JSON.stringify(pack('x', call('echo')))), { binary: true });
    expect(await client.next()).toMatchObject({ error: { code: 115, name: 'BINARY_FRAME' } });
  });

  it('share the rate of their caller with POST', async () => {
    host = await startHost({ rpc: { packagesPerSecond: 1, packagesAtOnce: 2 } });
    const client = await host.enter('ann');
    await host.post(pack('one', call('echo')), { 'x-mibew-visitor': 'ann' });
    client.send(pack('two', call('echo')));
    expect(first(await client.next()).token).toBe('two');
    client.send(pack('three', call('echo')));
    expect(await client.next()).toMatchObject({ error: { code: 102 }, tokens: ['three'] });
    const refused = await host.post(pack('four', call('echo')), { 'x-mibew-visitor': 'ann' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  });

  it('are refused, and the socket with them, once the caller is no longer who he was', async () => {
    host = await startHost();
    const client = await host.enter('ann');
    host.ended.add('ann');
    client.send(pack('late', call('echo')));
    expect(await client.next()).toMatchObject({ error: { code: 130 }, tokens: ['late'] });
    expect(await client.closed).toMatchObject({ code: 4403 });
  });
});

describe('pushes', () => {
  const news = [{ function: 'receiveNews', arguments: { n: 1 } }];

  it('end for those on a topic who may not hear others any more', async () => {
    host = await startHost();
    const [one, other] = [await host.enter('ann'), await host.enter('bob')];
    for (const client of [one, other]) {
      client.send(pack('j', call('join', { topic: 'news' })));
      await client.next();
    }
    one.send(pack('k', call('join', { topic: 'mine' })));
    await one.next();
    host.realtime.leave('mine', ['news', 'mine']);
    expect([host.realtime.count('news'), host.realtime.count('mine')]).toEqual([1, 0]);
    expect(host.realtime.publish('news', news)).toBe(1);
  });

  it('reach the sockets that subscribed, until they unsubscribe or close', async () => {
    host = await startHost();
    const [ann, bob, cid] = [await host.enter('ann'), await host.enter('bob'), await host.enter('cid')];
    for (const client of [ann, bob]) {
      client.send(pack('j', call('join', { topic: 'news' })));
      await client.next();
    }
    expect(host.realtime.count('news')).toBe(2);
    expect(host.realtime.publish('news', news)).toBe(2);
    for (const client of [ann, bob])
      expect(first(await client.next())).toEqual({
        token: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        function: 'receiveNews',
        arguments: { n: 1, references: [], return: [] },
      });

    ann.send(pack('l', call('leave', { topic: 'news' })));
    await ann.next();
    bob.ws.close();
    await bob.closed;
    await vi.waitUntil(() => host.realtime.count('news') === 0);
    expect(host.realtime.publish('news', news)).toBe(0);
    cid.send(pack('c', call('echo')));
    expect(first(await cid.next()).token).toBe('c');
  });

  it('cut a reader off that does not read', async () => {
    host = await startHost({ realtime: { unread: 256 * 1024 } });
    const client = await host.enter('ann');
    client.send(pack('j', call('join', { topic: 'news' })));
    await client.next();
    client.ws.pause();
    const big = [{ function: 'receiveNews', arguments: { text: 'x'.repeat(100_000) } }];
    // More than all buffers between the two can take.
    for (let sent = 0; sent < 2_000 && host.realtime.count('news') > 0; sent += 1) {
      host.realtime.publish('news', big);
      await turn();
    }
    expect(host.realtime.count('news')).toBe(0);
    client.ws.resume();
    expect(await client.closed).toMatchObject({ code: 4429 });
  });
});

describe('calls at the client', () => {
  const asked = [{ function: 'flashTitle', arguments: { times: 3 }, return: { shown: 'shown' } }];
  const callback = { function: 'heard', arguments: { note: 'mine' } };
  const reply = (token: string) =>
    pack(token, {
      function: 'result',
      arguments: { threadId: null, references: {}, return: {}, shown: true, errorCode: 0 },
    });

  it('arrive at once where somebody listens, and their answer reaches the callback', async () => {
    host = await startHost();
    const client = await host.enter('ann');
    client.send(pack('j', call('join', { topic: 'user_ann' })));
    await client.next();
    await host.rpc.call('talk', ['user_ann'], asked, callback);
    const called = first(await client.next());
    expect(called).toMatchObject({ function: 'flashTitle', arguments: { times: 3, return: { shown: 'shown' } } });
    client.send(reply(called.token));
    client.send(pack('after', call('echo')));
    expect(first(await client.next()).token).toBe('after');
    expect(host.log.find((line) => line.startsWith('heard'))).toContain('"shown":true');
  });

  it('wait for a socket that comes later', async () => {
    host = await startHost();
    await host.rpc.call('talk', ['user_ann'], asked);
    const client = await host.enter('ann');
    client.send(pack('j', call('join', { topic: 'user_ann' })));
    const frames = [first(await client.next()).function, first(await client.next()).function];
    expect(frames.toSorted()).toEqual(['flashTitle', 'result']);
  });

  it('wait for a poll where nobody listens, and come once', async () => {
    host = await startHost();
    await host.rpc.call('talk', ['user_ann'], asked, callback);
    const poll = async () => {
      const answer = await host.post(pack('p', call('update')), { 'x-mibew-visitor': 'ann' });
      return ((await answer.json()) as { requests: { token: string }[] }).requests.map(({ token }) => token);
    };
    const [token = '', own] = await poll();
    expect(own).toBe('p');
    expect(await poll()).toEqual(['p']);
    const answered = await host.post(reply(token), { 'x-mibew-visitor': 'ann' });
    expect([answered.status, await answered.text()]).toEqual([200, '']);
    expect(host.log.find((line) => line.startsWith('heard'))).toContain('"note":"mine"');
  });
});

describe('signs of life', () => {
  const alive = () => host.log.filter((line) => line.startsWith('alive')).length;

  it('are hello, packages, heartbeats and pongs', async () => {
    host = await startHost({ realtime: { heartbeat: 1 } });
    const client = await host.enter('ann');
    expect(alive()).toBe(1);
    client.send(pack('j', call('join', { topic: 'news' })));
    await client.next();
    expect(alive()).toBe(2);
    client.send('');
    expect(await client.nextText()).toBe('');
    expect(alive()).toBe(3);
    await vi.waitUntil(() => alive() > 3, { timeout: 10_000 });
    expect(host.log.at(-1)).toBe('alive ann news');
  });

  it('are missed: a socket without them is cut off', async () => {
    host = await startHost({ realtime: { heartbeat: 1 } });
    const client = await host.enter('ann');
    client.send(pack('j', call('join', { topic: 'news' })));
    await client.next();
    client.ws.pause();
    await vi.waitUntil(() => host.realtime.count('news') === 0, { timeout: 20_000 });
    client.ws.resume();
    expect(await client.closed).toMatchObject({ code: 1006 });
  });
});

describe('the end', () => {
  it('is told of with the topics where a page was closed, and not where a network broke or the client gave up', async () => {
    host = await startHost();
    const left = () => host.log.filter((line) => line.startsWith('left'));
    const ends: readonly ((ws: WebSocket) => void)[] = [
      (ws) => ws.terminate(),
      (ws) => ws.close(),
      (ws) => ws.close(1000),
      (ws) => ws.close(1001),
    ];
    for (const end of ends) {
      expect(left()).toEqual([]);
      const client = await host.enter('ann');
      client.send(pack('j', call('join', { topic: 'news' })));
      await client.next();
      end(client.ws);
      await vi.waitUntil(() => host.realtime.count('news') === 0, { timeout: 10_000 });
    }
    expect(left()).toEqual(['left ann news']);
    const stranger = await host.connect();
    stranger.ws.close(1001);
    await stranger.closed;
    expect(left()).toHaveLength(1);
  });

  it('comes for the sockets of an operator who logged out', async () => {
    host = await startHost();
    const headers = { cookie: 'MibewSessionID=operator' };
    const [operator, ann] = [await host.enter('', headers), await host.enter('ann')];
    await host.test.call(operatorLoggedOut, { operatorId: 3, sessionId: 12 });
    expect(await operator.closed).toMatchObject({ code: 4403 });
    ann.send(pack('still', call('echo')));
    expect(first(await ann.next()).token).toBe('still');
  });

  it('comes for the sockets of a processor that goes', async () => {
    host = await startHost();
    const client = await host.enter('ann');
    await host.test.disable('talk');
    expect(await client.closed).toMatchObject({ code: 4503 });
  });

  it('waits for what runs, and says that the server goes away', async () => {
    host = await startHost();
    const client = await host.enter('ann');
    client.send(pack('last', call('wait', {}, { n: 'n' })));
    await vi.waitUntil(() => host.waits.length === 1);
    const stopped = host.test.kernel.stop();
    client.send(pack('too late', call('echo')));
    await turn();
    host.waits[0]?.();
    expect(first(await client.next())).toMatchObject({ token: 'last', arguments: { n: 1 } });
    expect(await client.closed).toMatchObject({ code: 4503 });
    await stopped;
  });
});

describe('the address of a gateway', () => {
  it('takes an upgrade or a POST, and refuses the rest with a code', async () => {
    host = await startHost();
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const refused = await fetch(`${host.origin}/talk`, { method });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ error: { code: 12 }, tokens: [] });
    }
  });
});

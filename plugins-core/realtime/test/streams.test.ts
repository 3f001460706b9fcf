import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { operatorLoggedOut } from '../../operators/api.ts';
import { call, first, type Host, pack, startHost } from './host.ts';

let host: Host;
afterEach(() => host.close());

const accept = { accept: 'text/event-stream', 'x-mibew-visitor': 'ann' };
const join = (topic = 'news') => pack('j', call('join', { topic }));
const news = (text: string) => [{ function: 'told', arguments: { text } }];

/** What is written to a stream, piece by piece: data of events, `''` for a sign of life. */
async function open(body: unknown = join(), headers: Record<string, string> = {}) {
  const response = await host.post(body, { ...accept, ...headers });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const events: string[] = [];
  let text = '';
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const event = events.shift();
      if (event !== undefined) return event;
      const { value, done } = await reader.read();
      if (done) return undefined;
      text += value;
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      events.push(...parts);
    }
  };
  const told = async () => first(JSON.parse((await next())?.replace(/^data: /, '') ?? 'null')).arguments['text'];
  return { response, next, told, cancel: () => reader.cancel() };
}

/** A page that asks for a stream, and can break off or stop to read. */
function visit(): ClientRequest {
  const headers = { ...accept, 'content-type': 'application/json' };
  const page = httpRequest(`${host.origin}/talk`, { method: 'POST', headers });
  page.on('error', () => undefined).end(JSON.stringify(join()));
  return page;
}

describe('a package that accepts a stream', () => {
  it('is answered by one, which goes on with what is pushed', async () => {
    host = await startHost();
    const stream = await open();
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    });
    const answer = (await stream.next())!;
    expect(answer.startsWith('data: {')).toBe(true);
    expect(first(JSON.parse(answer.slice('data: '.length)))).toMatchObject({ token: 'j', function: 'result' });
    expect(host.realtime.count('news')).toBe(1);
    expect(host.realtime.publish('news', news('one\n\ntwo'))).toBe(1);
    host.realtime.publish('news', news('three'));
    expect([await stream.told(), await stream.told()]).toEqual(['one\n\ntwo', 'three']);
  });

  it('shares pushes with sockets', async () => {
    host = await startHost();
    const [stream, socket] = [await open(), await host.enter('bob')];
    await stream.next();
    socket.send(join());
    await socket.next();
    expect(host.realtime.count('news')).toBe(2);
    expect(host.realtime.publish('news', news('both'))).toBe(2);
    expect(await stream.told()).toBe('both');
    expect(first(await socket.next()).arguments['text']).toBe('both');
  });

  it('is answered as ever when it subscribes to nothing, is refused, or comes in a form', async () => {
    host = await startHost();
    const echo = await host.post(pack('e', call('echo', { a: 1 }, { a: 'a', carrier: 'c' })), accept);
    expect(echo.headers.get('content-type')).toBe('application/json');
    expect(first(await echo.json()).arguments).toMatchObject({ a: 1, c: 'stream' });
    expect((await host.post({ proto: 'x' }, accept)).status).toBe(400);
    expect((await host.post(join(), { accept: 'text/event-stream' })).status).toBe(403);
    const form = await fetch(`${host.origin}/talk`, {
      method: 'POST',
      headers: { ...accept, 'content-type': 'application/x-www-form-urlencoded' },
      body: `data=${encodeURIComponent(JSON.stringify(join()))}`,
    });
    expect(form.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(host.realtime.count('news')).toBe(0);
  });

  it('is told after its answer what was pushed before it', async () => {
    host = await startHost();
    const both = pack('b', call('join', { topic: 'news' }), call('wait', {}, { n: 'n' }));
    const opened = open(both);
    await vi.waitUntil(() => host.waits.length === 1);
    host.realtime.publish('news', news('early'));
    host.waits[0]?.();
    const stream = await opened;
    expect(await stream.next()).toContain('"n":1');
    expect(await stream.told()).toBe('early');
  });

  it('gets calls that waited for it', async () => {
    host = await startHost();
    await host.rpc.call('talk', ['user_ann'], [{ function: 'flash', arguments: {} }]);
    const stream = await open(join('user_ann'));
    const events = [await stream.next(), await stream.next()].join();
    expect(events).toContain('"flash"');
    expect(events).toContain('"result"');
  });

  it('shows signs of life', async () => {
    host = await startHost({ realtime: { heartbeat: 1 } });
    const stream = await open();
    await stream.next();
    expect(await stream.next()).toBe(':');
  });

  it('is one of a few of its address; further ones are just answered', async () => {
    host = await startHost({ realtime: { streams: 1 } });
    const stream = await open();
    const second = await host.post(join(), accept);
    expect(second.headers.get('content-type')).toBe('application/json');
    expect(first(await second.json()).token).toBe('j');
    await stream.cancel();
    await vi.waitUntil(() => host.realtime.count('news') === 0);
    expect((await open()).response.headers.get('content-type')).toBe('text/event-stream');
  });
});

describe('a stream ends', () => {
  it('when its page goes', async () => {
    host = await startHost();
    const page = visit();
    await once(page, 'response');
    expect(host.realtime.count('news')).toBe(1);
    page.destroy();
    await vi.waitUntil(() => host.realtime.count('news') === 0);
    expect(host.realtime.publish('news', news('nobody'))).toBe(0);
  });

  it('when it is on no topic any more', async () => {
    host = await startHost();
    const stream = await open();
    await stream.next();
    host.realtime.leave('news', ['news']);
    expect(await stream.next()).toBeUndefined();
  });

  it('with its processor', async () => {
    host = await startHost();
    const stream = await open();
    await stream.next();
    await host.test.disable('talk');
    expect(await stream.next()).toBeUndefined();
  });

  it('with its operator’s session', async () => {
    host = await startHost();
    const stream = await open(join(), { cookie: 'MibewSessionID=operator' });
    await stream.next();
    await host.test.call(operatorLoggedOut, { operatorId: 3, sessionId: 12 });
    expect(await stream.next()).toBeUndefined();
  });

  it('with the server, which takes no new ones', async () => {
    host = await startHost();
    const stream = await open();
    await stream.next();
    await host.test.kernel.stop();
    expect(await stream.next()).toBeUndefined();
  });

  it('for a reader that does not read', async () => {
    host = await startHost({ realtime: { unread: 64 * 1024 } });
    const [response] = (await once(visit(), 'response')) as [IncomingMessage];
    const much = news('x'.repeat(64 * 1024));
    const cutOff = () => {
      host.realtime.publish('news', much);
      return host.realtime.count('news') === 0;
    };
    await vi.waitUntil(cutOff, { timeout: 20_000, interval: 1 });
    const broken = once(response, 'error');
    response.resume();
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
  });
});

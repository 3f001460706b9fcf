import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { listen } from '../../../kernel/server.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { realtime } from '../../realtime/api.ts';
import { widget, widgetPages } from '../api.ts';
import { contactPack, firstCall, followAll, secret } from './listener.ts';

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function startSite() {
  const followed = followAll();
  const test = await createTestKernel({ plugins: ['widget', followed.plugin] });
  const server = await listen(test.kernel);
  ends.push(async () => {
    await server.close();
    await test.dispose();
  });
  const origin = `http://127.0.0.1:${server.port}`;

  /** A page that has a socket. */
  async function socket(path = '/widget', headers: Record<string, string> = {}) {
    const ws = new WebSocket(`${origin.replace('http', 'ws')}${path}`, { origin: 'https://shop.example', headers });
    ends.push(() => ws.terminate());
    const frames: string[] = [];
    ws.on('message', (data: Buffer) => void frames.push(data.toString()));
    await once(ws, 'open');
    const next = async () => {
      await vi.waitUntil(() => frames.length > 0, { timeout: 10_000, interval: 5 });
      return frames.shift()!;
    };
    ws.send(JSON.stringify({ hello: { visitor: secret } }));
    await next();
    return {
      frames,
      next,
      async contact(args: Record<string, unknown> = {}) {
        ws.send(JSON.stringify(contactPack(args)));
        return firstCall(await next()).arguments;
      },
    };
  }
  /** A page that asks for a stream. */
  async function stream() {
    const response = await fetch(`${origin}/widget`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-mibew-visitor': secret,
        accept: 'text/event-stream',
        origin: 'https://shop.example',
      },
      body: JSON.stringify(contactPack()),
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => {
      const { value, done } = await reader.read();
      return done ? undefined : firstCall(value.replace(/^data: /, ''));
    };
    return { response, next };
  }
  const count = (topic: string) => test.service(realtime).count(topic);
  return Object.assign(followed, { test, socket, stream, count, widget: test.service(widget) });
}

describe('a page with a socket', () => {
  it('is known by the secret of its hello, and hears what is pushed', async () => {
    const site = await startSite();
    const page = await site.socket('/widget', { dnt: '1' });
    expect(await page.contact({ title: 'Tea' })).toMatchObject({ next: 10, errorCode: 0 });
    expect(site.contacts[0]).toMatchObject({ carrier: 'socket', userId: secret, title: 'Tea', declined: true });
    expect(site.widget.push(`follower:${secret}`, { handlers: ['greet'], data: { name: 'Ann' } })).toBe(1);
    expect(firstCall(await page.next())).toMatchObject({
      function: 'receiveWidget',
      arguments: { load: {}, handlers: ['greet'], dependencies: { greet: [] }, data: { name: 'Ann' } },
    });
    expect(site.widget.push('follower:nobody', {})).toBe(0);
  });

  it('is told to stop at once when nobody follows visitors any more, and hears no more', async () => {
    const site = await startSite();
    const page = await site.socket();
    await page.contact();
    await site.test.disable('follower');
    expect(firstCall(await page.next()).function).toBe('stopWidget');
    expect(site.count(widgetPages)).toBe(0);
    expect(await page.contact()).toMatchObject({ next: 0, errorCode: 0 });
    expect(site.count(widgetPages)).toBe(0);
  });

  it('is not told to stop by a server that goes away', async () => {
    const site = await startSite();
    const page = await site.socket();
    await page.contact();
    await site.test.kernel.stop();
    expect(page.frames).toEqual([]);
  });

  it('may be that of an open chat', async () => {
    const site = await startSite();
    const page = await site.socket('/thread/update');
    const args = { threadId: null, token: null, user: true, userId: secret };
    expect(await page.contact(args)).toMatchObject({ next: 10, errorCode: 0, threadId: null });
    expect(site.contacts[0]).toMatchObject({ carrier: 'socket', userId: secret });
    expect(site.widget.push(widgetPages, { handlers: ['greet'] })).toBe(1);
    expect(firstCall(await page.next()).function).toBe('receiveWidget');
    expect(await page.contact({ ...args, user: false })).toMatchObject({ errorCode: 3 });
  });
});

describe('a page with a stream', () => {
  it('gets the answer, then what is pushed, then the word to stop', async () => {
    const site = await startSite();
    const page = await site.stream();
    expect(page.response.headers.get('content-type')).toBe('text/event-stream');
    expect(page.response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await page.next()).toMatchObject({ function: 'result', arguments: { next: 10 } });
    expect(site.contacts[0]).toMatchObject({ carrier: 'stream', userId: secret });
    site.widget.push(`follower:${secret}`, { handlers: ['greet'] });
    expect(await page.next()).toMatchObject({ function: 'receiveWidget', arguments: { handlers: ['greet'] } });
    await site.test.disable('follower');
    expect(await page.next()).toMatchObject({ function: 'stopWidget' });
  });

  it('gets none while nobody follows visitors: just the word to stop', async () => {
    const site = await startSite();
    await site.test.disable('follower');
    const { response } = await site.stream();
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  it('gets nothing by a plain GET, which takes no secret and is no stream', async () => {
    const site = await startSite();
    const response = await site.test.request('/widget', { headers: { accept: 'text/event-stream' } });
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });
});

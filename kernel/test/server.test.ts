import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { upgradeWebSocket } from '@hono/node-server';
import type { Context } from 'hono';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { definePlugin, open } from '../plugin.ts';
import { listen } from '../server.ts';
import { createTestKernel } from '../testing.ts';
import { deferred } from './deferred.ts';

const answer = upgradeWebSocket(() => ({ onMessage: (event, socket) => socket.send(`${event.data as string}!`) }));
const echo = definePlugin({
  id: 'echo',
  setup(ctx) {
    const handler = async (context: Context) =>
      (await answer(context, async () => {})) ?? context.text('no socket', 426);
    ctx.route({ name: 'socket', method: 'GET', path: '/socket', access: open, handler });
  },
});

describe('the server', () => {
  it('answers over HTTP and WebSocket, and closes', async () => {
    await using t = await createTestKernel({ plugins: [echo] });
    const server = await listen(t.kernel);
    expect(server.address).toBe(`http://127.0.0.1:${server.port}`);
    expect((await fetch(`${server.address}/health`)).status).toBe(200);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/plugins/echo/socket`);
    await once(socket, 'open');
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.toString()).toBe('hello!');
    const gone = once(socket, 'close');
    socket.close();
    await gone;
    await server.close();
    await expect(fetch(`${server.address}/health`)).rejects.toThrow();
  });

  it('keeps connections for longer than load balancers do', async () => {
    await using t = await createTestKernel();
    const server = await listen(t.kernel);
    const { headers } = await fetch(`${server.address}/health`);
    expect(headers.get('keep-alive')).toBe('timeout=75');
    await server.close();
  });

  it('says in one sentence that a port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await using t = await createTestKernel({ config: { port, host: '127.0.0.1' } });
    await expect(listen(t.kernel)).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: `port ${port} on 127.0.0.1 is already in use by another program`,
    });
    other.close();
  });

  it('lets a request that is being answered end before it closes', async () => {
    const [inside, release] = [deferred(), deferred()];
    const slow = definePlugin({
      id: 'slow',
      setup(ctx) {
        const handler = async (context: Context) => {
          inside.resolve();
          await release.promise;
          return context.text('done');
        };
        ctx.route({ name: 'slow', method: 'GET', path: '/slow', access: open, handler });
      },
    });
    await using t = await createTestKernel({ plugins: [slow] });
    const server = await listen(t.kernel);
    const running = fetch(`${server.address}/plugins/slow/slow`);
    await inside.promise;
    const closing = server.close();
    release.resolve();
    expect(await (await running).text()).toBe('done');
    await closing;
  });
});

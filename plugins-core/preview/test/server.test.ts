import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { listen } from '../../../kernel/server.ts';
import { threads } from '../../chat/api.ts';
import { cookieOf, eve, newcomer, serve, startedIn, wim, type ChatServer } from '../../chat/test/server.ts';
import { ann } from '../../chat/test/world.ts';
import { cluster } from '../../cluster/api.ts';
import { settings } from '../../settings/api.ts';
import { previewSettings } from '../settings.ts';

describe('what a visitor types', () => {
  let server: ChatServer;
  const change = (values: object) => server.kernel.service(settings).change(values as never, 'test');
  beforeAll(async () => {
    server = await serve('sqlite', ['preview']);
    await change({ max_connections_from_one_host: 0, start_rate: 0, message_rate: 0, preview_enabled: true });
    server.online.add(ann.id);
  });
  afterAll(() => server?.stop());

  async function talk() {
    const who = newcomer();
    const { results } = await server.call(who, ['start', { return: { options: 'options' } }]);
    const reference = startedIn(results[0]);
    await server.kernel.service(threads).take(reference.threadId, ann);
    const ask = async (caller: Parameters<ChatServer['call']>[0], name: string, args: object) =>
      (await server.call(caller, [name, { ...reference, ...args }])).results[0];
    return {
      ...reference,
      who,
      ask,
      types: (text: string) => ask(who, 'preview', { user: true, text }),
      seen: async (operator = ann) =>
        (await ask({ operator }, 'previewed', { user: false, return: { text: 'text' } }))?.['text'],
    };
  }
  const remembered = (threadId: number) => server.kernel.service(cluster).presence.get(`preview:${threadId}`);

  it('is seen by whoever has the conversation and by those who watch', async () => {
    const { types, seen } = await talk();
    expect(await seen()).toBe('');
    expect(await types('Hel <b>')).toMatchObject({ errorCode: 0 });
    expect(await seen()).toBe('Hel <b>');
    expect(await seen(wim)).toBe('Hel <b>');
    await types('');
    expect(await seen()).toBe('');
  });

  it('is cut where a message would be too long', async () => {
    const { types, seen } = await talk();
    await change({ message_max_length: 1000 });
    await types('😀'.repeat(1500));
    expect(await seen()).toBe('😀'.repeat(1000));
    await types('x'.repeat(1500));
    expect(await seen()).toBe('x'.repeat(1000));
  });

  it('is forgotten when it is sent, and when the conversation ends', async () => {
    const { types, seen, threadId } = await talk();
    const service = server.kernel.service(threads);
    await types('Hello');
    await service.post(threadId, 'agent', { message: 'Take your time', operator: ann });
    expect(await seen()).toBe('Hello');
    await service.post(threadId, 'user', { message: 'Hello' });
    await expect.poll(() => remembered(threadId)).toBeUndefined();
    await types('And');
    await service.close(threadId, 'agent', ann);
    await expect.poll(() => remembered(threadId)).toBeUndefined();
    await types('Too late');
    expect(await remembered(threadId)).toBeUndefined();
  });

  it('stands as long as the window says that it does, and that is no news', async () => {
    const { types, threadId } = await talk();
    const heard: unknown[] = [];
    const stop = server.kernel.service(cluster).bus.subscribe('preview.news', (news) => heard.push(news));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      for (let time = 1; time <= 4; time += 1) {
        await types('Let me think');
        await vi.advanceTimersByTimeAsync(40_000);
      }
      expect(await remembered(threadId)).toMatchObject({ value: 'Let me think' });
      expect(heard).toEqual([{ threadId }]);
    } finally {
      vi.useRealTimers();
      stop();
    }
  });

  it('is forgotten a minute after the last key, also by presence', async () => {
    const { types, threadId } = await talk();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await types('Hel');
      await vi.advanceTimersByTimeAsync(50_000);
      await types('Hello');
      await vi.advanceTimersByTimeAsync(50_000);
      expect(await remembered(threadId)).toMatchObject({ value: 'Hello' });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await remembered(threadId)).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  it('is refused while that is off, which it is unless somebody wants it', async () => {
    const { types, ask, threadId } = await talk();
    const options = async (caller: Parameters<ChatServer['call']>[0], user: boolean) =>
      (await ask(caller, 'options', { user, return: { options: 'options' } }))?.['options'];
    expect(await options({ operator: ann }, false)).toMatchObject({ preview: true });
    await change({ preview_enabled: false });
    expect(await types('Hello')).toMatchObject({ errorCode: 250 });
    expect(await ask({ operator: ann }, 'previewed', { user: false })).toMatchObject({ errorCode: 250 });
    expect(await options({ operator: ann }, false)).not.toHaveProperty('preview');
    expect(await remembered(threadId)).toBeUndefined();
    expect(previewSettings.fields.preview_enabled.default).toBe(false);
    await change({ preview_enabled: true });
  });

  it('is nobody else’s business, and not more often than somebody types', async () => {
    const { ask, types } = await talk();
    expect(await ask(newcomer(), 'preview', { user: true, text: 'I am him' })).toBeUndefined();
    expect(await ask({ operator: eve }, 'preview', { user: false, text: 'x' })).toMatchObject({ errorCode: 3 });
    expect(await ask(newcomer(), 'previewed', { user: true })).toBeUndefined();
    for (const wrong of [null, 7, ['x'], { text: 'x' }])
      expect(await types(wrong as never)).toMatchObject({ errorCode: 3 });
    const answers = await Promise.all(Array.from({ length: 30 }, async (_, key) => types(`${key}`)));
    expect(answers.some((one) => one?.['errorCode'] === 102)).toBe(true);
  });

  it('is told to the windows of operators as it changes, and never travels over the bus', async () => {
    const { types, threadId, token } = await talk();
    const heard: unknown[] = [];
    const stop = server.kernel.service(cluster).bus.subscribe('preview.news', (news) => heard.push(news));
    // Closing it ends the server of this file, so this comes last.
    const web = await listen(server.kernel.kernel);
    const origin = `http://127.0.0.1:${web.port}`;
    const headers = { cookie: cookieOf(wim), origin };
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/thread/update`, { headers });
    const told: unknown[] = [];
    try {
      await once(socket, 'open');
      const greeted = once(socket, 'message');
      socket.send(JSON.stringify({ hello: {} }));
      await greeted;
      socket.on('message', (data: Buffer) => {
        const { requests = [] } = JSON.parse(data.toString()) as {
          requests?: { functions: { function: string; arguments: Record<string, unknown> }[] }[];
        };
        for (const { functions } of requests)
          for (const one of functions) if (one.function === 'receivePreview') told.push(one.arguments['text']);
      });
      const joined = once(socket, 'message');
      const args = { threadId, token, user: false, lastId: 0, references: {}, return: {} };
      const functions = [{ function: 'updateMessages', arguments: args }];
      socket.send(JSON.stringify({ signature: '', proto: '1.0', async: true, requests: [{ token: 'a', functions }] }));
      await joined;
      for (const text of ['secret', 'secret', 'secret 2', '']) await types(text);
      await expect.poll(() => told).toEqual(['secret', 'secret 2', '']);
      expect(heard).toEqual([{ threadId }, { threadId }, { threadId }]);
    } finally {
      stop();
      socket.terminate();
      await web.close();
    }
  });
});

/** What a ban does: in a kernel with conversations and the queue, as a visitor and an operator meet it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { threads, visitors } from '../../chat/api.ts';
import { cluster } from '../../cluster/api.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import { banCreated, banDeleted, banUpdated, bans, type BanInput } from '../api.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).toReversed()) await end();
});

type Reply = Record<string, unknown> & { errorCode: number; errorMessage?: string };

async function begin(optional: readonly string[] = ['users']) {
  const kernel = await createTestKernel({ plugins: ['bans', ...optional] });
  ends.push(() => kernel.dispose());
  await kernel.service(settings).change({ enableban: true }, 'test');
  const call = async (
    path: string,
    name: string,
    args: object,
    headers: Record<string, string>,
    wanted: readonly string[] = [],
  ): Promise<Reply> => {
    const result = Object.fromEntries(wanted.map((key) => [key, key]));
    const packed = {
      signature: '',
      proto: '1.0',
      async: true,
      requests: [
        { token: 't', functions: [{ function: name, arguments: { references: {}, return: result, ...args } }] },
      ],
    };
    const answer = await kernel.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(packed),
    });
    const body = (await answer.json()) as { requests: [{ functions: [{ arguments: Reply }] }] };
    return body.requests[0].functions[0].arguments;
  };
  const secret = (name: string) => Buffer.from(name.padEnd(33, '.')).toString('base64url').slice(0, 43);
  const person = (name: string) => ({ 'x-mibew-visitor': secret(name) });
  const start = (name: string, locale = 'en') =>
    call('/thread/update', 'start', { threadId: null, token: null, locale }, person(name), ['next', 'options']);
  const post = (name: string, thread: { id: number; token: number }, message: string, key = message) =>
    call(
      '/thread/update',
      'post',
      { threadId: thread.id, token: thread.token, user: true, message, key },
      person(name),
      ['id'],
    );
  const threadOf = (reply: Reply) => (reply['options'] as { thread: { id: number; token: number } }).thread;
  const ban = (input: Partial<BanInput>) => kernel.service(bans).create({ comment: 'spam', till: 0, ...input }, 1);
  return { kernel, call, start, post, threadOf, ban, secret, person, bans: kernel.service(bans) };
}

/** Calls of tests come from here. */
const here = '127.0.0.1';

describe('somebody who is banned', () => {
  it('cannot start, by RPC or on the page, and is told so in a neutral sentence', async () => {
    const { kernel, start, ban, bans: service } = await begin();
    const sentence = 'Sorry, you cannot use this chat.';
    const { id } = await ban({ address: '127.0.0.0/24' });
    expect(await start('carl')).toMatchObject({ errorCode: 200, errorMessage: sentence });
    const page = await createBrowser(kernel).get('/chat');
    expect(page.status).toBe(403);
    const html = await page.text();
    expect(html).toContain(sentence);
    expect(html).not.toContain('spam');
    await service.delete(id);
    expect(await start('carl')).toMatchObject({ errorCode: 0, next: 'chat' });
    expect((await createBrowser(kernel).get('/chat')).status).toBe(302);
  });

  it('is kept out by who he is, wherever he comes from, and nobody else with him', async () => {
    const { kernel, start, ban, secret } = await begin();
    const { userId } = await kernel.service(visitors).bySecret(secret('carl'));
    await ban({ userId });
    expect((await start('carl')).errorCode).toBe(200);
    expect((await start('dora')).errorCode).toBe(0);
  });

  it('cannot write in a conversation that runs, until the ban ends; what was stored before stays acknowledged', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { start, post, threadOf, ban } = await begin();
    const thread = threadOf(await start('carl'));
    expect(await post('carl', thread, 'before')).toMatchObject({ errorCode: 0 });
    const till = Date.now() + 60_000;
    await ban({ address: here, till });
    expect(await post('carl', thread, 'during')).toMatchObject({
      errorCode: 200,
      errorMessage: 'Sorry, you cannot use this chat.',
    });
    expect(await post('carl', thread, 'before')).toMatchObject({ errorCode: 0 });
    vi.setSystemTime(till);
    expect(await post('carl', thread, 'after')).toMatchObject({ errorCode: 0 });
  });

  it('is not heard in a conversation that runs in any other way either, and his window knows', async () => {
    const { kernel, call, start, post, threadOf, ban, person } = await begin([
      'users',
      'preview',
      'rating',
      'transcript',
    ]);
    await kernel.service(settings).change({ preview_enabled: true }, 'test');
    const thread = threadOf(await start('carl'));
    await post('carl', thread, 'before');
    const account = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
    await kernel.service(threads).take(thread.id, await kernel.service(operators).create(account));
    const at = { threadId: thread.id, token: thread.token };
    const ask = (name: string, args: object, wanted: readonly string[] = []) =>
      call('/thread/update', name, { ...at, ...args }, person('carl'), wanted);
    const canPost = async () => (await ask('update', { user: true, typed: false, lastId: 0 }, ['canPost']))['canPost'];
    expect(await canPost()).toBe(true);
    const { id } = await ban({ address: here });
    expect(await canPost()).toBe(false);
    for (const [name, args] of [
      ['rename', { name: 'BUY LAMPS' }],
      ['preview', { user: true, text: 'Buy' }],
      ['rate', { user: true, score: 1, comment: 'Buy' }],
    ] as const)
      expect(await ask(name, args), name).toMatchObject({ errorCode: 200 });
    expect((await kernel.service(threads).byId(thread.id))?.userName).toBe('Guest');
    await kernel.service(bans).delete(id);
    expect(await canPost()).toBe(true);
    expect(await ask('rename', { name: 'Carl' })).toMatchObject({ errorCode: 0 });
  });

  it('is told so where there are no scripts, and keeps what he wrote', async () => {
    const { kernel, ban } = await begin();
    const browser = createBrowser(kernel);
    const page = (await browser.get('/chat')).headers.get('location')!;
    await ban({ address: here });
    const refused = await browser.post(`${page}/post`, { message: 'Buy my lamps', key: 'k' });
    expect(refused.status).toBe(400);
    const html = await refused.text();
    expect(html).toContain('Sorry, you cannot use this chat.');
    expect(html).toContain('Buy my lamps</textarea>');
    expect((await browser.post(`${page}/post`, { message: ' ', key: 'l' })).status).toBe(400);
  });

  it('cannot leave a message either', async () => {
    const { kernel, ban, secret } = await begin();
    await ban({ address: here });
    const visitor = await kernel.service(visitors).bySecret(secret('carl'));
    const leave = kernel
      .service(threads)
      .leave(visitor, { remote: here, userAgent: '' }, [
        { kind: 1, body: 'Buy', name: 'Carl', agentId: 0, plugin: '', data: null },
      ]);
    await expect(leave).rejects.toMatchObject({ errorCode: 200, errorName: 'BANNED' });
  });

  it('may be answered by his operator all the same', async () => {
    const { kernel, start, threadOf, ban } = await begin();
    const thread = threadOf(await start('carl'));
    const account = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
    const ann = await kernel.service(operators).create(account);
    await ban({ address: here });
    await kernel.service(threads).take(thread.id, ann);
    await kernel.service(threads).post(thread.id, 'agent', { message: 'No.', operator: ann });
  });

  it('is let in while bans are switched off', async () => {
    const { kernel, start, ban } = await begin();
    await ban({ address: here });
    await kernel.service(settings).change({ enableban: false }, 'test');
    expect((await start('carl')).errorCode).toBe(0);
  });
});

describe('the queue', () => {
  async function withQueue() {
    const world = await begin();
    const account = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
    const { id: agentId } = await world.kernel.service(operators).create(account);
    const browser = createBrowser(world.kernel);
    await browser.submit('/operator/login', { login: 'ann', password: account.password });
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const queue = async (revision: number) => {
      const args = { agentId, revision };
      const headers = { cookie, origin: 'http://localhost' };
      const reply = await world.call('/operator/users/update', 'updateThreads', args, headers, [
        'threads',
        'lastRevision',
      ]);
      return {
        rows: reply['threads'] as { id: number; canBan: boolean; ban: unknown }[],
        revision: reply['lastRevision'] as number,
      };
    };
    return { ...world, queue, browser };
  }

  it('marks whoever is banned, as soon as he is and as long as he is', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { kernel, start, ban, bans: service, queue } = await withQueue();
    await start('carl');
    const before = await queue(0);
    expect(before.rows).toMatchObject([{ canBan: true, ban: false }]);

    const made = await ban({ address: here });
    const banned = await queue(before.revision);
    expect(banned.rows).toMatchObject([{ canBan: true, ban: { id: made.id, reason: 'spam' } }]);
    await service.update(made.id, { address: '192.0.2.7', comment: 'another', till: 0 });
    const moved = await queue(banned.revision);
    expect(moved.rows).toMatchObject([{ ban: false }]);

    const till = Date.now() + 60_000;
    await service.update(made.id, { address: here, comment: 'short', till });
    const short = await queue(moved.revision);
    expect(short.rows).toMatchObject([{ ban: { reason: 'short' } }]);
    vi.setSystemTime(till);
    // The clock jumped; the jobs look at it again as they do when another node schedules one.
    kernel.service(cluster).bus.publish('jobs.scheduled', 'bans.ended');
    await vi.waitFor(async () => expect((await queue(short.revision)).rows).toMatchObject([{ ban: false }]));

    const last = await queue(short.revision);
    await kernel.service(settings).change({ enableban: false }, 'test');
    await vi.waitFor(async () =>
      expect((await queue(last.revision)).rows).toMatchObject([{ canBan: false, ban: false }]),
    );
  });

  it('is not stirred by bans of others', async () => {
    const { start, ban, queue } = await withQueue();
    await start('carl');
    const { revision } = await queue(0);
    await ban({ address: '192.0.2.7' });
    await ban({ userId: 'somebody' });
    expect(await queue(revision)).toEqual({ rows: [], revision });
  });

  it('has the link of the original for its clients while bans are switched on', async () => {
    const { kernel, browser } = await withQueue();
    const boot = async () => (await (await browser.get('/operator/users')).text()).replaceAll('\\u002F', '/');
    expect(await boot()).toContain('"banLink":"/operator/ban/add"');
    await kernel.service(settings).change({ enableban: false }, 'test');
    expect(await boot()).toContain('"banLink":""');
  });
});

describe('plugins', () => {
  it('hear of each ban that is made, changed and lifted', async () => {
    const { kernel, ban, bans: service } = await begin([]);
    const made = await ban({ address: here });
    const changed = await service.update(made.id, { address: here, comment: 'again', till: 0 });
    await service.delete(made.id);
    expect(kernel.calls(banCreated)).toEqual([[{ ban: made }]]);
    expect(kernel.calls(banUpdated)).toEqual([[{ ban: changed, original: made }]]);
    expect(kernel.calls(banDeleted)).toEqual([[{ id: made.id }]]);
  });
});

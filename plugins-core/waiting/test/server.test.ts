import { afterAll, beforeAll, expect, it } from 'vitest';
import { ann } from '../../chat/test/world.ts';
import { newcomer, serve, startedIn, type ChatServer } from '../../chat/test/server.ts';
import { threads } from '../../chat/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { settings } from '../../settings/api.ts';
import { queue } from '../api.ts';

const asked = { return: { position: 'position', low: 'low', high: 'high', text: 'text' } };

eachDialect((dialect) => {
  let server: ChatServer;
  beforeAll(async () => {
    server = await serve(dialect, ['waiting']);
    await server.kernel.service(settings).change({ max_connections_from_one_host: 0, start_rate: 0 }, 'test');
    server.online.add(ann.id);
  });
  afterAll(() => server?.stop());

  async function begin() {
    const who = newcomer();
    const { results } = await server.call(who, ['start', { return: { options: 'options' } }]);
    return { who, ...startedIn(results[0]) };
  }
  type Begun = Awaited<ReturnType<typeof begin>>;
  const position = async ({ who, threadId, token }: Begun) =>
    (await server.call(who, ['position', { threadId, token, user: true, ...asked }])).results[0];

  it('tells each visitor his own place, in words, and the next one when somebody is attended to', async () => {
    const first = await begin();
    const second = await begin();
    expect(await position(first)).toMatchObject({ position: 1, low: 0, high: 0, text: 'You are next.' });
    expect(await position(second)).toMatchObject({ position: 2, text: 'You are number 2 in the queue.' });
    expect(server.kernel.service(queue).waiting(0)).toEqual([first.threadId, second.threadId]);
    await server.kernel.service(threads).take(first.threadId, ann);
    expect(await position(first)).toMatchObject({ errorCode: 0, position: 0, text: '' });
    expect(await position(second)).toMatchObject({ position: 1 });
    await server.kernel.service(threads).close(second.threadId, 'user');
    expect(await position(second)).toMatchObject({ position: 0 });
  });

  it('tells nobody the place of somebody else', async () => {
    const thread = await begin();
    const stranger = await position({ ...thread, who: newcomer() });
    expect(stranger).toBeUndefined();
    const { results } = await server.call({ operator: ann }, [
      'position',
      { threadId: thread.threadId, token: thread.token, user: false, ...asked },
    ]);
    expect(results[0]).toMatchObject({ errorCode: 3 });
  });

  it('finds those who wait already when it is switched on', async () => {
    const thread = await begin();
    await server.kernel.disable('waiting');
    expect((await position(thread))?.['errorCode']).not.toBe(0);
    await server.kernel.enable('waiting');
    expect((await position(thread))?.['position']).toBeGreaterThan(0);
  });
});

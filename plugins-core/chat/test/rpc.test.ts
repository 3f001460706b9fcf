import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { threads as threadsToken, threadState } from '../api.ts';
import { settings } from '../../settings/api.ts';
import { eve, newcomer, serve, startedIn, type Caller, type ChatServer, wim } from './server.ts';
import { ann, bob } from './world.ts';

eachDialect((dialect) => {
  describe('the thread processor', () => {
    let server: ChatServer;
    beforeAll(async () => {
      server = await serve(dialect);
      await server.kernel.service(settings).change({ max_connections_from_one_host: 0 }, 'test');
    });
    afterAll(() => server?.stop());

    const start = async (who: Caller): Promise<{ threadId: number; token: number }> => {
      const { results } = await server.call(who, ['start', { return: { next: 'next', options: 'options' } }]);
      return startedIn(results[0]);
    };
    const stateReturn = {
      threadState: 'threadState',
      threadAgentId: 'threadAgentId',
      typing: 'typing',
      canPost: 'canPost',
    };
    const messagesReturn = { messages: 'messages', lastId: 'lastId' };

    it('tells what others talk about only to whoever may watch; the state to everybody in whose sight it is', async () => {
      const visitor = newcomer();
      const ref = await start(visitor);
      await server.call(visitor, ['post', { ...ref, user: true, message: 'secret' }]);
      const read = async (operator: Caller['operator']) => {
        const call = { ...ref, user: false, return: messagesReturn };
        const { results } = await server.call({ operator }, ['updateMessages', { ...call, lastId: 0 }]);
        return JSON.stringify(results[0]);
      };
      // Free for all: whoever reads may take it.
      expect(await read(eve)).toContain('secret');
      await server.call({ operator: ann }, ['take', { ...ref, user: false }]);
      expect([await read(ann), await read(wim)]).toEqual([
        expect.stringContaining('secret'),
        expect.stringContaining('secret'),
      ]);
      expect(await read(eve)).not.toContain('secret');
      expect(JSON.parse(await read(eve))).toMatchObject({ errorCode: 0, messages: [], lastId: 0 });
      const update = { ...ref, user: false, typed: false, return: stateReturn };
      const { results } = await server.call({ operator: eve }, ['update', update]);
      expect(results[0]).toMatchObject({ errorCode: 0, threadAgentId: ann.id, canPost: false });
      await server.call({ operator: ann }, ['close', { ...ref, user: false }]);
      expect(await read(eve)).not.toContain('secret');
    });

    it('tells only operators whether the visitor is gone', async () => {
      const visitor = newcomer();
      const ref = await start(visitor);
      const asked = { ...ref, typed: false, return: { visitorGone: 'gone' } };
      const { results } = await server.call({ operator: ann }, ['update', { ...asked, user: false }]);
      expect(results[0]).toMatchObject({ errorCode: 0, gone: false });
      const { results: his } = await server.call(visitor, ['update', { ...asked, user: true }]);
      expect(his[0]).toMatchObject({ errorCode: 1018 });
      expect(his[0]).not.toHaveProperty('gone');
    });

    it('starts a chat, and answers a repeated start with the same one', async () => {
      const who = newcomer();
      const { results } = await server.call(who, [
        'start',
        { locale: 'en', name: 'Zoë', return: { next: 'next', options: 'options' } },
      ]);
      expect(results[0]).toMatchObject({
        errorCode: 0,
        next: 'chat',
        options: {
          thread: { id: expect.any(Number), token: expect.any(Number), agentId: 0, userId: expect.any(String) },
          user: {
            name: 'Zoë',
            canChangeName: true,
            defaultName: true,
            canPost: true,
            isAgent: false,
            canSendEmail: false,
          },
          messageForm: { ignoreCtrl: false },
          links: { chat: expect.stringMatching(/^\/chat\/\d+\/\d+$/) },
          avatar: false,
        },
      });
      const again = await start(who);
      expect(again.threadId).toBe(startedIn(results[0]).threadId);
    });

    it('makes no visitor of somebody who only polls, and tells a start without a secret so', async () => {
      const who = newcomer();
      expect((await server.call(who, ['update', { threadId: 1, token: 1, user: true, typed: false }])).status).toBe(
        403,
      );
      const { db } = await import('../../database/api.ts');
      const { visitor } = await import('../tables.ts');
      const database = server.kernel.service(db);
      const count = async () => (await database.query.select().from(database.table(visitor))).length;
      const before = await count();
      await server.call(who, ['update', { threadId: 1, token: 1, user: true, typed: false }]);
      expect(await count()).toBe(before);
      expect((await server.call({}, ['start', {}])).results[0]).toMatchObject({ errorCode: 3 });
    });

    it('refuses a whole package about a thread that is not his with one and the same body, existing or not', async () => {
      const [mine, stranger] = [newcomer(), newcomer()];
      const own = await start(mine);
      const foreign = await start(stranger);
      const bodies = new Set<string>();
      const wrong = [
        foreign,
        { threadId: 9_999_999, token: 1 },
        { threadId: 'x' as never, token: 1 },
        { ...foreign, token: 1 },
      ];
      for (const ref of wrong)
        for (const user of [true, false, undefined]) {
          const answer = await server.call(
            mine,
            ['post', { ...own, user: true, message: 'must not be stored' }],
            ['update', { ...ref, user, typed: false }],
          );
          expect(answer.status).toBe(403);
          bodies.add(JSON.stringify(JSON.parse(answer.body).error));
        }
      expect(bodies.size).toBe(1);
      const { messages } = await server.kernel.service(threadsToken).messages(own.threadId, 'user', 0);
      expect(messages.map(({ message }) => message)).not.toContain('must not be stored');
    });

    it('lets `user` decide the side, whoever else is logged in', async () => {
      const visitor = newcomer();
      const ref = await start(visitor);
      const both = { ...visitor, operator: ann };
      const poll = { ...ref, typed: false, return: stateReturn };
      expect((await server.call(both, ['update', { ...poll, user: true }])).results[0]).toMatchObject({
        canPost: true,
      });
      expect((await server.call(both, ['update', { ...poll, user: false }])).results[0]).toMatchObject({
        canPost: false,
      });
      expect((await server.call({ operator: ann }, ['update', { ...poll, user: true }])).status).toBe(403);
      expect((await server.call(visitor, ['update', { ...poll, user: false }])).results[0]).toMatchObject({
        errorCode: 2,
      });
    });

    it('tests thread and token before arguments before the login', async () => {
      const visitor = newcomer();
      const { threadId, token } = await start(visitor);
      const code = async (who: Caller, args: object) =>
        (await server.call(who, ['update', { ...args }])).results[0]?.['errorCode'];
      expect(await code(visitor, { threadId, token: token + 1, user: 'x' })).toBe(4);
      expect(await code(visitor, { threadId, token, user: 'x' })).toBe(3);
      expect(await code(visitor, { threadId, token, user: false, typed: false })).toBe(2);
      expect(await code({ operator: ann }, { threadId: 9_999_999, token, user: false, typed: false })).toBe(4);
      expect(await code({ operator: ann }, { threadId, token: 'abc', user: false, typed: false })).toBe(4);
      expect(await code(visitor, { threadId: null, token: null, user: true, typed: false })).toBe(4);
      expect(await code(visitor, { threadId: String(threadId), token: String(token), user: true, typed: false })).toBe(
        0,
      );
      expect(
        (await server.call(visitor, ['updateMessages', { threadId, token, user: true, lastId: -1 }])).results[0],
      ).toMatchObject({ errorCode: 3 });
    });

    it('carries a conversation from start to close', async () => {
      const visitor = newcomer();
      const ref = await start(visitor);
      const operator = { operator: ann };
      const poll = (who: Caller, user: boolean, lastId = 0) =>
        server.call(
          who,
          ['updateMessages', { ...ref, user, lastId, return: messagesReturn }],
          ['update', { ...ref, user, typed: false, return: stateReturn }],
        );

      const first = await poll(visitor, true);
      expect(first.results[1]).toMatchObject({
        threadState: threadState.queue,
        threadAgentId: 0,
        typing: false,
        canPost: true,
      });
      expect(
        (
          await server.call(operator, [
            'take',
            { ...ref, user: false, return: { threadState: 's', threadAgentId: 'a', agentName: 'n' } },
          ])
        ).results[0],
      ).toMatchObject({
        s: threadState.chatting,
        a: ann.id,
        n: 'Ann',
      });
      const lost = await server.call({ operator: bob }, ['take', { ...ref, user: false }]);
      expect(lost.results[0]).toMatchObject({ errorCode: 105, errorMessage: expect.stringContaining('Ann') });

      const message = '+ % 😀 "x" </script>';
      const posted = await server.call(visitor, [
        'post',
        { ...ref, user: true, message, key: 'k1', return: { id: 'id', created: 'created' } },
      ]);
      const again = await server.call(visitor, [
        'post',
        { ...ref, user: true, message, key: 'k1', return: { id: 'id', created: 'created' } },
      ]);
      expect(again.results[0]).toEqual(posted.results[0]);
      expect(
        (await server.call(visitor, ['post', { ...ref, user: true, message: 'other', key: 'k1' }])).results[0],
      ).toMatchObject({ errorCode: 103 });
      await server.call(operator, ['post', { ...ref, user: false, message: 'Hi & welcome' }]);
      expect(
        (await server.call({ operator: bob }, ['post', { ...ref, user: false, message: 'me too' }])).results[0],
      ).toMatchObject({ errorCode: 5 });

      const { results } = await poll(visitor, true);
      const messages = results[0]?.['messages'] as { kind: number; message: string; name: string | null }[];
      expect(messages.map(({ kind, name, message: text }) => [kind, name, text])).toEqual([
        [4, null, expect.stringContaining('Nobody')],
        [6, null, 'Operator Ann joined the chat'],
        [1, 'Guest', '+ % 😀 &quot;x&quot; &lt;/script&gt;'],
        [2, 'Ann', 'Hi &amp; welcome'],
      ]);

      const renamed = await server.call(visitor, ['rename', { ...ref, name: 'Zoë' }]);
      expect(renamed.results[0]).toMatchObject({ errorCode: 0 });
      expect(renamed.headers.get('set-cookie')).toMatch(/^MIBEW_Data=/);
      expect(
        (await server.call(visitor, ['getAvatar', { ...ref, return: { imageLink: 'i' } }])).results[0],
      ).toMatchObject({ i: false });

      expect(
        (await server.call({ operator: bob }, ['close', { ...ref, user: false, return: { closed: 'c' } }])).results[0],
      ).toMatchObject({ c: true });
      expect((await poll(visitor, true)).results[1]).toMatchObject({ threadState: threadState.chatting });
      expect(
        (await server.call(operator, ['close', { ...ref, user: false, return: { closed: 'c' } }])).results[0],
      ).toMatchObject({ c: true });
      expect((await poll(visitor, true)).results[1]).toMatchObject({ threadState: threadState.closed, canPost: false });
      expect(
        (await server.call(visitor, ['post', { ...ref, user: true, message: 'hello?' }])).results[0],
      ).toMatchObject({ errorCode: 5 });
      expect((await server.call(operator, ['take', { ...ref, user: false }])).results[0]).toMatchObject({
        errorCode: 106,
      });
    });

    it('renames so often and no more: each time is a line in the conversation', async () => {
      const visitor = newcomer();
      const ref = startedIn((await server.call(visitor, ['start', { return: { options: 'options' } }])).results[0]);
      const names = Array.from({ length: 15 }, (_, n) => ['rename', { ...ref, name: `Zoë ${n}` }] as const);
      const codes = (await server.call(visitor, ...names)).results.map(({ errorCode }) => errorCode);
      expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
      expect(codes.at(-1)).toBe(102);
    });

    it('refuses to rename before it looks at the thread, where renaming is switched off', async () => {
      const visitor = newcomer();
      const ref = await start(visitor);
      await server.kernel.service(settings).change({ usercanchangename: false }, 'test');
      expect((await server.call(visitor, ['rename', { ...ref, token: 0, name: 'x' }])).results[0]).toMatchObject({
        errorCode: 6,
      });
      await server.kernel.service(settings).change({ usercanchangename: true }, 'test');
    });
  });
});

import { describe, expect, it, vi } from 'vitest';
import { ann, call, createWorld, deskCall, operator, pack, request, results, send } from './world.ts';

const chat = '/thread/update';
const users = '/operator/users/update';
const chatDefaults = { threadId: null, token: null, references: [], return: [], errorCode: 0 };
const usersDefaults = { agentId: null, references: [], return: [], errorCode: 0 };
const result = (token: string, args: object) => ({ token, functions: [{ function: 'result', arguments: args }] });
const answer = (...requests: object[]) => ({ signature: '', proto: '1.0', async: true, requests });

describe.each(['json', 'form'] as const)('the worked examples of the protocol, as %s', (encoding) => {
  it('answers a poll with one reply per request, in their order', async () => {
    const world = createWorld();
    world.threads.get(42)?.messages.push({ id: 101, kind: 6, message: 'Operator Ann joined the chat' });
    const { status, body } = await send(
      world,
      chat,
      pack(
        request(
          'wnd17',
          call('updateMessages', { user: true, lastId: 100 }, { messages: 'messages', lastId: 'lastId' }),
        ),
        request(
          'wnd33',
          call('update', { user: true, typed: false, lastId: 100 }, { threadState: 'threadState', canPost: 'canPost' }),
        ),
      ),
      encoding,
      ann,
    );
    expect(status).toBe(200);
    expect(body).toEqual(
      answer(
        result('wnd17', {
          messages: [{ id: 101, kind: 6, message: 'Operator Ann joined the chat' }],
          lastId: 101,
          ...chatDefaults,
        }),
        result('wnd33', { threadState: 2, canPost: true, ...chatDefaults }),
      ),
    );
  });

  it('takes an argument from the result of an earlier function', async () => {
    const { body } = await send(
      createWorld(),
      users,
      pack(
        request(
          'wnd15',
          deskCall('updateThreads', { revision: 0 }, { threads: 'snapshot', lastRevision: 'firstRevision' }),
          deskCall(
            'updateThreads',
            { revision: 'lastRevision', references: { revision: 1 } },
            { threads: 'delta', lastRevision: 'lastRevision' },
          ),
          deskCall('currentTime', {}, { time: 'currentTime' }),
        ),
      ),
      encoding,
      operator,
    );
    expect(body).toEqual(
      answer(
        result('wnd15', {
          snapshot: [{ id: 42, token: 1234567 }],
          firstRevision: 57,
          delta: [],
          lastRevision: 57,
          currentTime: 1_700_000_010,
          ...usersDefaults,
        }),
      ),
    );
  });

  it('tells an error of one request and carries out the other', async () => {
    const { body } = await send(
      createWorld(),
      chat,
      pack(
        request('wnd1', call('post', { threadId: 43, token: 7654321, user: true, message: 'hello?' })),
        request(
          'wnd2',
          call(
            'update',
            { threadId: 43, token: 7654321, user: true, typed: false },
            { threadState: 'threadState', canPost: 'canPost' },
          ),
        ),
      ),
      encoding,
      ann,
    );
    expect(body).toEqual(
      answer(
        result('wnd1', { ...chatDefaults, errorCode: 5, errorMessage: 'Cannot send' }),
        result('wnd2', { threadState: 3, canPost: false, ...chatDefaults }),
      ),
    );
  });

  it('stops a request at its first error and keeps what was gathered before', async () => {
    const world = createWorld();
    const { body } = await send(
      world,
      users,
      pack(
        request(
          'wnd9',
          deskCall('currentTime', {}, { time: 't' }),
          deskCall('away', { agentId: 4 }),
          deskCall('available'),
        ),
      ),
      encoding,
      operator,
    );
    expect(body).toEqual(
      answer(
        result('wnd9', {
          ...usersDefaults,
          t: 1_700_000_010,
          errorCode: 2,
          errorMessage: "Wrong agent id: '4' instead of 3",
        }),
      ),
    );
    expect(world.log).toEqual([]);
  });

  it('calls a function at the visitor and gets the answer with his next package', async () => {
    const world = createWorld();
    await world.service.call(
      'thread',
      ['thread_user_42'],
      [
        {
          function: 'flashTitle',
          arguments: { threadId: 42, token: 1234567, recipient: 'user', times: 3 },
          return: { shown: 'shown' },
        },
      ],
      { function: 'answered', arguments: { note: 'mine', shown: 'unknown' } },
    );
    const poll = pack(request('wnd1', call('update', { user: true, typed: false })));
    const { body } = await send(world, chat, poll, encoding, ann);
    const [called, own] = (body as { requests: { token: string; functions: unknown[] }[] }).requests;
    expect(called?.token).toMatch(/^[0-9a-f]{32}$/);
    expect(called?.functions).toEqual([
      {
        function: 'flashTitle',
        arguments: {
          threadId: 42,
          token: 1234567,
          recipient: 'user',
          times: 3,
          references: [],
          return: { shown: 'shown' },
        },
      },
    ]);
    expect(own?.token).toBe('wnd1');

    const reply = pack(
      request(called?.token ?? '', {
        function: 'result',
        arguments: { shown: true, threadId: null, token: null, references: {}, return: {}, errorCode: 0 },
      }),
    );
    const answered = await send(world, chat, reply, encoding, ann);
    expect([answered.status, answered.text]).toEqual([200, '']);
    expect(world.answers).toEqual([expect.objectContaining({ note: 'mine', shown: true })]);

    // The same answer again, and one that nobody waits for, are ignored.
    await send(world, chat, reply, encoding, ann);
    await send(
      world,
      chat,
      pack(request('f'.repeat(32), reply.requests[0] && (reply.requests[0] as { functions: unknown[] }).functions[0])),
      encoding,
      ann,
    );
    expect(world.answers).toHaveLength(1);
    expect(world.failures).toEqual([]);
  });
});

describe('protocol failures while a request runs', () => {
  const failing = async (path: string, ...functions: object[]) => {
    const world = createWorld();
    const beside = path === users ? deskCall('available') : call('updateMessages', { user: true, lastId: 0 });
    const { status, body } = await send(
      world,
      path,
      pack(request('bad', ...functions), request('good', beside)),
      'json',
      path === users ? operator : ann,
    );
    expect(status).toBe(200);
    const found = results(body);
    expect(found['good']).toMatchObject({ errorCode: 0 });
    expect(world.log).toHaveLength(1);
    return found['bad'];
  };

  it.each([
    ['a reference to itself', deskCall('updateThreads', { revision: 'x', references: { revision: 1 } }), 1021],
    [
      'a reference to a later function',
      deskCall('updateThreads', { revision: 'x', references: { revision: 2 } }),
      1021,
    ],
    ['a reference to number 0', deskCall('updateThreads', { revision: 'x', references: { revision: 0 } }), 1021],
    [
      'a reference that is no number',
      deskCall('updateThreads', { revision: 'x', references: { revision: 'one' } }),
      1021,
    ],
    ['return of what is not there', deskCall('currentTime', {}, { nope: 'nope' }), 1018],
    ['return of a key of the prototype', deskCall('currentTime', {}, { constructor: 'c' }), 1018],
    ['return of __proto__', deskCall('currentTime', { return: JSON.parse('{"__proto__":"p"}') as object }), 1018],
    ['return from an unknown function', deskCall('nobodyKnows', {}, { nope: 'nope' }), 1018],
    ['return that is no map', deskCall('currentTime', { return: 'time' }), 1019],
    ['references that are no map', deskCall('currentTime', { references: 7 }), 1019],
    ['an alias that is no name', deskCall('currentTime', { return: { time: {} } }), 1019],
  ])('answers %s in the result of that request', async (_, one, errorCode) => {
    expect(await failing(users, one)).toMatchObject({ errorCode, agentId: null, references: [], return: [] });
  });

  it.each([
    ['an empty name', '', 1009],
    ['a zero', 0, 1009],
    ['the text 0', '0', 1009],
    ['null', null, 1009],
    ['an unknown key', 'noSuchKey', 1017],
    ['a key of the prototype', 'hasOwnProperty', 1017],
    ['__proto__', '__proto__', 1017],
    ['no name at all', true, 1017],
  ])('refuses to refer to %s', async (_, name, errorCode) => {
    const found = await failing(
      users,
      deskCall('currentTime', {}, { time: 'kept' }),
      deskCall('updateThreads', { revision: name, references: { revision: 1 } }),
    );
    expect(found).toMatchObject({ errorCode, kept: 1_700_000_010 });
    expect(found?.['errorName']).toEqual(expect.any(String));
  });

  it('says 1009 where the argument is absent', async () => {
    const refer = deskCall('away', { references: { revision: 1 } });
    expect(await failing(users, deskCall('currentTime'), refer)).toMatchObject({
      errorCode: 1009,
      errorName: 'EMPTY_VARIABLE_IN_REFERENCE',
    });
  });

  const reply = call('result', { errorCode: 0 });
  it('takes one result for each request', async () => {
    expect(await failing(chat, reply, reply)).toMatchObject({
      errorCode: 1014,
      errorName: 'RESULT_FUNCTION_ALREADY_EXISTS',
      threadId: null,
      token: null,
    });
  });

  it('takes no reply in a package that is not async, and says so although nothing else is answered', async () => {
    const { body } = await send(
      createWorld(),
      chat,
      { ...pack(request('bad', reply), request('good', call('update', { user: true, typed: false }))), async: false },
      'json',
      ann,
    );
    expect(results(body)).toEqual({
      bad: expect.objectContaining({ errorCode: 1015, errorName: 'RESULT_FUNCTION_EXISTS' }),
    });
  });

  it('wants a result where a call waits for its answer', async () => {
    const world = createWorld();
    const asked = [{ function: 'ask', arguments: { recipient: 'user' } }];
    await world.service.call('thread', ['thread_user_42'], asked, { function: 'answered', arguments: {} });
    const { body } = await send(
      world,
      chat,
      pack(request('p', call('update', { user: true, typed: false }))),
      'json',
      ann,
    );
    const token = (body as { requests: { token: string }[] }).requests[0]?.token ?? '';
    const { body: second } = await send(world, chat, pack(request(token, call('echo'))), 'json', ann);
    expect(results(second)[token]).toMatchObject({ errorCode: 1011, errorName: 'NO_RESULT_FUNCTION' });
  });
});

describe('running functions', () => {
  const run = async (world: ReturnType<typeof createWorld>, ...functions: object[]) =>
    results((await send(world, chat, pack(request('t', ...functions)), 'json', ann)).body)['t'];

  it('runs all functions of a request, in order, and the requests one after the other', async () => {
    const world = createWorld();
    const post = (message: string) => call('post', { user: true, message });
    await send(
      world,
      chat,
      pack(
        request('a', post('one'), post('two')),
        request('b', post('three'), call('updateMessages', { user: true, lastId: 0 })),
      ),
      'json',
      ann,
    );
    expect(world.log).toEqual(['post one', 'post two', 'post three', 'updateMessages']);
  });

  it('does not mind the letter case of built-in names', async () => {
    const world = createWorld();
    expect(await run(world, call('POST', { user: true, message: 'loud' }, { id: 'id' }))).toMatchObject({ id: 1 });
  });

  it('lets an unknown function succeed that returns nothing', async () => {
    expect(await run(createWorld(), call('nobodyKnows'))).toEqual(chatDefaults);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'treats %s as any other name of a function, an argument and an alias',
    async (name) => {
      const world = createWorld();
      expect(await run(world, call(name))).toEqual(chatDefaults);
      const args = JSON.parse(`{"${name}":{"polluted":true},"kept":5}`) as Record<string, unknown>;
      const returns = JSON.parse(`{"kept":"${name}"}`) as Record<string, string>;
      const found = await run(world, call('echo', args, returns));
      expect(Object.getOwnPropertyDescriptor(found, name)?.value).toBe(5);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expect(world.failures).toEqual([]);
    },
  );

  it('lets a later function overwrite an alias', async () => {
    const found = await run(
      createWorld(),
      call('echo', { value: 'first' }, { value: 'same' }),
      call('echo', { value: 'second' }, { value: 'same' }),
    );
    expect(found).toMatchObject({ same: 'second' });
  });

  it('refers to a result that was not returned, and to one whose name is a number', async () => {
    const found = await run(
      createWorld(),
      call('echo', { 7: 'seven' }),
      call('echo', { text: 7, references: { text: '1' } }, { text: 'text' }),
    );
    expect(found).toMatchObject({ text: 'seven' });
  });

  it('tests what comes first, then thread and token, arguments, login', async () => {
    const world = createWorld();
    const code = async (one: object) => (await run(world, one))?.['errorCode'];
    expect(await code(call('rename', { token: 1, name: 7 }))).toBe(6);
    expect(await code(call('post', { token: 1, user: 'x' }))).toBe(4);
    expect(await code(call('post', { user: 'x' }))).toBe(3);
    expect(await code(call('post', { user: false }))).toBe(3);
    expect(await code(call('post', { user: false, message: 'hi' }))).toBe(2);
    expect(await code(call('post', { user: true, message: 'hi' }))).toBe(0);
  });

  it('gives the users side its own code for wrong arguments', async () => {
    const { body } = await send(
      createWorld(),
      users,
      pack(request('t', deskCall('updateThreads', { revision: -1 }))),
      'json',
      operator,
    );
    expect(results(body)['t']).toMatchObject({ errorCode: 104 });
  });

  it('reads decimal strings as numbers', async () => {
    const found = await run(createWorld(), call('updateMessages', { user: true, lastId: '5' }, { lastId: 'lastId' }));
    expect(found).toMatchObject({ lastId: 5 });
  });

  it('answers a function that fails for reasons of ours with a code worth another try', async () => {
    const world = createWorld();
    const { body } = await send(
      world,
      chat,
      pack(request('a', call('fail')), request('b', call('post', { user: true, message: 'still' }))),
      'json',
      ann,
    );
    expect(results(body)).toMatchObject({ a: { errorCode: 120 }, b: { errorCode: 0 } });
    expect(JSON.stringify(body)).not.toContain('database');
    expect(world.failures).toHaveLength(1);
  });

  it('survives a result that JSON cannot carry', async () => {
    const world = createWorld({ called: async (found, { function: name }) => (name === 'echo' ? { big: 1n } : found) });
    const { body } = await send(
      world,
      chat,
      pack(request('a', call('echo', {}, { big: 'big' })), request('b', call('update', { user: true, typed: false }))),
      'json',
      ann,
    );
    expect(results(body)).toMatchObject({ a: { errorCode: 120 }, b: { errorCode: 0 } });
  });

  it('limits how often one caller calls a function that says so', async () => {
    const world = createWorld();
    const codes = [];
    for (let time = 0; time < 3; time += 1) codes.push((await run(world, call('seldom')))?.['errorCode']);
    expect(codes).toEqual([0, 0, 102]);
  });

  it('does not run the rest when a thread of somebody else comes in by a reference', async () => {
    const world = createWorld();
    const found = await run(
      world,
      call('echo', { other: 99, secret: 5555555 }),
      call('post', {
        threadId: 'other',
        token: 'secret',
        references: { threadId: 1, token: 1 },
        user: true,
        message: 'x',
      }),
    );
    expect(found).toMatchObject({ errorCode: 131 });
    expect(world.threads.get(99)?.messages).toEqual([]);
  });

  it('runs the functions of a package that is not async and answers nothing', async () => {
    const world = createWorld();
    const sent = { ...pack(request('a', call('post', { user: true, message: 'hi' }))), async: false };
    const { status, text } = await send(world, chat, sent, 'json', ann);
    expect([status, text]).toEqual([200, '']);
    expect(world.log).toEqual(['post hi']);
  });
});

describe('listeners', () => {
  it('are asked after every function, also unknown and failed ones, and may serve it', async () => {
    const called = vi.fn(async (found: object, { function: name }: { function: string }) =>
      name === 'googleMapsGetInfo' ? { city: 'Kyiv' } : { ...found },
    );
    const world = createWorld({ called });
    const { body } = await send(
      world,
      chat,
      pack(
        request('a', call('googleMapsGetInfo', { ip: '192.0.2.7' }, { city: 'city' })),
        request('b', call('post', { threadId: 43, token: 7654321, user: true, message: 'x' })),
      ),
      'json',
      ann,
    );
    expect(results(body)).toMatchObject({ a: { city: 'Kyiv' }, b: { errorCode: 5 } });
    expect(called.mock.calls.map(([found, { function: name }]) => [name, found])).toEqual([
      ['googleMapsGetInfo', {}],
      ['post', { errorCode: 5, errorMessage: 'Cannot send' }],
    ]);
  });

  it('may fail a function', async () => {
    const world = createWorld({ called: async () => ({ errorCode: 77 }) });
    const { body } = await send(world, chat, pack(request('a', call('echo'), call('post'))), 'json', ann);
    expect(results(body)['a']).toMatchObject({ errorCode: 77, errorMessage: '' });
    expect(world.log).toEqual([]);
  });

  it('see the package before it runs and may change it, but not break it', async () => {
    const world = createWorld({ received: async (sent) => ({ ...sent, proto: '0.9' }) });
    const { status, body } = await send(world, chat, pack(request('a', call('echo'))), 'json', ann);
    expect([status, body]).toMatchObject([400, { error: { code: 23 }, tokens: ['a'] }]);
  });
});

describe('a plugin that stops', () => {
  it('is waited for while somebody is inside one of its functions', async () => {
    const world = createWorld();
    const running = send(world, chat, pack(request('a', call('wait'))), 'json', ann);
    await world.entered.promise;
    const removed = world.removeTalk().then(() => world.log.push('removed'));
    expect(world.registry.find('thread', 'wait')).toBeUndefined();
    world.released.resolve();
    await removed;
    expect(world.log).toEqual(['waited', 'removed']);
    expect(results((await running).body)['a']).toMatchObject({ errorCode: 0 });
  });
});

/** Functions of the chat, one rule after another: RPC spec sections 4, 6 and 7, design section 5. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Server } from '../support/server.ts';
import type { Json } from '../support/wire.ts';
import {
  openBrowser,
  openChat,
  openDesk,
  pack,
  packOf,
  ping,
  read,
  readFormPackage,
  readPackage,
  request,
  resultsOf,
  say,
  startHost,
  take,
  thread,
  threadFunction,
  type Browser,
  type Call,
  type Desk,
  type Place,
} from './people.ts';

let server: Server;
let ann: Desk;
let bob: Desk;
let visitor: Browser;
let place: Place;
beforeAll(async () => {
  server = await startHost();
  ann = await openDesk(server, 'ann', 'Ann');
  bob = await openDesk(server, 'bob', 'Bob');
});
afterAll(() => server.stop());
beforeEach(async () => {
  visitor = openBrowser(server.url);
  place = await openChat(visitor);
});

const result = async (browser: Browser, ...functions: readonly Call[]): Promise<Json> =>
  resultsOf(await browser.json(thread, pack(request(...functions))))[0]!;
const mine = (name: string, args: Json = {}, ...results: string[]) =>
  threadFunction(place, true)(name, args, ...results);
const agents = (name: string, args: Json = {}, ...results: string[]) =>
  threadFunction(place, false)(name, args, ...results);
const all: readonly (readonly [string, Json])[] = [
  ['update', { typed: false, lastId: 0 }],
  ['updateMessages', { lastId: 0 }],
  ['post', { message: 'hi' }],
  ['rename', { name: 'Zoe' }],
  ['close', {}],
  ['getAvatar', {}],
];

describe('a request', () => {
  it('runs all its functions in order', async () => {
    const got = await result(
      visitor,
      mine('post', { message: 'one' }),
      mine('post', { message: 'two' }),
      mine('updateMessages', { lastId: 0 }, 'messages'),
    );
    const texts = (got['messages'] as { kind: number; message: string }[]).filter(({ kind }) => kind === 1);
    expect(texts.map(({ message }) => message)).toEqual(['one', 'two']);
  });
  it('gives results under the names that return asks for, a later one over an earlier one', async () => {
    const alias = (name: string, args: Json, returns: Json): Call => {
      const { arguments: given } = mine(name, args);
      return { function: name, arguments: { ...given, return: returns } };
    };
    const got = await result(
      visitor,
      alias('updateMessages', { lastId: 0 }, { lastId: 'x', messages: 'm' }),
      alias('update', { typed: false }, { threadState: 'x', typing: 'y' }),
    );
    expect(Object.keys(got).toSorted()).toEqual([
      'errorCode',
      'm',
      'references',
      'return',
      'threadId',
      'token',
      'x',
      'y',
    ]);
    expect([got['x'], got['y']]).toEqual([0, false]);
  });
  it('puts results of earlier functions where references say', async () => {
    await say(visitor, place, true, 'seen already');
    const got = await result(visitor, mine('updateMessages', { lastId: 0 }), {
      function: 'updateMessages',
      arguments: {
        threadId: place.id,
        token: place.token,
        user: true,
        lastId: 'lastId',
        references: { lastId: 1 },
        return: { messages: 'delta' },
      },
    });
    expect(got).toMatchObject({ delta: [], errorCode: 0 });
  });
  it('takes empty references and returns as lists, too', async () => {
    const { arguments: args } = mine('close');
    expect(
      await result(visitor, { function: 'getAvatar', arguments: { ...args, references: [], return: [] } }),
    ).toMatchObject({
      errorCode: 0,
    });
  });
  it('stops at the first error and keeps what it had', async () => {
    const got = await result(
      visitor,
      mine('update', { typed: false }, 'threadState'),
      mine('post', { message: '' }),
      mine('post', { message: 'never' }),
    );
    expect(got).toMatchObject({ threadState: 0, errorCode: 100, errorMessage: expect.any(String) });
    expect((await read(visitor, place, true)).some(({ message }) => message === 'never')).toBe(false);
  });
  it('that fails costs the others nothing', async () => {
    const got = resultsOf(
      await visitor.json(
        thread,
        packOf(
          mine('post', { message: 'before' }),
          mine('update', { typed: false }, 'nope'),
          mine('post', { message: ' ' }),
          mine('update', { typed: false }, 'threadState'),
        ),
      ),
    );
    expect(got.map((one) => one['errorCode'])).toEqual([0, 1018, 100, 0]);
    expect(got[3]).toMatchObject({ threadState: 0 });
  });
  it.each([
    ['a function that has not run', 1021, { references: { lastId: 2 }, lastId: 'lastId' }],
    ['itself', 1021, { references: { lastId: 1 }, lastId: 'lastId' }],
    ['number nought', 1021, { references: { lastId: 0 }, lastId: 'lastId' }],
  ])('that refers to %s is %i', async (_what, code, args) => {
    const { arguments: given } = mine('updateMessages', {}, 'lastId');
    const got = await result(visitor, { function: 'updateMessages', arguments: { ...given, ...args } });
    expect(got).toMatchObject({ errorCode: code, errorName: 'WRONG_FUNCTION_NUM_IN_REFERENCE' });
  });
  it.each([
    ['no name', 1009, 'EMPTY_VARIABLE_IN_REFERENCE', ''],
    ['nothing', 1009, 'EMPTY_VARIABLE_IN_REFERENCE', null],
    ['the name 0', 1009, 'EMPTY_VARIABLE_IN_REFERENCE', '0'],
    ['an unknown result', 1017, 'VARIABLE_IS_UNDEFINED_IN_REFERENCE', 'noSuchKey'],
  ])('that refers to %s is %i', async (_what, code, name, lastId) => {
    const { arguments: given } = mine('updateMessages', { lastId }, 'messages');
    const got = await result(visitor, mine('update', { typed: false }, 'threadState'), {
      function: 'updateMessages',
      arguments: { ...given, references: { lastId: 1 } },
    });
    expect(got).toMatchObject({ threadState: 0, errorCode: code, errorName: name });
  });
  it('whose return asks for what is not there is 1018', async () => {
    expect(await result(visitor, mine('getAvatar', {}, 'nope'))).toMatchObject({
      errorCode: 1018,
      errorName: 'VARIABLE_IS_UNDEFINED_IN_RESULT',
    });
  });
  it.each(['references', 'return'])('whose %s are no map is 1019', async (key) => {
    const { arguments: args } = mine('getAvatar');
    expect(await result(visitor, { function: 'getAvatar', arguments: { ...args, [key]: 'x' } })).toMatchObject({
      errorCode: 1019,
      errorName: 'WRONG_ARGUMENTS_TYPE',
    });
  });
  it('with two results is 1014, and with a result under async: false 1015', async () => {
    const reply: Call = {
      function: 'result',
      arguments: { threadId: null, token: null, references: {}, return: {}, errorCode: 0 },
    };
    const twice = readPackage(await visitor.json(thread, pack(request(reply, reply))));
    expect(twice.requests[0]!.functions[0]!.arguments).toMatchObject({ errorCode: 1014 });
    const synchronous = await visitor.json(thread, { ...pack(request(reply)), async: false });
    expect(readPackage(synchronous).requests[0]!.functions[0]!.arguments).toMatchObject({ errorCode: 1015 });
  });
});

describe('a function', () => {
  it('that nobody knows succeeds without results, and is 1018 when some are asked for', async () => {
    expect(await result(visitor, mine('nobodyKnowsMe'))).toEqual({
      threadId: null,
      token: null,
      references: [],
      return: [],
      errorCode: 0,
    });
    expect(await result(visitor, mine('nobodyKnowsMe', {}, 'x'))).toMatchObject({ errorCode: 1018 });
    const alone = { function: 'nobodyKnowsMe', arguments: { threadId: null, token: null, references: {}, return: {} } };
    expect(await result(openBrowser(server.url), alone)).toMatchObject({ errorCode: 0 });
  });
  it('is found whatever the case of its letters', async () => {
    expect(await result(visitor, mine('POST', { message: 'loud' }))).toMatchObject({ errorCode: 0 });
    expect((await read(visitor, place, true)).at(-1)).toMatchObject({ kind: 1, message: 'loud' });
  });
  it('takes numbers as text, in both encodings', async () => {
    const call: Call = {
      function: 'updateMessages',
      arguments: {
        threadId: String(place.id),
        token: String(place.token),
        user: true,
        lastId: '0',
        references: {},
        return: { lastId: 'lastId' },
      },
    };
    expect(await result(visitor, call)).toMatchObject({ errorCode: 0, lastId: expect.any(Number) });
    const encoded = readFormPackage(await visitor.form(thread, packOf(call)));
    expect(encoded.requests[0]!.functions[0]!.arguments).toMatchObject({ errorCode: 0 });
  });
});

describe('errors are tested in order', () => {
  const wrong = (): Place => ({ id: place.id, token: place.token === 1 ? 2 : place.token - 1 });

  it.each(all)('%s: the owner with a wrong token is 4', async (name, args) => {
    expect(await result(visitor, threadFunction(wrong(), true)(name, args))).toMatchObject({ errorCode: 4 });
  });
  it.each(all)('%s: threadId null is 4', async (name, args) => {
    const { arguments: given } = mine(name, args);
    const got = await result(visitor, { function: name, arguments: { ...given, threadId: null } });
    expect(got).toMatchObject({ errorCode: 4 });
  });
  it.each(all)(
    '%s: for an operator a missing thread, an unreadable one and a wrong token are 4',
    async (name, args) => {
      const call = ({ id, token }: { id: unknown; token: unknown }) => {
        const { arguments: given } = agents(name, args);
        return { function: name, arguments: { ...given, threadId: id, token } };
      };
      for (const ref of [
        { id: 999_999_999, token: 1 },
        { id: 'x', token: 1 },
        { id: -1, token: 1 },
        { id: {}, token: 1 },
        wrong(),
      ])
        expect(await result(ann, call(ref))).toMatchObject({ errorCode: 4 });
    },
  );
  it.each([
    ['update', {}],
    ['update', { typed: 1 }],
    ['updateMessages', {}],
    ['updateMessages', { lastId: -1 }],
    ['updateMessages', { lastId: 1.5 }],
    ['updateMessages', { lastId: 'x' }],
    ['updateMessages', { lastId: null }],
    ['post', {}],
    ['post', { message: null }],
    ['post', { message: ['x'] }],
    ['rename', {}],
  ])('%s: wrong arguments %j are 3, but after 4 and before 2', async (name, args) => {
    expect(await result(visitor, mine(name, args))).toMatchObject({ errorCode: 3 });
    expect(await result(visitor, threadFunction(wrong(), true)(name, args))).toMatchObject({ errorCode: 4 });
    if (name === 'rename') return;
    expect(await result(visitor, agents(name, args))).toMatchObject({ errorCode: 3 });
  });
  it.each(['update', 'updateMessages', 'post', 'close'])('%s: without user it is 3', async (name) => {
    const { arguments: args } = mine(name, { typed: false, lastId: 0, message: 'x' });
    const { user: _, ...rest } = args as Json & { user: unknown };
    expect(await result(visitor, { function: name, arguments: rest })).toMatchObject({ errorCode: 3 });
    expect(await result(visitor, { function: name, arguments: { ...rest, user: 'true' } })).toMatchObject({
      errorCode: 3,
    });
  });
  it.each(all.filter(([name]) => name !== 'rename' && name !== 'getAvatar'))(
    '%s: the visitor who says that he is the operator is 2',
    async (name, args) => {
      expect(await result(visitor, agents(name, args))).toMatchObject({ errorCode: 2 });
    },
  );
  it('rename is 6 before everything else when names may not be changed', async () => {
    server.command(['setting', 'set', 'usercanchangename', 'off']);
    try {
      expect(await result(visitor, mine('rename', { name: 'Zoe' }))).toMatchObject({ errorCode: 6 });
      expect(await result(visitor, mine('rename', {}))).toMatchObject({ errorCode: 6 });
      expect(await result(visitor, threadFunction(wrong(), true)('rename', {}))).toMatchObject({ errorCode: 6 });
    } finally {
      server.command(['setting', 'set', 'usercanchangename', 'on']);
    }
    expect(await result(visitor, mine('rename', { name: 'Zoe' }))).toMatchObject({ errorCode: 0 });
  });
});

describe('a thread belongs to its visitor', () => {
  it('and for others there is one and the same refusal, whether it is there or not', async () => {
    const stranger = openBrowser(server.url);
    await openChat(stranger);
    for (const browser of [stranger, openBrowser(server.url)]) {
      for (const how of ['json', 'form'] as const) {
        const bodies = new Set<string>();
        for (const ref of [place, { ...place, token: 1 }, { id: 999_999_999, token: 1 }, { id: 'x', token: 'y' }]) {
          const sent = pack({
            token: 'same',
            functions: [threadFunction(ref as Place, true)('updateMessages', { lastId: 0 }, 'messages')],
          });
          const answer = await browser[how](thread, sent);
          expect(answer.status).toBe(403);
          bodies.add(answer.text);
        }
        expect(bodies.size).toBe(1);
      }
    }
  });
  it.each(all)('%s of a stranger is refused before anything of its package runs', async (name, args) => {
    const stranger = openBrowser(server.url);
    const own = await openChat(stranger);
    const before = await read(stranger, own, true);
    const sent = packOf(threadFunction(own, true)('post', { message: 'never' }), mine(name, args));
    expect((await stranger.json(thread, sent)).status).toBe(403);
    const unknown = packOf(threadFunction(own, true)('post', { message: 'never' }), mine('nobodyKnowsMe'));
    expect((await stranger.json(thread, unknown)).status).toBe(403);
    expect(await read(stranger, own, true)).toEqual(before);
  });
  it('and not to an operator who says that he is the visitor', async () => {
    expect((await ann.json(thread, packOf(mine('updateMessages', { lastId: 0 })))).status).toBe(403);
    const own = openBrowser(server.url);
    const his = await openChat(own);
    for (const [name, value] of ann.jar) own.jar.set(name, value);
    expect(await result(own, threadFunction(his, true)('post', { message: 'as visitor' }))).toMatchObject({
      errorCode: 0,
    });
    expect((await read(own, his, true)).at(-1)).toMatchObject({ kind: 1, message: 'as visitor' });
    expect(await result(own, threadFunction(his, false)('post', { message: 'as operator' }))).toMatchObject({
      errorCode: 5,
    });
  });
});

describe('post', () => {
  it('stores a message of kind 1 with the name of the visitor', async () => {
    const got = await result(visitor, mine('post', { message: 'Hi & <welcome>' }, 'id', 'created'));
    const last = (await read(visitor, place, true)).at(-1)!;
    expect(last).toEqual({
      id: got['id'],
      kind: 1,
      created: got['created'],
      name: 'Guest',
      message: 'Hi &amp; &lt;welcome&gt;',
      plugin: '',
      data: [],
    });
    expect(Math.abs(last.created - Date.now() / 1000)).toBeLessThan(60);
  });
  it('stores a message of kind 2 with the name of the operator who has the thread, and of no other', async () => {
    expect(await say(ann, place, false, 'too early')).toMatchObject({ errorCode: 5 });
    await take(ann, place);
    expect(await say(ann, place, false, 'Hello')).toMatchObject({ errorCode: 0 });
    expect(await say(bob, place, false, 'me too')).toMatchObject({
      errorCode: 5,
      errorMessage: expect.stringMatching(/./),
    });
    const last = (await read(visitor, place, true)).at(-1);
    expect(last).toMatchObject({ kind: 2, name: 'Ann', message: 'Hello' });
  });
  it('is 100 for an empty message, 101 for one that is too long, and stores neither', async () => {
    const before = await read(visitor, place, true);
    for (const message of ['', ' ', '\n\t '])
      expect(await say(visitor, place, true, message)).toMatchObject({ errorCode: 100 });
    expect(await say(visitor, place, true, 'x'.repeat(4001))).toMatchObject({ errorCode: 101 });
    expect(await say(visitor, place, true, '😀'.repeat(4001))).toMatchObject({ errorCode: 101 });
    expect(await read(visitor, place, true)).toEqual(before);
    expect(await say(visitor, place, true, '😀'.repeat(4000))).toMatchObject({ errorCode: 0 });
  });
  it('with a key happens once, and the key with another body is 103', async () => {
    const send = (message: string) => result(visitor, mine('post', { message, key: 'k1' }, 'id', 'created'));
    const first = await send('once');
    expect(await send('once')).toEqual(first);
    expect(await send('twice')).toMatchObject({ errorCode: 103 });
    await result(visitor, mine('close'));
    expect(await send('once')).toEqual(first);
    expect((await read(visitor, place, true)).filter(({ kind }) => kind === 1)).toHaveLength(1);
  });
  it('without a key happens each time', async () => {
    await say(visitor, place, true, 'again');
    await say(visitor, place, true, 'again');
    expect((await read(visitor, place, true)).filter(({ kind }) => kind === 1)).toHaveLength(2);
  });
  it('into a closed thread is 5', async () => {
    await result(visitor, mine('close'));
    const sent = packOf(
      mine('post', { message: 'hello?' }),
      mine('update', { typed: false }, 'threadState', 'canPost'),
    );
    const [posted, state] = resultsOf(await visitor.json(thread, sent));
    expect(posted).toEqual({
      errorCode: 5,
      errorMessage: 'Cannot send',
      threadId: null,
      token: null,
      references: [],
      return: [],
    });
    expect(state).toMatchObject({ threadState: 3, canPost: false, errorCode: 0 });
  });
});

describe('updateMessages', () => {
  it('gives what came after lastId, in order, with numbers from 1 without gaps for the operator', async () => {
    await take(ann, place);
    for (const text of ['a', 'b', 'c']) await say(visitor, place, true, text);
    const everything = await read(ann, place, false);
    expect(everything.map(({ id }) => id)).toEqual(everything.map((_, index) => index + 1));
    const after = everything.at(-3)!.id;
    const got = await result(ann, agents('updateMessages', { lastId: after }, 'messages', 'lastId'));
    expect(got['messages']).toEqual(everything.slice(-2));
    expect(got['lastId']).toBe(everything.at(-1)!.id);
  });
  it('with nothing new gives an empty list and the lastId that was asked for', async () => {
    const { lastId } = (await result(visitor, mine('updateMessages', { lastId: 0 }, 'lastId'))) as { lastId: number };
    const got = await result(visitor, mine('updateMessages', { lastId }, 'messages', 'lastId'));
    expect(got).toMatchObject({ messages: [], lastId, errorCode: 0 });
    expect(await result(visitor, mine('updateMessages', { lastId: 1_000_000 }, 'messages', 'lastId'))).toMatchObject({
      messages: [],
      lastId: 1_000_000,
    });
  });
  it('never shows the visitor a message of kind 3', async () => {
    const other = openBrowser(server.url);
    const from = await openChat(
      other,
      '?url=http%3A%2F%2Fshop.example%2Fcart&referrer=http%3A%2F%2Fsearch.example%2F&info=vip',
    );
    const hidden = (await read(ann, from, false)).filter(({ kind }) => kind === 3);
    expect(hidden.map(({ message }) => message).join('\n')).toMatch(
      /shop\.example\/cart[\s\S]*search\.example[\s\S]*vip/,
    );
    expect((await read(other, from, true)).every(({ kind }) => kind !== 3)).toBe(true);
  });
});

describe('update', () => {
  it('gives state, agent, typing and canPost, each of its type', async () => {
    expect(await ping(visitor, place, true)).toMatchObject({
      threadState: 0,
      threadAgentId: 0,
      typing: false,
      canPost: true,
      errorCode: 0,
    });
    expect(await ping(ann, place, false)).toMatchObject({
      threadState: 0,
      threadAgentId: 0,
      typing: false,
      canPost: false,
    });
    await take(ann, place);
    expect(await ping(ann, place, false)).toMatchObject({ threadState: 2, threadAgentId: ann.id, canPost: true });
    expect(await ping(visitor, place, true)).toMatchObject({ threadState: 2, threadAgentId: ann.id, canPost: true });
  });
  it('tells each side that the other is typing', async () => {
    await take(ann, place);
    await ping(ann, place, false, true);
    expect(await ping(visitor, place, true, true)).toMatchObject({ typing: true });
    expect(await ping(ann, place, false, false)).toMatchObject({ typing: true });
    await ping(visitor, place, true, false);
    expect(await ping(ann, place, false, false)).toMatchObject({ typing: false });
    expect(await ping(visitor, place, true, false)).toMatchObject({ typing: false });
  });
  it('of an operator who only watches is no sign of life of the one who has the thread', async () => {
    await take(ann, place);
    await ping(bob, place, false, true);
    expect(await ping(visitor, place, true)).toMatchObject({ typing: false });
  });
});

describe('rename', () => {
  it('changes the name, says so once, and remembers it in MIBEW_Data for a year', async () => {
    const answer = await visitor.json(thread, packOf(mine('rename', { name: 'Zoë & Co' })));
    expect(resultsOf(answer)[0]).toMatchObject({ errorCode: 0 });
    const line = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('MIBEW_Data='))!;
    const value = /^MIBEW_Data=([^;]*)/.exec(line)![1]!;
    expect(Buffer.from(value.replaceAll('-', '+').replaceAll('_', '/').replaceAll(',', '='), 'base64').toString()).toBe(
      'Zoë & Co',
    );
    expect(line).toMatch(/Max-Age=31536000/i);
    await say(visitor, place, true, 'x');
    await visitor.json(thread, packOf(mine('rename', { name: 'Zoë & Co' })));
    const messages = await read(visitor, place, true);
    const told = messages.filter(({ kind, message }) => kind === 6 && message.includes('Zoë &amp; Co'));
    expect(told).toHaveLength(1);
    expect(told[0]!.message).toContain('Guest');
    expect(messages.at(-1)).toMatchObject({ kind: 1, name: 'Zoë & Co' });
  });
});

describe('close', () => {
  it('by the visitor closes in any state and says so with kind 6', async () => {
    expect(await result(visitor, mine('close', {}, 'closed'))).toMatchObject({ closed: true, errorCode: 0 });
    expect((await read(visitor, place, true)).at(-1)).toMatchObject({
      kind: 6,
      name: null,
      message: 'Guest left the chat',
    });
    expect(await ping(visitor, place, true)).toMatchObject({ threadState: 3, canPost: false });
    // Closed once; saying so again changes nothing.
    expect(await result(visitor, mine('close', {}, 'closed'))).toMatchObject({ closed: true, errorCode: 0 });
  });
  it('by an operator who does not have the thread does nothing, but is answered all the same', async () => {
    await take(ann, place);
    expect(await result(bob, agents('close', {}, 'closed'))).toMatchObject({ closed: true, errorCode: 0 });
    expect(await ping(visitor, place, true)).toMatchObject({ threadState: 2 });
    expect(await result(ann, agents('close', {}, 'closed'))).toMatchObject({ closed: true });
    expect(await ping(visitor, place, true)).toMatchObject({ threadState: 3 });
    expect((await read(visitor, place, true)).at(-1)).toMatchObject({ kind: 6, message: 'Operator Ann left the chat' });
  });
});

describe('getAvatar', () => {
  it('gives false while there is no picture', async () => {
    expect(await result(visitor, mine('getAvatar', {}, 'imageLink'))).toMatchObject({ imageLink: false, errorCode: 0 });
    expect(await result(ann, agents('getAvatar', {}, 'imageLink'))).toMatchObject({ imageLink: false, errorCode: 0 });
  });
});

describe('take and start', () => {
  it('take: the first has it, the second is told 105 and by whom, and 106 when it is closed', async () => {
    const call = agents('take', {}, 'threadState', 'threadAgentId', 'agentName');
    expect(await result(ann, call)).toMatchObject({ threadState: 2, threadAgentId: ann.id, agentName: 'Ann' });
    for (const force of [{}, { force: true }])
      expect(await result(bob, agents('take', force))).toMatchObject({
        errorCode: 105,
        errorMessage: expect.stringContaining('Ann'),
      });
    expect(await result(visitor, agents('take'))).toMatchObject({ errorCode: 2 });
    expect(await result(ann, mine('take')).catch((error: unknown) => String(error))).toMatch(/403/);
    await result(visitor, mine('close'));
    expect(await result(ann, agents('take'))).toMatchObject({ errorCode: 106 });
  });
  it('start: gives the options of the chat, and a second one the open thread', async () => {
    const inline = openBrowser(server.url, { 'x-mibew-visitor': Buffer.alloc(32, 7).toString('base64url') });
    const call: Call = {
      function: 'start',
      arguments: { threadId: null, token: null, references: {}, return: { next: 'next', options: 'options' } },
    };
    const got = await result(inline, call);
    expect(got).toMatchObject({ next: 'chat', errorCode: 0 });
    const { thread: started, user } = got['options'] as { thread: Place & Json; user: Json };
    expect(started).toMatchObject({
      id: expect.any(Number),
      token: expect.any(Number),
      agentId: 0,
      userId: expect.any(String),
    });
    expect(user).toMatchObject({ name: 'Guest', canPost: true, isAgent: false });
    expect(((await result(inline, call))['options'] as { thread: Place }).thread).toMatchObject({
      id: started.id,
      token: started.token,
    });
    expect(await say(inline, started, true, 'inline')).toMatchObject({ errorCode: 0 });
  });
  it('start: takes what it has room for of texts that are too long, and passes by a group that is none', async () => {
    const inline = openBrowser(server.url, { 'x-mibew-visitor': Buffer.alloc(32, 8).toString('base64url') });
    const long = 'x'.repeat(5000);
    const texts = { url: `https://shop.example/?${long}`, referrer: long, info: long, name: long, email: long };
    const got = await result(inline, {
      function: 'start',
      arguments: {
        threadId: null,
        token: null,
        ...texts,
        locale: 'zh-Hans-CN',
        group: 'none',
        operator_code: long,
        references: {},
        return: { options: 'options' },
      },
    });
    expect(got).toMatchObject({ errorCode: 0 });
    const { user } = got['options'] as { user: { name: string } };
    expect(user.name).toBe('x'.repeat(64));
  });
});

import { describe, expect, it } from 'vitest';
import { ann, call, createWorld, deskCall, formBody, operator, pack, request, send, sendText } from './world.ts';

const chat = '/thread/update';
const good = () => pack(request('wnd1', call('post', { user: true, message: 'hi' })));
const encodings = ['json', 'form'] as const;

interface Case {
  readonly what: string;
  readonly change: (valid: ReturnType<typeof good>) => unknown;
  readonly code: number;
  readonly name: string;
}
const inRequest = (change: object) => (valid: object) => ({
  ...valid,
  requests: [{ ...request('wnd1', call('post')), ...change }],
});
const inFunction = (change: object) => inRequest({ functions: [{ ...call('post'), ...change }] });
const without = (key: string) => (valid: object) =>
  Object.fromEntries(Object.entries(valid).filter(([name]) => name !== key));
const argsWithout = (key: string) => inFunction({ arguments: without(key)(call('post').arguments) });

/** In the order of the protocol: a package that breaks several rules is refused for the first. */
const cases: readonly Case[] = [
  { what: 'no signature', change: without('signature'), code: 7, name: 'EMPTY_SIGNATURE' },
  { what: 'a list instead of a package', change: () => [1], code: 7, name: 'EMPTY_SIGNATURE' },
  {
    what: 'a foreign signature',
    change: (valid) => ({ ...valid, signature: 'x' }),
    code: 16,
    name: 'UNTRUSTED_SIGNATURE',
  },
  { what: 'no proto', change: without('proto'), code: 5, name: 'EMPTY_PROTOCOL' },
  { what: 'an empty proto', change: (valid) => ({ ...valid, proto: '' }), code: 5, name: 'EMPTY_PROTOCOL' },
  { what: 'another proto', change: (valid) => ({ ...valid, proto: '0.9' }), code: 23, name: 'WRONG_PROTOCOL_VERSION' },
  {
    what: 'a number as proto',
    change: (valid) => ({ ...valid, proto: 1.5 }),
    code: 23,
    name: 'WRONG_PROTOCOL_VERSION',
  },
  { what: 'no async', change: without('async'), code: 1, name: 'ASYNC_FLAG_MISSED' },
  { what: 'async as text', change: (valid) => ({ ...valid, async: 'true' }), code: 20, name: 'WRONG_ASYNC_FLAG_VALUE' },
  { what: 'async null', change: (valid) => ({ ...valid, async: null }), code: 20, name: 'WRONG_ASYNC_FLAG_VALUE' },
  { what: 'no requests', change: without('requests'), code: 6, name: 'EMPTY_REQUESTS' },
  {
    what: 'an empty list of requests',
    change: (valid) => ({ ...valid, requests: [] }),
    code: 6,
    name: 'EMPTY_REQUESTS',
  },
  {
    what: 'requests that are no list',
    change: (valid) => ({ ...valid, requests: {} }),
    code: 6,
    name: 'EMPTY_REQUESTS',
  },
  {
    what: 'no token',
    change: (valid) => ({ ...valid, requests: [{ functions: [call('post')] }] }),
    code: 8,
    name: 'EMPTY_TOKEN',
  },
  { what: 'an empty token', change: inRequest({ token: '' }), code: 8, name: 'EMPTY_TOKEN' },
  { what: 'a token that is no text', change: inRequest({ token: 7 }), code: 8, name: 'EMPTY_TOKEN' },
  {
    what: 'a request that is nothing',
    change: (valid) => ({ ...valid, requests: [null] }),
    code: 8,
    name: 'EMPTY_TOKEN',
  },
  { what: 'no functions', change: inRequest({ functions: undefined }), code: 4, name: 'EMPTY_FUNCTIONS' },
  { what: 'an empty list of functions', change: inRequest({ functions: [] }), code: 4, name: 'EMPTY_FUNCTIONS' },
  { what: 'functions that are no list', change: inRequest({ functions: 'post' }), code: 4, name: 'EMPTY_FUNCTIONS' },
  { what: 'no function name', change: inFunction({ function: undefined }), code: 3, name: 'EMPTY_FUNCTION_NAME' },
  { what: 'an empty function name', change: inFunction({ function: '' }), code: 3, name: 'EMPTY_FUNCTION_NAME' },
  {
    what: 'a function that is nothing',
    change: inRequest({ functions: [null] }),
    code: 3,
    name: 'EMPTY_FUNCTION_NAME',
  },
  { what: 'no arguments', change: inFunction({ arguments: undefined }), code: 2, name: 'EMPTY_ARGUMENTS' },
  { what: 'null as arguments', change: inFunction({ arguments: null }), code: 2, name: 'EMPTY_ARGUMENTS' },
  { what: 'an empty map of arguments', change: inFunction({ arguments: {} }), code: 2, name: 'EMPTY_ARGUMENTS' },
  { what: 'an empty list of arguments', change: inFunction({ arguments: [] }), code: 2, name: 'EMPTY_ARGUMENTS' },
  { what: 'arguments as text', change: inFunction({ arguments: 'x' }), code: 19, name: 'WRONG_ARGUMENTS_TYPE' },
  { what: 'arguments as a list', change: inFunction({ arguments: [1] }), code: 19, name: 'WRONG_ARGUMENTS_TYPE' },
  { what: 'no threadId', change: argsWithout('threadId'), code: 13, name: 'MANDATORY_ARGUMENTS_MISSED' },
  { what: 'no thread token', change: argsWithout('token'), code: 13, name: 'MANDATORY_ARGUMENTS_MISSED' },
  { what: 'no references', change: argsWithout('references'), code: 13, name: 'MANDATORY_ARGUMENTS_MISSED' },
  { what: 'no return', change: argsWithout('return'), code: 13, name: 'MANDATORY_ARGUMENTS_MISSED' },
  {
    what: 'a result without errorCode',
    change: (valid) => ({ ...valid, requests: [request('wnd1', call('result'))] }),
    code: 13,
    name: 'MANDATORY_ARGUMENTS_MISSED',
  },
  {
    what: 'a mandatory argument that only the prototype has',
    change: inFunction({
      arguments: JSON.parse('{"__proto__":{"threadId":1,"token":1,"references":{},"return":{}},"x":1}') as object,
    }),
    code: 13,
    name: 'MANDATORY_ARGUMENTS_MISSED',
  },
];

describe.each(encodings)('a malformed package, as %s', (encoding) => {
  it.each(cases)('is refused with $code for $what, and nothing runs', async ({ change, code, name }) => {
    const world = createWorld();
    const broken = JSON.parse(JSON.stringify(change(good()))) as { requests?: unknown };
    // A good request before the bad one does not run either.
    if (Array.isArray(broken.requests) && broken.requests.length > 0) broken.requests.unshift(good().requests[0]);
    const { status, body } = await send(world, chat, broken, encoding, ann);
    expect(status).toBe(400);
    const tokens = Array.isArray(broken.requests)
      ? (broken.requests as ({ token?: unknown } | null)[]).flatMap((one) =>
          one?.token && typeof one.token === 'string' ? [one.token] : [],
        )
      : [];
    expect(body).toEqual({ error: { code, name, message: expect.any(String) as string }, tokens });
    expect(world.log).toEqual([]);
    expect(world.refusals).toEqual([{ code, name }]);
  });
});

describe('the order of the checks', () => {
  it('is that of the protocol, each check before the next', async () => {
    const world = createWorld();
    const steps: [object, number][] = [
      [{}, 7],
      [{ signature: 'x' }, 16],
      [{ signature: '' }, 5],
      [{ proto: '2' }, 23],
      [{ proto: '1.0' }, 1],
      [{ async: 1 }, 20],
      [{ async: true }, 6],
      [{ requests: [{}] }, 8],
      [{ requests: [{ token: 't' }] }, 4],
      [{ requests: [{ token: 't', functions: [{}] }] }, 3],
      [{ requests: [{ token: 't', functions: [{ function: 'echo' }] }] }, 2],
      [{ requests: [{ token: 't', functions: [{ function: 'echo', arguments: 5 }] }] }, 19],
      [{ requests: [{ token: 't', functions: [{ function: 'echo', arguments: { x: 1 } }] }] }, 13],
    ];
    let sent = {};
    for (const [more, code] of steps) {
      sent = { ...sent, ...more };
      expect((await send(world, chat, sent, 'json', ann)).body).toMatchObject({ error: { code } });
    }
  });

  it('puts an earlier request before a later one', async () => {
    const sent = pack({ token: 'a', functions: [{ function: '' }] }, { token: '' });
    const { body } = await send(createWorld(), chat, sent, 'json', ann);
    expect(body).toMatchObject({ error: { code: 3 }, tokens: ['a'] });
  });

  it('wants what single functions need, on the side that says so', async () => {
    const world = createWorld();
    const users = '/operator/users/update';
    const incomplete = pack(request('t', deskCall('updateThreads')));
    expect((await send(world, users, incomplete, 'json', operator)).body).toMatchObject({ error: { code: 13 } });
    const complete = pack(request('t', deskCall('updateThreads', { revision: 0 })));
    expect((await send(world, users, complete, 'json', operator)).status).toBe(200);
  });

  it('allows null for what is mandatory, and lists for references and return', async () => {
    const sent = pack(request('t', call('echo', { threadId: null, token: null, references: [], return: [] })));
    expect((await send(createWorld(), chat, sent)).status).toBe(200);
    const empty = pack(request('t', call('echo', { threadId: null, token: null, references: null, return: null })));
    expect((await send(createWorld(), chat, empty)).status).toBe(200);
  });
});

describe('bodies', () => {
  it.each(['', 'hello', '{"signature":""', 'null', '5', '"text"', '\uFEFF{}'])(
    'that are no package: %j',
    async (text) => {
      const { status, body } = await sendText(createWorld(), chat, 'json', text, ann);
      expect([status, body]).toMatchObject([400, { error: { code: 12, name: 'NOT_VALID_JSON' }, tokens: [] }]);
    },
  );

  it.each(['', 'other=1', 'data', 'data=', 'data=%', 'data=%7', 'data=%ff%fe', 'data=%25ff', 'data=%257B'])(
    'that are no form with a package: %j',
    async (text) => {
      const { status, body } = await sendText(createWorld(), chat, 'form', text, ann);
      expect([status, body]).toMatchObject([400, { error: { code: 12 }, tokens: [] }]);
    },
  );

  it.each(encodings)('that are not UTF-8, as %s', async (encoding) => {
    const bytes = Uint8Array.from([...Buffer.from('{"signature":"'), 0xff, 0xfe, ...Buffer.from('"}')]);
    const { body } = await sendText(createWorld(), chat, encoding, bytes, ann);
    expect(body).toMatchObject({ error: { code: 12 } });
  });

  const text = `+ % %2B 'quotes' "double" </script> & = ; ~!*() 👍 \u0000\u00a0\u2028 ¼`;
  it.each(encodings)('carry every character there and back, as %s', async (encoding) => {
    const world = createWorld();
    const { body } = await send(
      world,
      chat,
      pack(request(text, call('echo', { [text]: text }, { [text]: 'back' }))),
      encoding,
      ann,
    );
    expect(body).toMatchObject({ requests: [{ token: text, functions: [{ arguments: { back: text } }] }] });
  });

  it('are understood when a peer encodes the form only once', async () => {
    const world = createWorld();
    const once = `data=${encodeURIComponent(JSON.stringify(pack(request('t', call('post', { user: true, message: '100 % + more' })))))}`;
    expect((await sendText(world, chat, 'form', once, ann)).status).toBe(200);
    expect(world.log).toEqual(['post 100 % + more']);
  });

  it('look on the wire as the original has them', async () => {
    const json = JSON.stringify({ signature: '' });
    expect(formBody(json)).toBe('data=%257B%2522signature%2522%253A%2522%2522%257D');
    const answer = await send(createWorld(), chat, pack(request('a b~', call('echo'))), 'form', ann);
    expect(answer.text).toMatch(/^%7B%22signature%22%3A%22%22.*%22a\+b%7E%22/);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
  });
});

describe('limits', () => {
  const many = <T>(count: number, one: T) => Array.from({ length: count }, () => one);
  const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
  const one = () => request('t', call('echo'));

  it.each([
    ['51 requests', pack(...many(51, one())), 400, 111],
    ['21 functions', pack(request('t', ...many(21, call('echo')))), 400, 112],
    // The arguments of a function are the sixth level.
    ['17 levels', pack(request('t', call('echo', { deep: nested(11) }))), 400, 113],
  ])('refuse %s whole', async (_, sent, status, code) => {
    const world = createWorld();
    const answer = await send(world, chat, sent, 'json', ann);
    expect([answer.status, answer.body]).toMatchObject([status, { error: { code } }]);
    expect(world.log).toEqual([]);
  });

  it('allow 50 requests, 20 functions and 16 levels', async () => {
    const world = createWorld();
    for (const sent of [
      pack(...many(50, one())),
      pack(request('t', ...many(20, call('echo')))),
      pack(request('t', call('echo', { deep: nested(10) }))),
    ])
      expect((await send(world, chat, sent, 'json', ann)).status).toBe(200);
  });

  it('look into a package of sixty thousand levels without going there', async () => {
    const text = '[' + '{"a":['.repeat(30_000) + ']}'.repeat(30_000) + ']';
    expect((await sendText(createWorld(), chat, 'json', text, ann)).body).toMatchObject({ error: { code: 113 } });
  });

  it.each(encodings)('refuse a body past 256 kB, told or untold, as %s', async (encoding) => {
    const world = createWorld();
    const body = `data=${'x'.repeat(256 * 1024)}`;
    for (const headers of [{ 'content-length': String(body.length) }, {}] as Record<string, string>[]) {
      const answer = await sendText(world, chat, encoding, body, { ...ann, ...headers });
      expect([answer.status, answer.body]).toMatchObject([413, { error: { code: 110 }, tokens: [] }]);
    }
  });

  it('say how long to wait when packages come too fast, each caller for himself', async () => {
    const world = createWorld({ rate: { perSecond: 0.25, burst: 2 } });
    const sent = pack(request('t', call('echo', { threadId: null })));
    const statuses = [];
    for (const _ of [1, 2, 3]) statuses.push((await send(world, chat, sent, 'json', ann)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await send(world, chat, sent, 'form', ann);
    expect(refused.headers.get('retry-after')).toBe('4');
    expect(refused.body).toMatchObject({ error: { code: 102 }, tokens: ['t'] });
    expect((await send(world, chat, sent, 'json', { 'x-mibew-visitor': 'bob' })).status).toBe(200);
  });
});

/** The envelope, both encodings, and what each broken rule earns: RPC spec sections 1 to 3 and 6.1, design section 5. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../support/server.ts';
import { decodeForm, formBody, post, type Json } from '../support/wire.ts';
import {
  openBrowser,
  openChat,
  openDesk,
  pack,
  packOf,
  read,
  readFormPackage,
  readPackage,
  request,
  resultsOf,
  startHost,
  thread,
  threadFunction,
  users,
  usersFunction,
  type Browser,
  type Desk,
  type Place,
} from './people.ts';

let server: Server;
let visitor: Browser;
let place: Place;
let desk: Desk;
beforeAll(async () => {
  server = await startHost();
  desk = await openDesk(server, 'ann', 'Ann');
  visitor = openBrowser(server.url);
  place = await openChat(visitor);
});
afterAll(() => server.stop());

const form = 'application/x-www-form-urlencoded';
const poll = (name = 'updateMessages') =>
  threadFunction(place, true)(name, { lastId: 0 }, ...(name === 'updateMessages' ? ['messages', 'lastId'] : []));
const hello = (message: string) => packOf(threadFunction(place, true)('post', { message }));

describe('a package goes there and back', () => {
  it('as JSON, and is answered in JSON with the same token and one result', async () => {
    const sent = pack(request(poll()));
    const answer = await visitor.json(thread, sent);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const got = readPackage(answer);
    expect(got).toMatchObject({ signature: '', proto: '1.0', async: true });
    expect(Object.keys(got).toSorted()).toEqual(['async', 'proto', 'requests', 'signature']);
    expect(got.requests).toHaveLength(1);
    expect(got.requests[0]!.token).toBe(sent.requests[0]!.token);
    expect(got.requests[0]!.functions).toHaveLength(1);
    expect(got.requests[0]!.functions[0]!.function).toBe('result');
    expect(got.requests[0]!.functions[0]!.arguments).toEqual({
      messages: expect.any(Array),
      lastId: expect.any(Number),
      threadId: null,
      token: null,
      references: [],
      return: [],
      errorCode: 0,
    });
  });
  it('in the form encoding, doubly encoded, and is answered as text that is encoded once', async () => {
    const answer = await visitor.form(thread, packOf(poll()));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
    expect(answer.text).toMatch(/^%7B%22signature%22%3A%22%22/);
    expect(answer.text).not.toMatch(/[{}" ]/);
    expect(readFormPackage(answer).requests[0]!.functions[0]!.arguments).toMatchObject({ errorCode: 0 });
  });
  it('in the form encoding, encoded once', async () => {
    const body = `data=${encodeURIComponent(JSON.stringify(packOf(poll())))}`;
    const answer = await post(server.url + thread, { headers: visitor.headers() }, body, form);
    expect(answer.status).toBe(200);
    expect(readFormPackage(answer).requests).toHaveLength(1);
  });
  it('with other fields beside it, in any order', async () => {
    const body = `rnd=1&${formBody(JSON.stringify(packOf(poll())))}&more=%26`;
    const answer = await post(server.url + thread, { headers: visitor.headers() }, body, form);
    expect(answer.status).toBe(200);
  });
  it.each(['json', 'form', 'once'] as const)('with every sign that encodings trip over (%s)', async (how) => {
    const text = `100 % + & = ? # "double" 'single' \\ / <b>${how}</b> </script> %2B %20 😀 ü ‮ عربى \t tab\nline ~!*()`;
    const sent = hello(text);
    if (how === 'once')
      await post(
        server.url + thread,
        { headers: visitor.headers() },
        `data=${encodeURIComponent(JSON.stringify(sent))}`,
        form,
      );
    else expect((await visitor[how](thread, sent)).status).toBe(200);
    const stored = (await read(visitor, place, true)).at(-1)!;
    const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
    expect(stored.message).toBe(text.replace(/[&<>"']/g, (sign) => escaped[sign]!));
  });
  it('on the users gateway, whose results name the agent instead of the thread', async () => {
    const sent = packOf(usersFunction(desk)('currentTime', {}, 'time'));
    const [json, encoded] = [await desk.json(users, sent), await desk.form(users, sent)];
    expect(resultsOf(json)).toEqual([
      { time: expect.any(Number), agentId: null, references: [], return: [], errorCode: 0 },
    ]);
    expect(encoded.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
    expect(readFormPackage(encoded).requests[0]!.functions[0]!.arguments).toMatchObject({
      agentId: null,
      errorCode: 0,
    });
  });
  it('with replies in the order of the requests', async () => {
    const requests = [poll(), poll('getAvatar'), poll(), poll('nobodyKnowsMe')].map((one) => request(one));
    const got = readPackage(await visitor.json(thread, pack(...requests)));
    expect(got.requests.map(({ token }) => token)).toEqual(requests.map(({ token }) => token));
  });
  it('is answered with 200 and nothing at all when there were only replies in it', async () => {
    const reply = {
      function: 'result',
      arguments: { threadId: null, token: null, references: {}, return: {}, errorCode: 0 },
    };
    for (const how of ['json', 'form'] as const) {
      const answer = await visitor[how](thread, pack({ token: 'f'.repeat(32), functions: [reply] }));
      expect([answer.status, answer.text]).toEqual([200, '']);
    }
    const encoded = await visitor.form(thread, pack({ token: 'f'.repeat(32), functions: [reply] }));
    expect(encoded.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
  });
  it('leaves a reply that nobody waits for out, and answers the rest', async () => {
    const reply = {
      function: 'result',
      arguments: { threadId: null, token: null, references: {}, return: {}, errorCode: 0 },
    };
    const asked = request(poll());
    const got = readPackage(await visitor.json(thread, pack({ token: 'nobody', functions: [reply] }, asked)));
    expect(got.requests.map(({ token }) => token)).toEqual([asked.token]);
  });
});

describe('with async: false', () => {
  it('the functions run, and the answer is 200 with nothing in it', async () => {
    for (const how of ['json', 'form'] as const) {
      const before = (await read(visitor, place, true)).length;
      const answer = await visitor[how](thread, { ...hello('synchronous'), async: false });
      expect([answer.status, answer.text]).toEqual([200, '']);
      expect(await read(visitor, place, true)).toHaveLength(before + 1);
    }
  });
});

describe('a malformed package is refused whole', () => {
  const good = () => pack(request(threadFunction(place, true)('post', { message: 'never stored' })));
  type Good = ReturnType<typeof good>;
  const withFunction = (change: (one: Record<string, unknown>) => unknown) => (it: Good) => ({
    ...it,
    requests: [...it.requests, { token: 'wnd9', functions: [change({ ...it.requests[0]!.functions[0]! })] }],
  });
  const withoutArgument = (key: string) =>
    withFunction((one) => {
      const { [key]: _, ...rest } = one['arguments'] as Record<string, unknown>;
      return { ...one, arguments: rest };
    });
  const drop = (key: string) => (it: Good) => Object.fromEntries(Object.entries(it).filter(([name]) => name !== key));
  const rules: readonly [number, string, string, (it: Good) => unknown][] = [
    [7, 'EMPTY_SIGNATURE', 'no signature', drop('signature')],
    [16, 'UNTRUSTED_SIGNATURE', 'a signature that nobody trusts', (it) => ({ ...it, signature: 'x' })],
    [5, 'EMPTY_PROTOCOL', 'no proto', drop('proto')],
    [5, 'EMPTY_PROTOCOL', 'an empty proto', (it) => ({ ...it, proto: '' })],
    [23, 'WRONG_PROTOCOL_VERSION', 'another proto', (it) => ({ ...it, proto: '0.9' })],
    [1, 'ASYNC_FLAG_MISSED', 'no async', drop('async')],
    [20, 'WRONG_ASYNC_FLAG_VALUE', 'async as text', (it) => ({ ...it, async: 'true' })],
    [20, 'WRONG_ASYNC_FLAG_VALUE', 'async as number', (it) => ({ ...it, async: 1 })],
    [6, 'EMPTY_REQUESTS', 'no requests', drop('requests')],
    [6, 'EMPTY_REQUESTS', 'an empty list of requests', (it) => ({ ...it, requests: [] })],
    [
      8,
      'EMPTY_TOKEN',
      'a request without token',
      (it) => ({ ...it, requests: [...it.requests, { functions: [poll()] }] }),
    ],
    [
      8,
      'EMPTY_TOKEN',
      'an empty token',
      (it) => ({ ...it, requests: [...it.requests, { token: '', functions: [poll()] }] }),
    ],
    [4, 'EMPTY_FUNCTIONS', 'no functions', (it) => ({ ...it, requests: [...it.requests, { token: 'wnd9' }] })],
    [
      4,
      'EMPTY_FUNCTIONS',
      'an empty list of functions',
      (it) => ({ ...it, requests: [...it.requests, { token: 'wnd9', functions: [] }] }),
    ],
    [3, 'EMPTY_FUNCTION_NAME', 'a function without name', withFunction(({ arguments: args }) => ({ arguments: args }))],
    [3, 'EMPTY_FUNCTION_NAME', 'an empty name', withFunction((one) => ({ ...one, function: '' }))],
    [2, 'EMPTY_ARGUMENTS', 'no arguments', withFunction(({ function: name }) => ({ function: name }))],
    [2, 'EMPTY_ARGUMENTS', 'empty arguments', withFunction((one) => ({ ...one, arguments: {} }))],
    [2, 'EMPTY_ARGUMENTS', 'an empty list as arguments', withFunction((one) => ({ ...one, arguments: [] }))],
    [19, 'WRONG_ARGUMENTS_TYPE', 'arguments as text', withFunction((one) => ({ ...one, arguments: 'x' }))],
    [13, 'MANDATORY_ARGUMENTS_MISSED', 'no threadId', withoutArgument('threadId')],
    [13, 'MANDATORY_ARGUMENTS_MISSED', 'no token', withoutArgument('token')],
    [13, 'MANDATORY_ARGUMENTS_MISSED', 'no references', withoutArgument('references')],
    [13, 'MANDATORY_ARGUMENTS_MISSED', 'no return', withoutArgument('return')],
    [
      13,
      'MANDATORY_ARGUMENTS_MISSED',
      'a result without errorCode',
      withFunction((one) => ({ ...one, function: 'result' })),
    ],
  ];

  it.each(rules)('%i %s: %s', async (code, name, _what, change) => {
    const before = await read(visitor, place, true);
    const sent = change(good());
    const json = await visitor.json(thread, sent);
    expect(json.status).toBe(400);
    expect(json.headers.get('content-type')).toMatch(/^application\/json/);
    const body = JSON.parse(json.text) as { error: Json; tokens: unknown };
    expect(body).toEqual({ error: { code, name, message: expect.any(String) }, tokens: expect.any(Array) });
    const encoded = await visitor.form(thread, sent);
    expect(encoded.status).toBe(400);
    expect(encoded.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
    expect(decodeForm(encoded.text)).toEqual(body);
    // Good requests before the bad one have not run.
    expect(await read(visitor, place, true)).toEqual(before);
  });

  it('names the tokens that it could read', async () => {
    const sent = { ...good(), proto: '0.9' };
    const { text } = await visitor.json(thread, sent);
    expect((JSON.parse(text) as Json)['tokens']).toEqual(sent.requests.map(({ token }) => token));
  });

  it('tests in the order of the protocol: of two faults the earlier rule is told', async () => {
    const order: readonly [Json, number][] = [
      [{}, 7],
      [{ signature: 'x' }, 16],
      [{ signature: '' }, 5],
      [{ signature: '', proto: '2' }, 23],
      [{ signature: '', proto: '1.0' }, 1],
      [{ signature: '', proto: '1.0', async: 'no' }, 20],
      [{ signature: '', proto: '1.0', async: true }, 6],
      [{ signature: '', proto: '1.0', async: true, requests: [{}] }, 8],
      [{ signature: '', proto: '1.0', async: true, requests: [{ token: 'a' }] }, 4],
      [{ signature: '', proto: '1.0', async: true, requests: [{ token: 'a', functions: [{}] }] }, 3],
      [{ signature: '', proto: '1.0', async: true, requests: [{ token: 'a', functions: [{ function: 'a' }] }] }, 2],
    ];
    for (const [sent, code] of order)
      expect(JSON.parse((await visitor.json(thread, sent)).text)).toMatchObject({ error: { code } });
  });

  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
  it.each([
    ['no JSON', 'application/json', bytes('{')],
    ['nothing', 'application/json', bytes('')],
    ['a number', 'application/json', bytes('1')],
    ['null', 'application/json', bytes('null')],
    ['invalid UTF-8', 'application/json', bytes('{"signature":"\xff"}')],
    ['no field data', form, bytes('other=1')],
    ['an empty field data', form, bytes('data=')],
    ['a broken escape', form, bytes('data=%7B%2')],
    ['escapes that are not UTF-8', form, bytes('data=%25FF%25FE')],
    ['a type that is neither', 'text/plain', bytes('{"signature":""}')],
  ])('12 NOT_VALID_JSON: %s', async (_what, type, body) => {
    const answer = await post(server.url + thread, { headers: visitor.headers() }, body, type);
    expect(answer.status).toBe(400);
    const text = type === form ? decodeForm(answer.text) : (JSON.parse(answer.text) as unknown);
    expect(text).toMatchObject({ error: { code: 12, name: 'NOT_VALID_JSON' }, tokens: [] });
  });

  it('updateThreads without revision is 13, whatever its value may be', async () => {
    const one = usersFunction(desk);
    const missing = await desk.json(users, packOf(one('updateThreads', {}, 'threads')));
    expect(JSON.parse(missing.text)).toMatchObject({ error: { code: 13 } });
    const nothing = await desk.json(users, packOf(one('updateThreads', { revision: null }, 'threads')));
    expect(nothing.status).toBe(200);
  });
});

describe('limits', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  // package, requests, request, functions, function, arguments: six levels around an argument.
  const deep = (levels: number) => packOf(threadFunction(place, true)('nobodyKnowsMe', { deep: nested(levels - 6) }));

  it.each([
    ['51 requests', () => pack(...Array.from({ length: 51 }, () => request(poll('x')))), 400, 111],
    ['21 functions', () => pack(request(...Array.from({ length: 21 }, () => poll('x')))), 400, 112],
    ['17 levels', () => deep(17), 400, 113],
    ['more than 256 kB', () => hello('x'.repeat(256 * 1024)), 413, 110],
    ['a megabyte', () => hello('x'.repeat(1024 * 1024)), 413, 110],
  ] as const)('%s are refused whole', async (_what, make, status, code) => {
    const before = await read(visitor, place, true);
    const json = await visitor.json(thread, make());
    expect([json.status, JSON.parse(json.text)]).toMatchObject([status, { error: { code } }]);
    const encoded = await visitor.form(thread, make());
    expect([encoded.status, decodeForm(encoded.text)]).toMatchObject([status, { error: { code } }]);
    expect(await read(visitor, place, true)).toEqual(before);
  });
  it.each([
    ['50 requests', () => pack(...Array.from({ length: 50 }, () => request(poll('x'))))],
    ['20 functions', () => pack(request(...Array.from({ length: 20 }, () => poll('x'))))],
    ['16 levels', () => deep(16)],
  ] as const)('%s are fine', async (_what, make) => {
    expect((await visitor.json(thread, make())).status).toBe(200);
  });
  it('a body whose length nobody announced is refused as well', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(64 * 1024));
    let left = 8;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk);
        else controller.close();
      },
    });
    const headers = visitor.headers({ 'content-type': 'application/json' });
    const answer = await fetch(server.url + thread, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect([answer.status, await answer.json()]).toMatchObject([413, { error: { code: 110 } }]);
  });
  it('who sends too many packages is told when to come back, in either encoding', async () => {
    const slow = await startHost({
      config: 'export default { plugins: { rpc: { packagesPerSecond: 1, packagesAtOnce: 2 } } };',
    });
    try {
      const hasty = openBrowser(slow.url);
      const own = await openChat(hasty);
      const sent = packOf(threadFunction(own, true)('updateMessages', { lastId: 0 }, 'messages'));
      const answers = await Promise.all([1, 2, 3, 4].map(() => hasty.json(thread, sent)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429, 429]);
      const refused = answers.find(({ status }) => status === 429)!;
      expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 102 }, tokens: [sent.requests[0]!.token] });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const encoded = await hasty.form(thread, sent);
      expect([encoded.status, decodeForm(encoded.text)]).toMatchObject([429, { error: { code: 102 } }]);
      // Others are not made to wait.
      const other = openBrowser(slow.url);
      expect(await openChat(other).then((place) => read(other, place, true))).toHaveLength(1);
    } finally {
      await slow.stop();
    }
  });
});

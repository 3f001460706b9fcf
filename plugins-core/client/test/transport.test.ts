import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Result, Transport } from '../client/index.ts';
import { call, createWorld } from './world.ts';
import type { World } from './world.ts';

const settle = () => vi.advanceTimersByTimeAsync(0);
const ask = (name: string, args: Record<string, unknown> = {}) => [{ function: name, arguments: args }];

let world: World;
let running: Transport[] = [];
function started(options?: Parameters<World['transport']>[0]): Transport {
  const transport = world.transport(options);
  running.push(transport);
  transport.runUpdater();
  return transport;
}

beforeEach(() => {
  vi.useFakeTimers();
  world = createWorld();
});
afterEach(() => {
  for (const transport of running) transport.stop();
  running = [];
  vi.useRealTimers();
});

describe('calls', () => {
  it('gives a callback the arguments of the result with its token', async () => {
    world.answer = (name, args) => ({ echo: `${name} ${String(args.say)}` });
    const transport = started();
    const replies: unknown[] = [];
    transport.callFunctions(
      ask('one', { say: 'a', return: { echo: 'heard' } }),
      (result) => replies.push(result.heard),
      true,
    );
    transport.callFunctions(
      ask('two', { say: 'b', return: { echo: 'heard' } }),
      (result) => replies.push(result.heard),
      true,
    );
    await settle();
    expect(replies).toEqual(['one a', 'two b']);
  });

  it('adds the mandatory arguments of the interaction', async () => {
    started().callFunctions(ask('start'), undefined, true);
    await settle();
    expect(world.ran[0]?.args).toEqual({ threadId: null, token: null, references: {}, return: {} });
  });

  it('leaves a function error to the caller as part of the result', async () => {
    world.answer = () => ({ errorCode: 5, errorMessage: 'Cannot send' });
    await expect(started().call(ask('post'), { force: true })).resolves.toMatchObject({
      errorCode: 5,
      errorMessage: 'Cannot send',
    });
  });

  it('sends calls of one turn in one package, and never more than the server takes', async () => {
    world.socket = 'refused';
    const transport = started();
    for (let i = 0; i < 45; i++) transport.callFunctions(ask(`f${i}`), undefined, true);
    await settle();
    expect(world.packages.map((requests) => requests.length)).toEqual([40, 5]);
    expect(world.ran.map((each) => each.name)).toEqual(Array.from({ length: 45 }, (_, i) => `f${i}`));
  });

  it('fails a call that gets no answer in time', async () => {
    const transport = started();
    await settle();
    world.dropAnswers = true;
    const failure = transport.call(ask('post'), { force: true }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await failure).toMatchObject({ kind: 'timeout' });
  });

  it('fails only the guilty request of a refused package', async () => {
    world.refuse = (requests) =>
      requests.some((request) => request.functions[0]?.arguments.threadId === 666)
        ? { code: 403, name: 'FORBIDDEN', message: 'not yours' }
        : undefined;
    for (const socket of ['ok', 'refused'] as const) {
      world.socket = socket;
      const transport = started();
      const bad = transport.call(ask('post', { threadId: 666 }), { force: true }).catch((error: unknown) => error);
      const good = transport.call(ask('post', { threadId: 1 }), { force: true });
      await settle();
      expect(await bad).toMatchObject({ kind: 'refused', code: 403, message: 'not yours' });
      await expect(good).resolves.toMatchObject({ errorCode: 0 });
    }
  });

  it('takes an empty answer for no replies, and tells the callers so', async () => {
    world.socket = 'refused';
    world.post = { status: 200 };
    const failure = started()
      .call(ask('post'), { force: true })
      .catch((error: unknown) => error);
    await settle();
    expect(await failure).toMatchObject({ kind: 'unanswered' });
  });
});

describe('periodic calls', () => {
  it('are each a request of their own, made anew in each round, after forced calls', async () => {
    world.socket = 'refused';
    const transport = started();
    let round = 0;
    transport.callFunctionsPeriodically(
      () => ask('updateMessages', { lastId: ++round }),
      () => undefined,
    );
    transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    transport.callFunctionsPeriodically(
      () => [],
      () => undefined,
    );
    transport.callFunctions(ask('post'), undefined, true);
    await settle();
    expect(world.packages[0]?.map((request) => request.functions[0]?.function)).toEqual([
      'post',
      'updateMessages',
      'update',
    ]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(world.packages[1]?.map((request) => request.functions[0]?.arguments.lastId)).toEqual([2, undefined]);
  });

  it('stop when they are told to', async () => {
    world.socket = 'refused';
    const transport = started();
    const id = transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    await settle();
    transport.stopCallFunctionsPeriodically(id);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(world.ran).toHaveLength(1);
  });

  it('go over a socket at its opening, then once per heartbeat', async () => {
    const transport = started();
    const results: Result[] = [];
    transport.callFunctionsPeriodically(
      () => ask('update'),
      (result) => results.push(result),
    );
    await settle();
    expect(results).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(results).toHaveLength(2);
    expect(world.ran.every((each) => each.carrier === 'socket')).toBe(true);
  });
});

describe('calls of the server', () => {
  it('run all handlers of the name and answer with the merged results', async () => {
    const transport = started();
    transport.registerFunction('flashTitle', () => ({ shown: false, times: 3 }));
    const id = transport.registerFunction('flashTitle', (args) => ({ shown: args.threadId === 42 }));
    await settle();
    world.sockets[0]?.push([call('flashTitle', { threadId: 42, return: { shown: 'shown', times: 'n' } })]);
    await settle();
    expect(world.results[0]?.functions[0]).toMatchObject({
      function: 'result',
      arguments: { shown: true, n: 3, errorCode: 0 },
    });
    transport.unregisterFunction(id);
    world.sockets[0]?.push([call('flashTitle', { return: { shown: 'shown' } })]);
    await settle();
    expect(world.results[1]?.functions[0]?.arguments).toMatchObject({ shown: false });
  });

  it('resolve references, and stop at the first error', async () => {
    const transport = started();
    const calls: unknown[] = [];
    transport.registerFunction('make', () => ({ value: 7 }));
    transport.registerFunction('use', (args) => void calls.push(args.number));
    transport.registerFunction('fail', () => ({ errorCode: 9, errorMessage: 'no' }));
    await settle();
    world.sockets[0]?.push([
      {
        token: 't',
        functions: [
          { function: 'make', arguments: { references: [], return: { value: 'v' } } },
          { function: 'use', arguments: { number: 'value', references: { number: 1 }, return: [] } },
          { function: 'fail', arguments: { references: [], return: [] } },
          { function: 'use', arguments: { number: 1, references: [], return: [] } },
        ],
      },
    ]);
    await settle();
    expect(calls).toEqual([7]);
    expect(world.results[0]?.functions[0]?.arguments).toMatchObject({ v: 7, errorCode: 9, errorMessage: 'no' });
  });

  it('that ask for nothing back are not answered, and unknown names do no harm', async () => {
    const transport = started();
    const heard: unknown[] = [];
    transport.registerFunction('receiveMessages', (args) => void heard.push(args.lastId));
    await settle();
    world.sockets[0]?.push([call('receiveMessages', { lastId: 3 }), call('nobodyKnows')]);
    await settle();
    expect(heard).toEqual([3]);
    expect(world.results).toHaveLength(0);
  });

  it('come with a poll as well, and are answered by the next package', async () => {
    world.socket = 'refused';
    const transport = started();
    transport.registerFunction('ping', () => ({ pong: 1 }));
    transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    world.buffered = [call('ping', { return: { pong: 'pong' } })];
    await settle();
    expect(world.results[0]).toMatchObject({ token: 'server1', functions: [{ arguments: { pong: 1 } }] });
  });
});

describe('carriers', () => {
  it('greets over a socket with the visitor, and calls only after the answer', async () => {
    const transport = started({ visitor: () => 'secret' });
    transport.callFunctions(ask('update'), undefined, true);
    await settle();
    expect(world.hellos).toEqual([{ visitor: 'secret' }]);
    expect(world.ran[0]).toMatchObject({ carrier: 'socket', name: 'update' });
    expect(transport.status.get()).toEqual({ connection: 'online', carrier: 'socket' });
  });

  it('polls with the visitor in a header and without cookies', async () => {
    world.socket = 'refused';
    started({ visitor: () => 'secret' }).callFunctions(ask('update'), undefined, true);
    await settle();
    expect(world.posts[0]).toMatchObject({ credentials: 'omit', headers: { 'x-mibew-visitor': 'secret' } });
  });

  it.each(['refused', 'forbidden', { close: 4403 }] as const)(
    'polls after one socket that was refused: %j',
    async (socket) => {
      world.socket = socket;
      const transport = started();
      transport.callFunctionsPeriodically(
        () => ask('update'),
        () => undefined,
      );
      await vi.advanceTimersByTimeAsync(600_000);
      expect(transport.status.get()).toEqual({ connection: 'online', carrier: 'polling' });
      expect(world.sockets.length).toBeLessThanOrEqual(1);
      expect(world.ran.length).toBeGreaterThan(250);
    },
  );

  it('polls after a socket that never answers the hello', async () => {
    world.socket = 'silent';
    const transport = started();
    await vi.advanceTimersByTimeAsync(5000);
    expect(transport.status.get().carrier).toBe('polling');
  });

  it('tries a socket again when the server was away as a whole', async () => {
    world.socket = 'refused';
    world.post = 'down';
    const transport = started();
    transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    await vi.advanceTimersByTimeAsync(3000);
    expect(transport.status.get().connection).toBe('offline');
    world.socket = 'ok';
    world.post = 'ok';
    await vi.advanceTimersByTimeAsync(5000);
    expect(transport.status.get()).toEqual({ connection: 'online', carrier: 'socket' });
  });

  it('makes a new socket after the old one is cut, with pauses that grow', async () => {
    const transport = started();
    await settle();
    world.sockets[0]?.cut(4503);
    await settle();
    expect(transport.status.get().connection).toBe('offline');
    await vi.advanceTimersByTimeAsync(2000);
    expect(transport.status.get()).toEqual({ connection: 'online', carrier: 'socket' });
    world.sockets[1]?.cut();
    await vi.advanceTimersByTimeAsync(2000);
    expect(world.sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2000);
    expect(world.sockets).toHaveLength(3);
  });

  it('fails what was under way when a socket is cut, and keeps what came after for the next', async () => {
    const transport = started();
    await settle();
    world.dropAnswers = true;
    const lost = transport.call(ask('first'), { force: true }).catch((error: unknown) => error);
    await settle();
    world.sockets[0]?.cut();
    await settle();
    world.dropAnswers = false;
    const kept = transport.call(ask('second'), { force: true });
    await vi.advanceTimersByTimeAsync(2000);
    expect(await lost).toMatchObject({ kind: 'network' });
    await expect(kept).resolves.toMatchObject({ errorCode: 0 });
  });

  it('drops a socket that answers no more', async () => {
    const transport = started();
    transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    await settle();
    world.dropAnswers = true;
    await vi.advanceTimersByTimeAsync(25_000);
    world.dropAnswers = false;
    await vi.advanceTimersByTimeAsync(2000);
    expect(world.sockets).toHaveLength(2);
    expect(transport.status.get().connection).toBe('online');
  });

  it('polls while a socket cannot be had again, and goes back to one', async () => {
    const transport = started();
    transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    await settle();
    world.socket = 'refused';
    world.sockets[0]?.cut();
    await vi.advanceTimersByTimeAsync(2000);
    expect(transport.status.get()).toEqual({ connection: 'online', carrier: 'polling' });
    world.socket = 'ok';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(transport.status.get()).toEqual({ connection: 'online', carrier: 'socket' });
  });

  it('waits longer and longer while polls fail, and not at all once it is woken', async () => {
    world.socket = 'refused';
    world.post = 'down';
    const transport = started();
    transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = world.posts.length;
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(9);
    world.post = 'ok';
    transport.wake();
    await settle();
    expect(transport.status.get().connection).toBe('online');
  });

  it('waits as long as the server asks', async () => {
    world.socket = 'refused';
    world.post = {
      status: 429,
      body: '{"error":{"code":102,"name":"RATE","message":""}}',
      headers: { 'retry-after': '20' },
    };
    const transport = started();
    transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    await vi.advanceTimersByTimeAsync(19_000);
    expect(world.posts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(world.posts).toHaveLength(2);
  });

  it('stops for good', async () => {
    const transport = started();
    transport.callFunctionsPeriodically(
      () => ask('update'),
      () => undefined,
    );
    await settle();
    const count = world.ran.length;
    const waiting = transport.call(ask('post')).catch((error: unknown) => error);
    transport.stop();
    expect(await waiting).toMatchObject({ kind: 'stopped' });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(world.ran).toHaveLength(count);
  });
});

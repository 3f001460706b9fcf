import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Thread, threadState } from '../../chat/api.ts';
import type { Operator } from '../../operators/api.ts';
import type { ClientCall } from '../../rpc/api.ts';
import type { ReceiveThreads } from '../api.ts';
import { createPush } from '../push.ts';
import { createQueue } from '../queue.ts';
import { board, operator, thread } from './fixtures.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function world(initial: readonly Thread[] = []) {
  const threads = board(initial);
  const pushed: { topic: string; call: ReceiveThreads }[] = [];
  const sockets = new Map<string, number>();
  const people = new Map<number, Operator>();
  const failures: unknown[] = [];
  const queue = createQueue({
    threads,
    operators: {
      byId: () => Promise.resolve(undefined),
      can: (one: Operator, permission: string) => one.permissions.includes(permission),
    },
    pattern: () => '{name}',
    listed: (rows) => Promise.resolve(rows),
  });
  const push = createPush({
    threads,
    queue,
    operators: { byId: (id) => Promise.resolve(people.get(id)) },
    realtime: {
      count: (topic) => sockets.get(topic) ?? 0,
      publish: (topic, calls: readonly ClientCall[]) => {
        for (const { function: name, arguments: call } of calls) {
          expect(name).toBe('receiveThreads');
          pushed.push({ topic, call: call as unknown as ReceiveThreads });
        }
        return sockets.get(topic) ?? 0;
      },
    },
    failed: (error) => failures.push(error),
  });
  const join = (one: Operator, head: number) => {
    sockets.set(`users:${one.id}`, 1);
    people.set(one.id, one);
    push.join(one)(head);
  };
  const settle = () => vi.advanceTimersByTimeAsync(1000);
  return { threads, push, pushed, sockets, people, failures, join, settle };
}

describe('the push of the queue', () => {
  it('tells a change with the revision that comes before it', async () => {
    const { threads, push, pushed, join, settle } = world([thread({ revision: 5 })]);
    join(operator(), 5);
    threads.put(thread({ id: 43, revision: 6 }));
    push.changed();
    await settle();
    expect(pushed).toMatchObject([
      { topic: 'users:3', call: { agentId: 3, lastRevision: 6, after: 5, threads: [{ id: 43 }] } },
    ]);
  });

  it('makes one push and one read of a burst', async () => {
    const { threads, push, pushed, join, settle } = world([thread({ revision: 5 })]);
    join(operator(), 5);
    for (let n = 1; n <= 50; n += 1) {
      threads.put(thread({ id: 100 + (n % 10), revision: 5 + n }));
      push.changed();
    }
    await settle();
    expect(pushed).toHaveLength(1);
    expect(pushed[0]?.call).toMatchObject({ after: 5, lastRevision: 55 });
    expect(pushed[0]?.call.threads).toHaveLength(10);
    expect(threads.state.reads).toBe(1);
  });

  it('tells each what he may do by now, whatever he might when he came', async () => {
    const { threads, push, pushed, people, join, settle } = world([thread({ revision: 5 })]);
    const chatting = { state: threadState.chatting, agentId: 9 };
    join(operator({ id: 4, permissions: ['takeover', 'viewthreads'] }), 5);
    people.set(4, operator({ id: 4 }));
    threads.put(thread({ id: 43, revision: 6, ...chatting }));
    push.changed();
    await settle();
    expect(pushed.at(-1)?.call.threads).toMatchObject([{ id: 43, canOpen: false, canView: false }]);
    people.delete(4);
    threads.put(thread({ id: 43, revision: 7, ...chatting }));
    push.changed();
    await settle();
    expect(pushed).toHaveLength(1);
  });

  it('reads once for any number of operators and gives each his own rights', async () => {
    const { threads, push, pushed, join, settle } = world([thread({ revision: 5 })]);
    join(operator({ id: 3 }), 5);
    join(operator({ id: 4, permissions: ['takeover', 'viewthreads'] }), 5);
    join(operator({ id: 5 }), 5);
    threads.put(thread({ revision: 6, state: threadState.chatting, agentId: 3 }));
    push.changed();
    await settle();
    expect(threads.state.reads).toBe(1);
    expect(pushed.map(({ topic, call }) => [topic, call.threads[0]?.canOpen, call.threads[0]?.canView])).toEqual([
      ['users:3', true, false],
      ['users:4', true, true],
      ['users:5', false, false],
    ]);
  });

  it('tells a change that comes while it is telling another', async () => {
    const { threads, push, pushed, join, settle } = world([thread({ revision: 5 })]);
    join(operator(), 5);
    threads.state.between = () => {
      if (threads.state.reads > 1) return;
      threads.put(thread({ id: 44, revision: 7 }));
      push.changed();
    };
    threads.put(thread({ id: 43, revision: 6 }));
    push.changed();
    await settle();
    expect(pushed.map(({ call }) => [call.after, call.lastRevision])).toEqual([
      [5, 6],
      [6, 7],
    ]);
  });

  it('works for nobody when nobody listens', async () => {
    const { threads, push, pushed, sockets, join, settle } = world([thread({ revision: 5 })]);
    push.changed();
    await settle();
    expect(threads.state.reads).toBe(0);
    join(operator(), 5);
    sockets.clear();
    threads.put(thread({ id: 43, revision: 6 }));
    push.changed();
    await settle();
    expect(pushed).toEqual([]);
    expect(threads.state.reads).toBe(0);
  });

  it('makes an operator who joins while a change is told pull what he missed', async () => {
    const { threads, push, pushed, sockets, people, settle } = world([thread({ revision: 5 })]);
    sockets.set('users:3', 1);
    people.set(3, operator());
    const answered = push.join(operator());
    threads.put(thread({ id: 43, revision: 6 }));
    push.changed();
    await settle();
    expect(pushed.at(-1)?.call).toMatchObject({ threads: [], after: 6, lastRevision: 6 });
    answered(5);
    await settle();
    expect(pushed.at(-1)?.call).toMatchObject({ threads: [{ id: 43 }], after: 5, lastRevision: 6 });
  });

  it('tells sockets to pull rather than sending hundreds of rows', async () => {
    const { threads, push, pushed, join, settle } = world([thread({ revision: 5 })]);
    join(operator(), 5);
    for (let n = 1; n <= 300; n += 1) threads.put(thread({ id: 1000 + n, revision: 5 + n }));
    push.changed();
    await settle();
    expect(pushed).toMatchObject([{ call: { threads: [], after: 305, lastRevision: 305 } }]);
  });

  it('after a failed read makes everybody pull at the next change', async () => {
    const { threads, push, pushed, failures, join, settle } = world([thread({ revision: 5 })]);
    join(operator(), 5);
    threads.state.between = () => {
      throw new Error('database is away');
    };
    threads.put(thread({ id: 43, revision: 6 }));
    push.changed();
    await settle();
    expect(failures).toHaveLength(1);
    threads.state.between = undefined;
    threads.put(thread({ id: 44, revision: 7 }));
    push.changed();
    await settle();
    expect(pushed).toMatchObject([{ call: { threads: [], after: 7, lastRevision: 7 } }]);
  });

  it('leaves no timer behind when it stops', () => {
    const { push, join } = world();
    join(operator(), 0);
    push.changed();
    push.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

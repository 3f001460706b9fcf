import { describe, expect, it } from 'vitest';
import { type Thread, threadState } from '../../chat/api.ts';
import type { Operator } from '../../operators/api.ts';
import type { WireThread } from '../api.ts';
import { createQueue } from '../queue.ts';
import { board, operator, thread } from './fixtures.ts';

const ann = operator();

function world(initial: readonly Thread[] = [], head = 0) {
  const hidden = new Set<string>();
  const threads = board(initial, head, hidden);
  const queue = createQueue({
    threads,
    operators: {
      byId: (id) => Promise.resolve(id === 9 ? operator({ id: 9, name: 'Cleo' }) : undefined),
      can: (one: Operator, permission: string) => one.permissions.includes(permission),
    },
    pattern: () => '{name}',
    listed: (rows: readonly WireThread[]) => Promise.resolve(rows),
  });
  const ids = async (revision: number, who = ann) => (await queue.list(who, revision)).threads.map((row) => row.id);
  return { threads, hidden, queue, ids };
}

describe('the queue', () => {
  it('starts with what is open: nothing closed, left or invited', async () => {
    const { ids } = world([
      thread({ id: 1, revision: 1, state: threadState.queue }),
      thread({ id: 2, revision: 2, state: threadState.closed }),
      thread({ id: 3, revision: 3, state: threadState.left }),
      thread({ id: 4, revision: 4, state: threadState.invited }),
      thread({ id: 5, revision: 5, state: threadState.chatting }),
    ]);
    expect(await ids(0)).toEqual([1, 5]);
  });

  it('sends only what changed since, and never an invitation', async () => {
    const { ids, threads } = world([thread({ id: 1, revision: 1 }), thread({ id: 2, revision: 2 })]);
    threads.put(thread({ id: 3, revision: 3, state: threadState.invited }));
    expect(await ids(1)).toEqual([2]);
  });

  it('says when a long queue goes on, and from where', async () => {
    const { queue, threads } = world();
    threads.since = async (revision) =>
      revision === 0
        ? { threads: [thread({ id: 1, revision: 1 })], revision: 1, more: true }
        : { threads: [thread({ id: 2, revision: 5 })], revision: 5 };
    expect(await queue.list(ann, 0)).toMatchObject({ threads: [{ id: 1 }], lastRevision: 1, more: true });
    expect(await queue.list(ann, 1)).toMatchObject({ threads: [{ id: 2 }], lastRevision: 5, more: false });
  });

  it('names the operator that a thread is addressed to', async () => {
    const { queue } = world([thread({ nextAgent: 9, agentName: 'Bob' })]);
    expect((await queue.list(ann, 0)).threads[0]?.agentName).toBe('Cleo');
  });

  it('gives the rights of the one who asks', async () => {
    const { queue } = world([thread({ state: threadState.chatting, agentId: 9 })]);
    const boss = operator({ id: 4, permissions: ['takeover', 'viewthreads'] });
    expect((await queue.list(ann, 0)).threads[0]).toMatchObject({ canOpen: false, canView: false });
    expect((await queue.list(boss, 0)).threads[0]).toMatchObject({ canOpen: true, canView: true });
  });

  it('answers nothing new with the revision that it was asked for, or the current one', async () => {
    const { queue } = world([], 57);
    expect(await queue.list(ann, 57)).toMatchObject({ threads: [], lastRevision: 57, more: false });
    expect(await queue.list(ann, 12)).toMatchObject({ threads: [], lastRevision: 57 });
    expect(await queue.list(ann, 0)).toMatchObject({ threads: [], lastRevision: 57 });
    expect(await queue.list(ann, 99)).toMatchObject({ threads: [], lastRevision: 99, head: 57 });
  });

  it('tells every change although rows change between the reading of the head and of the rows', async () => {
    const { threads, queue } = world([thread({ id: 1, revision: 1 }), thread({ id: 2, revision: 2 })]);
    // Thread 1 gets revision 4 after the head was read; thread 2 gets revision 3 only after the rows were read.
    threads.state.between = () => threads.put(thread({ id: 1, revision: 4, userName: 'Late' }));
    const first = await queue.list(ann, 2);
    threads.state.between = undefined;
    threads.put(thread({ id: 2, revision: 3, userName: 'Later' }));
    expect(first.threads.map((row) => row.id)).toEqual([1]);
    expect(first.lastRevision).toBe(2);
    const second = await queue.list(ann, first.lastRevision);
    expect(second.threads.map((row) => row.userName)).toEqual(['Late', 'Later']);
    expect(second.lastRevision).toBe(4);
  });

  it('loses nothing and never goes back while threads change at random between all reads', async () => {
    let seed = 20;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    const { threads, queue } = world();
    const truth = new Map<number, string>();
    let revision = 0;
    const change = () => {
      const id = 1 + random(6);
      revision += 1;
      truth.set(id, `r${revision}`);
      threads.put(thread({ id, revision, userName: `r${revision}` }));
    };
    threads.state.between = () => {
      for (let n = random(3); n > 0; n -= 1) change();
    };
    const known = new Map<number, string>();
    let cursor = 0;
    for (let round = 0; round < 400; round += 1) {
      if (random(2)) change();
      if (round === 399) threads.state.between = undefined;
      const { threads: rows, lastRevision } = await queue.list(ann, cursor);
      for (const row of rows) known.set(row.id, row.userName);
      expect(lastRevision).toBeGreaterThanOrEqual(cursor);
      cursor = lastRevision;
    }
    expect(known).toEqual(truth);
    expect(revision).toBeGreaterThan(300);
  });

  it('tells a closed thread once as closed and a left message once as left', async () => {
    const { threads, queue } = world([thread({ id: 1, revision: 1 }), thread({ id: 2, revision: 2 })]);
    threads.put(thread({ id: 1, revision: 3, state: threadState.closed }));
    threads.put(thread({ id: 2, revision: 4, state: threadState.left }));
    const { threads: rows, lastRevision } = await queue.list(ann, 2);
    expect(rows.map((row) => [row.id, row.state])).toEqual([
      [1, 3],
      [2, 5],
    ]);
    expect((await queue.list(ann, lastRevision)).threads).toEqual([]);
    threads.put(thread({ id: 1, revision: 5, state: threadState.closed }));
    expect(await queue.list(ann, lastRevision)).toMatchObject({ threads: [], lastRevision: 5 });
  });

  it('tells it again to a second window that reads later', async () => {
    const { threads, ids } = world([thread({ id: 1, revision: 1 })]);
    threads.put(thread({ id: 1, revision: 2, state: threadState.closed }));
    expect(await ids(1)).toEqual([1]);
    expect(await ids(1)).toEqual([1]);
  });

  it('drops a thread that was moved out of sight, tells nothing about it, and shows it when it comes back', async () => {
    const { threads, hidden, queue, ids } = world([thread({ id: 1, revision: 1 })]);
    expect(await ids(0)).toEqual([1]);
    hidden.add('3:1');
    threads.put(thread({ id: 1, revision: 2, shownMessage: 'not for Ann' }));
    const { threads: gone } = await queue.list(ann, 1);
    expect(gone).toMatchObject([{ id: 1, state: threadState.closed, firstMessage: null, token: 0 }]);
    threads.put(thread({ id: 1, revision: 3 }));
    expect(await ids(2)).toEqual([]);
    expect(await ids(0)).toEqual([]);
    expect(await ids(2, operator({ id: 4 }))).toEqual([1]);
    hidden.clear();
    threads.put(thread({ id: 1, revision: 4 }));
    expect(await ids(3)).toEqual([1]);
    hidden.add('3:1');
    threads.put(thread({ id: 1, revision: 5 }));
    expect((await queue.list(ann, 4)).threads).toMatchObject([{ id: 1, state: threadState.closed }]);
  });
});

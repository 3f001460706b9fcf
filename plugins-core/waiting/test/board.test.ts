import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newsTopic, threadState, type Thread } from '../../chat/api.ts';
import { memoryCluster } from '../../chat/test/world.ts';
import type { Standing } from '../api.ts';
import { createBoard } from '../board.ts';
import { createEstimates } from '../estimate.ts';
import { createFeed } from '../feed.ts';
import { createLine } from '../line.ts';
import { threadOf } from './threads.ts';

const minute = 60_000;

/** A board with its feed on one node, and what visitors were told. */
function world() {
  const threads = new Map<number, Thread>();
  const pushed: [number, string][] = [];
  const cluster = memoryCluster();
  const settings = { waiting_position: true, waiting_estimate: true };
  const state = { attended: true, asked: 0, hears: true, reads: 0 };
  const line = createLine();
  const board = createBoard({
    line,
    estimates: createEstimates(),
    settings,
    async isAttended() {
      state.asked += 1;
      return state.attended;
    },
    text: (_locale, key, args) => `${key} ${Object.values(args).join(' ')}`.trim(),
    hears: () => state.hears,
    thread: async (id) => threads.get(id),
    push: ({ id }, { text }: Standing) => void pushed.push([id, text]),
    now: () => Date.now(),
  });
  const feed = createFeed({
    board,
    bus: cluster.bus,
    nodeId: 'one',
    failed: (error) => {
      throw error;
    },
    threads: {
      async since(revision) {
        state.reads += 1;
        const changed = [...threads.values()].filter((one) => one.revision > revision);
        return { threads: changed, revision: Math.max(revision, ...changed.map((one) => one.revision)) };
      },
    },
  });
  /** A change somewhere, told here unless it was elsewhere. */
  function change(wanted: Partial<Thread> & { readonly id: number }, node = 'one'): Thread {
    const thread = threadOf({
      ...threads.get(wanted.id),
      modifiedAt: Date.now(),
      ...wanted,
      revision: wanted.revision ?? ++revisions,
    });
    threads.set(thread.id, thread);
    if (node === 'one') feed.changed(thread);
    cluster.bus.publish(newsTopic, { threadId: thread.id, seq: 0, revision: thread.revision, node });
    return thread;
  }
  let revisions = 0;
  const wait = (id: number, groupId = 0) => change({ id, groupId, createdAt: Date.now() });
  return { board, feed, line, cluster, settings, state, threads, pushed, change, wait };
}
const soon = () => vi.advanceTimersByTimeAsync(1_000);

describe('those who wait', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000 * minute }));
  afterEach(() => void vi.useRealTimers());

  it('are told their place when it changes, together, and once', async () => {
    const { feed, wait, change, pushed } = world();
    const end = feed.follow();
    for (const id of [1, 2, 3]) wait(id);
    await soon();
    expect(pushed.splice(0)).toEqual([
      [1, 'waiting.place 1'],
      [2, 'waiting.place 2'],
      [3, 'waiting.place 3'],
    ]);
    change({ id: 1, state: threadState.chatting, agentId: 3 });
    change({ id: 2, state: threadState.closed });
    await soon();
    expect(pushed.splice(0)).toEqual([[3, 'waiting.place 1']]);
    await soon();
    expect(pushed).toEqual([]);
    await end();
  });

  it('hear nothing of other groups, and nothing goes to windows that do not listen', async () => {
    const { feed, wait, pushed, state } = world();
    const end = feed.follow();
    wait(1, 7);
    await soon();
    pushed.length = 0;
    wait(2, 8);
    await soon();
    expect(pushed.splice(0)).toEqual([[2, 'waiting.place 1']]);
    state.hears = false;
    wait(3, 8);
    await soon();
    expect(pushed).toEqual([]);
    await end();
  });

  it('are told how long it may take once that is known, unless nobody is there or the switch is off', async () => {
    const { feed, board, wait, change, state, settings } = world();
    const end = feed.follow();
    for (let id = 1; id <= 5; id++) {
      wait(id);
      await vi.advanceTimersByTimeAsync(2 * minute);
      change({ id, state: threadState.chatting, agentId: 3 });
    }
    const thread = wait(6);
    expect(await board.standing(thread)).toMatchObject({ position: 1, low: 2, high: 2 });
    state.attended = false;
    feed.review();
    expect(await board.standing(thread)).toEqual({ position: 1, low: 0, high: 0, text: 'waiting.nobody' });
    state.attended = true;
    feed.review();
    await vi.advanceTimersByTimeAsync(3 * minute);
    expect((await board.standing(thread)).text).toBe('waiting.place 1 waiting.late');
    settings.waiting_estimate = false;
    expect((await board.standing(thread)).text).toBe('waiting.place 1');
    settings.waiting_position = false;
    expect(await board.standing(thread)).toEqual({ position: 0, low: 0, high: 0, text: '' });
    await end();
  });

  it.each([true, false])(
    'are told when the last operator went, and when one is back; places told: %s',
    async (places) => {
      const { feed, wait, state, settings, pushed } = world();
      settings.waiting_position = places;
      const end = feed.follow();
      wait(1);
      await soon();
      expect(pushed.splice(0)).toEqual(places ? [[1, 'waiting.place 1']] : []);
      state.attended = false;
      feed.review();
      await soon();
      expect(pushed.splice(0)).toEqual([[1, 'waiting.nobody']]);
      feed.review();
      await soon();
      expect(pushed).toEqual([]);
      state.attended = true;
      feed.review();
      await soon();
      expect(pushed.splice(0)).toEqual([[1, places ? 'waiting.place 1' : '']]);
      await end();
    },
  );

  it('cost no question and no read when they ask', async () => {
    const { feed, board, wait, state } = world();
    await feed.load();
    const thread = wait(1);
    const { reads } = state;
    await board.standing(thread);
    const { asked } = state;
    for (let i = 0; i < 100; i++) await board.standing(thread);
    expect([state.asked, state.reads]).toEqual([asked, reads]);
  });

  it('are told nothing once they do not wait', async () => {
    const { board, wait, change } = world();
    wait(1);
    expect(await board.standing(change({ id: 1, state: threadState.chatting }))).toEqual({
      position: 0,
      low: 0,
      high: 0,
      text: '',
    });
  });

  it('on another node count as well: what it did is read once per burst', async () => {
    const { feed, line, change, state } = world();
    const end = feed.follow();
    for (const id of [1, 2, 3]) change({ id, createdAt: id }, 'two');
    expect(line.place(3)).toBeUndefined();
    await soon();
    expect([line.place(3), state.reads]).toEqual([3, 2]);
    change({ id: 1, state: threadState.closed }, 'two');
    await soon();
    expect(line.place(3)).toBe(2);
    await end();
  });

  it('are found again after a start, without a guess from waits that nobody saw begin', async () => {
    const { feed, board, threads, change, wait } = world();
    for (let id = 1; id <= 6; id++) threads.set(id, threadOf({ id, createdAt: Date.now() - 90_000 }));
    await feed.load();
    expect(await board.standing(threads.get(2)!)).toMatchObject({ position: 2 });
    for (let id = 1; id <= 6; id++)
      change({ id, state: threadState.chatting, agentId: 3, revision: (threads.get(id)?.revision ?? 0) + 100 });
    expect(await board.standing(wait(9))).toMatchObject({ low: 0, high: 0 });
  });
});

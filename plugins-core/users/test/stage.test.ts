import { describe, expect, it } from 'vitest';
import { CallFailed, memoryStorage, type Result } from '../../client/client/index.ts';
import type { WireThread } from '../api.ts';
import { createDesk, type PutAway } from '../client/desk.ts';
import { createQueue } from '../client/queue.ts';
import { createStage } from '../client/stage.ts';
import { toRow } from '../rows.ts';
import { thread } from './fixtures.ts';

const row = (values: Partial<WireThread>): WireThread => ({ ...toRow(thread(), { pattern: '{name}' }), ...values });

function world() {
  const queue = createQueue(3);
  const desk = createDesk(3, memoryStorage());
  const calls: Readonly<Record<string, unknown>>[] = [];
  const opened: number[] = [];
  const slips: PutAway[] = [];
  let answer: (result: Partial<Result>) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const stage = createStage({
    queue,
    desk,
    opened: (id) => opened.push(id),
    fit: () => 2,
    left: (gone) => slips.push(gone),
    threads: {
      call(functions) {
        calls.push(...functions.map((each) => ({ name: each.function, ...each.arguments })));
        return new Promise<Result>((resolve, reject) => {
          answer = (result) => resolve({ errorCode: 0, ...result });
          fail = reject;
        });
      },
    },
  });
  queue.answer({
    threads: [
      row({ id: 1, token: 11 }),
      row({ id: 2, token: 22, state: 2, agentId: 3 }),
      row({ id: 3, token: 33, state: 2, agentId: 9, agentName: 'Bob' }),
    ],
    lastRevision: 3,
  });
  return {
    queue,
    desk,
    calls,
    opened,
    slips,
    stage,
    answer: (result: Partial<Result>) => answer(result),
    fail: (error: Error) => fail(error),
    interlude: () => stage.state.get().interlude,
  };
}

describe('the stage of the workspace', () => {
  it('takes a visitor who waits and shows the conversation once the server said so', async () => {
    const { stage, desk, calls, opened, answer, interlude } = world();
    const opening = stage.open(1);
    expect(interlude()).toEqual({ kind: 'taking', id: 1 });
    expect(desk.has(1)).toBe(false);
    expect(calls).toMatchObject([{ name: 'take', threadId: 1, token: 11, user: false, force: false }]);
    answer({});
    await opening;
    expect(interlude()).toBeUndefined();
    expect(desk.active).toBe(1);
    expect(opened).toEqual([1]);
    expect(stage.state.get().pane).toBe('desk');
  });

  it('tells who was faster', async () => {
    const { stage, desk, answer, interlude } = world();
    const opening = stage.open(1);
    answer({ errorCode: 105, errorMessage: 'Bob has taken this conversation.' });
    await opening;
    expect(interlude()).toEqual({ kind: 'held', id: 1, message: 'Bob has taken this conversation.' });
    expect(desk.has(1)).toBe(false);
  });

  it.each([106, 4])('tells that a conversation is over (code %i)', async (errorCode) => {
    const { stage, answer, interlude } = world();
    const opening = stage.open(1);
    answer({ errorCode });
    await opening;
    expect(interlude()).toEqual({ kind: 'over', id: 1 });
  });

  it('says so when the server does not answer, and lets him try again', async () => {
    const { stage, fail, interlude } = world();
    const opening = stage.open(1);
    fail(new CallFailed('network', 'away'));
    await opening;
    expect(interlude()).toMatchObject({ kind: 'failed', id: 1 });
  });

  it('opens what is his own without asking the server', async () => {
    const { stage, desk, calls } = world();
    await stage.open(2);
    expect(calls).toEqual([]);
    expect(desk.seat(2)).toEqual({ id: 2, token: 22, watch: false });
  });

  it('asks before it takes a conversation over', async () => {
    const { stage, calls, interlude, answer } = world();
    await stage.open(3);
    expect(calls).toEqual([]);
    expect(interlude()).toMatchObject({ kind: 'held', id: 3 });
    const forcing = stage.force(3);
    expect(calls).toMatchObject([{ name: 'take', threadId: 3, force: true }]);
    answer({});
    await forcing;
    expect(stage.current()).toBe(3);
  });

  it('watches without taking', () => {
    const { stage, desk, calls } = world();
    stage.watch(3);
    expect(calls).toEqual([]);
    expect(desk.seat(3)).toEqual({ id: 3, token: 33, watch: true });
  });

  it('puts one away with a way back, and lets the operator write on in the next one', async () => {
    const { stage, desk, opened, slips } = world();
    await stage.open(2);
    stage.watch(3);
    stage.putAway(3);
    expect(desk.active).toBe(2);
    expect(opened).toEqual([2, 3, 2]);
    expect(slips).toHaveLength(1);
    stage.bringBack(slips[0]!);
    expect(desk.seats.map(({ id }) => id)).toEqual([2, 3]);
    expect(stage.current()).toBe(3);
  });

  it('shows one beside another, and follows the operator from one to the other without moving him', async () => {
    const { stage, desk, opened } = world();
    await stage.open(2);
    stage.watch(3);
    stage.beside(2);
    expect(desk.shown(2)).toEqual([3, 2]);
    const before = opened.length;
    stage.entered(3);
    expect(desk.active).toBe(3);
    expect(opened).toHaveLength(before);
    stage.beside(99);
    stage.alone();
    expect(desk.shown(2)).toEqual([3]);
  });

  it('does not jump at an operator who went on meanwhile', async () => {
    const { stage, desk, answer, opened } = world();
    const opening = stage.open(1);
    await stage.open(2);
    answer({});
    await opening;
    expect(desk.has(1)).toBe(true);
    expect(stage.current()).toBe(2);
    expect(opened).toEqual([2]);
  });

  it('notices that a conversation ends while it is looked at', async () => {
    const { stage, queue, interlude } = world();
    await stage.open(3);
    queue.receive({ agentId: 3, threads: [row({ id: 3, state: 3 })], lastRevision: 4, after: 3 });
    stage.follow();
    expect(interlude()).toEqual({ kind: 'over', id: 3 });
    expect(queue.last(3)?.agentName).toBe('Bob');
    stage.dismiss();
    expect(stage.state.get()).toMatchObject({ pane: 'queue', interlude: undefined });
  });
});

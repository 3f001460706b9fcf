import { describe, expect, it } from 'vitest';
import { threadState, type Thread } from '../../chat/api.ts';
import { chosen, loadOf, waitingOf } from '../choice.ts';

const { chatting, waiting, queue, loading } = threadState;
const thread = (id: number, state: Thread['state'], agentId = 0, nextAgent = 0) =>
  ({ id, state, agentId, nextAgent, groupId: 0 }) as Thread;

describe('what an operator has', () => {
  it('is what he chats in, what waits for him by name, and what he may come back to', () => {
    const threads = [
      thread(1, chatting, 3),
      thread(2, waiting, 0, 3),
      thread(3, waiting, 3),
      thread(4, waiting, 3, 4),
      thread(5, queue),
    ];
    expect([...loadOf(threads)]).toEqual([
      [3, 3],
      [4, 1],
    ]);
  });
});

describe('those who wait', () => {
  it('are served in the order in which they came, whoever had an operator before others', () => {
    const threads = [
      thread(1, queue),
      thread(2, loading),
      thread(3, waiting, 3),
      thread(4, chatting, 3),
      thread(5, queue),
    ];
    expect(waitingOf(threads).map(({ id }) => id)).toEqual([3, 1, 5]);
  });
});

describe('the next one', () => {
  const people = [
    { id: 1, load: 2, lastTurn: 1 },
    { id: 2, load: 1, lastTurn: 5 },
    { id: 3, load: 1, lastTurn: 4 },
  ];
  it('goes to whoever has the fewest, of equals to whoever was given one longest ago', () => {
    expect(chosen('leastBusy', people)?.id).toBe(3);
  });
  it('goes to each in turn', () => {
    expect(chosen('roundRobin', people)?.id).toBe(1);
  });
  it('goes to nobody when nobody has room', () => {
    expect(chosen('leastBusy', [])).toBeUndefined();
  });
});

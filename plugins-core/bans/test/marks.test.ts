import { describe, expect, it } from 'vitest';
import { threadState, type Thread } from '../../chat/api.ts';
import type { Ban } from '../api.ts';
import { openThreads, openThreadsOf } from '../marks.ts';

const thread = (id: number, state: Thread['state'] = threadState.queue) =>
  ({ id, state, remote: '192.0.2.7', userId: 'u', revision: id }) as Thread;
const ban = { id: 1, address: '192.0.2.7', userId: '' } as Ban;

/** As the service tells them: in pages, later ones with what is over. */
const pages = (all: readonly Thread[], size: number) => ({
  since: async (revision: number) => {
    const threads = all.filter((one) => one.revision > revision).slice(0, size);
    return { threads, revision: threads.at(-1)?.revision ?? revision };
  },
});

describe('open conversations of somebody banned', () => {
  it('are all of them, however many pages they fill', async () => {
    const source = pages([thread(1), thread(2), thread(3), thread(4, threadState.closed), thread(5)], 2);
    expect((await openThreads(source)).map(({ id }) => id)).toEqual([1, 2, 3, 5]);
    expect((await openThreadsOf(source, [undefined, ban])).map(({ id }) => id)).toEqual([1, 2, 3, 5]);
    expect(await openThreadsOf(source, [{ ...ban, address: '192.0.2.8' }])).toEqual([]);
  });
});

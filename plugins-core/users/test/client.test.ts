import { describe, expect, it } from 'vitest';
import type { WireThread } from '../api.ts';
import { createClock } from '../client/clock.ts';
import { memoryStorage } from '../../client/client/index.ts';
import { createDesk } from '../client/desk.ts';
import { createQueue, sections } from '../client/queue.ts';
import { toRow } from '../rows.ts';
import { thread } from './fixtures.ts';

const row = (values: Partial<WireThread>): WireThread => ({ ...toRow(thread(), { pattern: '{name}' }), ...values });

describe('the queue in the browser', () => {
  it('sorts conversations into waiting, mine and others', () => {
    const queue = createQueue(3);
    queue.answer({
      threads: [
        row({ id: 1, state: 0 }),
        row({ id: 2, state: 2, agentId: 3 }),
        row({ id: 3, state: 2, agentId: 9 }),
        row({ id: 4, state: 4 }),
        row({ id: 5, state: 1, agentId: 3 }),
      ],
      lastRevision: 5,
    });
    expect(queue.list('waiting').map(({ id }) => id)).toEqual([1, 4, 5]);
    expect(queue.list('mine').map(({ id }) => id)).toEqual([2]);
    expect(queue.list('others').map(({ id }) => id)).toEqual([3]);
    queue.answer({ threads: [row({ id: 4, addressed: true }), row({ id: 3, state: 3 })], lastRevision: 6 });
    expect(queue.list('addressed').map(({ id }) => id)).toEqual([4]);
    expect(sections.map(queue.count)).toEqual([1, 2, 1, 0]);
    expect(queue.waiting).toBe(3);
  });

  it('tells each change once to whoever keeps a list', () => {
    const queue = createQueue(3);
    queue.answer({ threads: [row({ id: 1 }), row({ id: 2 })], lastRevision: 2 });
    expect([...queue.takeFresh()]).toEqual([1, 2]);
    queue.answer({ threads: [row({ id: 2, state: 3 })], lastRevision: 3 });
    expect([...queue.takeFresh()]).toEqual([2]);
    expect([...queue.takeFresh()]).toEqual([]);
  });

  it('forgets what went long ago, but not what the operator still looks at', () => {
    const queue = createQueue(3, (id) => id === 1);
    for (let id = 1; id <= 1000; id += 1) {
      queue.answer({ threads: [row({ id })], lastRevision: 2 * id });
      queue.answer({ threads: [row({ id, state: 3 })], lastRevision: 2 * id + 1 });
    }
    expect(queue.last(1)).toBeDefined();
    expect(queue.last(1000)).toBeDefined();
    expect(queue.last(2)).toBeUndefined();
  });

  it('announces visitors who come, not those who were there, nor one that changes while he waits', () => {
    const queue = createQueue(3);
    expect(queue.answer({ threads: [row({ id: 1 })], lastRevision: 1 }).arrived).toEqual([]);
    const { arrived } = queue.answer({ threads: [row({ id: 1, userName: 'Zoe' }), row({ id: 2 })], lastRevision: 3 });
    expect(arrived.map(({ id }) => id)).toEqual([2]);
  });

  it('announces nobody, and is not loaded, until the last part of a long queue was told', () => {
    const queue = createQueue(3);
    const parts = [row({ id: 1 }), row({ id: 2 }), row({ id: 3 })];
    for (const [place, part] of parts.entries()) {
      const more = place < 2;
      expect(queue.answer({ threads: [part], lastRevision: place + 1 }, more).arrived).toEqual([]);
      expect(queue.loaded).toBe(!more);
    }
    expect(queue.answer({ threads: [row({ id: 4 })], lastRevision: 4 }, true).arrived).toHaveLength(1);
    expect(queue.loaded).toBe(true);
  });

  it('announces what was handed to this operator, and not what he handed on himself', () => {
    const queue = createQueue(3);
    queue.answer({ threads: [row({ id: 1, state: 1 }), row({ id: 2, state: 2, agentId: 3 })], lastRevision: 2 });
    const handed = row({ id: 1, state: 1, waitingTime: 999, addressed: true });
    const { arrived } = queue.answer({ threads: [handed, row({ id: 2, state: 1, agentId: 0 })], lastRevision: 4 });
    expect(arrived).toEqual([handed]);
    expect(queue.list('addressed').map(({ id }) => id)).toEqual([1]);
    expect(queue.answer({ threads: [{ ...handed, userName: 'Zoe' }], lastRevision: 5 }).arrived).toEqual([]);
    // Nobody's connection was lost but his own: that he is told.
    queue.answer({ threads: [row({ id: 4, state: 2, agentId: 3 })], lastRevision: 6 });
    expect(queue.answer({ threads: [row({ id: 4, state: 1, agentId: 3 })], lastRevision: 7 }).arrived).toHaveLength(1);
  });

  it('announces a visitor who waits again', () => {
    const queue = createQueue(3);
    queue.answer({ threads: [row({ id: 1, state: 2, agentId: 9 })], lastRevision: 1 });
    expect(queue.answer({ threads: [row({ id: 1, state: 1 })], lastRevision: 2 }).arrived).toHaveLength(1);
  });

  it('drops what is closed or left', () => {
    const queue = createQueue(3);
    queue.answer({ threads: [row({ id: 1 }), row({ id: 2 })], lastRevision: 2 });
    const { gone } = queue.answer({ threads: [row({ id: 1, state: 3 }), row({ id: 2, state: 5 })], lastRevision: 4 });
    expect(gone.map(({ id }) => id)).toEqual([1, 2]);
    expect(queue.count('waiting')).toBe(0);
  });

  it('takes a push that follows what it has', () => {
    const queue = createQueue(3);
    queue.answer({ threads: [], lastRevision: 5 });
    expect(queue.receive({ agentId: 3, threads: [row({ id: 2 })], lastRevision: 6, after: 5 })?.changed).toHaveLength(
      1,
    );
    expect(queue.revision).toBe(6);
  });

  it('refuses a push with a gap before it, and one before the first answer', () => {
    const queue = createQueue(3);
    const push = { agentId: 3, threads: [row({ id: 2 })], lastRevision: 8, after: 7 };
    expect(queue.receive({ ...push, after: 0 })).toBeUndefined();
    queue.answer({ threads: [], lastRevision: 5 });
    expect(queue.receive(push)).toBeUndefined();
    expect(queue.revision).toBe(5);
  });

  it('lets no late answer undo what a push told', () => {
    const queue = createQueue(3);
    queue.answer({ threads: [row({ id: 1 })], lastRevision: 5 });
    queue.receive({ agentId: 3, threads: [row({ id: 1, state: 3 })], lastRevision: 6, after: 5 });
    expect(queue.answer({ threads: [row({ id: 1 })], lastRevision: 5 }).changed).toEqual([]);
    expect(queue.row(1)).toBeUndefined();
    expect(queue.revision).toBe(6);
  });
});

describe('the clock', () => {
  it('speaks of the time that passed at the server', () => {
    const clock = createClock('en', () => 1_000_000);
    clock.correct(5000);
    expect(clock.now()).toBe(5000);
    expect(clock.since(4955)).toBe('45 sec');
    expect(clock.since(4700)).toBe('5 min');
    expect(clock.sinceLong(4700)).toBe('5 minutes');
    expect(clock.since(5000 - 7200)).toBe('2 hr');
    expect(clock.sinceLong(5000 - 3 * 86_400)).toBe('3 days');
    expect(clock.since(6000)).toBe('0 sec');
  });

  it.each(['x-pseudo', 'en-x-long', 'nonsense-'])('speaks English on a page in %s', (locale) => {
    expect(createClock(locale, () => 0).since(-300)).toBe('5 min');
  });

  it('tells the exact time', () => {
    expect(createClock('en').exact(1_700_000_000)).toContain('2023');
  });
});

describe('the desk', () => {
  const seat = (id: number) => ({ id, token: id * 10, watch: false });

  it('has the same conversations open after a reload', () => {
    const shared = memoryStorage();
    const before = createDesk(3, shared);
    before.open(seat(1));
    before.open(seat(2));
    before.show(2);
    const after = createDesk(3, shared);
    expect(after.seats).toEqual([seat(1), seat(2)]);
    expect(after.active).toBe(2);
    expect(createDesk(4, shared).seats).toEqual([]);
  });

  it('shows the neighbour of a conversation that is put away', () => {
    const desk = createDesk(3, memoryStorage());
    for (const id of [1, 2, 3]) desk.open(seat(id));
    desk.show(2);
    desk.close(2);
    expect(desk.active).toBe(3);
    desk.close(3);
    expect(desk.active).toBe(1);
    desk.close(1);
    expect(desk.active).toBeUndefined();
  });

  it('goes around its tabs in both directions', () => {
    const desk = createDesk(3, memoryStorage());
    expect(desk.neighbour(1)).toBeUndefined();
    for (const id of [1, 2, 3]) desk.open(seat(id));
    expect(desk.neighbour(1)).toBe(1);
    expect(desk.neighbour(-1)).toBe(3);
    desk.show(3);
    expect(desk.neighbour(1)).toBe(1);
    expect(desk.neighbour(-1)).toBe(2);
  });

  it.each(['{"seats":[{"id":"x"},null]}', '<html>', 'null', '[]', '{"seats":3}'])(
    'is empty rather than broken when the storage holds %s',
    (text) => {
      const storage = memoryStorage();
      storage.set('mibew.workspace.3', text);
      const desk = createDesk(3, storage);
      expect(desk.seats).toEqual([]);
      desk.open(seat(1));
      expect(desk.has(1)).toBe(true);
    },
  );
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryStorage } from '../../client/client/index.ts';
import type { WireThread } from '../api.ts';
import { createListing } from '../client/listing.ts';
import { createPace } from '../client/pace.ts';
import { createQueue, type Section } from '../client/queue.ts';
import { createSearch, fold } from '../client/search.ts';
import { spanOf } from '../client/span.ts';
import { toRow } from '../rows.ts';
import { thread } from './fixtures.ts';

const row = (values: Partial<WireThread>): WireThread => ({ ...toRow(thread(), { pattern: '{name}' }), ...values });

function world(threads: readonly WireThread[] = [], session = memoryStorage()) {
  const queue = createQueue(3);
  const listing = createListing({ queue, agentId: 3, locale: 'en', session });
  let revision = 0;
  const tell = (...changed: readonly WireThread[]) => {
    queue.answer({ threads: changed, lastRevision: (revision += 1) });
    return listing.update();
  };
  tell(...threads);
  return { queue, listing, tell, ids: (section: Section) => listing.list(section).map((one) => one.row.id) };
}

describe('the queue as an operator wants to see it', () => {
  it('puts who waits longest first, and who lost his operator before everybody', () => {
    const { ids } = world([
      row({ id: 1, totalTime: 300 }),
      row({ id: 2, totalTime: 100 }),
      row({ id: 3, totalTime: 900, waitingTime: 950, state: 1 }),
      row({ id: 4, totalTime: 999, addressed: true }),
    ]);
    expect(ids('waiting')).toEqual([3, 2, 1]);
    expect(ids('addressed')).toEqual([4]);
  });

  it('is the same after a thousand changes as when it is sorted at once', () => {
    const { tell, ids, queue } = world();
    let seed = 7;
    const random = (below: number) => (seed = (seed * 16_807) % 2_147_483_647) % below;
    for (let change = 0; change < 1000; change += 1) {
      const id = 1 + random(80);
      tell(
        row({
          id,
          totalTime: random(50),
          waitingTime: random(50),
          state: [0, 1, 2, 3, 4][random(5)]!,
          agentId: 2 + random(2),
        }),
      );
    }
    for (const section of ['waiting', 'mine', 'others'] as const) {
      const fresh = world(queue.list(section));
      expect(ids(section)).toEqual(fresh.ids(section));
    }
    expect(ids('waiting').length + ids('mine').length + ids('others').length).toBeGreaterThan(20);
  });

  it('tells which rows are new', () => {
    const { tell } = world([row({ id: 1 })]);
    expect(tell(row({ id: 1, userName: 'Zoe' }), row({ id: 2 }))).toEqual([2]);
  });

  it('marks own conversations whose visitor had the last word, and puts who waits longest for an answer first', () => {
    const mine = { state: 2, agentId: 3 };
    const { listing, ids } = world([1, 2, 3].map((id) => row({ id, ...mine, totalTime: id })));
    listing.turn(3, 500);
    listing.turn(2, 600);
    listing.update();
    expect(ids('mine')).toEqual([3, 2, 1]);
    expect(listing.list('mine').map(({ turn }) => turn)).toEqual([500, 600, undefined]);
    listing.turn(3, undefined);
    listing.update();
    expect(ids('mine')).toEqual([2, 1, 3]);
  });

  it('sorts by newest, by name as people do, and by group with the rest at the end', () => {
    const { listing, ids } = world([
      row({ id: 1, totalTime: 1, userName: 'Zoe', groupName: 'Sales' }),
      row({ id: 2, totalTime: 2, userName: 'élan' }),
      row({ id: 3, totalTime: 3, userName: 'Eve', groupName: 'Repairs' }),
    ]);
    listing.ask({ order: 'newest' });
    expect(ids('waiting')).toEqual([3, 2, 1]);
    listing.ask({ order: 'name' });
    expect(ids('waiting')).toEqual([2, 3, 1]);
    listing.ask({ order: 'group' });
    expect(ids('waiting')).toEqual([3, 1, 2]);
  });

  it('finds all words in name, first message, address, group, browser and operator, whatever marks their letters have', () => {
    const threads = [
      row({ id: 1, userName: 'Žofie Dráb', firstMessage: 'Where is my parcel?', remote: '198.51.100.9' }),
      row({ id: 2, userName: 'Max', groupName: 'Größe', userAgent: 'Safari 17', agentName: 'Bob' }),
    ];
    const found = (query: string) => threads.filter(createSearch(query)).map(({ id }) => id);
    expect(found('drab ZOFIE')).toEqual([1]);
    expect(found('parcel 198.51')).toEqual([1]);
    expect(found('grosse safari bob')).toEqual([2]);
    expect(found('zofie bob')).toEqual([]);
    expect(found('  ')).toEqual([1, 2]);
    expect(fold('  İSTANBUL ')).toBe('istanbul');
  });

  it('counts honestly what a search leaves out, and shows it again', () => {
    const { listing, tell, ids } = world([
      row({ id: 1, userName: 'Zoe', addressed: true }),
      row({ id: 2, userName: 'Max' }),
    ]);
    listing.ask({ query: 'max' });
    expect([ids('addressed'), ids('waiting')]).toEqual([[], [2]]);
    expect([listing.hidden('addressed'), listing.hidden('waiting')]).toEqual([1, 0]);
    tell(row({ id: 3, userName: 'Maxine' }), row({ id: 4, userName: 'Ida' }));
    expect([ids('waiting'), listing.hidden('waiting')]).toEqual([[2, 3], 1]);
    expect(listing.next()).toBe(1);
    listing.clear();
    expect([listing.narrowed, ids('addressed'), listing.hidden('waiting')]).toEqual([false, [1], 0]);
  });

  it('shows one section or one group, and knows which groups there are', () => {
    const { listing, tell, ids } = world([
      row({ id: 1, groupName: 'Sales' }),
      row({ id: 2, groupName: 'Repairs' }),
      row({ id: 3, groupName: 'Sales', state: 2, agentId: 9 }),
    ]);
    expect(listing.groups).toEqual(['Repairs', 'Sales']);
    listing.ask({ group: 'Sales' });
    expect([ids('waiting'), ids('others')]).toEqual([[1], [3]]);
    listing.ask({ section: 'others' });
    expect([ids('waiting'), ids('others')]).toEqual([[], [3]]);
    tell(row({ id: 1, state: 3 }), row({ id: 3, state: 3 }));
    expect(listing.empty).toBe(true);
    // What is asked for can still be taken back.
    expect(listing.groups).toEqual(['Repairs', 'Sales']);
  });

  it('drops what leaves the sight from what was found, too', () => {
    const { listing, tell, ids } = world([row({ id: 1, userName: 'Zoe' })]);
    listing.ask({ query: 'zoe' });
    tell(row({ id: 1, userName: '', firstMessage: null, token: 0, state: 3 }));
    expect([ids('waiting'), listing.hidden('waiting')]).toEqual([[], 0]);
  });

  it.each([undefined, 'null', '7', '{"query":5,"order":"by colour","section":"closet"}', '{'])(
    'shows everything when the session holds %s',
    (kept) => {
      const session = memoryStorage();
      if (kept) session.set('mibew.queue.3', kept);
      const { listing } = world([], session);
      expect(listing.wish).toEqual({ query: '', section: undefined, group: undefined, order: 'waiting' });
    },
  );

  it('is as it was asked for after a reload', () => {
    const session = memoryStorage();
    world([], session).listing.ask({ query: 'zoe', section: 'mine', order: 'name' });
    const { listing } = world([], session);
    expect(listing.wish).toEqual({ query: 'zoe', section: 'mine', group: undefined, order: 'name' });
  });
});

describe('the rows of a long list that stand on the page', () => {
  const items = Array.from({ length: 1000 }, (_, index) => index);
  const span = (from: number, to: number, kept = -1) =>
    spanOf(
      items,
      () => 10,
      from,
      to,
      (item) => item === kept,
    );

  it('are those that can be seen, with room for the others', () => {
    const { rows, height } = span(105, 140);
    expect(rows.map(({ item, gap, top }) => [item, gap, top])).toEqual([
      [10, 100, 100],
      [11, 0, 110],
      [12, 0, 120],
      [13, 0, 130],
    ]);
    expect(height).toBe(10_000);
  });

  it('are, besides, those that are kept, in their place', () => {
    expect(span(0, 10, 500).rows.map(({ item, gap }) => [item, gap])).toEqual([
      [0, 0],
      [500, 4990],
    ]);
    expect(span(5000, 5010, 2).rows.map(({ item, gap }) => [item, gap])).toEqual([
      [2, 20],
      [500, 4970],
    ]);
  });
});

describe('the pace of drawing', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('draws before the turn is over, what follows once with the next frame, and goes on where no frames come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const frames: (() => void)[] = [];
    vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
    vi.stubGlobal('cancelAnimationFrame', () => undefined);
    let drawn = 0;
    const ask = createPace(() => (drawn += 1));
    const turn = () => Promise.resolve();
    ask();
    ask();
    await turn();
    expect(drawn).toBe(1);
    ask();
    ask();
    await turn();
    expect(drawn).toBe(1);
    frames.shift()!();
    expect(drawn).toBe(2);
    ask();
    vi.advanceTimersByTime(1000);
    expect(drawn).toBe(3);
  });
});

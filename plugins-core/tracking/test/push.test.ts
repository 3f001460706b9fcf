/** What boards are told of changes: each change once, whatever the number of visitors, and never somebody who is not shown. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Operator } from '../../operators/api.ts';
import type { ReceiveVisitors, TrackedVisitor } from '../api.ts';
import { toKnown, type Known } from '../known.ts';
import { createListings } from '../listing.ts';
import { boardTopic, createPush } from '../push.ts';
import { ranked } from '../rows.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const known = (id: number, at = id): Known =>
  Object.assign(
    toKnown({
      row: {
        id,
        secretHash: `hash${id}`,
        userId: `user${id}`,
        name: '',
        entry: '',
        userAgent: '',
        remote: '192.0.2.7',
        country: '',
        city: '',
        locale: 'en',
        firstTime: 0,
        lastTime: at,
        visits: 0,
        invitations: 0,
        chats: 0,
        threadId: 0,
        visitorId: 0,
        invited: 0,
        attributes: {},
        identityId: '',
        verified: false,
      },
      page: { address: `https://shop.example/${id}`, title: '', at },
      pages: 1,
      events: [],
    }),
    { until: Number.MAX_SAFE_INTEGER },
  );

function start(limit: number) {
  const all = new Map<number, Known>();
  const settings = { limit };
  const sent: (ReceiveVisitors & { readonly topic: string })[] = [];
  const sockets = new Set<string>();
  const loaded = new Map<number, readonly TrackedVisitor[]>();
  const listings = createListings({
    visitors: { all: () => all.values() },
    limit: () => settings.limit,
    guest: () => 'Guest',
    load: async ({ id }) => loaded.get(id),
    listed: async (rows) => rows,
    now: () => 1,
  });
  const push = createPush({
    listings,
    realtime: {
      count: (topic) => (sockets.has(topic) ? 1 : 0),
      publish(topic, [call]) {
        sent.push({ topic, ...(call!.arguments as unknown as ReceiveVisitors) });
        return 1;
      },
    },
    operators: { byId: async (id) => ({ id }) as Operator },
    failed: (error) => {
      throw error;
    },
  });
  /** What the client of each operator shows. */
  const shown = new Map<number, Set<number>>();
  return {
    all,
    settings,
    sent,
    sockets,
    loaded,
    push,
    come(one: Known) {
      all.set(one.id, one);
      push.changed(one);
    },
    go(one: Known) {
      one.until = 0;
      push.changed(one);
    },
    async join(id: number) {
      const listing = await listings.of({ id } as Operator);
      sockets.add(boardTopic(id));
      push.join(id, listing);
      shown.set(id, new Set(listing.visitors.map((one) => one.id)));
    },
    async soon() {
      const from = sent.length;
      await vi.advanceTimersByTimeAsync(260);
      for (const { agentId, visitors, gone } of sent.slice(from)) {
        for (const { id } of visitors) shown.get(agentId)!.add(id);
        for (const id of gone) shown.get(agentId)!.delete(id);
      }
      return sent.slice(from);
    },
    shownTo: (id: number) => [...shown.get(id)!].toSorted((a, b) => a - b),
    total: () => listings.total,
  };
}

describe('the first of many', () => {
  const many = Array.from({ length: 3_000 }, (_, index) =>
    Object.assign(known(index + 1, (index * 7_919) % 1_000), {
      invitations: index % 3,
      ...(index % 50 === 0 && { invitation: { time: 1, agentName: 'Ann', threadId: 9 } }),
    }),
  );
  const sorted = ranked([...many], 0).map(({ id }) => id);

  it.each([1, 2, 20, 999, 1_000, 1_001, 2_999, 3_000, 4_000])('are the same %i as in the order of all', (limit) => {
    expect(ranked([...many], limit).map(({ id }) => id)).toEqual(sorted.slice(0, limit));
  });

  it('are found without putting all in order', () => {
    let looks = 0;
    const counted = many.map((one) =>
      Object.defineProperty({ ...one }, 'invitation', {
        get() {
          looks += 1;
          return one.invitation;
        },
      }),
    );
    ranked(counted, 20);
    expect(looks).toBeLessThan(5 * many.length);
  });
});

describe('the push of the visitor board', () => {
  it('tells nobody who did not ask, and nothing where nothing happened', async () => {
    const board = start(0);
    board.come(known(1));
    expect(await board.soon()).toEqual([]);
    await board.join(3);
    expect(board.shownTo(3)).toEqual([1]);
    expect(await board.soon()).toEqual([]);
  });

  it('has boards ask again when it ends: else they would show who was there last', async () => {
    const board = start(0);
    board.come(known(1));
    await board.join(3);
    board.push.stop();
    expect(board.sent).toEqual([{ topic: boardTopic(3), agentId: 3, visitors: [], gone: [], total: -1 }]);
    board.come(known(2));
    expect(await board.soon()).toEqual([]);
  });

  it('tells changes of a quarter of a second together, each visitor once', async () => {
    const board = start(0);
    await board.join(3);
    await board.join(4);
    const many = Array.from({ length: 2_000 }, (_, index) => known(index + 1));
    for (let turn = 0; turn < 3; turn += 1) for (const one of many) board.come(one);
    const sent = await board.soon();
    expect(sent.map(({ topic, visitors, total }) => [topic, visitors.length, total])).toEqual([
      [boardTopic(3), 2_000, 2_000],
      [boardTopic(4), 2_000, 2_000],
    ]);
    board.come(many[7]!);
    const [one] = await board.soon();
    expect(one!.visitors.map(({ id }) => id)).toEqual([8]);
  });

  it('tells who went, and forgets listeners whose sockets are gone', async () => {
    const board = start(0);
    const [one, two] = [known(1), known(2)];
    board.come(one);
    board.come(two);
    await board.join(3);
    await board.join(4);
    board.sockets.delete(boardTopic(4));
    board.go(one);
    two.threadId = 7;
    board.push.changed(two);
    expect(await board.soon()).toEqual([{ topic: boardTopic(3), agentId: 3, visitors: [], gone: [1, 2], total: 0 }]);
  });

  it('shows of many only the first, and fills the places of those who go', async () => {
    const board = start(3);
    const many = Array.from({ length: 6 }, (_, index) => known(index + 1));
    for (const one of many) board.come(one);
    await board.join(3);
    expect(board.shownTo(3)).toEqual([4, 5, 6]);
    board.go(many[5]!);
    await board.soon();
    expect(board.shownTo(3)).toEqual([3, 4, 5]);
    many[0]!.page = { ...many[0]!.page!, at: 100 };
    // A poll alone changes nothing.
    many[2]!.lastTime = 100;
    board.come(many[0]!);
    const [told] = await board.soon();
    expect(told).toMatchObject({ gone: [3], total: 5 });
    expect(board.shownTo(3)).toEqual([1, 4, 5]);
    // Somebody whom he is not shown did something: that is nothing to him.
    board.come(many[1]!);
    const rest = await board.soon();
    expect(rest.flatMap(({ visitors }) => visitors)).toEqual([]);
    expect(board.shownTo(3)).toEqual([1, 4, 5]);
  });

  it('goes from all to a part and back', async () => {
    const board = start(3);
    const many = Array.from({ length: 5 }, (_, index) => known(index + 1));
    for (const one of many.slice(0, 3)) board.come(one);
    await board.join(3);
    expect(board.shownTo(3)).toEqual([1, 2, 3]);
    for (const one of many.slice(3)) board.come(one);
    await board.soon();
    expect(board.shownTo(3)).toEqual([3, 4, 5]);
    board.settings.limit = 0;
    board.come(many[4]!);
    await board.soon();
    expect(board.shownTo(3)).toEqual([1, 2, 3, 4, 5]);
    board.go(many[0]!);
    await board.soon();
    expect(board.shownTo(3)).toEqual([2, 3, 4, 5]);
  });

  it('shows operators whom other plugins name instead', async () => {
    const board = start(0);
    const [one, two] = [known(1), known(2)];
    board.come(one);
    board.come(two);
    board.loaded.set(3, [one]);
    await board.join(3);
    await board.join(4);
    board.come(two);
    await board.soon();
    expect([board.shownTo(3), board.shownTo(4)]).toEqual([[1], [1, 2]]);
    board.loaded.set(3, [two]);
    board.come(one);
    await board.soon();
    expect([board.shownTo(3), board.shownTo(4)]).toEqual([[2], [1, 2]]);
  });

  it('puts those who are invited last, then counts who was seen last', async () => {
    const board = start(3);
    const many = [known(1, 50), known(2, 60), known(3, 70), known(4, 40)];
    Object.assign(many[1]!, { threadId: 9, invitation: { time: 1, agentName: 'Ann', threadId: 9 } });
    for (const one of many) board.come(one);
    await board.join(3);
    expect(board.shownTo(3)).toEqual([1, 3, 4]);
    expect(board.total()).toBe(4);
  });
});

import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../client/client/index.ts';
import { createSearching } from '../../users/client/search.ts';
import { createSorted } from '../../users/client/sorted.ts';
import type { WireVisitor } from '../api.ts';
import { createCrowd, invited } from '../client/board/crowd.ts';
import { startFeed } from '../client/board/feed.ts';
import { createRoster, type Section } from '../client/board/roster.ts';
import { pageMatcher, readWish } from '../client/board/wish.ts';

const visitor = (values: Partial<WireVisitor> = {}): WireVisitor => ({
  id: 1,
  userId: '0f3a',
  userName: 'Zoe',
  userAgent: 'Firefox 140.0',
  userIp: '192.0.2.7',
  remote: '192.0.2.7',
  firstTime: 1_000,
  lastTime: 1_000,
  invitations: 0,
  chats: 0,
  invitationInfo: false,
  page: 'https://shop.example/cart',
  title: 'Your cart',
  pages: 1,
  visits: 0,
  entry: '',
  system: 'Linux',
  country: '',
  city: '',
  attributes: {},
  identity: null,
  invited: 0,
  ...values,
});

function world(rows: readonly WireVisitor[] = [], session = memoryStorage()) {
  const crowd = createCrowd();
  const clock = { now: 2_000 };
  const roster = createRoster({
    crowd,
    agentId: 3,
    locale: 'en',
    session,
    lists: { sorted: createSorted, searching: createSearching },
    now: () => clock.now,
    nameOf: ({ userName }) => userName,
    countryOf: (code) => (code === 'SE' ? 'Sweden' : code),
  });
  const all = (...now: readonly WireVisitor[]) => {
    const turns = crowd.answer({ visitors: now, total: now.length });
    return { turns, came: roster.update() };
  };
  all(...rows);
  const ids = (section: Section = 'site') => roster.list(section).map(({ row }) => row.id);
  return { crowd, roster, all, ids, clock };
}

describe('the visitors that a browser knows', () => {
  it('are what was answered, and change with what is pushed', () => {
    const { crowd, roster, all, ids } = world([visitor({ id: 1 }), visitor({ id: 2 })]);
    expect(all(visitor({ id: 2 }), visitor({ id: 3 })).came).toEqual([3]);
    expect(ids()).toEqual([3, 2]);
    crowd.receive({ agentId: 3, visitors: [visitor({ id: 4 })], gone: [2, 99], total: 2 });
    expect(roster.update()).toEqual([4]);
    expect(ids()).toEqual([4, 3]);
    expect(crowd.doubtful).toBe(false);
  });

  it('are no news while nothing but the time of their last contact differs', () => {
    const attributes = { plan: 'gold' };
    const { all } = world([visitor({ attributes })]);
    expect(all(visitor({ lastTime: 1_005, attributes: { plan: 'gold' } })).turns).toEqual([]);
    expect(all(visitor({ attributes: { plan: 'silver' } })).turns).toHaveLength(1);
  });

  it('are doubted when the numbers do not agree, and changed by no push before the first answer', () => {
    const crowd = createCrowd();
    const push = { agentId: 3, visitors: [visitor()], gone: [], total: 5 };
    expect(crowd.receive(push)).toBeUndefined();
    crowd.answer({ visitors: [visitor()], total: 1 });
    expect(crowd.limited).toBe(false);
    crowd.receive(push);
    expect(crowd.doubtful).toBe(true);
    crowd.answer({ visitors: [visitor()], total: 5 });
    expect([crowd.limited, crowd.total]).toEqual([true, 5]);
  });
});

describe('the board as an operator wants to see it', () => {
  it('has those who are invited in a section of their own', () => {
    const { all, ids } = world([visitor({ id: 1 }), visitor({ id: 2 })]);
    const invitationInfo = { time: 1_500, agentName: 'Ann' };
    all(visitor({ id: 1, invitationInfo, invited: invited.pending }), visitor({ id: 2 }));
    expect([ids('invited'), ids()]).toEqual([[1], [2]]);
    all(visitor({ id: 1, invited: invited.rejected }), visitor({ id: 2 }));
    expect([ids('invited'), ids()]).toEqual([[], [2, 1]]);
  });

  it('is in order by age, pages, name or place', () => {
    const { roster, ids } = world([
      visitor({ id: 1, firstTime: 10, pages: 2, userName: 'ída', country: 'SE', city: 'Lund' }),
      visitor({ id: 2, firstTime: 30, pages: 9, userName: 'Zoe' }),
      visitor({ id: 3, firstTime: 20, pages: 1, userName: 'Ada', country: 'DE' }),
    ]);
    const order = (wanted: 'newest' | 'longest' | 'pages' | 'name' | 'place') => {
      roster.ask({ order: wanted });
      return ids();
    };
    expect(order('newest')).toEqual([2, 3, 1]);
    expect(order('longest')).toEqual([1, 3, 2]);
    expect(order('pages')).toEqual([2, 1, 3]);
    expect(order('name')).toEqual([3, 1, 2]);
    expect(order('place')).toEqual([3, 1, 2]);
  });

  it('finds by words, page, country, kind, time and attribute', () => {
    const { roster, ids, clock } = world([
      visitor({ id: 1, country: 'SE', city: 'Malmö', firstTime: 1_900 }),
      visitor({ id: 2, visits: 3, page: 'http://shop.example/help/', title: 'Help', firstTime: 1_000 }),
      visitor({ id: 3, attributes: { plan: 'Gold', seats: '5' }, firstTime: 1_950 }),
    ]);
    const found = (wish: Parameters<typeof roster.ask>[0]) => {
      roster.clear();
      roster.ask(wish);
      return ids().toSorted((a, b) => a - b);
    };
    expect(found({ query: 'sweden malmo' })).toEqual([1]);
    expect(found({ query: 'gold' })).toEqual([3]);
    expect(found({ page: 'HELP' })).toEqual([2]);
    expect(found({ country: 'SE' })).toEqual([1]);
    expect(found({ kind: 'returning' })).toEqual([2]);
    expect(found({ kind: 'new' })).toEqual([1, 3]);
    expect(found({ attribute: 'plan' })).toEqual([3]);
    expect(found({ attribute: 'plan', value: 'sil' })).toEqual([]);
    expect(found({ value: '5' })).toEqual([3]);
    expect(found({ minutes: 5 })).toEqual([2]);
    expect(roster.narrowed).toBe(true);
    clock.now = 2_250;
    expect(roster.age()).toBe(true);
    expect(ids().toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });

  it('is asked for the same after a reload, and for nothing that makes no sense', () => {
    const session = memoryStorage();
    const { roster } = world([], session);
    roster.ask({ query: 'zoe', minutes: 15, order: 'name' });
    expect(world([], session).roster.wish).toMatchObject({ query: 'zoe', minutes: 15, order: 'name' });
    expect(readWish('{"minutes":7,"order":"best","kind":1,"page":{}}')).toMatchObject({
      minutes: 0,
      order: 'newest',
      kind: undefined,
      page: '',
    });
    expect(readWish('{')).toMatchObject({ query: '' });
  });

  it('is the same after a thousand changes as when it is made at once', () => {
    const { crowd, roster, ids } = world([]);
    crowd.answer({ visitors: [], total: 0 });
    let seed = 7;
    const random = (below: number) => (seed = (seed * 16_807) % 2_147_483_647) % below;
    for (let step = 0; step < 1_000; step += 1) {
      const id = 1 + random(60);
      const leaves = random(4) === 0;
      const info = random(6) === 0 ? { time: 1, agentName: 'Ann' } : false;
      const row = visitor({ id, firstTime: random(50), pages: random(9), invitationInfo: info });
      crowd.receive({ agentId: 3, visitors: leaves ? [] : [row], gone: leaves ? [id] : [], total: 0 });
      roster.update();
    }
    const fresh = world([...crowd.list()]);
    for (const section of ['invited', 'site'] as const) expect(ids(section)).toEqual(fresh.ids(section));
    expect(ids().length).toBeGreaterThan(10);
    expect(roster.count('site') + roster.count('invited')).toBe(crowd.size);
  });
});

describe('a pattern of a page', () => {
  it.each([
    ['/cart', 'https://shop.example/cart?x=1', true],
    ['https://shop.example', 'http://shop.example/', true],
    ['shop.example/*', 'https://shop.example/shoes/red', true],
    ['*/shoes/*', 'https://shop.example/shoes/red', true],
    ['*/shoes/*', 'https://shop.example/hats', false],
    ['*.example/cart', 'https://shop.example/cart/2', false],
    ['a*a', 'https://a', false],
    ['*', 'https://anything', true],
  ])('%s fits %s: %s', (pattern, page, fits) => {
    expect(pageMatcher(pattern)(visitor({ page, title: '' }))).toBe(fits);
  });
});

describe('the feed of the board', () => {
  function feed() {
    const status = { connection: 'online', carrier: 'socket' };
    const clock = { now: 0 };
    const crowd = createCrowd();
    const codes: (number | undefined)[] = [];
    let build: () => readonly object[] = () => [];
    let took: (result: object) => void = () => undefined;
    let heard: (args: object) => void = () => undefined;
    let followed: (now: object, before: object) => void = () => undefined;
    let shown = false;
    let calls = 0;
    const transport = {
      status: { get: () => status, subscribe: (listener: typeof followed) => ((followed = listener), () => undefined) },
      callFunctionsPeriodically: (make: typeof build, done: typeof took) => ((build = make), (took = done), 1),
      registerFunction: (_: string, handler: typeof heard) => ((heard = handler), 2),
      call: async () => ((calls += 1), { errorCode: 0, visitors: [visitor()], total: 1 }),
    };
    startFeed({
      transport: transport as never,
      agentId: 3,
      crowd,
      shown: () => shown,
      changed: () => undefined,
      failed: (code) => void codes.push(code),
      now: () => clock.now,
    });
    return {
      asks: () => build().length > 0,
      answer: (...rows: readonly WireVisitor[]) => took({ errorCode: 0, visitors: rows, total: rows.length }),
      refuse: () => took({ errorCode: 104 }),
      push: (args: object) => heard({ agentId: 3, visitors: [], gone: [], ...args }),
      reconnect: () => followed({ connection: 'online' }, { connection: 'offline' }),
      look: () => (shown = true),
      poll: () => (status.carrier = 'polling'),
      calls: () => calls,
      codes,
      clock,
      crowd,
    };
  }

  it('asks once for each connection while pushes come', () => {
    const one = feed();
    expect(one.asks()).toBe(true);
    one.answer(visitor());
    one.clock.now = 59_000;
    expect(one.asks()).toBe(false);
    one.reconnect();
    expect(one.asks()).toBe(true);
    one.answer(visitor());
    one.clock.now = 120_000;
    expect(one.asks()).toBe(true);
  });

  it('asks all the time where there are none and the board is looked at, else now and then', () => {
    const one = feed();
    one.poll();
    one.asks();
    one.answer(visitor());
    expect(one.asks()).toBe(false);
    one.clock.now = 20_000;
    expect(one.asks()).toBe(true);
    one.look();
    expect(one.asks()).toBe(true);
  });

  it('asks again when pushes do not add up, but not with each of them', () => {
    const one = feed();
    one.asks();
    one.answer(visitor());
    one.clock.now = 6_000;
    one.push({ total: 7 });
    one.push({ total: 8 });
    expect(one.calls()).toBe(1);
    one.push({ agentId: 4, gone: [1], total: 0 });
    expect(one.crowd.size).toBe(1);
  });

  it('tells that the server refuses, until it answers', () => {
    const one = feed();
    one.asks();
    one.refuse();
    one.answer();
    expect(one.codes).toEqual([104, undefined]);
  });
});

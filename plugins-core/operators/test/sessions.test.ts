import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { session as sessionTable } from '../tables.ts';
import { allTables, ann, bob, createNode, memoryBus, visit } from './world.ts';

const hour = 3_600_000;
const day = 24 * hour;

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

eachDialect((_dialect, open) => {
  const begin = async () => {
    const node = await createNode(await open(allTables));
    const operator = await node.accounts.create(ann);
    return { ...node, operator };
  };

  it('knows the operator behind a cookie, and keeps only the hash of it', async () => {
    const { db, sessions, operator } = await begin();
    const { cookie, session } = await sessions.start(operator, visit);
    expect(cookie).toMatch(/^[\w-]{43}$/);
    expect(await sessions.find(cookie)).toEqual(session);
    const rows = await db.query.select().from(db.table(sessionTable));
    expect(JSON.stringify(rows)).not.toContain(cookie);
  });

  it('knows nobody behind a cookie that it did not give', async () => {
    const { sessions } = await begin();
    for (const cookie of [undefined, '', 'x', 'A'.repeat(43), `${'A'.repeat(42)}é`])
      expect(await sessions.find(cookie)).toBeUndefined();
  });

  it('gives each session a CSRF token of its own, the same each time', async () => {
    const { sessions, operator } = await begin();
    const first = await sessions.start(operator, visit);
    const second = await sessions.start(operator, visit);
    expect(first.session.csrf).not.toBe(second.session.csrf);
    expect((await sessions.find(first.cookie))?.csrf).toBe(first.session.csrf);
  });

  it('asks the database once, not at every request', async () => {
    const { db, sessions, operator } = await begin();
    const { cookie, session } = await sessions.start(operator, visit);
    await sessions.find(cookie);
    await db.query.delete(db.table(sessionTable));
    expect(await sessions.find(cookie)).toEqual(session);
  });

  it('ends at a log-out on every node at once', async () => {
    const db = await open(allTables);
    const bus = memoryBus({ shared: true });
    const [here, there] = [await createNode(db, bus), await createNode(db, bus)];
    const { cookie, session } = await here.sessions.start(await here.accounts.create(ann), visit);
    expect(await there.sessions.find(cookie)).toBeDefined();
    await here.sessions.end(session.id);
    expect(await there.sessions.find(cookie)).toBeUndefined();
    expect(here.ended).toEqual([{ operatorId: session.operator.id, sessionId: session.id }]);
  });

  it('is asked for again after a second when a message between nodes was lost, and at once when none can be heard', async () => {
    const db = await open(allTables);
    const deaf = memoryBus({ shared: true });
    const [here, there] = [await createNode(db), await createNode(db, deaf)];
    const { cookie, session } = await here.sessions.start(await here.accounts.create(ann), visit);
    await there.sessions.find(cookie);
    await here.sessions.end(session.id);
    vi.setSystemTime(Date.now() + 999);
    expect(await there.sessions.find(cookie)).toBeDefined();
    vi.setSystemTime(Date.now() + 1);
    expect(await there.sessions.find(cookie)).toBeUndefined();

    const second = await here.sessions.start(session.operator, visit);
    await there.sessions.find(second.cookie);
    await here.sessions.end(second.session.id);
    deaf.connected = false;
    expect(await there.sessions.find(second.cookie)).toBeUndefined();
  });

  it('ends when the operator is disabled, before anybody ends it', async () => {
    const { accounts, administration, sessions } = await begin();
    const other = await accounts.create(bob);
    const { cookie } = await sessions.start(other, visit);
    expect(await sessions.find(cookie)).toBeDefined();
    await administration.setDisabled(other.id, true);
    expect(await sessions.find(cookie)).toBeUndefined();
  });

  it('ends all sessions of one operator and of nobody else', async () => {
    const { accounts, sessions, operator, ended } = await begin();
    const other = await accounts.create(bob);
    const mine = [await sessions.start(operator, visit), await sessions.start(operator, visit)];
    const his = await sessions.start(other, visit);
    await sessions.endAllOf(operator.id);
    for (const { cookie } of mine) expect(await sessions.find(cookie)).toBeUndefined();
    expect(await sessions.find(his.cookie)).toBeDefined();
    expect(ended.map(({ sessionId }) => sessionId)).toEqual(mine.map(({ session }) => session.id));
  });

  it('ends after a day without a request', async () => {
    const { sessions, operator, ended } = await begin();
    const { cookie, session } = await sessions.start(operator, visit);
    vi.setSystemTime(Date.now() + day + 1);
    expect(await sessions.find(cookie)).toBeUndefined();
    await sessions.endExpired();
    expect(ended).toEqual([{ operatorId: operator.id, sessionId: session.id }]);
  });

  it('lasts while it is used, but seven days at most', async () => {
    const { sessions, operator } = await begin();
    const { cookie } = await sessions.start(operator, visit);
    const start = Date.now();
    for (let hours = 20; hours < 7 * 24; hours += 20) {
      vi.setSystemTime(start + hours * hour);
      expect(await sessions.find(cookie), `after ${hours} hours`).toBeDefined();
    }
    vi.setSystemTime(start + 7 * day + 1);
    expect(await sessions.find(cookie)).toBeUndefined();
  });

  it('lasts while its workspace is open, though no page is asked for', async () => {
    const { sessions, operator } = await begin();
    const { cookie, session } = await sessions.start(operator, visit);
    vi.setSystemTime(Date.now() + 20 * hour);
    await sessions.markSeen(session.id);
    vi.setSystemTime(Date.now() + 20 * hour);
    expect(await sessions.find(cookie)).toBeDefined();
  });

  it('lasts thirty days when it is to be remembered', async () => {
    const { sessions, operator } = await begin();
    const { cookie } = await sessions.start(operator, { ...visit, remember: true });
    vi.setSystemTime(Date.now() + 29 * day);
    expect(await sessions.find(cookie)).toBeDefined();
    vi.setSystemTime(Date.now() + 31 * day);
    expect(await sessions.find(cookie)).toBeUndefined();
  });

  it('writes rarely that it was seen', async () => {
    const { db, sessions, operator } = await begin();
    const { cookie } = await sessions.start(operator, visit);
    const seen = async () => (await db.query.select().from(db.table(sessionTable)))[0]?.lastSeenAt;
    const start = Date.now();
    vi.setSystemTime(start + 4 * 60_000);
    await sessions.find(cookie);
    expect(await seen()).toBe(start);
    vi.setSystemTime(start + 6 * 60_000);
    await sessions.find(cookie);
    expect(await seen()).toBe(start + 6 * 60_000);
  });
});

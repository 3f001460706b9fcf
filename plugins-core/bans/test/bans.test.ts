import { afterEach, describe, expect, it, vi } from 'vitest';
import { eachDialect, type TestDatabase } from '../../database/testing.ts';
import { memoryBus } from '../../operators/test/world.ts';
import { BanError, type Ban } from '../api.ts';
import { createBans } from '../bans.ts';
import { ban } from '../tables.ts';

const day = 86_400_000;
afterEach(() => void vi.useRealTimers());

async function createNode(db: TestDatabase, bus = memoryBus({ shared: true })) {
  const told: [Ban | undefined, Ban | undefined][] = [];
  const state = { enabled: true };
  const bans = createBans({
    db,
    bus,
    enabled: () => state.enabled,
    changed: async (before, after) => void told.push([before, after]),
    failed(error) {
      throw error;
    },
  });
  await bans.load();
  return { bans, told, state, stop: bans.watch() };
}

const issuesOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BanError)) throw error ?? new Error('nothing was refused');
  return error.issues.map(({ field, code, ban: other }) => [field, code, ...(other ? [other.id] : [])]);
};

eachDialect((_, open) => {
  it('keeps out addresses, ranges and visitors, and nobody else', async () => {
    const { bans } = await createNode(await open([ban]));
    const one = await bans.create({ address: '192.0.2.7', comment: 'spam', till: 0 }, 3);
    const net = await bans.create({ address: '10.1.2.3/16', comment: 'spam', till: 0 }, 3);
    const span = await bans.create({ address: '2001:db8::5 - 2001:db8::9', comment: 'spam', till: 0 }, 3);
    const who = await bans.create({ userId: 'abc123', comment: 'spam', till: 0 }, 3);
    expect([one.address, net.address, span.address, who.userId]).toEqual([
      '192.0.2.7',
      '10.1.0.0/16',
      '2001:db8::5-2001:db8::9',
      'abc123',
    ]);
    const idOf = (remote: string, userId = '') => bans.match({ remote, userId })?.id;
    expect(['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:C000:207'].map((remote) => idOf(remote))).toEqual([
      one.id,
      one.id,
      one.id,
    ]);
    expect(['10.1.0.0', '10.1.255.255', '::ffff:10.1.7.7'].map((remote) => idOf(remote))).toEqual([
      net.id,
      net.id,
      net.id,
    ]);
    expect(['2001:DB8::5', '2001:db8:0:0::9'].map((remote) => idOf(remote))).toEqual([span.id, span.id]);
    expect(idOf('203.0.113.1', 'abc123')).toBe(who.id);
    for (const remote of ['192.0.2.8', '10.2.0.0', '10.0.255.255', '2001:db8::4', '2001:db8::a', 'shop.example', ''])
      expect(idOf(remote, 'abc')).toBeUndefined();
  });

  it('of several bans says the one that lasts longest', async () => {
    const { bans } = await createNode(await open([ban]));
    const later = Date.now() + 9 * day;
    await bans.create({ address: '10.0.0.0/8', comment: 'short', till: later - day }, 1);
    const long = await bans.create({ address: '10.0.0.0/24', comment: 'long', till: later }, 1);
    await bans.create({ address: '10.0.0.7', comment: 'short', till: later - day }, 1);
    expect(bans.match({ remote: '10.0.0.7' })?.id).toBe(long.id);
    const ever = await bans.create({ userId: 'abc', comment: 'ever', till: 0 }, 1);
    expect(bans.match({ remote: '10.0.0.7', userId: 'abc' })?.id).toBe(ever.id);
  });

  it('lets go of whoever has served his time, and keeps the ban in the list', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const db = await open([ban]);
    const { bans } = await createNode(db);
    const till = Date.now() + day;
    const made = await bans.create({ address: '192.0.2.7', comment: 'spam', till }, 1);
    await bans.create({ address: '192.0.2.0/24', comment: 'all of them', till: till + day }, 1);
    expect(bans.match({ remote: '192.0.2.7' })?.comment).toBe('all of them');
    vi.setSystemTime(till + day - 1);
    expect(bans.match({ remote: '192.0.2.7' })).toBeDefined();
    vi.setSystemTime(till + day);
    expect(bans.match({ remote: '192.0.2.7' })).toBeUndefined();
    expect(await bans.count()).toBe(2);
    expect((await bans.list({ offset: 1, limit: 5 })).map(({ id }) => id)).toEqual([made.id]);
    expect((await createNode(db)).bans.match({ remote: '192.0.2.7' })).toBeUndefined();
  });

  it('names the ban that is there already, however the same is written', async () => {
    const { bans } = await createNode(await open([ban]));
    const first = await bans.create({ address: '192.0.2.0/24', comment: 'spam', till: 0 }, 1);
    const other = await bans.create({ address: '192.0.2.7', comment: 'spam', till: 0 }, 1);
    const again = { address: '192.0.2.0-192.0.2.255', comment: 'again', till: 0 };
    expect(await issuesOf(bans.create(again, 1))).toEqual([['address', 'taken', first.id]]);
    expect(await issuesOf(bans.update(other.id, again))).toEqual([['address', 'taken', first.id]]);
    expect((await bans.update(first.id, again)).comment).toBe('again');
    const who = await bans.create({ userId: 'abc', comment: 'spam', till: 0 }, 1);
    expect(await issuesOf(bans.create({ userId: 'abc', comment: 'x', till: 0 }, 1))).toEqual([
      ['userId', 'taken', who.id],
    ]);
  });

  it.each([
    [{ comment: 'x', till: 0 }, [['address', 'required']]],
    [{ address: 'shop.example', comment: 'x', till: 0 }, [['address', 'invalid']]],
    [{ address: `10.0.0.${'0'.repeat(260)}`, comment: 'x', till: 0 }, [['address', 'too_long']]],
    [{ userId: 'a b', comment: 'x', till: 0 }, [['userId', 'invalid']]],
    [{ userId: 'a'.repeat(33), comment: 'x', till: 0 }, [['userId', 'too_long']]],
    [{ address: '10.0.0.1', userId: 'abc', comment: 'x', till: 0 }, [['userId', 'invalid']]],
    [{ address: '10.0.0.1', comment: ' \0', till: 0 }, [['comment', 'required']]],
    [{ address: '10.0.0.1', comment: '😀'.repeat(256), till: 0 }, [['comment', 'too_long']]],
    [{ address: '10.0.0.1', comment: 'x', till: 1 }, [['till', 'past']]],
    [{ address: '10.0.0.1', comment: 'x', till: Number.NaN }, [['till', 'invalid']]],
    [
      { address: '', comment: '', till: -1 },
      [
        ['address', 'required'],
        ['comment', 'required'],
        ['till', 'invalid'],
      ],
    ],
  ])('refuses %j', async (input, issues) => {
    const { bans, told } = await createNode(await open([ban]));
    expect(await issuesOf(bans.create(input, 1))).toEqual(issues);
    expect([await bans.count(), told]).toEqual([0, []]);
  });

  it('takes what just fits', async () => {
    const { bans } = await createNode(await open([ban]));
    const made = await bans.create({ userId: 'a'.repeat(32), comment: '😀'.repeat(255), till: 0 }, 1);
    expect(await bans.byId(made.id)).toEqual(made);
  });

  it('tells what was and what is, and says what is not there', async () => {
    const { bans, told } = await createNode(await open([ban]));
    const made = await bans.create({ address: '192.0.2.7', comment: 'spam', till: 0 }, 1);
    const changed = await bans.update(made.id, { address: '192.0.2.8', comment: 'spam', till: 0 });
    expect(bans.match({ remote: '192.0.2.7' })).toBeUndefined();
    expect(bans.match({ remote: '192.0.2.8' })?.id).toBe(made.id);
    expect(await bans.delete(made.id)).toEqual(changed);
    expect(bans.match({ remote: '192.0.2.8' })).toBeUndefined();
    expect(told).toEqual([
      [undefined, made],
      [made, changed],
      [changed, undefined],
    ]);
    expect(await bans.delete(made.id)).toBeUndefined();
    await expect(bans.update(made.id, { address: '192.0.2.8', comment: 'x', till: 0 })).rejects.toMatchObject({
      code: 'BAN_UNKNOWN',
    });
  });

  it('brings back what was lifted as it was, unless the same is banned anew', async () => {
    const { bans, told } = await createNode(await open([ban]));
    const one = await bans.create({ address: '192.0.2.7', comment: 'spam', till: Date.now() + day }, 5);
    const who = await bans.create({ userId: 'abc123', comment: 'spam', till: 0 }, 5);
    for (const made of [one, who]) {
      expect(await bans.delete(made.id)).toEqual(made);
      told.length = 0;
      expect([await bans.restore(made), await bans.restore(made)]).toEqual([true, true]);
      expect(told).toEqual([[undefined, made]]);
      expect(await bans.byId(made.id)).toEqual(made);
    }
    await bans.delete(one.id);
    const anew = await bans.create({ address: '192.0.2.7', comment: 'anew', till: 0 }, 6);
    expect(await bans.restore(one)).toBe(false);
    expect(await bans.list({ offset: 0, limit: 9 })).toEqual([anew, who]);
  });

  it('changes only what is said, and refuses what somebody else changed to something else', async () => {
    const { bans } = await createNode(await open([ban]));
    const { id } = await bans.create({ address: '192.0.2.7', comment: 'spam', till: 0 }, 5);
    await bans.update(id, { comment: 'more' }, { comment: 'spam' });
    await bans.update(id, { userId: 'abc123' }, { address: '192.0.2.7' });
    expect(await bans.byId(id)).toMatchObject({ address: '', userId: 'abc123', comment: 'more', till: 0 });
    const late = bans.update(id, { address: '192.0.2.8', userId: '' }, { address: '192.0.2.7', userId: '' });
    await expect(late).rejects.toMatchObject({ code: 'BAN_CHANGED' });
    // The same, written otherwise, is no quarrel.
    await bans.update(id, { address: '10.0.0.0/8' });
    await bans.update(id, { address: '10.1.2.3/8', userId: '' }, { address: '', userId: 'abc123' });
    expect(await bans.byId(id)).toMatchObject({ address: '10.0.0.0/8', userId: '', comment: 'more' });
  });

  it('holds on every node, and nowhere while bans are switched off', async () => {
    const [db, bus] = [await open([ban]), memoryBus({ shared: true })];
    const [one, other] = [await createNode(db, bus), await createNode(db, bus)];
    const made = await one.bans.create({ address: '192.0.2.7', comment: 'spam', till: 0 }, 1);
    await vi.waitFor(() => expect(other.bans.match({ remote: '192.0.2.7' })?.id).toBe(made.id));
    other.state.enabled = false;
    expect(other.bans.match({ remote: '192.0.2.7' })).toBeUndefined();
    other.state.enabled = true;
    await one.bans.delete(made.id);
    await vi.waitFor(() => expect(other.bans.match({ remote: '192.0.2.7' })).toBeUndefined());
    one.stop();
    other.stop();
  });
});

describe('ten thousand bans', () => {
  it('overlapping ones too, are looked through without looking at each', async () => {
    const { createRegister } = await import('../register.ts');
    const register = createRegister();
    const at = (index: number) => `10.${index >> 8}.${index & 255}.0`;
    register.fill(
      Array.from({ length: 10_000 }, (_, index) => ({
        id: index + 1,
        address: `${at(index)}/${index % 2 === 0 ? 24 : 20}`,
        userId: '',
        comment: '',
        createdAt: 0,
        till: 0,
        createdBy: 1,
      })),
    );
    expect(register.match({ remote: '10.0.0.9' })?.id).toBe(1);
    expect(register.match({ remote: '10.40.0.9' })).toBeUndefined();
    expect(register.match({ remote: '10.39.0.9' })?.id).toBeLessThanOrEqual(39 * 256 + 1);
  });
});

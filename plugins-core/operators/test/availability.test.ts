import { expect, it, vi } from 'vitest';
import type { Bus, Presence } from '../../cluster/api.ts';
import type { Member } from '../accounts.ts';
import { createAvailability } from '../availability.ts';
import { memoryBus, memoryPresence } from './world.ts';

const person = (id: number, disabled = false): Member => ({
  operator: {
    id,
    login: `o${id}`,
    name: `O${id}`,
    commonName: `O${id}`,
    email: '',
    permissions: [],
    disabled,
    code: '',
    avatar: '',
  },
  status: 'available',
  passwordHash: '',
});

const [second, minute] = [1_000, 60_000];

function begin(
  bus: Bus = memoryBus(),
  clock = { now: 0 },
  presence: Presence = memoryPresence(() => clock.now),
  database = { away: false },
) {
  const failures: unknown[] = [];
  const members = new Map<number, Member>([1, 2, 3].map((id) => [id, person(id, id === 3)]));
  const told: number[] = [];
  const seen: number[] = [];
  const groups = new Map([[7, [1]]]);
  const settings = { online_timeout: 30, idle_timeout: 0 };
  const availability = createAvailability({
    cluster: { bus, presence },
    accounts: {
      async read() {
        if (database.away) throw new Error('away');
        return { byId: members, byKey: new Map() };
      },
      setStatus: async (id, status) => void members.set(id, { ...members.get(id)!, status }),
    },
    settings,
    changed: async (id) => void told.push(id),
    fitting: async (operators, groupId) =>
      operators.filter(({ id }) => groupId === 0 || groups.get(groupId)?.includes(id)),
    sessionSeen: async (id) => void seen.push(id),
    failed: (error) => void failures.push(error),
    now: () => clock.now,
  });
  /** Lets time go on as on a server: looked at each second; `each` is what happens meanwhile. */
  async function pass(ms: number, each: (ms: number) => unknown = () => {}) {
    for (let gone = second; gone <= ms; gone += second) {
      clock.now += second;
      await each(gone);
      await availability.review();
    }
  }
  const heartbeat = (id: number, session?: number) => (ms: number) =>
    ms % (10 * second) === 0 ? availability.touch(id, session) : undefined;
  return { availability, clock, presence, told, seen, failures, settings, pass, heartbeat };
}

it('says that somebody is there from the first touch until the time runs out', async () => {
  const { availability, clock, told } = begin();
  expect(await availability.hasOnlineOperators()).toBe(false);
  await availability.touch(1);
  await availability.touch(1);
  expect(await availability.isOnline(1)).toBe(true);
  expect(await availability.hasOnlineOperators()).toBe(true);
  clock.now = 29_999;
  await availability.review();
  expect(told).toEqual([1]);
  clock.now = 30_000;
  expect(await availability.isOnline(1)).toBe(false);
  await availability.review();
  await availability.review();
  expect(told).toEqual([1, 1]);
});

it('tells within 35 seconds that a browser was killed, whatever it did last', async () => {
  const { availability, told, pass, heartbeat, clock } = begin();
  await availability.touch(1, 77);
  await pass(100 * second, heartbeat(1, 77));
  expect(told).toEqual([1]);
  const killed = clock.now;
  await pass(35 * second, () => {
    if (told.length === 1) expect(clock.now - killed).toBeLessThan(31 * second);
  });
  expect(told).toEqual([1, 1]);
  expect(await availability.hasOnlineOperators()).toBe(false);
});

it('counts for a group only whom the hook leaves, and asks it for visitors without a group, too', async () => {
  const { availability } = begin();
  await availability.touch(2);
  expect(await availability.hasOnlineOperators()).toBe(true);
  expect(await availability.hasOnlineOperators(7)).toBe(false);
  expect(await availability.online(7)).toEqual([]);
  expect(await availability.online()).toHaveLength(1);
  await availability.touch(1);
  expect(await availability.hasOnlineOperators(7)).toBe(true);
  expect((await availability.online(7)).map(({ operator }) => operator.id)).toEqual([1]);
});

it('counts whoever is away as there, but not as available', async () => {
  const { availability, told } = begin();
  await availability.touch(1);
  await availability.setStatus(1, 'away');
  await availability.touch(1);
  expect(await availability.isOnline(1)).toBe(true);
  expect(await availability.hasOnlineOperators()).toBe(false);
  expect(await availability.online()).toMatchObject([{ operator: { id: 1 }, away: true }]);
  await availability.setStatus(1, 'available');
  expect(await availability.hasOnlineOperators()).toBe(true);
  expect(told).toEqual([1, 1, 1]);
});

it('has nobody who is invisible, anywhere but for himself', async () => {
  const { availability, told } = begin();
  await availability.touch(1);
  await availability.setStatus(1, 'invisible');
  await availability.touch(1);
  expect(await availability.isOnline(1)).toBe(false);
  expect(await availability.hasOnlineOperators()).toBe(false);
  expect(await availability.hasOnlineOperators(7)).toBe(false);
  expect(await availability.online()).toEqual([]);
  expect(await availability.online(7)).toEqual([]);
  expect(await availability.ownStatus(1)).toEqual({ status: 'invisible', idle: false });
  expect(told).toEqual([1, 1]);
});

it('says nothing about a status chosen while nobody is there, and keeps it', async () => {
  const { availability, told } = begin();
  await availability.setStatus(1, 'away');
  expect(told).toEqual([]);
  expect(await availability.ownStatus(1)).toEqual({ status: 'away', idle: false });
});

it('lets somebody go at once', async () => {
  const { availability, told } = begin();
  await availability.touch(1);
  await availability.gone(1);
  await availability.gone(1);
  expect(await availability.isOnline(1)).toBe(false);
  expect(told).toEqual([1, 1]);
});

it('never counts a disabled operator, or one who does not exist', async () => {
  const { availability, told } = begin();
  await availability.touch(3);
  await availability.touch(99);
  expect(await availability.isOnline(3)).toBe(false);
  expect(await availability.online()).toEqual([]);
  expect(told).toEqual([]);
});

it('tells every node who came and went', async () => {
  const bus = memoryBus({ shared: true });
  const here = begin(bus);
  const there = begin(bus, here.clock, here.presence);
  await here.availability.touch(2);
  await expect.poll(() => there.told).toEqual([2]);
  here.clock.now = 30_000;
  await there.availability.review();
  expect(there.told).toEqual([2, 2]);
});

it('keeps the session of an open workspace from idling out', async () => {
  const { availability, seen } = begin();
  await availability.touch(1, 77);
  expect(seen).toEqual([77]);
});

it('reports news that it cannot follow while the database is away', async () => {
  const [bus, database] = [memoryBus(), { away: false }];
  const { availability, failures } = begin(bus, undefined, undefined, database);
  await availability.touch(1);
  database.away = true;
  bus.publish('operators.availability', 1);
  await vi.waitFor(() => expect(failures).toEqual([new Error('away')]));
});

it('lets somebody go at once when his session ends, unless he works in another one', async () => {
  const { availability, told } = begin();
  await availability.touch(1, 77);
  await availability.touch(1, 78);
  await availability.ended(1, 77);
  expect(await availability.isOnline(1)).toBe(true);
  await availability.ended(1, 78);
  expect(await availability.isOnline(1)).toBe(false);
  expect(told).toEqual([1, 1]);
});

it('hears nothing of a session that ended, whatever was on its way', async () => {
  for (let steps = 0; steps < 30; steps += 1) {
    const { availability, told } = begin();
    const onItsWay = availability.touch(1, 77);
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    await Promise.all([onItsWay, availability.ended(1, 77)]);
    await availability.touch(1, 77);
    await availability.review();
    expect(await availability.isOnline(1), `after ${steps} steps`).toBe(false);
    expect(told.length % 2, `after ${steps} steps`).toBe(0);
  }
});

it('lets somebody go soon after his last window was closed, and later when he has another one', async () => {
  const { availability, told, pass, heartbeat } = begin();
  await availability.touch(1, 77);
  await availability.leaving(1, 77);
  await pass(11 * second);
  expect(told).toEqual([1]);
  await pass(second);
  expect(told).toEqual([1, 1]);

  await availability.touch(1, 77);
  await availability.leaving(1, 77);
  await pass(120 * second, heartbeat(1, 77));
  expect(told).toEqual([1, 1, 1]);
});

it('takes no sign of leaving for a sign of life', async () => {
  const { availability, pass, told } = begin();
  await availability.leaving(1, 77);
  expect(await availability.isOnline(1)).toBe(false);
  await availability.touch(1, 77);
  await pass(25 * second);
  await availability.leaving(1, 77);
  await pass(5 * second);
  expect(await availability.isOnline(1)).toBe(false);
  expect(told).toEqual([1, 1]);
});

it('keeps somebody whose other browser is open when a window of this one is closed', async () => {
  const { availability, pass, told } = begin();
  await availability.touch(1, 77);
  await availability.touch(1, 78);
  await availability.leaving(1, 77);
  await pass(29 * second);
  expect(told).toEqual([1]);
});

it('does not flicker while a phone flaps, as long as it is back within the time', async () => {
  const { availability, pass, told } = begin();
  await availability.touch(1, 77);
  await pass(300 * second, (ms) => (ms % (25 * second) === 0 ? availability.touch(1, 77) : undefined));
  expect(told).toEqual([1]);
});

it('makes whoever does nothing away, and available at his first move', async () => {
  const { availability, settings, pass, heartbeat, told } = begin();
  settings.idle_timeout = 5;
  await availability.touch(1);
  await pass(5 * minute - second, heartbeat(1));
  expect(await availability.hasOnlineOperators()).toBe(true);
  await pass(second, heartbeat(1));
  expect(await availability.hasOnlineOperators()).toBe(false);
  expect(await availability.online()).toMatchObject([{ away: true }]);
  expect(await availability.ownStatus(1)).toEqual({ status: 'available', idle: true });
  expect(told).toEqual([1, 1]);
  await availability.active(1);
  expect(await availability.hasOnlineOperators()).toBe(true);
  expect(told).toEqual([1, 1, 1]);
  await pass(4 * minute, heartbeat(1));
  await availability.active(1);
  await pass(4 * minute, heartbeat(1));
  expect(told).toEqual([1, 1, 1]);
});

it('leaves a chosen status to whoever does nothing', async () => {
  const { availability, settings, pass, heartbeat } = begin();
  settings.idle_timeout = 5;
  for (const status of ['away', 'invisible'] as const) {
    await availability.touch(1);
    await availability.setStatus(1, status);
    await pass(10 * minute, heartbeat(1));
    expect(await availability.ownStatus(1)).toEqual({ status, idle: false });
    await availability.active(1);
    expect(await availability.ownStatus(1)).toEqual({ status, idle: false });
    expect(await availability.hasOnlineOperators()).toBe(false);
  }
});

it('counts idleness from the coming on, so that a killed page leaves nobody idle', async () => {
  const { availability, settings, pass, heartbeat } = begin();
  settings.idle_timeout = 5;
  await availability.touch(1);
  await pass(6 * minute, heartbeat(1));
  await pass(minute);
  await availability.touch(1);
  expect(await availability.ownStatus(1)).toEqual({ status: 'available', idle: false });
});

it('makes nobody idle where that is off, nor at once when it is switched on again', async () => {
  const { availability, settings, pass, heartbeat, told } = begin();
  settings.idle_timeout = 5;
  await availability.touch(1);
  settings.idle_timeout = 0;
  await pass(60 * minute, heartbeat(1));
  settings.idle_timeout = 5;
  await pass(4 * minute, heartbeat(1));
  expect(told).toEqual([1]);
  await pass(2 * minute, heartbeat(1));
  expect(await availability.ownStatus(1)).toEqual({ status: 'available', idle: true });
});

it('tells every node who became idle', async () => {
  const bus = memoryBus({ shared: true });
  const here = begin(bus);
  const there = begin(bus, here.clock, here.presence);
  for (const { settings } of [here, there]) settings.idle_timeout = 5;
  await here.availability.touch(1);
  await expect.poll(() => there.told).toEqual([1]);
  await here.pass(5 * minute, here.heartbeat(1));
  await there.availability.review();
  expect(there.told).toEqual([1, 1]);
  await here.availability.active(1);
  await expect.poll(() => there.told).toEqual([1, 1, 1]);
});

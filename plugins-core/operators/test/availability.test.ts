import { expect, it, vi } from 'vitest';
import type { Bus, Presence } from '../../cluster/api.ts';
import type { Member } from '../accounts.ts';
import { createAvailability } from '../availability.ts';
import { memoryBus, memoryPresence } from './world.ts';

const person = (id: number, disabled = false) => ({
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
  away: false,
  passwordHash: '',
});

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
  const availability = createAvailability({
    cluster: { bus, presence },
    accounts: {
      async read() {
        if (database.away) throw new Error('away');
        return { byId: members, byKey: new Map() };
      },
      setAway: async (id, away) => void members.set(id, { ...members.get(id)!, away }),
    },
    settings: { online_timeout: 30 },
    changed: async (id) => void told.push(id),
    fitting: async (operators, groupId) =>
      operators.filter(({ id }) => groupId === 0 || groups.get(groupId)?.includes(id)),
    sessionSeen: async (id) => void seen.push(id),
    failed: (error) => void failures.push(error),
  });
  return { availability, clock, presence, told, seen, failures };
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
  await availability.setAway(1, true);
  await availability.touch(1);
  expect(await availability.isOnline(1)).toBe(true);
  expect(await availability.hasOnlineOperators()).toBe(false);
  expect(await availability.online()).toMatchObject([{ operator: { id: 1 }, away: true }]);
  await availability.setAway(1, false);
  expect(await availability.hasOnlineOperators()).toBe(true);
  expect(told).toEqual([1, 1, 1]);
});

it('says nothing about a status chosen while nobody is there', async () => {
  const { availability, told } = begin();
  await availability.setAway(1, true);
  expect(told).toEqual([]);
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

/** Groups without a server: a real database, operators and their presence in memory, everything that is told kept in lists. */
import { memoryBus } from '../../operators/test/world.ts';
import type { OpenTestDatabase, TestDatabase } from '../../database/testing.ts';
import type { Operator } from '../../operators/api.ts';
import type { Group, GroupInput } from '../api.ts';
import { createDirectories } from '../directory.ts';
import { createGroups } from '../service.ts';
import { createStore, type MembersChanged } from '../store.ts';
import { group, member } from '../tables.ts';

export const operator = (id: number, permissions: readonly string[] = []): Operator => ({
  id,
  login: `o${id}`,
  name: `O${id}`,
  commonName: `O${id}`,
  email: '',
  permissions,
  disabled: false,
  code: '',
  avatar: '',
});

export function createWorld(db: TestDatabase, bus = memoryBus(), home = 'en') {
  const told = {
    created: [] as Group[],
    updated: [] as { group: Group; original: Group }[],
    deleted: [] as number[],
    members: [] as MembersChanged[],
    refreshed: [] as number[][],
    released: [] as number[],
  };
  const settings = { enablegroups: true, enablegroupsisolation: false };
  const online = new Map<number, 'available' | 'away'>();
  const people = [1, 2, 3, 4, 5].map((id) => operator(id, id === 5 ? ['admin'] : []));
  const clock = { now: 0 };
  const directories = createDirectories(db, bus, () => clock.now);
  const service = createGroups({
    store: createStore(db),
    directories,
    settings,
    operators: {
      byId: async (id) => people.find((one) => one.id === id),
      can: ({ permissions }, permission) => permissions.includes(permission),
    },
    availability: {
      online: async () =>
        people
          .filter(({ id }) => online.has(id))
          .map((one) => ({ operator: one, away: online.get(one.id) === 'away' })),
    },
    home: () => home,
    events: {
      created: async (made) => told.created.push(made),
      updated: async (changed, original) => told.updated.push({ group: changed, original }),
      deleted: async (id) => told.deleted.push(id),
      members: async (change) => told.members.push(change),
    },
    release: async (id) => void told.released.push(id),
    refresh: async (ids) => void told.refreshed.push([...ids]),
  });
  return { service, settings, online, told, people, clock, bus, directories };
}

export const open = async (openDatabase: OpenTestDatabase) => createWorld(await openDatabase([group, member]));

/** Sales with Web and Shop below it, and Support. */
export async function family(service: ReturnType<typeof createWorld>['service']) {
  const make = async (name: string, more: GroupInput = {}) => service.create({ name, ...more });
  const sales = await make('Sales', { weight: 2, email: 'sales@example.com', title: 'Sales Ltd', chatTitle: 'Ask us' });
  const web = await make('Web', { weight: 9, parentId: sales.id, title: 'ignored' });
  const shop = await make('Shop', { weight: 1, parentId: sales.id, email: 'shop@example.com' });
  const support = await make('Support', { weight: 1 });
  return { sales, web, shop, support };
}

/** `/operator/group`: all groups, who of them is there, and the ways to change them. */
import type { Context } from 'hono';
import type { Group } from './api.ts';
import { listsOf } from './directory.ts';
import { noticeOf, sliceOf, type PagesNeeds } from './pages.ts';

const pageSize = 50;
const orders = ['name', 'weight', 'lastseen'] as const;
type Order = (typeof orders)[number];
/** The best of the members: there, away, gone. */
const presences = ['online', 'away', 'offline'] as const;
type Presence = (typeof presences)[number];
const badges = { online: 'success', away: 'warning', offline: 'plain' } as const;

const textOrder = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** Sorted among brothers and sisters; children follow their parent. */
function arranged(list: readonly Group[], compare: (a: Group, b: Group) => number): readonly Group[] {
  const ids = new Set(list.map(({ id }) => id));
  const sorted = list.toSorted((a, b) => compare(a, b) || textOrder(a.name, b.name));
  const below = listsOf(sorted.map((one) => [one.parentId, one] as const));
  return sorted.filter(({ parentId }) => !ids.has(parentId)).flatMap((one) => [one, ...(below.get(one.id) ?? [])]);
}

export function createListPage(needs: PagesNeeds) {
  const { groups, availability, views, addresses, locales } = needs;

  return async (context: Context): Promise<Response> => {
    const list = await groups.list();
    const members = new Map(await Promise.all(list.map(async ({ id }) => [id, await groups.members(id)] as const)));
    const there = new Map((await availability.online()).map(({ operator, away }) => [operator.id, away]));
    const presenceOf = (id: number): Presence => {
      const seen = (members.get(id) ?? []).flatMap((operator) => there.get(operator) ?? []);
      return seen.includes(false) ? 'online' : seen.length > 0 ? 'away' : 'offline';
    };

    const asked = context.req.query('sortby');
    const sortby: Order = orders.find((one) => one === asked) ?? 'weight';
    const descending = context.req.query('sortdirection') === 'desc';
    const compare: Record<Order, (a: Group, b: Group) => number> = {
      name: (a, b) => textOrder(a.name, b.name),
      weight: (a, b) => a.weight - b.weight,
      lastseen: (a, b) => presences.indexOf(presenceOf(a.id)) - presences.indexOf(presenceOf(b.id)),
    };
    const sorted = arranged(list, (a, b) => compare[sortby](a, b) * (descending ? -1 : 1));
    const address = (order: Order, direction: 'asc' | 'desc') =>
      addresses.url('groups.groups', { sortby: order, sortdirection: direction });
    const column = (order: Order) => ({
      label: `groups.column.${order}`,
      href: address(order, order === sortby && !descending ? 'desc' : 'asc'),
      ...(order === sortby && { sorted: descending ? 'descending' : 'ascending' }),
    });
    const { rows, pagination } = sliceOf(
      sorted,
      context,
      pageSize,
      `${address(sortby, descending ? 'desc' : 'asc')}&page=`,
    );

    const byId = new Map(list.map((one) => [one.id, one]));
    const locale = locales.of(context);
    const model = {
      columns: { name: column('name'), weight: column('weight'), lastseen: column('lastseen') },
      rows: rows.map((one) => {
        const presence = presenceOf(one.id);
        const parent = byId.get(one.parentId);
        return {
          ...one,
          label: groups.nameOf(one, locale),
          parent: parent && groups.nameOf(parent, locale),
          members: members.get(one.id)?.length ?? 0,
          presenceText: `groups.presence.${presence}`,
          badge: badges[presence],
          edit: addresses.url('groups.groupEdit', { group: one.id }),
          people: addresses.url('groups.groupMembers', { group: one.id }),
          remove: addresses.url('groups.groupDelete', { group: one.id }),
        };
      }),
      pagination,
      add: addresses.url('groups.groupAdd'),
      off: !groups.enabled,
      ...noticeOf(context, needs, 'deleted'),
    };
    return views.page(context, 'groups/groups', model);
  };
}

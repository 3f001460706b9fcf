/** `/operator/operator`: everybody, what they may do, and who is there. */
import { pagination } from '../views/api.ts';
import type { AvailabilityService, Operator, OperatorPage } from './api.ts';
import { noticeOf, type PagesNeeds } from './pages.ts';
import { isAdministrator } from './rights.ts';
import { keyOf } from './rules.ts';
import type { LastSeen } from './seen.ts';

export interface ListNeeds extends PagesNeeds {
  readonly availability: Pick<AvailabilityService, 'online'>;
  readonly seen: Pick<LastSeen, 'all'>;
}

const pageSize = 50;
/** As the columns stand. */
const orders = ['localename', 'commonname', 'login', 'lastseen'] as const;
type Order = (typeof orders)[number];
const badges = { online: 'success', away: 'warning' } as const;

const textOrder = (a: string, b: string) => keyOf(a).localeCompare(keyOf(b));

export function createListPage(needs: ListNeeds): OperatorPage {
  const { operators, availability, views, addresses, locales } = needs;

  return async (context, { operator: viewer }) => {
    const everybody = await operators.list();
    const there = new Map((await availability.online()).map(({ operator, away }) => [operator.id, away]));
    const seen = await needs.seen.all();
    const lastOf = ({ id }: Operator) => (there.has(id) ? Infinity : (seen.get(id) ?? 0));

    const asked = context.req.query('sortby');
    const sortby: Order = orders.find((one) => one === asked) ?? 'localename';
    const descending = context.req.query('sortdirection') === 'desc';
    const sought = (context.req.query('q') ?? '').trim().slice(0, 100);
    const compare: Record<Order, (a: Operator, b: Operator) => number> = {
      login: (a, b) => textOrder(a.login, b.login),
      commonname: (a, b) => textOrder(a.commonName, b.commonName),
      localename: (a, b) => textOrder(a.name, b.name),
      // Two who are there are alike: infinities have no difference.
      lastseen: (a, b) => Math.sign(lastOf(b) - lastOf(a)) || 0,
    };
    const found = everybody
      .filter((one) =>
        [one.name, one.commonName, one.login, one.email].some((text) => keyOf(text).includes(keyOf(sought))),
      )
      .toSorted((a, b) => compare[sortby](a, b) * (descending ? -1 : 1) || textOrder(a.name, b.name) || a.id - b.id);

    const address = (order: Order, direction: 'asc' | 'desc') =>
      addresses.url('operators.operators', {
        sortby: order,
        sortdirection: direction,
        ...(sought !== '' && { q: sought }),
      });
    const column = (order: Order) => ({
      label: `operators.list.${order}`,
      href: address(order, order === sortby && !descending ? 'desc' : 'asc'),
      ...(order === sortby && { sorted: descending ? 'descending' : 'ascending' }),
    });
    const pages = pagination(context, found.length, pageSize, `${address(sortby, descending ? 'desc' : 'asc')}&page=`);
    const locale = locales.of(context);
    const rightsOf = ({ permissions }: Operator) =>
      operators.permissions().filter(({ name }) => permissions.includes(name) && name !== 'admin');

    const rowOf = (one: Operator) => {
      const to = (route: string) => addresses.url(`operators.${route}`, { operator: one.id });
      const away = there.get(one.id);
      const presence = away === undefined ? undefined : away ? 'away' : 'online';
      const rights = rightsOf(one);
      return {
        ...one,
        common: one.commonName === one.name ? '' : one.commonName,
        administrator: isAdministrator(one),
        rights: rights.length,
        rightsText: rights.map(({ label }) => locales.text(locale, label)).join(', '),
        ...(presence && { presence: `operators.presence.${presence}`, badge: badges[presence] }),
        lastSeen: seen.get(one.id),
        own: one.id === viewer.id,
        edit: to('operatorEdit'),
        allow: to('operatorPermissions'),
        enable: to('operatorEnable'),
        disable: to('operatorDisable'),
        remove: to('operatorDelete'),
      };
    };
    const international = sortby === 'commonname' || everybody.some((one) => one.commonName !== one.name);
    return views.page(context, 'operators/operators', {
      columns: orders.filter((order) => order !== 'commonname' || international).map(column),
      international,
      rows: found.slice(pages.offset, pages.offset + pageSize).map(rowOf),
      pagination: pages,
      sought,
      sortby,
      sortdirection: descending ? 'desc' : 'asc',
      list: addresses.url('operators.operators'),
      add: addresses.url('operators.operatorAdd'),
      ...noticeOf(context, needs, 'deleted', 'enabled', 'disabled'),
    });
  };
}

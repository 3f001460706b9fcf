/** Who belongs to a group, and which groups an operator belongs to: the same table from both sides. */
import type { Context } from 'hono';
import type { Operator, OperatorSession } from '../operators/api.ts';
import type { Group, MemberChange } from './api.ts';
import { aboutGroup, aboutOperator, noticeOf, sessionOf, sliceOf, type PagesNeeds } from './pages.ts';

const pageSize = 100;

const idsIn = (text: string | null) => (text === null ? undefined : new Set(text.split(',').map(Number)));

/**
 * What to change: of what the form listed, what was ticked since it was shown comes in, and what was unticked goes out. What is on
 * other pages, what came to be since then and what somebody else changed meanwhile stays. The original's form said neither what it
 * listed nor what was ticked there: with it, it is everything.
 */
function changeOf(form: URLSearchParams, prefix: string, ids: readonly number[]): MemberChange {
  const [listed, before] = [idsIn(form.get('listed')), idsIn(form.get('ticked'))];
  const isTicked = (id: number) => form.has(`${prefix}${id}`);
  const meant = ids.filter((id) => (listed?.has(id) ?? true) && before?.has(id) !== isTicked(id));
  return { add: meant.filter(isTicked), remove: meant.filter((id) => !isTicked(id)) };
}

const byName = (a: Operator, b: Operator) => (a.name < b.name ? -1 : Number(a.name > b.name)) || a.id - b.id;

export function createMembersPages(needs: PagesNeeds) {
  const { groups, operators, views, addresses, locales } = needs;

  const showMembers = async (context: Context, group: Group): Promise<Response> => {
    const own = addresses.url('groups.groupMembers', { group: group.id });
    const everybody = (await operators.list()).toSorted(byName);
    const { rows, pagination } = sliceOf(everybody, context, pageSize, `${own}?page=`);
    const members = new Set(await groups.members(group.id));
    return views.page(context, 'groups/group_members', {
      label: groups.nameOf(group, locales.of(context)),
      rows: rows.map(({ id, name, login, disabled }) => ({
        field: `op${id}`,
        name,
        login,
        disabled,
        member: members.has(id),
        groups: addresses.url('groups.operatorGroups', { operator: id }),
      })),
      listed: rows.map(({ id }) => id).join(','),
      ticked: rows.flatMap(({ id }) => (members.has(id) ? [id] : [])).join(','),
      pagination,
      action: `${addresses.url('groups.groupMembersSave', { group: group.id })}?page=${pagination.page}`,
      edit: addresses.url('groups.groupEdit', { group: group.id }),
      back: addresses.url('groups.groups'),
      ...noticeOf(context, needs, 'saved'),
      ...noticeOf(context, needs, 'created'),
    });
  };

  const saveMembers = async (context: Context, group: Group): Promise<Response> => {
    const form = await operators.form(context, await sessionOf(context, needs));
    if (!form.ok) return form.response;
    const ids = (await operators.list()).map(({ id }) => id);
    await groups.changeMembers(group.id, changeOf(form.fields, 'op', ids));
    const page = /^\d{1,9}$/.exec(context.req.query('page') ?? '')?.[0];
    const next = { group: group.id, ...(page && page !== '1' && { page }), saved: 1 };
    return context.redirect(addresses.url('groups.groupMembers', next), 302);
  };

  const showGroups = async (
    context: Context,
    operator: Operator,
    { operator: viewer }: OperatorSession,
  ): Promise<Response> => {
    const mayChange = operators.can(viewer, 'admin');
    const locale = locales.of(context);
    const own = addresses.url('groups.operatorGroups', { operator: operator.id });
    const list = await groups.list();
    const names = new Map(list.map((one) => [one.id, groups.nameOf(one, locale)]));
    const { rows, pagination } = sliceOf(list, context, pageSize, `${own}?page=`);
    const member = new Set(await groups.ofOperator(operator.id));
    return views.page(context, 'groups/operator_groups', {
      about: { ...operator, own: operator.id === viewer.id },
      tabs: operators.tabs(context, operator.id, viewer, 'groups.operatorGroups'),
      mayChange,
      rows: rows.map((one) => ({
        field: `group${one.id}`,
        label: names.get(one.id),
        parent: names.get(one.parentId),
        description: one.description,
        member: member.has(one.id),
      })),
      listed: rows.map(({ id }) => id).join(','),
      ticked: rows.flatMap(({ id }) => (member.has(id) ? [id] : [])).join(','),
      pagination,
      action: `${addresses.url('groups.operatorGroupsSave', { operator: operator.id })}?page=${pagination.page}`,
      ...(mayChange && { back: addresses.url('operators.operators'), add: addresses.url('groups.groupAdd') }),
      ...noticeOf(context, needs, 'saved'),
    });
  };

  const saveGroups = async (context: Context, operator: Operator): Promise<Response> => {
    const form = await operators.form(context, await sessionOf(context, needs));
    if (!form.ok) return form.response;
    const ids = (await groups.list()).map(({ id }) => id);
    await groups.changeGroupsOf(operator.id, changeOf(form.fields, 'group', ids));
    const page = /^\d{1,9}$/.exec(context.req.query('page') ?? '')?.[0];
    const next = { operator: operator.id, ...(page && page !== '1' && { page }), saved: 1 };
    return context.redirect(addresses.url('groups.operatorGroups', next), 302);
  };

  return {
    members: aboutGroup(needs, showMembers),
    membersSave: aboutGroup(needs, saveMembers),
    ofOperator: aboutOperator(needs, showGroups),
    ofOperatorSave: aboutOperator(needs, saveGroups),
  };
}

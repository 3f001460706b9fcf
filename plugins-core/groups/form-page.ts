/** Adding, changing and deleting a group. */
import type { Context } from 'hono';
import { readEdits, seenText } from '../operators/api.ts';
import { GroupError, type Group, type GroupInput, type GroupIssue } from './api.ts';
import { aboutGroup, noticeOf, sessionOf, type PagesNeeds } from './pages.ts';
import { limits } from './rules.ts';

/** Fields of the form, as the original's were called. */
const names = {
  name: 'name',
  commonName: 'commonname',
  description: 'description',
  commonDescription: 'commondescription',
  email: 'email',
  weight: 'weight',
  parentId: 'parentgroup',
  title: 'title',
  chatTitle: 'chattitle',
  logo: 'logo',
  hostUrl: 'hosturl',
} as const satisfies Record<keyof GroupInput, string>;
type Posted = Readonly<Record<keyof GroupInput, string>>;
const fields = Object.keys(names) as (keyof GroupInput)[];

const postedOf = (form: URLSearchParams): Posted =>
  Object.fromEntries(fields.map((field) => [field, form.get(names[field]) ?? ''])) as Posted;
const shownOf = (group: Group): Posted =>
  Object.fromEntries(
    fields.map((field) => [field, field === 'parentId' && group.parentId === 0 ? '' : String(group[field])]),
  ) as Posted;
/** What is no number becomes one that fits nowhere. */
const inputOf = ({ weight, parentId, ...texts }: Partial<Posted>): GroupInput => ({
  ...texts,
  ...(weight !== undefined && {
    weight: weight.trim() === '' ? 0 : /^\d{1,9}$/.test(weight.trim()) ? Number(weight) : -1,
  }),
  ...(parentId !== undefined && {
    parentId: parentId === '' ? 0 : /^\d{1,15}$/.test(parentId) ? Number(parentId) : -1,
  }),
});

const empty = Object.fromEntries(fields.map((field) => [field, ''])) as Posted;

export function createFormPages(needs: PagesNeeds) {
  const { groups, operators, views, addresses, locales } = needs;

  const show = async (
    context: Context,
    group: Group | undefined,
    values: Posted,
    issues?: readonly GroupIssue[],
    {
      stored,
      seen,
      gone,
    }: { readonly stored?: Posted; readonly seen?: string | undefined; readonly gone?: boolean } = {},
  ): Promise<Response> => {
    const locale = locales.of(context);
    const list = await groups.list();
    const errorOf = (field: keyof GroupInput) => {
      const issue = issues?.find((one) => one.field === field);
      if (!issue) return undefined;
      if (issue.code === 'changed')
        return locales.text(locale, 'operators.edits.field', { now: stored?.[field] ?? '' });
      const max = field in limits ? limits[field as keyof typeof limits] : 0;
      const own = `groups.issue.${field}.${issue.code}`;
      const text = locales.text(locale, own, { max });
      return text === own ? locales.text(locale, `groups.issue.${issue.code}`, { max }) : text;
    };
    const parents = list.filter(({ id, parentId }) => parentId === 0 && id !== group?.id);
    const model = {
      group,
      label: group && groups.nameOf(group, locale),
      values,
      errors: Object.fromEntries(fields.map((field) => [field, errorOf(field)])),
      max: limits,
      failed: issues !== undefined,
      conflict: stored !== undefined,
      gone,
      seen: group && (seen ?? seenText(stored ?? shownOf(group))),
      parents: parents.map((one) => ({
        id: one.id,
        label: groups.nameOf(one, locale),
        selected: String(one.id) === values.parentId,
      })),
      action: group ? addresses.url('groups.groupEditSave', { group: group.id }) : addresses.url('groups.groupAddSave'),
      back: addresses.url('groups.groups'),
      people: group && addresses.url('groups.groupMembers', { group: group.id }),
      ...(issues === undefined && noticeOf(context, needs, 'saved')),
    };
    return views.page(context, 'groups/group_edit', model, { status: gone ? 404 : stored ? 409 : issues ? 422 : 200 });
  };

  /** Stores what was posted; what was typed survives a refusal. */
  const save = async (context: Context, isNew: boolean): Promise<Response> => {
    const form = await operators.form(context, await sessionOf(context, needs));
    if (!form.ok) return form.response;
    const posted = postedOf(form.fields);
    const group = isNew ? undefined : await groups.byId(Number(context.req.param('group')));
    // What he typed is not lost with it: it can be added anew.
    if (!isNew && !group) return show(context, undefined, posted, undefined, { gone: true });
    const edits = readEdits(posted, form.fields, inputOf);
    try {
      const { id } = group
        ? await groups.update(group.id, edits.changes, edits.expected)
        : await groups.create(inputOf(posted));
      const next = group ? 'groups.groupEdit' : 'groups.groupMembers';
      return context.redirect(addresses.url(next, { group: id, [group ? 'saved' : 'created']: 1 }), 302);
    } catch (error) {
      if (!(error instanceof GroupError)) throw error;
      if (error.code === 'GROUP_INVALID') return show(context, group, posted, error.issues, { seen: edits.seen });
      const now = group && (await groups.byId(group.id));
      if (!now) return show(context, undefined, posted, undefined, { gone: true });
      return show(context, now, edits.onto(shownOf(now)), error.issues, { stored: shownOf(now) });
    }
  };

  const remove = async (context: Context, group: Group): Promise<Response> => {
    const form = await operators.form(context, await sessionOf(context, needs));
    if (!form.ok) return form.response;
    await groups.remove(group.id);
    return context.redirect(addresses.url('groups.groups', { deleted: 1 }), 302);
  };

  const ask = async (context: Context, group: Group): Promise<Response> => {
    const locale = locales.of(context);
    const children = (await groups.list()).filter(({ parentId }) => parentId === group.id);
    return views.page(context, 'groups/group_delete', {
      label: groups.nameOf(group, locale),
      members: (await groups.members(group.id)).length,
      children: children.map((one) => groups.nameOf(one, locale)),
      action: context.req.path,
      back: addresses.url('groups.groups'),
    });
  };

  return {
    add: (context: Context) => show(context, undefined, { ...empty, weight: '0' }),
    addSave: (context: Context) => save(context, true),
    edit: aboutGroup(needs, (context, group) => show(context, group, shownOf(group))),
    editSave: (context: Context) => save(context, false),
    ask: aboutGroup(needs, ask),
    remove: aboutGroup(needs, remove),
  };
}

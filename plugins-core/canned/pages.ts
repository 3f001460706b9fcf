/** Pages of administrators: the messages of one language, a form for one, and the question before one is deleted. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import {
  operatorRoute,
  readEdits,
  seenText,
  type FormValues,
  type OperatorsService,
  type OperatorSession,
  withPermission,
} from '../operators/api.ts';
import type { UndoService } from '../undo/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import { CannedError, type CannedInput, type CannedIssue, type CannedMessage, type CannedService } from './api.ts';

export interface PagesNeeds {
  readonly canned: CannedService;
  readonly groups: Pick<GroupsService, 'list' | 'nameOf'> | undefined;
  readonly operators: Pick<OperatorsService, 'current' | 'form' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'match' | 'text' | 'available'>;
  readonly addresses: Addresses;
  readonly undo: Pick<UndoService, 'keep' | 'action'>;
}

/** The form as it was typed. */
type Typed = FormValues<keyof CannedInput>;

const onePage = 50;
/** What can be undone: see `undo.undoable`. */
export const cannedKind = 'canned.message';
const shownOf = ({ locale, groupId, title, body }: CannedInput): Typed => ({
  locale,
  groupId: String(groupId),
  title,
  body,
});
/** What is no number of a group becomes one that there is not. */
const inputOf = ({ groupId, ...texts }: Partial<Typed>): Partial<CannedInput> => ({
  ...texts,
  ...(groupId !== undefined && { groupId: groupOf(groupId) ?? (groupId === '' ? 0 : -1) }),
});
/** Digits of a group's number; `''` for every group. */
const groupOf = (text: string | undefined | null): number | undefined =>
  text && /^\d{1,10}$/.test(text) ? Number(text) : undefined;

export function cannedRoutes({
  canned,
  groups,
  operators,
  views,
  locales,
  addresses,
  undo,
}: PagesNeeds): readonly RouteSpec[] {
  const text = (context: Context, key: string) => locales.text(locales.of(context), `canned.${key}`);
  const missing = (context: Context) => operators.refuse(context, 404, 'CANNED_UNKNOWN', text(context, 'unknown'));
  const find = (context: Context) => canned.byId(Number(context.req.param('message')));
  const languages = (chosen: string) =>
    locales.available().map(({ code, name }) => ({ code, name, selected: code === chosen }));
  const chosenLanguage = (context: Context): string => {
    const asked = context.req.query('lang') ?? locales.of(context);
    return locales.available().find(({ code }) => code === asked)?.code ?? locales.available()[0]?.code ?? 'en';
  };

  /** Groups to choose from, those for all first; none where nobody knows of groups. */
  async function choices(context: Context, chosen: number | undefined, every: boolean) {
    if (!groups) return undefined;
    const locale = locales.of(context);
    const known = (await groups.list()).map((group) => ({
      value: String(group.id),
      name: groups.nameOf(group, locale),
    }));
    const gone = chosen && !known.some(({ value }) => value === String(chosen));
    return [
      ...(every ? [{ value: '', name: text(context, 'list.every') }] : []),
      { value: '0', name: text(context, 'list.all') },
      ...known,
      ...(gone && !every ? [{ value: String(chosen), name: text(context, 'list.gone') }] : []),
    ].map((choice) => ({ ...choice, selected: choice.value === (chosen === undefined ? '' : String(chosen)) }));
  }

  const back = (
    { locale, groupId }: { readonly locale: string; readonly groupId: number | string },
    more: Readonly<Record<string, string | number>> = {},
  ) =>
    addresses.url('canned.list', {
      lang: locale,
      group: groups && Number(groupId) > 0 ? Number(groupId) : undefined,
      ...more,
    });

  async function list(context: Context): Promise<Response> {
    const lang = chosenLanguage(context);
    const group = groupOf(context.req.query('group'));
    const filter = { locale: lang, ...(group !== undefined && { groupId: group }) };
    const href = `${addresses.url('canned.list', { lang, group })}&page=`;
    const pages = pagination(context, await canned.count(filter), onePage, href);
    const found = await canned.list(filter, pages);
    const known = await choices(context, group, true);
    const names = new Map(known?.map(({ value, name }) => [value, name]));
    const done = ['saved', 'deleted', 'restored'].find((word) => context.req.query('done') === word);
    return views.page(context, 'canned/list', {
      messages: found.map((one) => ({
        ...one,
        group: known && (names.get(String(one.groupId)) ?? text(context, 'list.gone')),
      })),
      languages: languages(lang),
      groups: known,
      add: addresses.url('canned.add', { lang, group }),
      pages,
      ...(done && { notice: { kind: 'success', text: text(context, done), action: await undo.action(context) } }),
    });
  }

  /** What a field holds, as the form says it. */
  const said = (
    context: Context,
    field: keyof CannedInput,
    value: string,
    known: Awaited<ReturnType<typeof choices>>,
  ) =>
    field === 'groupId'
      ? (known?.find((choice) => choice.value === value)?.name ?? text(context, 'list.gone'))
      : field === 'locale'
        ? (languages(value).find(({ selected }) => selected)?.name ?? value)
        : value;

  interface About {
    readonly message?: CannedMessage | undefined;
    readonly issues?: readonly CannedIssue[];
    /** Somebody else changed it: what is stored by now. */
    readonly stored?: Typed;
    /** What the form showed at first. */
    readonly seen?: string | undefined;
    /** Somebody else deleted it. */
    readonly gone?: boolean;
  }
  async function form(context: Context, typed: Typed, { message, issues = [], stored, seen, gone }: About = {}) {
    const known = await choices(context, groupOf(typed.groupId) ?? -1, false);
    const errors = issues.map(({ field, code }) => {
      if (code !== 'changed' || !stored) return [field, text(context, `issue.${field}.${code}`)];
      const now = said(context, field, stored[field], known);
      return [field, locales.text(locales.of(context), 'operators.edits.field', { now })];
    });
    const model = {
      message,
      form: typed,
      errors: Object.fromEntries(errors) as Record<string, string>,
      failed: issues.length > 0,
      conflict: stored !== undefined,
      gone,
      seen: message && (seen ?? seenText(stored ?? shownOf(message))),
      languages: languages(typed.locale),
      groups: known,
      back: back(typed),
      action: message ? addresses.url('canned.editSave', { message: message.id }) : addresses.url('canned.addSave'),
    };
    const status = gone ? 404 : stored ? 409 : issues.length > 0 ? 422 : 200;
    return views.page(context, 'canned/form', model, { status });
  }

  const add = (context: Context) =>
    form(context, {
      locale: chosenLanguage(context),
      groupId: String(groupOf(context.req.query('group')) ?? 0),
      title: '',
      body: '',
    });

  async function edit(context: Context): Promise<Response> {
    const message = await find(context);
    return message ? form(context, shownOf(message), { message }) : missing(context);
  }

  async function save(context: Context, session: OperatorSession, isNew: boolean): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const message = isNew ? undefined : await find(context);
    const field = (name: string) => posted.fields.get(name) ?? '';
    const typed: Typed = {
      locale: field('lang'),
      // Where nobody knows of groups the form has no such field, and the message stays where it is.
      groupId: groups ? field('group') : String(message?.groupId ?? 0),
      title: field('title'),
      body: field('message').replaceAll('\r\n', '\n'),
    };
    // What he typed is not lost with it: it can be added anew.
    if (!isNew && !message) return form(context, typed, { gone: true });
    const edits = readEdits(typed, posted.fields, inputOf);
    try {
      const stored = message
        ? await canned.update(message.id, edits.changes, edits.expected)
        : await canned.create(inputOf(typed) as CannedInput);
      return context.redirect(back(stored, { done: 'saved' }), 302);
    } catch (error) {
      if (!(error instanceof CannedError)) throw error;
      if (error.code === 'CANNED_INVALID')
        return form(context, typed, { message, issues: error.issues, seen: edits.seen });
      const now = message && (await canned.byId(message.id));
      if (!now) return form(context, typed, { gone: true });
      const stored = shownOf(now);
      return form(context, edits.onto(stored), { message: now, issues: error.issues, stored });
    }
  }

  async function ask(context: Context): Promise<Response> {
    const message = await find(context);
    if (!message) return missing(context);
    const action = addresses.url('canned.deleteSubmit', { message: message.id });
    return views.page(context, 'canned/delete', { ...message, heading: message.title, action, back: back(message) });
  }

  async function remove(context: Context, session: OperatorSession): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const message = await canned.delete(Number(context.req.param('message')));
    if (!message) return missing(context);
    const kept = await undo.keep(cannedKind, message, session.operator);
    return context.redirect(back(message, { done: 'deleted', undo: kept }), 302);
  }

  const route = operatorRoute(operators, withPermission('admin'));
  const one = '/operator/canned-message/:message{[0-9]{1,10}}';
  return [
    route('list', 'GET', '/operator/canned-message', list),
    route('add', 'GET', '/operator/canned-message/add', add),
    route('addSave', 'POST', '/operator/canned-message/add', (context, session) => save(context, session, true)),
    route('edit', 'GET', `${one}/edit`, edit),
    route('editSave', 'POST', `${one}/edit`, (context, session) => save(context, session, false)),
    route('delete', 'GET', `${one}/delete`, ask),
    route('deleteSubmit', 'POST', `${one}/delete`, remove),
  ];
}

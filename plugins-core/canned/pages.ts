/** Pages of administrators: the messages of one language, a form for one, and the question before one is deleted. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { operatorRoute, type OperatorsService, type OperatorSession, withPermission } from '../operators/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import { CannedError, type CannedInput, type CannedIssue, type CannedMessage, type CannedService } from './api.ts';

export interface PagesNeeds {
  readonly canned: CannedService;
  readonly groups: Pick<GroupsService, 'list' | 'nameOf'> | undefined;
  readonly operators: Pick<OperatorsService, 'current' | 'form' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'match' | 'text' | 'available'>;
  readonly addresses: Addresses;
}

const onePage = 50;
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

  const back = ({ locale, groupId }: Pick<CannedInput, 'locale' | 'groupId'>, done?: string) =>
    addresses.url('canned.list', { lang: locale, group: groups && groupId > 0 ? groupId : undefined, done });

  async function list(context: Context): Promise<Response> {
    const lang = chosenLanguage(context);
    const group = groupOf(context.req.query('group'));
    const filter = { locale: lang, ...(group !== undefined && { groupId: group }) };
    const href = `${addresses.url('canned.list', { lang, group })}&page=`;
    const pages = pagination(context, await canned.count(filter), onePage, href);
    const found = await canned.list(filter, pages);
    const known = await choices(context, group, true);
    const names = new Map(known?.map(({ value, name }) => [value, name]));
    const done = ['saved', 'deleted'].find((word) => context.req.query('done') === word);
    return views.page(context, 'canned/list', {
      messages: found.map((one) => ({
        ...one,
        group: known && (names.get(String(one.groupId)) ?? text(context, 'list.gone')),
      })),
      languages: languages(lang),
      groups: known,
      add: addresses.url('canned.add', { lang, group }),
      pages,
      ...(done && { notice: { kind: 'success', text: text(context, done) } }),
    });
  }

  async function form(
    context: Context,
    typed: CannedInput,
    { message, issues = [] }: { message?: CannedMessage | undefined; issues?: readonly CannedIssue[] } = {},
  ): Promise<Response> {
    const errors = issues.map(({ field, code }) => [field, text(context, `issue.${field}.${code}`)]);
    const model = {
      message,
      form: typed,
      errors: Object.fromEntries(errors) as Record<string, string>,
      failed: issues.length > 0,
      languages: languages(typed.locale),
      groups: await choices(context, typed.groupId, false),
      back: back(typed),
      action: message ? addresses.url('canned.editSave', { message: message.id }) : addresses.url('canned.addSave'),
    };
    return views.page(context, 'canned/form', model, { status: issues.length > 0 ? 422 : 200 });
  }

  const add = (context: Context) =>
    form(context, {
      locale: chosenLanguage(context),
      groupId: groupOf(context.req.query('group')) ?? 0,
      title: '',
      body: '',
    });

  async function edit(context: Context): Promise<Response> {
    const message = await find(context);
    return message ? form(context, message, { message }) : missing(context);
  }

  async function save(context: Context, session: OperatorSession, message?: CannedMessage): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const field = (name: string) => posted.fields.get(name) ?? '';
    const typed: CannedInput = {
      locale: field('lang'),
      // Where nobody knows of groups the form has no such field, and the message stays where it is.
      groupId: groups ? (groupOf(field('group')) ?? (field('group') === '' ? 0 : -1)) : (message?.groupId ?? 0),
      title: field('title'),
      body: field('message').replaceAll('\r\n', '\n'),
    };
    try {
      const stored = message ? await canned.update(message.id, typed) : await canned.create(typed);
      return context.redirect(back(stored, 'saved'), 302);
    } catch (error) {
      if (!(error instanceof CannedError)) throw error;
      if (error.code === 'CANNED_UNKNOWN') return missing(context);
      return form(context, typed, { message, issues: error.issues });
    }
  }

  async function editSave(context: Context, session: OperatorSession): Promise<Response> {
    const message = await find(context);
    return message ? save(context, session, message) : missing(context);
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
    const message = await find(context);
    if (!message || !(await canned.delete(message.id))) return missing(context);
    return context.redirect(back(message, 'deleted'), 302);
  }

  const route = operatorRoute(operators, withPermission('admin'));
  const one = '/operator/canned-message/:message{[0-9]{1,10}}';
  return [
    route('list', 'GET', '/operator/canned-message', list),
    route('add', 'GET', '/operator/canned-message/add', add),
    route('addSave', 'POST', '/operator/canned-message/add', (context, session) => save(context, session)),
    route('edit', 'GET', `${one}/edit`, edit),
    route('editSave', 'POST', `${one}/edit`, editSave),
    route('delete', 'GET', `${one}/delete`, ask),
    route('deleteSubmit', 'POST', `${one}/delete`, remove),
  ];
}

/** `/operator/survey-fields`: the questions that administrators add to the survey. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import {
  operatorRoute,
  withPermission,
  type OperatorPage,
  type OperatorSession,
  type OperatorsService,
} from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import { fieldKinds } from './api.ts';
import { FieldError, limits, type Field, type FieldInput, type FieldIssue } from './field.ts';
import type { Fields } from './fields.ts';

export interface FieldPagesNeeds {
  readonly fields: Fields;
  readonly operators: Pick<OperatorsService, 'current' | 'form' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'available'>;
  readonly addresses: Addresses;
}

/** The form as it was typed. */
interface Typed {
  readonly name: string;
  readonly kind: string;
  readonly label: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly required: boolean;
  readonly maxLength: string;
  readonly options: string;
}

const blank: Typed = { name: '', kind: 'text', label: '', labels: {}, required: false, maxLength: '255', options: '' };

const typedOf = (field: Field): Typed => ({
  ...field,
  maxLength: String(field.maxLength),
  options: field.options.join('\n'),
});

function readTyped(fields: URLSearchParams, locales: readonly string[]): Typed {
  const of = (name: string) => (fields.get(name) ?? '').replaceAll('\r\n', '\n');
  return {
    name: of('name'),
    kind: of('kind'),
    label: of('label'),
    labels: Object.fromEntries(locales.map((code) => [code, of(`label_${code}`)])),
    required: of('required') === 'on',
    maxLength: of('maxlength'),
    options: of('options'),
  };
}

/** What is no number becomes one that fits nowhere. */
const inputOf = ({ maxLength, options, kind, ...typed }: Typed): FieldInput => ({
  ...typed,
  // An unknown kind is an issue of its own.
  kind: kind as FieldInput['kind'],
  maxLength: /^\d{1,9}$/.test(maxLength.trim()) ? Number(maxLength) : -1,
  options: options.split('\n'),
});

export function createFieldPages(needs: FieldPagesNeeds): readonly RouteSpec[] {
  const { fields, operators, views, locales, addresses } = needs;
  const say = (context: Context, key: string, args = {}) => locales.text(locales.of(context), `survey.${key}`, args);
  const find = (context: Context) => fields.byId(Number(context.req.param('field')));
  const unknown = (context: Context) => operators.refuse(context, 404, 'FIELD_UNKNOWN', say(context, 'unknown'));
  const toList = (context: Context, done?: string) => context.redirect(addresses.url('survey.fields', { done }), 302);
  const languages = () => locales.available().map(({ code, name }) => ({ code, language: name }));

  /** Undefined where there is no administration. */
  function settingsLink(): string | undefined {
    try {
      return addresses.url('admin.settings', { group: 'survey' });
    } catch {
      return undefined;
    }
  }

  async function list(context: Context): Promise<Response> {
    const all = fields.list();
    const done = ['saved', 'deleted'].find((word) => context.req.query('done') === word);
    return views.page(context, 'survey/fields', {
      rows: all.map((field, index) => ({
        ...field,
        kindText: `survey.kind.${field.kind}`,
        edit: addresses.url('survey.fieldEdit', { field: field.id }),
        remove: addresses.url('survey.fieldDelete', { field: field.id }),
        up: index > 0 && addresses.url('survey.fieldMove', { field: field.id, direction: 'up' }),
        down: index < all.length - 1 && addresses.url('survey.fieldMove', { field: field.id, direction: 'down' }),
      })),
      add: all.length < limits.fields && addresses.url('survey.fieldAdd'),
      settings: settingsLink(),
      ...(done && { notice: { kind: 'success', text: say(context, `done.${done}`) } }),
    });
  }

  function form(
    context: Context,
    field: Field | undefined,
    typed: Typed,
    issues: readonly FieldIssue[] = [],
  ): Promise<Response> {
    const model = {
      field,
      form: typed,
      max: limits,
      errors: Object.fromEntries(
        issues.map(({ entry, code }) => [entry, say(context, `issue.${entry}.${code}`, { ...limits })]),
      ),
      failed: issues.length > 0,
      kinds: fieldKinds.map((kind) => ({ kind, text: `survey.kind.${kind}`, selected: kind === typed.kind })),
      languages: languages().map((one) => ({
        ...one,
        entry: `label_${one.code}`,
        value: typed.labels[one.code] ?? '',
      })),
      action: field ? addresses.url('survey.fieldSave', { field: field.id }) : addresses.url('survey.fieldCreate'),
      back: addresses.url('survey.fields'),
    };
    return views.page(context, 'survey/field', model, { status: issues.length > 0 ? 422 : 200 });
  }

  async function save(context: Context, session: OperatorSession, field?: Field): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const typed = readTyped(
      posted.fields,
      languages().map(({ code }) => code),
    );
    try {
      const input = inputOf(typed);
      // Labels in languages that are switched off at present stay.
      if (field) await fields.update(field.id, { ...input, labels: { ...field.labels, ...input.labels } });
      else await fields.create(input);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      if (error.code === 'FIELD_UNKNOWN') return unknown(context);
      if (error.code === 'TOO_MANY_FIELDS')
        return operators.refuse(context, 409, 'TOO_MANY_FIELDS', say(context, 'tooMany', { ...limits }));
      return form(context, field, typed, error.issues);
    }
    return toList(context, 'saved');
  }

  async function posted(
    context: Context,
    session: OperatorSession,
    work: (id: number) => Promise<unknown>,
    done?: string,
  ) {
    const sent = await operators.form(context, session);
    if (!sent.ok) return sent.response;
    const field = find(context);
    if (!field) return unknown(context);
    await work(field.id);
    return toList(context, done);
  }

  function ask(context: Context): Promise<Response> {
    const field = find(context);
    if (!field) return unknown(context);
    const action = addresses.url('survey.fieldDeleteSubmit', { field: field.id });
    return views.page(context, 'survey/field_delete', { ...field, action, back: addresses.url('survey.fields') });
  }

  const below = operatorRoute(operators, withPermission('admin'));
  const route = (name: string, method: RouteSpec['method'], path: string, page: OperatorPage) =>
    below(name, method, `/operator/survey-fields${path}`, page);
  const withField = (
    page: (context: Context, session: OperatorSession, field: Field) => Promise<Response>,
  ): OperatorPage => {
    return (context, session) => {
      const field = find(context);
      return field ? page(context, session, field) : unknown(context);
    };
  };
  const one = '/:field{[0-9]{1,10}}';
  return [
    route('fields', 'GET', '', list),
    route('fieldAdd', 'GET', '/add', (context) => form(context, undefined, blank)),
    route('fieldCreate', 'POST', '/add', (context, session) => save(context, session)),
    route(
      'fieldEdit',
      'GET',
      `${one}/edit`,
      withField((context, _, field) => form(context, field, typedOf(field))),
    ),
    route('fieldSave', 'POST', `${one}/edit`, withField(save)),
    route('fieldDelete', 'GET', `${one}/delete`, ask),
    route('fieldDeleteSubmit', 'POST', `${one}/delete`, (context, session) =>
      posted(context, session, (id) => fields.delete(id), 'deleted'),
    ),
    route('fieldMove', 'POST', `${one}/move/:direction{up|down}`, (context, session) =>
      posted(context, session, (id) => fields.move(id, context.req.param('direction') === 'up' ? 'up' : 'down')),
    ),
  ];
}

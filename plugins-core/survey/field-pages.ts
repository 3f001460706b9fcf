/** `/operator/survey-fields`: the questions that administrators add to the survey. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import {
  editsOf,
  operatorRoute,
  readEdits,
  seenText,
  withPermission,
  type OperatorPage,
  type OperatorSession,
  type OperatorsService,
} from '../operators/api.ts';
import type { UndoService } from '../undo/api.ts';
import type { ViewsService } from '../views/api.ts';
import { fieldKinds } from './api.ts';
import { FieldError, limits, type Field, type FieldInput, type FieldIssue } from './field.ts';
import { blank, inputOf, readTyped, typedOf, withKind, type Typed } from './field-form.ts';
import type { Fields } from './fields.ts';

export interface FieldPagesNeeds {
  readonly fields: Fields;
  readonly operators: Pick<OperatorsService, 'current' | 'form' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'available'>;
  readonly addresses: Addresses;
  readonly undo: Pick<UndoService, 'keep' | 'action'>;
}

/** What can be undone: see `undo.undoable`. */
export const fieldKind = 'survey.field';

/** Why a form is shown again, and what it is about. */
interface About {
  readonly field?: Field | undefined;
  readonly issues?: readonly FieldIssue[];
  /** Somebody else changed it: what is stored by now. */
  readonly stored?: Typed;
  /** What the form showed at first. */
  readonly seen?: string | undefined;
  /** Somebody else deleted it. */
  readonly gone?: boolean;
  /** There are as many as there may be. */
  readonly full?: boolean;
}

export function createFieldPages(needs: FieldPagesNeeds): readonly RouteSpec[] {
  const { fields, operators, views, locales, addresses, undo } = needs;
  const say = (context: Context, key: string, args = {}) => locales.text(locales.of(context), `survey.${key}`, args);
  const find = (context: Context) => fields.byId(Number(context.req.param('field')));
  const unknown = (context: Context) => operators.refuse(context, 404, 'FIELD_UNKNOWN', say(context, 'unknown'));
  const toList = (context: Context, done?: string, kept?: number) =>
    context.redirect(addresses.url('survey.fields', { done, undo: kept }), 302);
  const languages = () => locales.available().map(({ code, name }) => ({ code, language: name }));
  const codes = () => languages().map(({ code }) => code);
  const shownOf = (field: Field) => typedOf(field, codes());

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
    const done = ['saved', 'deleted', 'restored', 'taken', 'order'].find((word) => context.req.query('done') === word);
    return views.page(context, 'survey/fields', {
      rows: all.map((field, index) => ({
        ...field,
        kindText: `survey.kind.${field.kind}`,
        edit: addresses.url('survey.fieldEdit', { field: field.id }),
        remove: addresses.url('survey.fieldDeleteSubmit', { field: field.id }),
        up: index > 0 && addresses.url('survey.fieldMove', { field: field.id, direction: 'up' }),
        above: all[index - 1]?.id,
        down: index < all.length - 1 && addresses.url('survey.fieldMove', { field: field.id, direction: 'down' }),
        below: all[index + 1]?.id,
      })),
      add: all.length < limits.fields && addresses.url('survey.fieldAdd'),
      settings: settingsLink(),
      ...(done && {
        notice: {
          kind: done === 'taken' || done === 'order' ? 'warning' : 'success',
          text: say(context, `done.${done}`),
          action: await undo.action(context),
        },
      }),
    });
  }

  /** What an entry holds by now, in words. */
  const said = (context: Context, entry: string, stored: Typed): string => {
    const value = stored[entry] ?? '';
    if (entry === 'kind') return say(context, `kind.${value}`);
    if (entry === 'required') return say(context, value ? 'yes' : 'no');
    return entry === 'options' ? value.replaceAll('\n', ', ') : value;
  };
  const errorOf = (context: Context, { entry, code }: FieldIssue, stored: Typed | undefined): string => {
    if (code === 'changed' && stored)
      return locales.text(locales.of(context), 'operators.edits.field', { now: said(context, entry, stored) });
    return say(context, `issue.${entry.startsWith('label_') ? 'labels' : entry}.${code}`, { ...limits });
  };

  function form(context: Context, typed: Typed, about: About = {}): Promise<Response> {
    const { field, issues = [], stored, seen, gone, full } = about;
    const errors = Object.fromEntries(issues.map((issue) => [issue.entry, errorOf(context, issue, stored)]));
    const model = {
      field,
      form: typed,
      max: limits,
      errors,
      alert: gone
        ? say(context, 'field.gone')
        : full
          ? say(context, 'tooMany', { ...limits })
          : stored
            ? locales.text(locales.of(context), 'operators.edits.conflict')
            : undefined,
      failed: issues.length > 0,
      seen: field && (seen ?? seenText(stored ?? shownOf(field))),
      kinds: fieldKinds.map((kind) => ({ kind, text: `survey.kind.${kind}`, selected: kind === typed['kind'] })),
      languages: languages().map((one) => ({
        ...one,
        entry: `label_${one.code}`,
        value: typed[`label_${one.code}`] ?? '',
        error: errors[`label_${one.code}`],
      })),
      action: field ? addresses.url('survey.fieldSave', { field: field.id }) : addresses.url('survey.fieldCreate'),
      back: addresses.url('survey.fields'),
    };
    const status = gone ? 404 : stored || full ? 409 : issues.length > 0 ? 422 : 200;
    return views.page(context, 'survey/field', model, { status });
  }

  async function save(context: Context, session: OperatorSession, isNew: boolean): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const typed = readTyped(posted.fields, codes());
    const field = isNew ? undefined : find(context);
    // What he typed is not lost with it: it can be added anew.
    if (!isNew && !field) return form(context, typed, { gone: true });
    const edits = readEdits(typed, posted.fields, inputOf);
    const { seen } = editsOf(typed, posted.fields);
    try {
      if (field) await fields.update(field.id, edits.changes, withKind(edits.expected, seen));
      else await fields.create({ labels: {}, ...inputOf(typed) } as FieldInput);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      if (error.code === 'TOO_MANY_FIELDS') return form(context, typed, { full: true });
      if (error.code === 'FIELD_INVALID')
        return form(context, typed, { field, issues: error.issues, seen: edits.seen });
      await fields.load();
      const now = find(context);
      if (!now) return form(context, typed, { gone: true });
      const stored = shownOf(now);
      return form(context, edits.onto(stored), { field: now, issues: error.issues, stored });
    }
    return toList(context, 'saved');
  }

  async function remove(context: Context, session: OperatorSession): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const field = await fields.delete(Number(context.req.param('field')));
    if (!field) return unknown(context);
    return toList(context, 'deleted', await undo.keep(fieldKind, field, session.operator));
  }

  async function move(context: Context, session: OperatorSession): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const field = find(context);
    if (!field) return unknown(context);
    const past = /^\d{1,15}$/.exec(posted.fields.get('past') ?? '')?.[0];
    const direction = context.req.param('direction') === 'up' ? 'up' : 'down';
    const moved = await fields.move(field.id, direction, past === undefined ? undefined : Number(past));
    return toList(context, moved ? undefined : 'order');
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
  const one = '/:field{[0-9]{1,10}}';
  return [
    route('fields', 'GET', '', list),
    route('fieldAdd', 'GET', '/add', (context) => form(context, blank)),
    route('fieldCreate', 'POST', '/add', (context, session) => save(context, session, true)),
    route('fieldEdit', 'GET', `${one}/edit`, (context) => {
      const field = find(context);
      return field ? form(context, shownOf(field), { field }) : unknown(context);
    }),
    route('fieldSave', 'POST', `${one}/edit`, (context, session) => save(context, session, false)),
    route('fieldDelete', 'GET', `${one}/delete`, ask),
    route('fieldDeleteSubmit', 'POST', `${one}/delete`, remove),
    route('fieldMove', 'POST', `${one}/move/:direction{up|down}`, move),
  ];
}

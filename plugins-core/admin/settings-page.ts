/** Settings: three pages as the original has them, one for each group, and a search over all. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import type { LocalesService } from '../locales/api.ts';
import { editsOf, seenText, type OperatorSession, type OperatorsService } from '../operators/api.ts';
import type { SettingIssue, SettingsError, SettingsPlace, SettingsService } from '../settings/api.ts';
import type { ViewsService } from '../views/api.ts';
import { matches, settingsIn, textOf, valueOf, type SettingShown } from './setting-fields.ts';

export interface SettingsPageNeeds {
  readonly kernel: Pick<Kernel, 'url'>;
  readonly operators: Pick<OperatorsService, 'form' | 'refuse'>;
  readonly settings: Pick<SettingsService, 'groups' | 'change'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
}
/** Name of the route of each page. */
export const settingsRoutes = {
  common: 'settings',
  features: 'settingsFeatures',
  performance: 'settingsPerformance',
} as const satisfies Record<SettingsPlace, string>;
const places = Object.keys(settingsRoutes) as SettingsPlace[];

/** What is shown: a page, a group, or what was searched for. */
interface Part {
  readonly place: SettingsPlace;
  readonly group?: string;
  readonly search?: string;
  readonly settings: readonly SettingShown[];
}
interface Attempt {
  readonly status: number;
  /** As typed. */
  readonly typed?: Readonly<Record<string, string>>;
  readonly issues?: readonly SettingIssue[];
  readonly conflict?: boolean;
  /** What the form showed at first of what was typed, while only mistakes are mended. */
  readonly seen?: Readonly<Record<string, string>>;
  readonly notice?: { readonly kind: string; readonly text: string };
}

/** What the settings plugin throws when values do not fit, or were changed by somebody else. */
const refusalOf = (error: unknown): SettingsError | undefined =>
  error instanceof Error && 'issues' in error && 'code' in error && String(error.code).startsWith('SETTING_')
    ? (error as SettingsError)
    : undefined;

export function createSettingsPage({ kernel, operators, settings, views, locales }: SettingsPageNeeds) {
  const partOf = (context: Context, place: SettingsPlace): Part | undefined => {
    const all = settingsIn(settings, locales, locales.of(context));
    const search = context.req.query('q')?.trim().slice(0, 100) ?? '';
    if (search !== '') return { place, search, settings: all.filter((one) => matches(one, search)) };
    const group = context.req.query('group');
    if (group === undefined) return { place, settings: all.filter(({ page }) => page === place) };
    const own = all.filter((one) => one.group === group);
    return own.length === 0 ? undefined : { place, group, settings: own };
  };
  const unknown = (context: Context) => {
    const message = locales.text(locales.of(context), 'admin.settings.unknown');
    return operators.refuse(context, 404, 'SETTINGS_UNKNOWN', message);
  };
  const addressOf = ({ place, group, search }: Part, more: Record<string, string | number> = {}) =>
    kernel.url(`admin.${settingsRoutes[place]}`, {
      ...(group !== undefined && { group }),
      ...(search !== undefined && { q: search }),
      ...more,
    });

  const show = (context: Context, part: Part, attempt: Attempt): Promise<Response> => {
    const { status, typed = {}, issues = [], conflict = false, seen = {}, notice } = attempt;
    const locale = locales.of(context);
    const text = (key: string, args = {}) => locales.text(locale, `admin.settings.${key}`, args);

    const fieldOf = (one: SettingShown) => {
      const { key, field, say } = one;
      const now = typed[key] ?? textOf(one);
      const issue = issues.find((each) => each.key === key);
      const error =
        issue?.problem === 'changed'
          ? locales.text(locale, 'operators.edits.field', { now: say(one.value) })
          : issue && one.refuse(issue);
      const bounds = field.type === 'number' && field.min !== undefined && field.max !== undefined;
      return {
        ...one,
        [field.type]: true,
        value: field.type === 'switch' ? now === 'on' : now,
        error,
        changed: one.value !== field.default,
        initial: text('default', { value: say(field.default) }),
        ...(bounds && { range: text('range', { min: field.min, max: field.max }) }),
        ...(field.type === 'text' && {
          multiline: field.multiline,
          maxlength: field.maxLength,
          secret: field.secret,
          kept: field.secret && one.value !== '',
        }),
        ...(field.type === 'choice' && {
          options: field.options.map((option) => ({ option, label: say(option), selected: option === now })),
        }),
      };
    };
    const here = new Set(part.settings.map(({ key }) => key));
    const partial = new Set(
      settings
        .groups()
        .filter(({ spec }) => Object.keys(spec.fields).some((key) => !here.has(key)))
        .map(({ spec }) => spec.id),
    );
    const headings = [...new Set(part.settings.map(({ heading }) => heading))];
    const sections = headings.map((heading, index) => {
      const own = part.settings.filter((one) => one.heading === heading);
      const [{ group }] = own as [SettingShown];
      // Where this page shows part of a group, the rest is one step away.
      const whole = partial.has(group) ? kernel.url('admin.settings', { group }) : undefined;
      return { id: `settings-${index}`, heading, fields: own.map(fieldOf), whole };
    });
    const outside = issues.filter(({ key }) => !part.settings.some((one) => one.key === key));
    const model = {
      tabs: places.map((place) => ({
        title: text(`page.${place}`),
        href: kernel.url(`admin.${settingsRoutes[place]}`),
        current: part.search === undefined && part.group === undefined && place === part.place,
      })),
      search: part.search ?? '',
      searchAction: kernel.url('admin.settings'),
      found:
        part.search === undefined ? undefined : text('found', { count: part.settings.length, search: part.search }),
      ofGroup: part.group !== undefined && text('ofGroup', { title: part.settings[0]?.groupTitle ?? part.group }),
      features: part.search === undefined && part.group === undefined && part.place === 'features',
      sections,
      seen: seenText(Object.fromEntries(part.settings.map((one) => [one.key, seen[one.key] ?? textOf(one)]))),
      target: addressOf(part),
      failed: issues.length > 0 && !conflict,
      conflict,
      outside: outside.map(({ key, message }) => `${key}: ${message}`),
      ...(notice && { notice }),
    };
    return views.page(context, 'admin/settings', model, { status });
  };

  const get = async (context: Context, place: SettingsPlace): Promise<Response> => {
    const part = partOf(context, place);
    if (!part) return unknown(context);
    const saved = context.req.query('saved') === '1';
    const text = locales.text(locales.of(context), 'admin.settings.saved');
    return show(context, part, { status: 200, ...(saved && { notice: { kind: 'success', text } }) });
  };

  const post = async (context: Context, session: OperatorSession, place: SettingsPlace): Promise<Response> => {
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const part = partOf(context, place);
    if (!part) return unknown(context);
    const all = new Map(settingsIn(settings, locales, locales.of(context)).map((one) => [one.key, one]));
    const { typed, changed, seen } = editsIn(form.fields, all);
    const by = `operator:${session.operator.id}`;
    const reset = form.fields.get('reset') ?? '';
    const one = all.get(reset);
    const pending = changed.filter((key) => key !== reset);
    /** Only what was changed is stored, or, where the way back to a default was asked for, that alone. */
    const wanted = one
      ? { [reset]: one.field.default }
      : Object.fromEntries(changed.map((key) => [key, valueOf(all.get(key)!.field, typed[key]!)]));
    const expected = Object.fromEntries(
      Object.keys(wanted)
        .filter((key) => seen[key] !== undefined && !isSecret(all.get(key)!))
        .map((key) => [key, valueOf(all.get(key)!.field, seen[key]!)]),
    );
    const kept = (keys: readonly string[], of: Readonly<Record<string, string | undefined>> = typed) =>
      Object.fromEntries(keys.flatMap((key) => (of[key] === undefined ? [] : [[key, of[key]]])));
    try {
      await settings.change(wanted, by, expected);
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      const conflict = refusal.code === 'SETTING_CHANGED';
      // What he did not touch is shown as it is by now; what he typed stays.
      return show(context, partOf(context, place) ?? part, {
        status: conflict ? 409 : 422,
        typed: kept(changed),
        issues: refusal.issues,
        conflict,
        ...(!conflict && { seen: kept(changed, seen) }),
      });
    }
    if (!one || pending.length === 0) return context.redirect(addressOf(part, { saved: 1 }), 302);
    const text = locales.text(locales.of(context), 'admin.settings.resetOnly', { label: one.label });
    return show(context, partOf(context, place) ?? part, {
      status: 200,
      typed: kept(pending),
      notice: { kind: 'warning', text },
    });
  };

  return { get, post };
}

const isSecret = ({ field }: SettingShown) => field.type === 'text' && field.secret === true;

/**
 * What was changed in a posted form. A check box that is off is not posted, so it counts as off where the form says that it showed it;
 * without that (the original's forms, programs) only what is posted is meant.
 */
function editsIn(form: URLSearchParams, all: ReadonlyMap<string, SettingShown>) {
  const typed = Object.fromEntries([...all.keys()].map((key) => [key, form.get(key) ?? '']));
  const { changed, seen = {} } = editsOf(typed, form);
  const meant = changed.filter(
    (key) => form.has(key) || (seen[key] !== undefined && all.get(key)!.field.type === 'switch'),
  );
  return { typed, changed: meant, seen: seen as Readonly<Record<string, string | undefined>> };
}

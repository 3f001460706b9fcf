/** Settings: the groups that plugins contribute, as forms. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorsService } from '../operators/api.ts';
import type { Field, SettingsService } from '../settings/api.ts';
import type { ViewsService } from '../views/api.ts';

export interface SettingsPageNeeds {
  readonly kernel: Pick<Kernel, 'url'>;
  readonly operators: OperatorsService;
  readonly settings: Pick<SettingsService, 'groups' | 'change'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
}
type Group = ReturnType<SettingsService['groups']>[number];
interface Issue {
  readonly key: string;
  readonly message: string;
}

/** What the settings plugin throws when values do not fit. */
const issuesOf = (error: unknown): readonly Issue[] | undefined =>
  error instanceof Error && 'code' in error && error.code === 'SETTING_INVALID' && 'issues' in error
    ? (error.issues as readonly Issue[])
    : undefined;

/** A posted text as the value of its field; what does not fit stays a text, so that the owner of settings refuses it. */
function valueOf(field: Field, text: string | null): unknown {
  if (field.type === 'switch') return text === 'on';
  if (text === null) return undefined;
  if (field.type !== 'number') return text.replaceAll('\r\n', '\n');
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? text : number;
}

export function createSettingsPage({ kernel, operators, settings, views, locales }: SettingsPageNeeds) {
  const unknown = (context: Context) => {
    const message = locales.text(locales.of(context), 'admin.settings.unknown');
    return operators.refuse(context, 404, 'SETTINGS_UNKNOWN', message);
  };
  const chosen = (context: Context): Group | undefined => {
    const wanted = context.req.query('group');
    const groups = settings.groups();
    return wanted === undefined ? groups[0] : groups.find(({ spec }) => spec.id === wanted);
  };

  const show = async (
    context: Context,
    group: Group,
    options: { status?: number; posted?: URLSearchParams; issues?: readonly Issue[] } = {},
  ): Promise<Response> => {
    const { status = 200, posted, issues = [] } = options;
    const locale = locales.of(context);
    const text = (plugin: string, key: string): string | undefined => {
      const found = locales.text(locale, `${plugin}.${key}`);
      return found === `${plugin}.${key}` ? undefined : found;
    };
    const titleOf = ({ plugin, spec }: Group) =>
      text(plugin, spec.id === plugin ? 'settings.title' : `settings.title.${spec.id}`) ?? spec.id;
    const fields = Object.entries(group.spec.fields).map(([key, field]) => {
      const value = posted ? (field.type === 'switch' ? posted.get(key) === 'on' : posted.get(key)) : group.values[key];
      return {
        key,
        id: `setting-${key}`,
        [field.type]: true,
        value: typeof value === 'number' ? String(value) : value,
        label: text(group.plugin, field.label ?? `settings.${key}`) ?? key,
        unit: field.type === 'number' && field.unit !== undefined ? text('admin', `unit.${field.unit}`) : undefined,
        help: text(group.plugin, field.help ?? `settings.${key}.help`),
        error: issues.find((issue) => issue.key === key)?.message,
        ...(field.type === 'number' && { inputmode: 'decimal' }),
        ...(field.type === 'text' && { multiline: field.multiline, maxlength: field.maxLength }),
        ...(field.type === 'choice' && {
          options: field.options.map((option) => ({
            option,
            label: text(group.plugin, `settings.${key}.${option}`) ?? option,
            selected: option === value,
          })),
        }),
      };
    });
    const groups = settings.groups().map((one) => ({
      title: titleOf(one),
      href: kernel.url('admin.settings', { group: one.spec.id }),
      current: one.spec.id === group.spec.id,
    }));
    const model = {
      groups,
      fields,
      action: kernel.url('admin.settingsSave', { group: group.spec.id }),
    };
    const saved = !posted && context.req.query('saved') === '1';
    const lead = { kind: 'success', text: locales.text(locale, 'admin.settings.saved') };
    return views.page(
      context,
      'admin/settings',
      { ...model, failed: issues.length > 0, ...(saved && { notice: lead }) },
      { status },
    );
  };

  return {
    get: async (context: Context): Promise<Response> => {
      const group = chosen(context);
      return group ? show(context, group) : unknown(context);
    },
    post: async (context: Context): Promise<Response> => {
      const session = (await operators.current(context))!;
      const form = await operators.form(context, session);
      if (!form.ok) return form.response;
      const group = chosen(context);
      if (!group) return unknown(context);
      const values = Object.fromEntries(
        Object.entries(group.spec.fields)
          .map(([key, field]) => [key, valueOf(field, form.fields.get(key))] as const)
          .filter(([, value]) => value !== undefined),
      );
      try {
        await settings.change(values, `operator:${session.operator.id}`);
      } catch (error) {
        const issues = issuesOf(error);
        if (!issues) throw error;
        return show(context, group, { status: 422, posted: form.fields, issues });
      }
      return context.redirect(kernel.url('admin.settings', { group: group.spec.id, saved: 1 }), 302);
    },
  };
}

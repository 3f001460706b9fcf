/** The log of who changed what, and the way back. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorSession, OperatorsService } from '../operators/api.ts';
import type { Change, ChangeFilter, ChangesService, SettingsError, SettingsService } from '../settings/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import type { Features } from './features.ts';
import { settingsIn, type SettingShown } from './setting-fields.ts';

export interface ChangesPageNeeds {
  readonly kernel: Pick<Kernel, 'url' | 'report'>;
  readonly operators: Pick<OperatorsService, 'form' | 'refuse' | 'byId'>;
  readonly settings: Pick<SettingsService, 'groups' | 'change'>;
  readonly changes: ChangesService;
  readonly features: Features;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
}
const perPage = 50;

export function createChangesPage(needs: ChangesPageNeeds) {
  const { kernel, operators, settings, changes, features, views, locales } = needs;

  const nameOf = async (by: string, locale: string): Promise<string> => {
    const id = /^operator:(\d{1,15})$/.exec(by)?.[1];
    if (id === undefined) return by === 'command line' ? locales.text(locale, 'admin.changes.console') : by;
    return (await operators.byId(Number(id)))?.name ?? locales.text(locale, 'admin.changes.gone', { id });
  };

  /** How a line reads, and where its way back is: only while the thing still is what the line says it became. */
  const wordsOf = (change: Change, known: ReadonlyMap<string, SettingShown>, locale: string) => {
    const { area, key, before, after } = change;
    const text = (name: string) => locales.text(locale, `admin.changes.${name}`);
    const plain = (value: Change['before']) => (value === null ? text('hidden') : String(value));
    if (area === 'plugin') {
      const on = kernel.report().plugins.find(({ id }) => id === key)?.status !== 'disabled';
      const route = before === true ? 'admin.pluginEnable' : 'admin.pluginDisable';
      const [from, to] = [before, after].map((value) => text(value === true ? 'pluginOn' : 'pluginOff'));
      const back = on === after && features.of(key, locale) ? kernel.url(route, { name: key }) : undefined;
      return { label: features.of(key, locale)?.title ?? key, from, to, plugin: true, back };
    }
    const setting = area === 'setting' ? known.get(key) : undefined;
    if (!setting) return { label: key, from: plain(before), to: plain(after) };
    const say = (value: Change['before']) => (value === null ? text('hidden') : setting.say(value));
    return {
      label: setting.label,
      heading: setting.heading,
      href: `${kernel.url('admin.settings', { group: setting.group })}#mb-${key}`,
      from: say(before),
      to: say(after),
      undo: before !== null && setting.value === after ? kernel.url('admin.changeUndo', { id: change.id }) : undefined,
    };
  };

  const show = async (context: Context, status = 200, notice?: { kind: string; text: string }): Promise<Response> => {
    const locale = locales.of(context);
    const [key, by] = [context.req.query('key') || undefined, context.req.query('by') || undefined];
    const filter: ChangeFilter = { ...(key !== undefined && { key }), ...(by !== undefined && { by }) };
    const shown = new Map(settingsIn(settings, locales, locale).map((one) => [one.key, one]));
    const [total, there] = await Promise.all([changes.count(filter), changes.known()]);
    const pages = pagination(context, total, perPage, kernel.url('admin.changes', { ...filter, page: '' }));
    const list = await changes.list(filter, pages);
    const names = new Map(await Promise.all(there.by.map(async (one) => [one, await nameOf(one, locale)] as const)));
    const rows = list.map((change) => ({
      ...change,
      who: names.get(change.by) ?? change.by,
      ...wordsOf(change, shown, locale),
    }));
    const keys = there.keys
      .map((one) => ({
        value: one,
        label: shown.get(one)?.label ?? features.of(one, locale)?.title ?? one,
        selected: one === key,
      }))
      .toSorted((one, other) => one.label.localeCompare(other.label));
    const model = {
      rows,
      pages,
      keys,
      people: there.by.map((one) => ({ value: one, label: names.get(one), selected: one === by })),
      filtered: Object.keys(filter).length > 0,
      ...(notice && { notice }),
    };
    return views.page(context, 'admin/changes', model, { status });
  };

  const say = (context: Context, name: string) => locales.text(locales.of(context), `admin.changes.${name}`);

  const undo = async (context: Context, session: OperatorSession): Promise<Response> => {
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const change = await changes.byId(Number(context.req.param('id')));
    if (change?.area !== 'setting' || change.before === null)
      return operators.refuse(context, 404, 'CHANGE_UNKNOWN', say(context, 'unknown'));
    const { key, before, after } = change;
    try {
      await settings.change({ [key]: before }, `operator:${session.operator.id}`, { [key]: after });
    } catch (error) {
      const { code } = error as Partial<SettingsError>;
      if (code === 'SETTING_CHANGED') return show(context, 409, { kind: 'warning', text: say(context, 'since') });
      if (code === 'SETTING_INVALID') return show(context, 422, { kind: 'danger', text: say(context, 'unfit') });
      throw error;
    }
    return context.redirect(kernel.url('admin.changes', { undone: 1 }), 302);
  };

  return {
    list: (context: Context) =>
      show(
        context,
        200,
        context.req.query('undone') === '1' ? { kind: 'success', text: say(context, 'undone') } : undefined,
      ),
    undo,
  };
}

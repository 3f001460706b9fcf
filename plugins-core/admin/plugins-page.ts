/** Plugins: what each does for people, how it fares, and the switches. */
import type { Context } from 'hono';
import { PluginError, type Kernel, type PluginReport } from '../../kernel/index.ts';
import type { OperatorSession, OperatorsService } from '../operators/api.ts';
import type { ChangesService, SettingsService } from '../settings/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { Texts } from './errors.ts';
import { featureKinds, type Features } from './features.ts';

export interface PluginsPageNeeds {
  readonly kernel: Pick<Kernel, 'report' | 'plan' | 'enable' | 'disable' | 'url'>;
  readonly operators: Pick<OperatorsService, 'form' | 'refuse'>;
  readonly settings: Pick<SettingsService, 'groups'>;
  readonly changes: Pick<ChangesService, 'note'>;
  readonly features: Features;
  readonly views: Pick<ViewsService, 'page'>;
  readonly texts: Texts;
}
type Change = 'enable' | 'disable';
interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const badge = {
  failed: 'danger',
  waiting: 'warning',
  starting: 'info',
  stopping: 'info',
  active: 'success',
  disabled: 'plain',
} as const satisfies Record<PluginReport['status'], string>;
/** What there is to look at and nobody has in his navigation. */
const pageOf: Readonly<Record<string, string>> = { demo: 'demo.page', 'design-system': 'design-system.page' };
/** Switched on, whether it works or not. */
const isOn = ({ status }: PluginReport) => status !== 'disabled';

export function createPluginsPage(needs: PluginsPageNeeds) {
  const { kernel, operators, settings, changes, features, views, texts } = needs;

  const titleOf = (id: string, locale: string) => features.of(id, locale)?.title ?? id;

  const row = (plugin: PluginReport, locale: string) => {
    const change: Change = isOn(plugin) ? 'disable' : 'enable';
    const group = settings.groups().find((one) => one.plugin === plugin.id);
    return {
      ...plugin,
      ...features.of(plugin.id, locale),
      // What is as it should be needs no word.
      ...(plugin.status !== 'active' && {
        badge: badge[plugin.status],
        statusText: `admin.plugins.status.${plugin.status}`,
      }),
      ...(group && { settingsHref: kernel.url('admin.settings', { group: group.spec.id }) }),
      ...(plugin.status === 'active' && pageOf[plugin.id] && { pageHref: kernel.url(pageOf[plugin.id]!) }),
      ...(!plugin.essential && {
        changeWord: `admin.plugins.${change}`,
        changeText: `admin.plugins.${change}Named`,
        changeHref: kernel.url(change === 'enable' ? 'admin.pluginEnable' : 'admin.pluginDisable', { name: plugin.id }),
      }),
    };
  };
  type Row = ReturnType<typeof row>;

  const list = (context: Context, options: { status?: number; failure?: Failure; notice?: object } = {}) => {
    const locale = texts.of(context);
    const { version, plugins } = kernel.report();
    const rows = plugins
      .map((plugin) => row(plugin, locale))
      .toSorted((one, other) => titleOf(one.id, locale).localeCompare(titleOf(other.id, locale)));
    const troubled = ({ status, problems }: Row) => status === 'failed' || status === 'waiting' || problems.length > 0;
    const kinds = featureKinds.map((kind) => ({
      id: kind,
      title: `admin.plugins.kind.${kind}`,
      rows: rows.filter((one) => !one.essential && (one.kind ?? 'other') === kind),
    }));
    const { status = 200, failure, notice } = options;
    const model = {
      version,
      kinds: kinds.filter((kind) => kind.rows.length > 0),
      essential: rows.filter(({ essential }) => essential),
      essentialTroubled: rows.some((one) => one.essential && troubled(one)),
      failure,
      ...(notice && { notice }),
    };
    return views.page(context, 'admin/plugins', model, { status });
  };

  /** What became of the switch: the page before sent us here. */
  const after = (context: Context): { failure?: Failure; notice?: object } => {
    const plugin = kernel.report().plugins.find(({ id }) => id === context.req.query('switched'));
    if (!plugin) return {};
    const locale = texts.of(context);
    const title = titleOf(plugin.id, locale);
    const [problem] = plugin.problems;
    if (problem && (plugin.status === 'failed' || plugin.status === 'waiting'))
      return { failure: { code: problem.code, message: `${title}: ${problem.message}`, hint: problem.hint ?? '' } };
    const text = texts.text(locale, `admin.plugins.${isOn(plugin) ? 'isOn' : 'isOff'}`, { title });
    return { notice: { kind: 'success', text } };
  };

  const unknown = (context: Context) => {
    const message = texts.text(texts.of(context), 'admin.plugins.unknown');
    return operators.refuse(context, 404, 'PLUGIN_UNKNOWN', message);
  };
  const find = (context: Context) => kernel.report().plugins.find(({ id }) => id === context.req.param('name'));
  /** What a page showed of a switch, to tell whether it is still true when the button is pressed. */
  const outlook = (plugin: PluginReport, change: Change): string => {
    const { starts, stops } = kernel.plan({ [change]: plugin.id });
    return JSON.stringify([isOn(plugin), starts, stops]);
  };

  const show = (context: Context, plugin: PluginReport, change: Change, options: { changed?: boolean } = {}) => {
    const locale = texts.of(context);
    const { starts, stops, refused } = kernel.plan({ [change]: plugin.id });
    // Whatever stops and comes back is only restarted.
    const names = (ids: readonly string[]) => ids.map((id) => titleOf(id, locale));
    const model = {
      plugin,
      ...features.of(plugin.id, locale),
      disable: change === 'disable',
      done: isOn(plugin) === (change === 'enable'),
      refused,
      stops: names(stops.filter((id) => !starts.includes(id))),
      starts: names(starts.filter((id) => !stops.includes(id))),
      restarts: names(stops.filter((id) => starts.includes(id))),
      outlook: outlook(plugin, change),
      action: context.req.path,
      changed: options.changed,
    };
    return views.page(context, 'admin/plugin-change', model, { status: options.changed ? 409 : 200 });
  };

  /** What a change would do, with a button: links of the original come here. */
  const ask =
    (change: Change) =>
    (context: Context): Response | Promise<Response> => {
      const plugin = find(context);
      return plugin ? show(context, plugin, change) : unknown(context);
    };

  const run =
    (change: Change) =>
    async (context: Context, session: OperatorSession): Promise<Response> => {
      const form = await operators.form(context, session);
      if (!form.ok) return form.response;
      const plugin = find(context);
      if (!plugin) return unknown(context);
      const seen = form.fields.get('outlook');
      // Somebody else switched something meanwhile: what would happen now is not what the page said.
      if (seen !== null && seen !== outlook(plugin, change)) return show(context, plugin, change, { changed: true });
      try {
        await kernel[change](plugin.id);
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        const { code, message, hint } = error;
        const title = titleOf(plugin.id, texts.of(context));
        return list(context, { status: 409, failure: { code, message: `${title}: ${message}`, hint } });
      }
      const [before, now] = [isOn(plugin), change === 'enable'];
      const by = `operator:${session.operator.id}`;
      if (before !== now) await changes.note({ area: 'plugin', key: plugin.id, before, after: now, by });
      return context.redirect(kernel.url('admin.plugins', { switched: plugin.id }), 302);
    };

  return { list: (context: Context) => list(context, after(context)), ask, run };
}

/** Plugins: what is there, how it fares, and the switches. */
import type { Context } from 'hono';
import { PluginError, type Kernel, type PluginReport } from '../../kernel/index.ts';
import type { OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { Texts } from './errors.ts';

export interface PluginsPageNeeds {
  readonly kernel: Pick<Kernel, 'report' | 'plan' | 'enable' | 'disable' | 'url'>;
  readonly operators: OperatorsService;
  readonly views: Pick<ViewsService, 'page'>;
  readonly texts: Texts;
}
type Change = 'enable' | 'disable';

const order: readonly PluginReport['status'][] = ['failed', 'waiting', 'starting', 'stopping', 'active', 'disabled'];
const badge = {
  failed: 'danger',
  waiting: 'warning',
  starting: 'info',
  stopping: 'info',
  active: 'success',
  disabled: 'plain',
} as const satisfies Record<PluginReport['status'], string>;

export function createPluginsPage({ kernel, operators, views, texts }: PluginsPageNeeds) {
  const row = (plugin: PluginReport) => ({
    ...plugin,
    badge: badge[plugin.status],
    statusText: `admin.plugins.status.${plugin.status}`,
    needs: Object.entries(plugin.plugins).map(([id, range]) => `${id} ${range}`),
    ...(!plugin.essential && {
      changeWord: `admin.plugins.${plugin.status === 'disabled' ? 'enable' : 'disable'}`,
      changeText: `admin.plugins.${plugin.status === 'disabled' ? 'enable' : 'disable'}Named`,
      changeHref: kernel.url(plugin.status === 'disabled' ? 'admin.pluginEnable' : 'admin.pluginDisable', {
        name: plugin.id,
      }),
    }),
  });

  const list = (
    context: Context,
    options: { status?: number; failure?: { code: string; message: string; hint: string } } = {},
  ) => {
    const { version, plugins } = kernel.report();
    const rows = plugins
      .map(row)
      .toSorted(
        (one, other) => order.indexOf(one.status) - order.indexOf(other.status) || (one.id < other.id ? -1 : 1),
      );
    const groups = [
      { title: 'admin.plugins.switchable', rows: rows.filter(({ essential }) => !essential) },
      { title: 'admin.plugins.essential', rows: rows.filter(({ essential }) => essential) },
    ].filter((group) => group.rows.length > 0);
    const { status = 200, failure } = options;
    return views.page(context, 'admin/plugins', { version, groups, failure }, { status });
  };

  const unknown = (context: Context) => {
    const message = texts.text(texts.of(context), 'admin.plugins.unknown');
    return operators.refuse(context, 404, 'PLUGIN_UNKNOWN', message);
  };
  const find = (context: Context) => kernel.report().plugins.find(({ id }) => id === context.req.param('name'));

  /** What a change would do, with a button: links of the original come here. */
  const ask =
    (change: Change) =>
    (context: Context): Response | Promise<Response> => {
      const plugin = find(context);
      if (!plugin) return unknown(context);
      const plan = kernel.plan({ [change]: plugin.id });
      const model = { plugin, plan, disable: change === 'disable', action: context.req.path };
      return views.page(context, 'admin/plugin-change', model);
    };

  const run =
    (change: Change) =>
    async (context: Context): Promise<Response> => {
      const session = (await operators.current(context))!;
      const form = await operators.form(context, session);
      if (!form.ok) return form.response;
      const plugin = find(context);
      if (!plugin) return unknown(context);
      try {
        await kernel[change](plugin.id);
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        const { code, message, hint } = error;
        return list(context, { status: 409, failure: { code, message: `${plugin.id}: ${message}`, hint } });
      }
      return context.redirect(kernel.url('admin.plugins'), 302);
    };

  return { list: (context: Context) => list(context), ask, run };
}

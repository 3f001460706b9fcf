/** The page of the rules: how each group's conversations find somebody, and how many one operator is given. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { Group, GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import {
  type Operator,
  operatorRoute,
  type OperatorsService,
  type OperatorSession,
  withPermission,
} from '../operators/api.ts';
import type { Values } from '../settings/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import { highestLimit, routingModes, type RoutingMode, type RoutingService } from './api.ts';
import type { routingSettings } from './settings.ts';

export interface PagesNeeds {
  readonly routing: RoutingService;
  readonly settings: Values<typeof routingSettings>;
  readonly groups: Pick<GroupsService, 'list' | 'nameOf'> | undefined;
  readonly operators: Pick<OperatorsService, 'current' | 'form' | 'list' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly addresses: Addresses;
}

const onePage = 50;
/** The rule of conversations that belong to no group. */
const noGroup = 0;

/** What was typed into a field, or what is kept. */
interface Typed {
  readonly mode: (groupId: number) => string;
  readonly limit: (operatorId: number) => string;
}

const digits = new RegExp(`^\\d{1,${String(highestLimit).length}}$`);
const isMode = (text: string): text is RoutingMode => (routingModes as readonly string[]).includes(text);
const limitOf = (text: string): number | undefined =>
  digits.test(text) && Number(text) <= highestLimit ? Number(text) : undefined;

export function routingRoutes(needs: PagesNeeds): readonly RouteSpec[] {
  const { routing, settings, operators, views, locales, addresses } = needs;
  const text = (context: Context, key: string, args = {}) => locales.text(locales.of(context), `routing.${key}`, args);

  async function page(context: Context) {
    const people = (await operators.list()).filter(({ disabled }) => !disabled);
    const pages = pagination(context, people.length, onePage, `${addresses.url('routing.rules')}?page=`);
    const groups = needs.groups ? await needs.groups.list() : [];
    return { groups, people: people.slice(pages.offset, pages.offset + onePage), pages };
  }

  async function show(
    context: Context,
    typed: Typed,
    wrong: { readonly modes: ReadonlySet<number>; readonly limits: ReadonlySet<number> } | undefined,
  ): Promise<Response> {
    const locale = locales.of(context);
    const { groups, people, pages } = await page(context);
    const usual = text(context, 'usual', { mode: text(context, `settings.routing_mode.${settings.routing_mode}`) });
    const rule = (id: number, name: string) => ({
      field: `mode-${id}`,
      name,
      error: wrong?.modes.has(id) ? text(context, 'issue.mode') : undefined,
      options: [
        { value: '', label: usual, selected: typed.mode(id) === '' },
        ...routingModes.map((mode) => ({
          value: mode,
          label: text(context, `settings.routing_mode.${mode}`),
          selected: typed.mode(id) === mode,
        })),
      ],
    });
    const limit = ({ id, name, login }: Operator) => ({
      field: `limit-${id}`,
      name,
      login,
      value: typed.limit(id),
      error: wrong?.limits.has(id) ? text(context, 'issue.limit', { most: highestLimit }) : undefined,
    });
    const named = (group: Group) => rule(group.id, needs.groups?.nameOf(group, locale) ?? group.name);
    const model = {
      rules: [rule(noGroup, text(context, 'noGroup')), ...groups.map(named)],
      limits: people.map(limit),
      usualLimit: settings.routing_limit,
      settings: addresses.url('admin.settings', { group: 'routing' }),
      action: addresses.url('routing.rulesSave', { page: pages.page }),
      pages,
      failed: wrong !== undefined,
      ...(!wrong &&
        context.req.query('saved') === '1' && { notice: { kind: 'success', text: text(context, 'saved') } }),
    };
    return views.page(context, 'routing/rules', model, { status: wrong ? 422 : 200 });
  }

  const read = (context: Context) =>
    show(
      context,
      {
        mode: (id) => routing.rules().get(id) ?? '',
        limit: (id) => String(routing.limits().get(id) ?? ''),
      },
      undefined,
    );

  async function save(context: Context, session: OperatorSession): Promise<Response> {
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const { groups, people, pages } = await page(context);
    const field = (name: string) => form.fields.get(name)?.trim();
    const modes = [noGroup, ...groups.map(({ id }) => id)].flatMap((id) => {
      const value = field(`mode-${id}`);
      return value === undefined ? [] : [{ id, value }];
    });
    const limits = people.flatMap(({ id }) => {
      const value = field(`limit-${id}`);
      return value === undefined ? [] : [{ id, value }];
    });
    const wrong = {
      modes: new Set(modes.filter(({ value }) => value !== '' && !isMode(value)).map(({ id }) => id)),
      limits: new Set(limits.filter(({ value }) => value !== '' && limitOf(value) === undefined).map(({ id }) => id)),
    };
    if (wrong.modes.size + wrong.limits.size > 0)
      return show(
        context,
        { mode: (id) => field(`mode-${id}`) ?? '', limit: (id) => field(`limit-${id}`) ?? '' },
        wrong,
      );
    for (const { id, value } of modes) {
      const mode = isMode(value) ? value : undefined;
      if (mode !== routing.rules().get(id)) await routing.setRule(id, mode);
    }
    for (const { id, value } of limits) {
      const most = limitOf(value);
      if (most !== routing.limits().get(id)) await routing.setLimit(id, most);
    }
    return context.redirect(addresses.url('routing.rules', { page: pages.page, saved: 1 }), 302);
  }

  const route = operatorRoute(operators, withPermission('admin'));
  return [route('rules', 'GET', '/operator/routing', read), route('rulesSave', 'POST', '/operator/routing', save)];
}

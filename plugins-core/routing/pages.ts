/** The page of the rules: how each group's conversations find somebody, and how many one operator is given. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { Group, GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import {
  type Operator,
  operatorRoute,
  readEdits,
  seenText,
  type FormValues,
  type OperatorsService,
  type OperatorSession,
  withPermission,
} from '../operators/api.ts';
import type { Values } from '../settings/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import { highestLimit, routingModes, type RoutingMode, type RoutingService, type RoutingValues } from './api.ts';
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

const digits = new RegExp(`^\\d{1,${String(highestLimit).length}}$`);
const isMode = (text: string): text is RoutingMode => (routingModes as readonly string[]).includes(text);
const limitOf = (text: string): number | undefined =>
  digits.test(text) && Number(text) <= highestLimit ? Number(text) : undefined;
/** Fields are called `mode-<group>` and `limit-<operator>`. */
const fieldOf = (what: 'mode' | 'limit', id: number) => `${what}-${id}`;

/** What is typed means this; of the fields that are given, and no others. */
function valuesOf(typed: Partial<FormValues>): RoutingValues {
  const of = <T>(what: string, read: (text: string) => T) =>
    new Map(
      Object.entries(typed).flatMap(([field, text]) =>
        text !== undefined && field.startsWith(`${what}-`) ? [[Number(field.slice(what.length + 1)), read(text)]] : [],
      ),
    );
  return { rules: of('mode', (text) => (isMode(text) ? text : undefined)), limits: of('limit', limitOf) };
}

/** Why the form is shown again. */
interface Refusal {
  readonly status: 409 | 422;
  /** By field. */
  readonly errors: Readonly<Record<string, string>>;
  /** What the form showed at first. */
  readonly seen: string | undefined;
}

export function routingRoutes(needs: PagesNeeds): readonly RouteSpec[] {
  const { routing, settings, operators, views, locales, addresses } = needs;
  const text = (context: Context, key: string, args = {}) => locales.text(locales.of(context), `routing.${key}`, args);

  async function page(context: Context) {
    const people = (await operators.list()).filter(({ disabled }) => !disabled);
    const pages = pagination(context, people.length, onePage, `${addresses.url('routing.rules')}?page=`);
    const groups = needs.groups ? await needs.groups.list() : [];
    return { groups, people: people.slice(pages.offset, pages.offset + onePage), pages };
  }

  /** What is kept, as the form shows it. */
  const kept = ({ groups, people }: Awaited<ReturnType<typeof page>>): FormValues =>
    Object.fromEntries([
      ...[noGroup, ...groups.map(({ id }) => id)].map((id) => [fieldOf('mode', id), routing.rules().get(id) ?? '']),
      ...people.map(({ id }) => [fieldOf('limit', id), String(routing.limits().get(id) ?? '')]),
    ]) as FormValues;
  const usual = (context: Context) =>
    text(context, 'usual', { mode: text(context, `settings.routing_mode.${settings.routing_mode}`) });

  async function show(context: Context, typed?: FormValues, refusal?: Refusal): Promise<Response> {
    const locale = locales.of(context);
    const about = await page(context);
    const { groups, people, pages } = about;
    const values = { ...kept(about), ...typed };
    const rule = (id: number, name: string) => {
      const field = fieldOf('mode', id);
      const option = (value: string, label: string) => ({ value, label, selected: values[field] === value });
      return {
        field,
        name,
        error: refusal?.errors[field],
        options: [
          option('', usual(context)),
          ...routingModes.map((mode) => option(mode, text(context, `settings.routing_mode.${mode}`))),
        ],
      };
    };
    const limit = ({ id, name, login }: Operator) => {
      const field = fieldOf('limit', id);
      return { field, name, login, value: values[field], error: refusal?.errors[field] };
    };
    const named = (group: Group) => rule(group.id, needs.groups?.nameOf(group, locale) ?? group.name);
    const model = {
      rules: [rule(noGroup, text(context, 'noGroup')), ...groups.map(named)],
      limits: people.map(limit),
      usualLimit: settings.routing_limit,
      settings: addresses.url('admin.settings', { group: 'routing' }),
      action: addresses.url('routing.rulesSave', { page: pages.page }),
      pages,
      seen: refusal?.seen ?? seenText(kept(about)),
      failed: refusal?.status === 422,
      conflict: refusal?.status === 409,
      ...(!refusal &&
        context.req.query('saved') === '1' && { notice: { kind: 'success', text: text(context, 'saved') } }),
    };
    return views.page(context, 'routing/rules', model, { status: refusal?.status ?? 200 });
  }

  async function save(context: Context, session: OperatorSession): Promise<Response> {
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const about = await page(context);
    const posted = Object.fromEntries(
      Object.keys(kept(about)).flatMap((field) => {
        const value = form.fields.get(field)?.trim();
        return value === undefined ? [] : [[field, value]];
      }),
    ) as FormValues;
    const errors = Object.fromEntries(
      Object.entries(posted).flatMap(([field, value]) => {
        const fits = field.startsWith('mode-') ? isMode(value) : limitOf(value) !== undefined;
        if (value === '' || fits) return [];
        const issue = field.startsWith('mode-') ? 'issue.mode' : 'issue.limit';
        return [[field, text(context, issue, { most: highestLimit })]];
      }),
    );
    const edits = readEdits(posted, form.fields, valuesOf);
    if (Object.keys(errors).length > 0) return show(context, posted, { status: 422, errors, seen: edits.seen });
    const conflicts = await routing.change(edits.changes, edits.expected);
    if (!conflicts) return context.redirect(addresses.url('routing.rules', { page: about.pages.page, saved: 1 }), 302);
    const now = kept(about);
    const told = (field: string, value: string) => [
      field,
      locales.text(locales.of(context), 'operators.edits.field', { now: value }),
    ];
    const nowMode = (id: number) => {
      const mode = routing.rules().get(id);
      return mode ? text(context, `settings.routing_mode.${mode}`) : usual(context);
    };
    const changed = Object.fromEntries([
      ...conflicts.rules.map((id) => told(fieldOf('mode', id), nowMode(id))),
      ...conflicts.limits.map((id) =>
        told(fieldOf('limit', id), now[fieldOf('limit', id)] || text(context, 'asUsual')),
      ),
    ]) as Record<string, string>;
    return show(context, edits.onto(now), { status: 409, errors: changed, seen: undefined });
  }

  const route = operatorRoute(operators, withPermission('admin'));
  return [
    route('rules', 'GET', '/operator/routing', (context) => show(context)),
    route('rulesSave', 'POST', '/operator/routing', save),
  ];
}

/** `/operator/invitation`: whom the server invites by itself. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import {
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
import type { InvitationRule } from './api.ts';
import { kinds, limits, RuleError, type RuleInput, type RuleIssue } from './rule.ts';
import { blank, inputOf, readTyped, typedOf, type Typed } from './rule-form.ts';
import type { Rules } from './rules.ts';

export interface RulePagesNeeds {
  readonly rules: Rules;
  readonly operators: Pick<OperatorsService, 'current' | 'form' | 'refuse' | 'can'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly groups: Pick<GroupsService, 'enabled' | 'list' | 'nameOf'> | undefined;
  readonly addresses: Addresses;
  readonly undo: Pick<UndoService, 'keep' | 'action'>;
}

/** What can be undone: see `undo.undoable`. */
export const ruleKind = 'invitation.rule';

/** Why a form is shown again, and what it is about. */
interface About {
  readonly rule?: InvitationRule | undefined;
  readonly issues?: readonly RuleIssue[];
  /** Somebody else changed it: what is stored by now. */
  readonly stored?: Typed;
  /** What the form showed at first. */
  readonly seen?: string | undefined;
  /** Somebody else deleted it. */
  readonly gone?: boolean;
  /** There are as many as there may be. */
  readonly full?: boolean;
}

export function createRulePages(needs: RulePagesNeeds): readonly RouteSpec[] {
  const { rules, operators, views, locales, groups, addresses, undo } = needs;
  const say = (context: Context, key: string, args = {}) =>
    locales.text(locales.of(context), `invitation.${key}`, args);
  const find = (context: Context) => rules.byId(Number(context.req.param('rule')));
  const unknown = (context: Context) => operators.refuse(context, 404, 'RULE_UNKNOWN', say(context, 'rule.unknown'));
  const toList = (context: Context, done?: string, kept?: number) =>
    context.redirect(addresses.url('invitation.rules', { done, undo: kept }), 302);

  /** Undefined where there is no administration. */
  function settingsLink(): string | undefined {
    try {
      return addresses.url('admin.settings', { group: 'invitation' });
    } catch {
      return undefined;
    }
  }

  async function groupChoices(context: Context, chosen: string) {
    const all = groups ? await groups.list() : [];
    const named = all.map((one) => ({ id: one.id, text: groups?.nameOf(one, locales.of(context)) ?? one.name }));
    if (!groups?.enabled && chosen === '0') return [];
    const any = { id: 0, text: say(context, 'rule.anybody') };
    return [any, ...named].map((one) => ({ ...one, selected: String(one.id) === chosen }));
  }

  /** What a rule asks for, in words. */
  function conditions(context: Context, rule: InvitationRule): readonly string[] {
    const { page, secondsOnPage, secondsOnSite, pagesSeen, visitor, attribute, value } = rule;
    return [
      page && say(context, 'condition.page', { page }),
      secondsOnPage > 0 && say(context, 'condition.secondsOnPage', { seconds: secondsOnPage }),
      secondsOnSite > 0 && say(context, 'condition.secondsOnSite', { seconds: secondsOnSite }),
      pagesSeen > 1 && say(context, 'condition.pagesSeen', { pages: pagesSeen }),
      visitor !== 'any' && say(context, `condition.${visitor}`),
      attribute && say(context, value ? 'condition.value' : 'condition.attribute', { attribute, value }),
    ].filter((one) => typeof one === 'string' && one !== '') as string[];
  }

  async function list(context: Context, { operator }: OperatorSession): Promise<Response> {
    const all = rules.list();
    const done = ['saved', 'deleted', 'restored', 'order'].find((word) => context.req.query('done') === word);
    const at = (name: string, rule: InvitationRule, more = {}) =>
      addresses.url(`invitation.${name}`, { rule: rule.id, ...more });
    return views.page(context, 'invitation/rules', {
      rows: all.map((rule, index) => ({
        ...rule,
        conditions: conditions(context, rule),
        edit: at('ruleEdit', rule),
        remove: at('ruleDeleteSubmit', rule),
        up: index > 0 && at('ruleMove', rule, { direction: 'up' }),
        above: all[index - 1]?.id,
        down: index < all.length - 1 && at('ruleMove', rule, { direction: 'down' }),
        below: all[index + 1]?.id,
      })),
      add: all.length < limits.rules && addresses.url('invitation.ruleAdd'),
      settings: settingsLink(),
      statistics: operators.can(operator, 'statistics') && addresses.url('invitation.statistics'),
      ...(done && {
        notice: {
          kind: done === 'order' ? 'warning' : 'success',
          text: say(context, `done.${done}`),
          action: await undo.action(context),
        },
      }),
    });
  }

  /** What an entry holds by now, in words. */
  async function said(context: Context, entry: keyof Typed, stored: Typed): Promise<string> {
    if (entry === 'visitor') return say(context, `visitor.${stored.visitor}`);
    if (entry === 'enabled') return say(context, stored.enabled ? 'rule.on' : 'rule.off');
    if (entry !== 'groupId') return stored[entry];
    return (await groupChoices(context, stored.groupId)).find(({ selected }) => selected)?.text ?? '';
  }
  async function errorOf(context: Context, { entry, code }: RuleIssue, stored: Typed | undefined): Promise<string> {
    if (code === 'changed' && stored)
      return locales.text(locales.of(context), 'operators.edits.field', { now: await said(context, entry, stored) });
    return say(context, `issue.${entry}.${code}`, { ...limits });
  }

  async function form(context: Context, typed: Typed, about: About = {}): Promise<Response> {
    const { rule, issues = [], stored, seen, gone, full } = about;
    const errors: Record<string, string> = {};
    for (const issue of issues) errors[issue.entry] = await errorOf(context, issue, stored);
    const model = {
      rule,
      form: typed,
      max: limits,
      errors,
      alert: gone
        ? say(context, 'rule.gone')
        : full
          ? say(context, 'rule.tooMany', { ...limits })
          : stored
            ? locales.text(locales.of(context), 'operators.edits.conflict')
            : undefined,
      failed: issues.length > 0,
      seen: rule && (seen ?? seenText(stored ?? typedOf(rule))),
      kinds: kinds.map((kind) => ({ kind, text: `invitation.visitor.${kind}`, selected: kind === typed.visitor })),
      groups: await groupChoices(context, typed.groupId),
      action: rule ? addresses.url('invitation.ruleSave', { rule: rule.id }) : addresses.url('invitation.ruleCreate'),
      back: addresses.url('invitation.rules'),
    };
    const status = gone ? 404 : stored || full ? 409 : issues.length > 0 ? 422 : 200;
    return views.page(context, 'invitation/rule', model, { status });
  }

  async function save(context: Context, session: OperatorSession, isNew: boolean): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    // Where there are no groups the form does not ask for one.
    const typed = { ...readTyped(posted.fields), ...(!posted.fields.has('groupId') && { groupId: '0' }) };
    const rule = isNew ? undefined : find(context);
    // What he typed is not lost with it: it can be added anew.
    if (!isNew && !rule) return form(context, typed, { gone: true });
    const edits = readEdits(typed, posted.fields, inputOf);
    try {
      if (rule) await rules.update(rule.id, edits.changes, edits.expected);
      else await rules.create(inputOf(typed) as RuleInput);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      if (error.code === 'TOO_MANY_RULES') return form(context, typed, { full: true });
      if (error.code === 'RULE_INVALID') return form(context, typed, { rule, issues: error.issues, seen: edits.seen });
      await rules.load();
      const now = find(context);
      if (!now) return form(context, typed, { gone: true });
      const stored = typedOf(now);
      return form(context, edits.onto(stored), { rule: now, issues: error.issues, stored });
    }
    return toList(context, 'saved');
  }

  async function remove(context: Context, session: OperatorSession): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const rule = await rules.delete(Number(context.req.param('rule')));
    if (!rule) return unknown(context);
    return toList(context, 'deleted', await undo.keep(ruleKind, rule, session.operator));
  }

  async function move(context: Context, session: OperatorSession): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const rule = find(context);
    if (!rule) return unknown(context);
    const past = /^\d{1,15}$/.exec(posted.fields.get('past') ?? '')?.[0];
    const direction = context.req.param('direction') === 'up' ? 'up' : 'down';
    const moved = await rules.move(rule.id, direction, past === undefined ? undefined : Number(past));
    return toList(context, moved ? undefined : 'order');
  }

  function ask(context: Context): Response | Promise<Response> {
    const rule = find(context);
    if (!rule) return unknown(context);
    const action = addresses.url('invitation.ruleDeleteSubmit', { rule: rule.id });
    return views.page(context, 'invitation/rule_delete', { ...rule, action, back: addresses.url('invitation.rules') });
  }

  const below = operatorRoute(operators, withPermission('admin'));
  const route = (name: string, method: RouteSpec['method'], path: string, page: OperatorPage) =>
    below(name, method, `/operator/invitation${path}`, page);
  const one = '/:rule{[0-9]{1,10}}';
  return [
    route('rules', 'GET', '', list),
    route('ruleAdd', 'GET', '/add', (context) => form(context, blank)),
    route('ruleCreate', 'POST', '/add', (context, session) => save(context, session, true)),
    route('ruleEdit', 'GET', `${one}/edit`, (context) => {
      const rule = find(context);
      return rule ? form(context, typedOf(rule), { rule }) : unknown(context);
    }),
    route('ruleSave', 'POST', `${one}/edit`, (context, session) => save(context, session, false)),
    route('ruleDelete', 'GET', `${one}/delete`, ask),
    route('ruleDeleteSubmit', 'POST', `${one}/delete`, remove),
    route('ruleMove', 'POST', `${one}/move/:direction{up|down}`, move),
  ];
}

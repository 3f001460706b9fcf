/** Pages of operators: the list of bans, a form for one, and the question before one is lifted. */
import type { Context } from 'hono';
import type { Addresses, Kernel, RouteSpec } from '../../kernel/plugin.ts';
import type { Thread, ThreadsService } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import {
  loggedIn,
  type Operator,
  operatorRoute,
  type OperatorsService,
  type OperatorSession,
} from '../operators/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import { BanError, type Ban, type BansService } from './api.ts';
import { formIssues, inputOf, presetDays, readTyped, risksOf, typedOf, type FormIssue, type Typed } from './form.ts';

export interface PagesNeeds {
  readonly bans: BansService;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly operators: Pick<OperatorsService, 'byId' | 'can' | 'current' | 'form' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly kernel: Pick<Kernel, 'facts'>;
  readonly addresses: Addresses;
  /** Setting `enableban`, read each time. */
  readonly enabled: () => boolean;
}

const onePage = 50;
const whoOf = (ban: Ban) => ban.address || ban.userId;
const isOver = ({ till }: Ban) => till > 0 && till <= Date.now();
const visitorOf = (ban: Ban) => ban.userId !== '';

/** What a form is about besides what is typed. */
interface About {
  readonly ban?: Ban | undefined;
  readonly thread?: Thread | undefined;
}

export function banRoutes(needs: PagesNeeds): readonly RouteSpec[] {
  const { bans, threads, operators, views, locales, addresses } = needs;
  const text = (context: Context, key: string, args = {}) => locales.text(locales.of(context), `bans.${key}`, args);
  const missing = (context: Context, code: 'BAN_UNKNOWN' | 'THREAD_UNKNOWN') =>
    operators.refuse(context, 404, code, text(context, code === 'BAN_UNKNOWN' ? 'unknown' : 'unknownThread'));
  const find = (context: Context) => bans.byId(Number(context.req.param('ban')));
  const switchedOff = (operator: Operator) =>
    needs.enabled()
      ? {}
      : {
          off: true,
          settings: operators.can(operator, 'admin') ? addresses.url('admin.settings', { group: 'bans' }) : undefined,
        };

  async function list(context: Context, { operator }: OperatorSession): Promise<Response> {
    const pages = pagination(context, await bans.count(), onePage, `${addresses.url('bans.list')}?page=`);
    const found = await bans.list(pages);
    const rows = await Promise.all(
      found.map(async (ban) => ({
        ...ban,
        who: whoOf(ban),
        visitor: visitorOf(ban),
        over: isOver(ban),
        operator: (await operators.byId(ban.createdBy))?.name,
      })),
    );
    const done = ['saved', 'lifted'].find((word) => context.req.query('done') === word);
    return views.page(context, 'bans/list', {
      bans: rows,
      pages,
      ...switchedOff(operator),
      ...(done && { notice: { kind: 'success', text: text(context, done) } }),
    });
  }

  /** The words beside each field; a ban that is in the way is named. */
  const errorsOf = (context: Context, issues: readonly FormIssue[]) =>
    Object.fromEntries(
      issues.map(({ field, code, ban }) => {
        const named = ban ? { who: whoOf(ban), id: ban.id, state: isOver(ban) ? 'over' : 'active' } : {};
        return [field, text(context, `issue.${field}.${code}`, named)];
      }),
    );

  function form(
    context: Context,
    { operator }: OperatorSession,
    { ban, thread }: About,
    typed: Typed,
    { issues = [], risks = [] }: { issues?: readonly FormIssue[]; risks?: readonly string[] } = {},
  ): Promise<Response> {
    const refused = issues.length > 0 || risks.length > 0;
    const existing = thread && bans.match(thread);
    const model = {
      ban,
      form: typed,
      byVisitor: typed.by === 'visitor',
      errors: errorsOf(context, issues),
      taken: issues.find((issue) => issue.ban)?.ban?.id,
      risks: risks.map((risk) => ({ text: `bans.risk.${risk}` })),
      failed: refused && `bans.form.${issues.length > 0 ? 'failed' : 'risky'}`,
      over: ban && isOver(ban),
      existing: existing && !refused && { id: existing.id, comment: existing.comment, who: whoOf(existing) },
      action: ban
        ? addresses.url('bans.editSave', { ban: ban.id })
        : addresses.url('bans.addSave', { thread: thread?.id }),
      ...switchedOff(operator),
    };
    return views.page(context, 'bans/form', model, { status: refused ? 422 : 200 });
  }

  /** The thread of `?thread=`; out of the operator's sight is the same as missing. */
  async function threadOf(context: Context, operator: Operator): Promise<Thread | 'none' | undefined> {
    const asked = context.req.query('thread');
    if (asked === undefined || asked === '') return 'none';
    const thread = /^\d{1,10}$/.test(asked) ? await threads.byId(Number(asked)) : undefined;
    return thread && (await threads.visibleTo(operator, [thread]))[0];
  }

  async function add(context: Context, session: OperatorSession): Promise<Response> {
    const thread = await threadOf(context, session.operator);
    if (!thread) return missing(context, 'THREAD_UNKNOWN');
    const empty: Typed = { by: 'address', address: '', visitor: '', days: presetDays, comment: '', confirm: '' };
    if (thread === 'none') return form(context, session, {}, empty);
    return form(context, session, { thread }, { ...empty, address: thread.remote, visitor: thread.userId });
  }

  async function edit(context: Context, session: OperatorSession): Promise<Response> {
    const ban = await find(context);
    return ban ? form(context, session, { ban }, typedOf(ban, Date.now())) : missing(context, 'BAN_UNKNOWN');
  }

  async function save(context: Context, session: OperatorSession, about: About): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const typed = readTyped(posted.fields);
    const asked = inputOf(typed, Date.now(), about.ban);
    if ('issues' in asked) return form(context, session, about, typed, asked);
    const risks = risksOf(typed, needs.kernel.facts(context).address);
    const known = about.ban !== undefined && about.ban.address === typed.address;
    if (risks.length > 0 && !known && typed.confirm !== typed.address)
      return form(context, session, about, typed, { risks });
    try {
      if (about.ban) await bans.update(about.ban.id, asked.input);
      else await bans.create(asked.input, session.operator.id);
    } catch (error) {
      if (!(error instanceof BanError)) throw error;
      if (error.code === 'BAN_UNKNOWN') return missing(context, 'BAN_UNKNOWN');
      return form(context, session, about, typed, { issues: formIssues(error.issues, typed) });
    }
    return context.redirect(addresses.url('bans.list', { done: 'saved' }), 302);
  }

  async function addSave(context: Context, session: OperatorSession): Promise<Response> {
    const thread = await threadOf(context, session.operator);
    if (!thread) return missing(context, 'THREAD_UNKNOWN');
    return save(context, session, thread === 'none' ? {} : { thread });
  }

  async function editSave(context: Context, session: OperatorSession): Promise<Response> {
    const ban = await find(context);
    return ban ? save(context, session, { ban }) : missing(context, 'BAN_UNKNOWN');
  }

  async function ask(context: Context): Promise<Response> {
    const ban = await find(context);
    if (!ban) return missing(context, 'BAN_UNKNOWN');
    const action = addresses.url('bans.deleteSubmit', { ban: ban.id });
    return views.page(context, 'bans/delete', { ...ban, who: whoOf(ban), visitor: visitorOf(ban), action });
  }

  async function lift(context: Context, session: OperatorSession): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    if (!(await bans.delete(Number(context.req.param('ban'))))) return missing(context, 'BAN_UNKNOWN');
    return context.redirect(addresses.url('bans.list', { done: 'lifted' }), 302);
  }

  const route = operatorRoute(operators, loggedIn);
  const one = '/operator/ban/:ban{[0-9]{1,10}}';
  return [
    route('list', 'GET', '/operator/ban', list),
    route('add', 'GET', '/operator/ban/add', add),
    route('addSave', 'POST', '/operator/ban/add', addSave),
    route('edit', 'GET', `${one}/edit`, edit),
    route('editSave', 'POST', `${one}/edit`, editSave),
    route('delete', 'GET', `${one}/delete`, ask),
    route('deleteSubmit', 'POST', `${one}/delete`, lift),
  ];
}

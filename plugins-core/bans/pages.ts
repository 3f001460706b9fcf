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
import type { UndoService } from '../undo/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import { BanError, type Ban, type BansService } from './api.ts';
import {
  editsOfBan,
  formIssues,
  inputOf,
  presetDays,
  readTyped,
  risksOf,
  seenOf,
  typedOf,
  type FormIssue,
  type Typed,
} from './form.ts';

export interface PagesNeeds {
  readonly bans: BansService;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly operators: Pick<OperatorsService, 'byId' | 'can' | 'current' | 'form' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly kernel: Pick<Kernel, 'facts'>;
  readonly addresses: Addresses;
  readonly undo: Pick<UndoService, 'keep' | 'action'>;
  /** Setting `enableban`, read each time. */
  readonly enabled: () => boolean;
}

const onePage = 50;
/** What can be undone: see `undo.undoable`. */
export const banKind = 'bans.ban';
const whoOf = (ban: Ban) => ban.address || ban.userId;
const isOver = ({ till }: Ban) => till > 0 && till <= Date.now();
const visitorOf = (ban: Ban) => ban.userId !== '';

/** What a form is about besides what is typed. */
interface About {
  readonly ban?: Ban | undefined;
  readonly thread?: Thread | undefined;
}

/** Why a form is shown again. */
interface Refusal {
  readonly issues?: readonly FormIssue[];
  readonly risks?: readonly string[];
  /** Somebody else changed the same. */
  readonly conflict?: boolean;
  /** What the form showed at first. */
  readonly seen?: string | undefined;
  /** Somebody else lifted the ban. */
  readonly gone?: boolean;
}

export function banRoutes(needs: PagesNeeds): readonly RouteSpec[] {
  const { bans, threads, operators, views, locales, addresses, undo } = needs;
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
    const done = ['saved', 'lifted', 'restored', 'taken'].find((word) => context.req.query('done') === word);
    return views.page(context, 'bans/list', {
      bans: rows,
      pages,
      ...switchedOff(operator),
      ...(done && {
        notice: {
          kind: done === 'taken' ? 'warning' : 'success',
          text: text(context, done),
          action: await undo.action(context),
        },
      }),
    });
  }

  /** The words beside each field; a ban that is in the way is named. */
  const errorsOf = (context: Context, issues: readonly FormIssue[], stored: Ban | undefined) =>
    Object.fromEntries(
      issues.map(({ field, code, ban }) => {
        if (code === 'changed' && stored) {
          const now = { comment: stored.comment, days: typedOf(stored, Date.now()).days }[field as 'comment' | 'days'];
          return [field, locales.text(locales.of(context), 'operators.edits.field', { now: now ?? whoOf(stored) })];
        }
        const named = ban ? { who: whoOf(ban), id: ban.id, state: isOver(ban) ? 'over' : 'active' } : {};
        return [field, text(context, `issue.${field}.${code}`, named)];
      }),
    );

  function form(
    context: Context,
    { operator }: OperatorSession,
    { ban, thread }: About,
    typed: Typed,
    { issues = [], risks = [], conflict, seen, gone }: Refusal = {},
  ): Promise<Response> {
    const refused = issues.length > 0 || risks.length > 0;
    const existing = thread && bans.match(thread);
    const model = {
      ban,
      form: typed,
      byVisitor: typed.by === 'visitor',
      errors: errorsOf(context, issues, conflict ? ban : undefined),
      conflict,
      gone,
      seen: ban && (seen ?? seenOf(ban, Date.now())),
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
    return views.page(context, 'bans/form', model, { status: gone ? 404 : conflict ? 409 : refused ? 422 : 200 });
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

  /** @param find the ban that is edited: read after the form was accepted, and undefined when it is gone */
  async function save(
    context: Context,
    session: OperatorSession,
    about: About,
    find?: () => Promise<Ban | undefined>,
  ): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const typed = readTyped(posted.fields);
    const ban = await find?.();
    // What he typed is not lost with it: it can be added anew.
    if (find && !ban) return form(context, session, {}, typed, { gone: true });
    const now = Date.now();
    const asked = inputOf(typed, now, ban);
    const seen = posted.fields.get('seen') ?? undefined;
    if ('issues' in asked) return form(context, session, { ...about, ban }, typed, { ...asked, seen });
    const edits = ban && editsOfBan(typed, posted.fields, asked.input, ban, now);
    const risks = risksOf(typed, needs.kernel.facts(context).address);
    const known = ban !== undefined && (!edits?.retargeted || ban.address === typed.address);
    if (risks.length > 0 && !known && typed.confirm !== typed.address)
      return form(context, session, { ...about, ban }, typed, { risks, seen });
    try {
      if (ban && edits) await bans.update(ban.id, edits.changes, edits.expected);
      else await bans.create(asked.input, session.operator.id);
    } catch (error) {
      if (!(error instanceof BanError)) throw error;
      const issues = formIssues(error.issues, typed);
      if (error.code === 'BAN_INVALID') return form(context, session, { ...about, ban }, typed, { issues, seen });
      const stored = ban && (await bans.byId(ban.id));
      if (!stored || !edits) return form(context, session, {}, typed, { gone: true });
      const anew = edits.onto(typedOf(stored, Date.now()));
      return form(context, session, { ban: stored }, anew, { issues, conflict: true });
    }
    return context.redirect(addresses.url('bans.list', { done: 'saved' }), 302);
  }

  async function addSave(context: Context, session: OperatorSession): Promise<Response> {
    const thread = await threadOf(context, session.operator);
    if (!thread) return missing(context, 'THREAD_UNKNOWN');
    return save(context, session, thread === 'none' ? {} : { thread });
  }

  const editSave = (context: Context, session: OperatorSession) => save(context, session, {}, () => find(context));

  async function ask(context: Context): Promise<Response> {
    const ban = await find(context);
    if (!ban) return missing(context, 'BAN_UNKNOWN');
    const action = addresses.url('bans.deleteSubmit', { ban: ban.id });
    return views.page(context, 'bans/delete', { ...ban, who: whoOf(ban), visitor: visitorOf(ban), action });
  }

  async function lift(context: Context, session: OperatorSession): Promise<Response> {
    const posted = await operators.form(context, session);
    if (!posted.ok) return posted.response;
    const ban = await bans.delete(Number(context.req.param('ban')));
    if (!ban) return missing(context, 'BAN_UNKNOWN');
    const kept = await undo.keep(banKind, ban, session.operator);
    return context.redirect(addresses.url('bans.list', { done: 'lifted', undo: kept }), 302);
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

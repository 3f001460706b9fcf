/** Pages of the operator who has a conversation: whom it may be handed to, and handing it over. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import { chatErrors, type Thread, type ThreadsService } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import {
  loggedIn,
  operatorRoute,
  type Operator,
  type OperatorsService,
  type OperatorSession,
} from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import type { HandoverTarget } from './api.ts';
import { assertOwn, type HandOver } from './handing.ts';
import type { Targets, Wanted } from './targets.ts';

export interface PagesNeeds {
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly operators: Pick<OperatorsService, 'current' | 'form' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page' | 'error'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly addresses: Addresses;
  readonly targets: Targets;
  readonly handOver: HandOver;
  readonly noteLimit: () => number;
  /** Where the queue is, if somebody shows one. */
  readonly back: () => string;
}

/** Operators, and groups, on one page: as many as the original shows. */
const onePage = 8;

interface Visit {
  readonly context: Context;
  readonly session: OperatorSession;
  readonly thread: Thread;
}

/** Our own pages, typed addresses and bookmarks; old browsers do not say. */
function isFromHere({ req }: Context): boolean {
  const site = req.header('sec-fetch-site');
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** The target in a query or a form: exactly one, of 1 to 10 digits. */
function wantedIn(params: URLSearchParams): Wanted | undefined {
  const given = [...params].filter(([name]) => name === 'nextAgent' || name === 'nextGroup');
  const [name, value = ''] = given[0] ?? [];
  if (given.length !== 1 || !/^\d{1,10}$/.test(value)) return undefined;
  return name === 'nextAgent' ? { agent: Number(value) } : { group: Number(value) };
}

export function handoverRoutes(needs: PagesNeeds): readonly RouteSpec[] {
  const { threads, operators, views, locales, addresses, targets } = needs;
  const text = (context: Context, key: string, args = {}) => locales.text(locales.of(context), `handover.${key}`, args);
  const actionOf = ({ id, token }: Thread) => addresses.url('handover.redirectPost', { thread: id, token });
  const windowOf = ({ id, token }: Thread) => addresses.url('chat.operator', { thread: id, token });

  /** The thread of the address; out of the operator's sight is the same as missing. */
  async function sighted(context: Context, operator: Operator): Promise<Thread | undefined> {
    const thread = await threads.byId(Number(context.req.param('thread')));
    if (!thread || thread.token !== Number(context.req.param('token'))) return undefined;
    return (await threads.visibleTo(operator, [thread]))[0];
  }

  const refusals: Readonly<Record<string, 403 | 404 | 409>> = {
    NOT_OWNER: 403,
    NOT_CHATTING: 409,
    TARGET_UNKNOWN: 404,
  };
  /** The page for what cannot be done; anything else is thrown on. */
  function refuse(context: Context, error: unknown): Promise<Response> {
    const status = error instanceof RpcError ? refusals[error.errorName] : undefined;
    if (!(error instanceof RpcError) || !status) throw error;
    return operators.refuse(context, status, error.errorName, text(context, `refused.${error.errorName}`));
  }
  const malformed = (context: Context) =>
    operators.refuse(context, 400, 'TARGET_MISSING', text(context, 'refused.TARGET_MISSING'));

  async function links({ context, session, thread }: Visit): Promise<Response> {
    const own = addresses.url('handover.links', { thread: thread.id, token: thread.token });
    const found = await targets.list(session.operator, locales.of(context));
    const longest = Math.max(found.agents.length, found.groups.length);
    const pages = pagination(context, longest, onePage, `${own}?page=`);
    const slice = (list: readonly HandoverTarget[], name: string) =>
      list.slice(pages.offset, pages.offset + onePage).map((target) => ({
        ...target,
        field: name,
        state: text(context, `presence.${target.presence}`),
      }));
    return views.page(context, 'handover/links', {
      visitor: thread.userName,
      agents: slice(found.agents, 'nextAgent'),
      groups: slice(found.groups, 'nextGroup'),
      nobody: found.agents.length + found.groups.length === 0,
      pages: { ...pages, total: found.agents.length + found.groups.length },
      paged: pages.more,
      noteLimit: needs.noteLimit(),
      action: actionOf(thread),
      back: windowOf(thread),
    });
  }

  async function confirm(
    { context, session, thread }: Visit,
    wanted: Wanted,
    typed: { readonly note?: string; readonly error?: string } = {},
  ): Promise<Response> {
    const { shown } = await targets.find(session.operator, thread, wanted, locales.of(context));
    const kind = 'agent' in wanted ? 'agent' : 'group';
    const model = {
      visitor: thread.userName,
      name: shown.name,
      field: kind === 'agent' ? 'nextAgent' : 'nextGroup',
      value: shown.id,
      warning:
        shown.presence === 'online' ? '' : text(context, `warning.${kind}.${shown.presence}`, { name: shown.name }),
      note: typed.note ?? '',
      error: typed.error,
      noteLimit: needs.noteLimit(),
      action: actionOf(thread),
      back: windowOf(thread),
    };
    return views.page(context, 'handover/confirm', model, { status: typed.error ? 422 : 200 });
  }

  async function act(visit: Visit, wanted: Wanted, note?: string): Promise<Response> {
    const { context, session, thread } = visit;
    try {
      const { name } = await needs.handOver(thread, session.operator, { wanted, note, locale: locales.of(context) });
      return await views.page(context, 'handover/done', { visitor: thread.userName, name, back: needs.back() });
    } catch (error) {
      if (!(error instanceof RpcError) || refusals[error.errorName]) throw error;
      // The note, or the moment: the form is shown once more. Plugins that refuse say why in words of their own.
      const known = error.errorCode === chatErrors.messageTooLong || error.errorCode === chatErrors.rate;
      const why = known ? text(context, `issue.${error.errorCode}`, { limit: needs.noteLimit() }) : error.message;
      return confirm(visit, wanted, { note: note ?? '', error: why });
    }
  }

  /** At once if the operator came by himself, else he is asked. */
  function redirect(visit: Visit): Promise<Response> | Response {
    const { context } = visit;
    const wanted = wantedIn(new URL(context.req.url).searchParams);
    if (!wanted) return malformed(context);
    return context.req.method === 'HEAD' || !isFromHere(context) ? confirm(visit, wanted) : act(visit, wanted);
  }

  async function redirectPost(visit: Visit): Promise<Response> {
    const posted = await operators.form(visit.context, visit.session);
    if (!posted.ok) return posted.response;
    const wanted = wantedIn(posted.fields);
    if (!wanted) return malformed(visit.context);
    return act(visit, wanted, posted.fields.get('note')?.replaceAll('\r\n', '\n'));
  }

  const route = operatorRoute(operators, loggedIn);
  const page = (
    name: string,
    method: RouteSpec['method'],
    path: string,
    show: (visit: Visit) => Promise<Response> | Response,
  ): RouteSpec =>
    route(name, method, `/operator/chat/:thread{[0-9]{1,10}}/:token{[0-9]{1,10}}/${path}`, async (context, session) => {
      const thread = await sighted(context, session.operator);
      if (!thread) return views.error(context, 404, 'NOT_FOUND');
      try {
        assertOwn(thread, session.operator);
        return await show({ context, session, thread });
      } catch (error) {
        return refuse(context, error);
      }
    });
  return [
    page('links', 'GET', 'redirection-links', links),
    page('redirect', 'GET', 'redirect', redirect),
    page('redirectPost', 'POST', 'redirect', redirectPost),
  ];
}

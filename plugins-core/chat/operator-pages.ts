/** Pages of the operator around one conversation: taking it, watching it, having it. */
import type { Context } from 'hono';
import type { RouteSpec } from '../../kernel/plugin.ts';
import {
  loggedIn,
  type Operator,
  type OperatorPage,
  operatorRoute,
  type OperatorsService,
  type OperatorSession,
} from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { ViewsService } from '../views/api.ts';
import { chatErrors, threadState, type Thread } from './api.ts';
import { operatorOptions, type OptionsNeeds } from './options.ts';
import { isFromHere } from './requests.ts';
import type { Threads } from './threads.ts';
import { chatWindow, type WindowNeeds } from './window.ts';

export interface OperatorPagesNeeds extends Omit<WindowNeeds, 'views'> {
  readonly threads: Threads;
  readonly views: Pick<ViewsService, 'page' | 'error'>;
  readonly options: OptionsNeeds;
  readonly operators: Pick<OperatorsService, 'current' | 'can' | 'form' | 'refuse'>;
  /** Where the queue is, if somebody shows one. */
  readonly back: () => string;
}

type Page = (context: Context, needs: OperatorPagesNeeds, session: OperatorSession) => Promise<Response>;

/** The original answers 200 here, and so do its clients expect it. */
const refusal = (context: Context, { views, back }: OperatorPagesNeeds, reason: string, people: object = {}) =>
  views.page(context, 'chat/refusal', {
    reason: `chat.operator.${reason}`,
    heading: `chat.operator.${reason}.title`,
    ...people,
    back: back(),
  });

const mayWatch = ({ operators }: OperatorPagesNeeds, operator: Operator) => operators.can(operator, 'viewthreads');
const isTakenBy = (thread: Thread, operator: Operator) =>
  thread.state === threadState.chatting && thread.agentId !== operator.id;

function confirmation(context: Context, needs: OperatorPagesNeeds, thread: Thread, operator: Operator, force: boolean) {
  const { views, back, addresses } = needs;
  const held = isTakenBy(thread, operator);
  return views.page(context, 'chat/confirm', {
    force,
    held,
    name: thread.agentName,
    visitor: thread.userName,
    quote: thread.shownMessage,
    back: back(),
    watch: held && mayWatch(needs, operator) && addresses.url('chat.take', { thread: thread.id, viewonly: 'true' }),
    action: addresses.url('chat.takePost', { thread: thread.id }),
    heading: `chat.operator.${held ? 'takeOver' : 'take'}.title`,
    text: `chat.operator.${held ? 'takeOver' : 'take'}.text`,
    yes: `chat.operator.${held ? 'takeOver' : 'take'}.yes`,
  });
}

/** The thread of the address, if it is in the operator's sight: what is not is as if it were not there. */
async function sighted(
  { threads }: OperatorPagesNeeds,
  context: Context,
  operator: Operator,
): Promise<Thread | undefined> {
  const thread = await threads.byId(Number(context.req.param('thread')));
  const [seen] = thread ? await threads.visibleTo(operator, [thread]) : [];
  return seen;
}

const window = (context: Context, { addresses }: OperatorPagesNeeds, { id, token }: Thread) =>
  context.redirect(addresses.url('chat.operator', { thread: id, token }), 302);

async function take(
  context: Context,
  needs: OperatorPagesNeeds,
  id: number,
  operator: Operator,
  force: boolean,
): Promise<Response> {
  try {
    return window(context, needs, await needs.threads.take(id, operator, { force }));
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    if (error.errorCode === chatErrors.closed) return refusal(context, needs, 'cannotTake');
    if (error.errorCode !== chatErrors.taken) return refusal(context, needs, 'wrongThread');
    // Somebody else was quicker.
    const thread = await needs.threads.byId(id);
    if (!thread) return refusal(context, needs, 'wrongThread');
    return needs.operators.can(operator, 'takeover')
      ? confirmation(context, needs, thread, operator, true)
      : refusal(context, needs, 'cannotTakeOver', { name: thread.agentName });
  }
}

/** `GET /operator/chat/{id}`: takes at once if the operator came by himself, else asks. */
const openPage: Page = async (context, needs, { operator }) => {
  const thread = await sighted(needs, context, operator);
  if (!thread) return refusal(context, needs, 'wrongThread');
  if (context.req.query('viewonly') === 'true')
    return mayWatch(needs, operator) ? window(context, needs, thread) : refusal(context, needs, 'cannotView');
  const force = context.req.query('force') === 'true';
  if (isTakenBy(thread, operator)) {
    if (!needs.operators.can(operator, 'takeover'))
      return refusal(context, needs, 'cannotTakeOver', { name: thread.agentName });
    if (!force) return confirmation(context, needs, thread, operator, true);
  }
  if (context.req.method === 'HEAD' || !isFromHere(context))
    return confirmation(context, needs, thread, operator, force);
  return take(context, needs, thread.id, operator, force);
};

const takePage: Page = async (context, needs, session) => {
  const form = await needs.operators.form(context, session);
  if (!form.ok) return form.response;
  const thread = await sighted(needs, context, session.operator);
  if (!thread) return refusal(context, needs, 'wrongThread');
  return take(context, needs, thread.id, session.operator, form.fields.get('force') === 'true');
};

const windowPage: Page = async (context, needs, { operator }) => {
  const thread = await sighted(needs, context, operator);
  if (!thread || thread.token !== Number(context.req.param('token')))
    return needs.views.error(context, 404, 'NOT_FOUND');
  if (thread.agentId !== operator.id && !mayWatch(needs, operator)) return refusal(context, needs, 'cannotView');
  const options = await operatorOptions(needs.options, thread, operator, needs.locales.of(context));
  return chatWindow(context, needs, 'agent', 'chat', options, {
    agent: { id: operator.id, name: operator.name },
  });
};

export function operatorRoutes(needs: OperatorPagesNeeds): readonly RouteSpec[] {
  const route = operatorRoute(needs.operators, loggedIn);
  const given =
    (page: Page): OperatorPage =>
    (context, session) =>
      page(context, needs, session);
  return [
    route('take', 'GET', '/operator/chat/:thread{[0-9]{1,10}}', given(openPage)),
    route('takePost', 'POST', '/operator/chat/:thread{[0-9]{1,10}}', given(takePage)),
    route('operator', 'GET', '/operator/chat/:thread{[0-9]{1,10}}/:token{[0-9]{1,10}}', given(windowPage)),
  ];
}

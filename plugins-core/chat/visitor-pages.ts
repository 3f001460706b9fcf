/** Pages of the visitor, and the same conversation for browsers without scripts. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { open, type RouteSpec } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import { RpcError } from '../rpc/api.ts';
import { chatErrors, type StartInput, type Thread } from './api.ts';
import { visitorOptions, type OptionsNeeds } from './options.ts';
import { isOver } from './posts.ts';
import { isOwnForm, isVisit, nameOf, ownThread, readForm, secretOf, type RequestNeeds } from './requests.ts';
import type { Threads } from './threads.ts';
import type { Visitors } from './visitors.ts';
import { chatWindow, type WindowNeeds } from './window.ts';
import type { ViewsService } from '../views/api.ts';

export interface VisitorPagesNeeds extends RequestNeeds, Omit<WindowNeeds, 'views' | 'config'> {
  readonly threads: Threads;
  readonly visitors: Visitors;
  readonly views: Pick<ViewsService, 'page' | 'error'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly options: OptionsNeeds;
}

const ref = '/chat/:thread{[0-9]{1,10}}/:token{[0-9]{1,10}}';
/** Messages that the page without scripts shows. */
const plainMessages = 100;
const refreshEvery = 5;

const query = (context: Context, name: string): string | undefined => context.req.query(name) || undefined;

function inputOf(context: Context, { facts, locales }: VisitorPagesNeeds): StartInput {
  const group = Number(/^\d{1,8}$/.exec(query(context, 'group') ?? '')?.[0] ?? 0);
  return {
    ...(group > 0 ? { group } : {}),
    locale: locales.of(context),
    url: query(context, 'url') ?? context.req.header('referer'),
    referrer: query(context, 'referrer'),
    operatorCode: /^\w{1,64}$/.exec(query(context, 'operator_code') ?? '')?.[0],
    info: query(context, 'info'),
    name: nameOf(context) || query(context, 'name'),
    email: query(context, 'email'),
    remote: facts(context).address,
    userAgent: context.req.header('user-agent') ?? '',
  };
}

const notFound = (context: Context, { views }: VisitorPagesNeeds) => views.error(context, 404, 'NOT_FOUND');

const address = (
  needs: VisitorPagesNeeds,
  name: string,
  thread: Thread,
  more: Record<string, string | undefined> = {},
) => needs.addresses.url(`chat.${name}`, { thread: thread.id, token: thread.token, ...more });

/** What is to go on from page to page. */
const kept = (context: Context) => ({ style: query(context, 'style'), locale: query(context, 'locale') });

/** `GET /chat`: starts or re-enters, then shows the conversation at its own address. */
async function startPage(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  if (context.req.method === 'HEAD') return context.body(null);
  if (!isVisit(context)) return needs.views.error(context, 403, 'FORBIDDEN');
  const input = inputOf(context, needs);
  try {
    const mayCome = () => needs.threads.assertRoom(input.remote);
    const visitor = await needs.visitors.bySecret(secretOf(context, needs), mayCome);
    const { next, options, thread } = await needs.threads.start(visitor, input);
    if (thread) return context.redirect(address(needs, 'visitor', thread, kept(context)), 302);
    return chatWindow(context, needs, next === 'leaveMessage' ? next : 'survey', options);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const tooMany = error.errorCode === chatErrors.tooManyThreads;
    const text = tooMany ? needs.locales.text(needs.locales.of(context), 'chat.page.tooMany') : error.message;
    return needs.views.error(context, tooMany ? 429 : 403, error.errorName, text);
  }
}

/** What the form without scripts shows: a fresh key each time, and what was wrong with the last attempt. */
async function plainModel(needs: VisitorPagesNeeds, thread: Thread, attempt: { code?: string; message?: string } = {}) {
  return {
    thread,
    over: isOver(thread),
    key: randomBytes(24).toString('base64url'),
    message: attempt.message ?? '',
    failure: attempt.code ? `chat.page.error.${attempt.code}` : '',
    framed: address(needs, 'plainMessages', thread),
    post: address(needs, 'plainPost', thread),
    close: address(needs, 'plainClose', thread),
    start: needs.addresses.url('chat.start'),
    maxLength: needs.settings.message_max_length,
  };
}

async function conversation(
  context: Context,
  needs: VisitorPagesNeeds,
  thread: Thread,
  attempt: { code?: string; message?: string } = {},
): Promise<Response> {
  const [options, model] = [await visitorOptions(needs.options, thread), await plainModel(needs, thread, attempt)];
  const page = { policy: { 'frame-src': ["'self'"] }, ...(attempt.code ? { status: 400 } : {}) };
  return chatWindow(context, needs, 'chat', options, { model, page });
}

async function visitorPage(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  const own = await ownThread(context, needs);
  return own ? conversation(context, needs, own.thread) : notFound(context, needs);
}

/** For the popup of the original: is there such a conversation, and is it this browser's? */
async function check(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  return context.body('', (await ownThread(context, needs)) ? 200 : 404);
}

/** The messages, in a frame that loads itself anew. */
async function plainMessagesPage(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  const own = await ownThread(context, needs);
  if (!own) return notFound(context, needs);
  const thread = isVisit(context) ? await needs.threads.seen(own.thread, 'user', false) : own.thread;
  const { messages } = await needs.threads.messages(thread.id, 'user', Math.max(0, thread.lastSeq - plainMessages));
  const model = {
    messages: messages.map((one) => ({
      ...one,
      own: one.kind === 1,
      people: one.kind === 1 || one.kind === 2,
      html: one.message.replace(/\r\n|\r|\n/g, '<br>'),
      createdAt: one.created * 1000,
    })),
    over: isOver(thread),
  };
  // Without a fragment: to a place in the page that is there browsers go without loading it anew.
  const self = address(needs, 'plainMessages', thread);
  return needs.views.page(context, 'chat/plain_messages', model, {
    frame: 'self',
    ...(isOver(thread) ? {} : { headers: { refresh: `${refreshEvery}; url=${self}` } }),
  });
}

/** Reads a form of an own conversation; an answer where it is not one. */
async function plainForm(context: Context, needs: VisitorPagesNeeds) {
  const own = await ownThread(context, needs);
  if (!own) return { refused: await notFound(context, needs) };
  const fields = isOwnForm(context, needs) ? await readForm(context) : undefined;
  if (!fields)
    return {
      refused: await needs.views.error(
        context,
        403,
        'FORM_FOREIGN',
        needs.locales.text(needs.locales.of(context), 'chat.page.error.form'),
      ),
    };
  return { thread: own.thread, fields };
}

async function plainPost(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  const form = await plainForm(context, needs);
  if (form.refused) return form.refused;
  const { thread, fields } = form;
  // Browsers send line breaks of forms as CR LF; everybody else writes LF.
  const message = (fields.get('message') ?? '').replaceAll('\r\n', '\n');
  const key = /^[\w-]{1,64}$/.exec(fields.get('key') ?? '')?.[0];
  try {
    await needs.threads.post(thread.id, 'user', { message, ...(key ? { key } : {}) });
    return context.redirect(address(needs, 'visitor', thread), 303);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const fresh = (await needs.threads.byId(thread.id)) ?? thread;
    return conversation(context, needs, fresh, { code: String(error.errorCode), message });
  }
}

async function plainClose(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  const form = await plainForm(context, needs);
  if (form.refused) return form.refused;
  await needs.threads.close(form.thread.id, 'user');
  return context.redirect(address(needs, 'visitor', form.thread), 303);
}

/** Did the cookie that the page around us set reach us? */
function cookieProbe(context: Context): Response {
  const wanted = query(context, 'rnd');
  const works = wanted !== undefined && getCookie(context, 'mibewCheckToken') === wanted;
  return context.body('', works ? 200 : 404);
}

/** Style of the original's popup: none of our themes has one. */
function popupStyle(context: Context): Response {
  return context.body('{}', 200, { 'content-type': 'application/javascript; charset=UTF-8' });
}

export function visitorRoutes(needs: VisitorPagesNeeds): readonly RouteSpec[] {
  const route = (
    name: string,
    method: RouteSpec['method'],
    path: string,
    page: (context: Context, needs: VisitorPagesNeeds) => Response | Promise<Response>,
  ): RouteSpec => ({ name, method, path, access: open, handler: (context) => page(context, needs) });
  const style = '/chat/style/popup/:style{[0-9A-Za-z_]+}';
  return [
    route('start', 'GET', '/chat', startPage),
    route('visitor', 'GET', ref, visitorPage),
    route('check', 'GET', `${ref}/check`, check),
    route('plainMessages', 'GET', `${ref}/messages`, plainMessagesPage),
    route('plainPost', 'POST', `${ref}/post`, plainPost),
    route('plainClose', 'POST', `${ref}/close`, plainClose),
    route('cookieProbe', 'GET', '/chat/cookies-set-permission', cookieProbe),
    route('popupStyleDefault', 'GET', '/chat/style/popup', popupStyle),
    route('popupStyle', 'GET', style, popupStyle),
    route('popupStyleSecure', 'GET', `${style}/force_secure`, popupStyle),
  ];
}

/** Pages of the visitor, and the same conversation for browsers without scripts. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { open, type RouteSpec } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import { RpcError } from '../rpc/api.ts';
import {
  chatErrors,
  type PlainLink,
  type StartInput,
  type StartOutcome,
  type Thread,
  type VisitorPagesService,
} from './api.ts';
import { fieldsOfQuery } from './fields.ts';
import { visitorOptions, type OptionsNeeds } from './options.ts';
import { isOver } from './posts.ts';
import {
  isOwnForm,
  isVisit,
  knownVisitor,
  nameOf,
  ownThread,
  readForm,
  secretOf,
  type RequestNeeds,
} from './requests.ts';
import type { Threads } from './threads.ts';
import { foreignForm, missing, noVisit, refused } from './visitor-refusals.ts';
import type { Visitors } from './visitors.ts';
import { chatWindow, type WindowNeeds } from './window.ts';
import type { PageOptions, ViewsService } from '../views/api.ts';

export interface VisitorPagesNeeds extends RequestNeeds, Omit<WindowNeeds, 'views' | 'config'> {
  readonly threads: Threads;
  readonly visitors: Visitors;
  readonly views: Pick<ViewsService, 'page' | 'render'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly options: OptionsNeeds;
  /** What plugins offer below a conversation. */
  readonly links: (thread: Thread, locale: string) => Promise<readonly PlainLink[]>;
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
    fields: fieldsOfQuery(context.req.query()),
    remote: facts(context).address,
    userAgent: context.req.header('user-agent') ?? '',
  };
}

const address = (
  needs: VisitorPagesNeeds,
  name: string,
  thread: Pick<Thread, 'id' | 'token'>,
  more: Record<string, string | undefined> = {},
) => needs.addresses.url(`chat.${name}`, { thread: thread.id, token: thread.token, ...more });

/** What is to go on from page to page. */
const kept = (context: Context) => ({ style: query(context, 'style'), locale: query(context, 'locale') });

/** `GET /chat`: what comes first, at its own address. */
async function startPage(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  if (context.req.method === 'HEAD') return context.body(null);
  if (!isVisit(context)) return noVisit(context, needs);
  try {
    const visitor = await visitorOf(context, needs);
    return await show(context, needs, await needs.threads.open(visitor, inputOf(context, needs)));
  } catch (error) {
    return refused(context, needs, error);
  }
}

const visitorOf = (context: Context, needs: VisitorPagesNeeds) =>
  needs.visitors.bySecret(secretOf(context, needs), () => needs.threads.assertMayCome(needs.facts(context).address));

async function show(
  context: Context,
  needs: VisitorPagesNeeds,
  { next, options, thread, plain }: StartOutcome,
  page?: PageOptions,
): Promise<Response> {
  if (thread)
    return context.redirect(address(needs, 'visitor', thread, kept(context)), context.req.method === 'GET' ? 302 : 303);
  const locale = needs.locales.of(context);
  const model = plain ? { plain: await needs.views.render(plain.view, plain.model, locale) } : {};
  return chatWindow(context, needs, 'user', next, options, { model, ...(page && { page }) });
}

/** A message that was not taken: why, in words, and what was written. */
interface Attempt {
  readonly failure?: string;
  readonly message?: string;
}

/** Refusals that this page has words for; others speak for themselves. */
const inOwnWords: readonly number[] = [
  chatErrors.cannotSend,
  chatErrors.messageEmpty,
  chatErrors.messageTooLong,
  chatErrors.rate,
  chatErrors.keyReused,
];

const failureText = (context: Context, { locales }: VisitorPagesNeeds, { errorCode, message }: RpcError): string =>
  inOwnWords.includes(errorCode) ? locales.text(locales.of(context), `chat.page.error.${errorCode}`) : message;

/** What the form without scripts shows: a fresh key each time, and what was wrong with the last attempt. */
async function plainModel(needs: VisitorPagesNeeds, thread: Thread, locale: string, attempt: Attempt = {}) {
  return {
    thread,
    over: isOver(thread),
    key: randomBytes(24).toString('base64url'),
    message: attempt.message ?? '',
    failure: attempt.failure ?? '',
    framed: address(needs, 'plainMessages', thread),
    post: address(needs, 'plainPost', thread),
    close: address(needs, 'plainClose', thread),
    start: needs.addresses.url('chat.start'),
    links: await needs.links(thread, locale),
    maxLength: needs.settings.message_max_length,
  };
}

async function conversation(
  context: Context,
  needs: VisitorPagesNeeds,
  thread: Thread,
  attempt: Attempt = {},
): Promise<Response> {
  const [options, model] = [
    await visitorOptions(needs.options, thread),
    await plainModel(needs, thread, needs.locales.of(context), attempt),
  ];
  const page = { policy: { 'frame-src': ["'self'"] }, ...(attempt.failure ? { status: 400 } : {}) };
  return chatWindow(context, needs, 'user', 'chat', options, { model, page });
}

async function visitorPage(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  const own = await ownThread(context, needs);
  return own ? conversation(context, needs, own.thread) : missing(context, needs);
}

/** For the popup of the original: is there such a conversation, and is it this browser's? */
async function check(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  return context.body('', (await ownThread(context, needs)) ? 200 : 404);
}

/** The messages, in a frame that loads itself anew. */
async function plainMessagesPage(context: Context, needs: VisitorPagesNeeds): Promise<Response> {
  const own = await ownThread(context, needs);
  if (!own) return missing(context, needs);
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

/** Fields of a form of our own; else the refusal. */
async function ownForm(context: Context, needs: VisitorPagesNeeds): Promise<URLSearchParams | Response> {
  const fields = isOwnForm(context, needs) ? await readForm(context) : undefined;
  return fields ?? foreignForm(context, needs);
}

/** Reads a form of an own conversation; an answer where it is not one. */
async function plainForm(context: Context, needs: VisitorPagesNeeds) {
  const own = await ownThread(context, needs);
  if (!own) return { refused: await missing(context, needs) };
  const fields = await ownForm(context, needs);
  return fields instanceof Response ? { refused: fields } : { thread: own.thread, fields };
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
    return conversation(context, needs, fresh, { failure: failureText(context, needs, error), message });
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

/** The service `chat.visitorPages`. */
export const createVisitorPages = (needs: VisitorPagesNeeds): VisitorPagesService => ({
  visitor: (context) => visitorOf(context, needs),
  known: (context) => knownVisitor(context, needs),
  own: (context) => ownThread(context, needs),
  input: (context) => inputOf(context, needs),
  form: (context) => ownForm(context, needs),
  show: (context, outcome, page) => show(context, needs, outcome, page),
  refuse: async (context, error) => refused(context, needs, error),
  to: (thread) => address(needs, 'visitor', thread),
});

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

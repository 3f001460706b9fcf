/** Pages of the visitor and of the operator: the form for a mail, which needs no scripts, and the files. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { open, type Addresses, type Handler, type Kernel, type RouteSpec } from '../../kernel/plugin.ts';
import type { Thread, ThreadsService, VisitorPagesService } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import {
  loggedIn,
  operatorRoute,
  type AttemptsService,
  type OperatorPage,
  type OperatorsService,
} from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import type { ViewsService } from '../views/api.ts';
import { transcriptErrors, type TranscriptFormat } from './api.ts';
import type { Sending } from './sending.ts';
import type { transcriptSettings } from './settings.ts';
import type { TranscriptFile, Transcripts } from './transcript.ts';

export interface PagesNeeds extends Addresses {
  readonly kernel: Pick<Kernel, 'facts'>;
  readonly views: Pick<ViewsService, 'page' | 'error'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly operators: Pick<OperatorsService, 'current' | 'can' | 'refuse'>;
  readonly attempts: AttemptsService;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly visitorPages: VisitorPagesService;
  readonly sending: Sending;
  readonly transcripts: Transcripts;
  readonly settings: Values<typeof transcriptSettings>;
}

const thread = ':thread{[0-9]{1,10}}/:token{[0-9]{1,10}}';
const second = 1_000;
const minute = 60 * second;

export function transcriptRoutes(needs: PagesNeeds): readonly RouteSpec[] {
  const { kernel, views, locales, operators, attempts, threads, visitorPages, sending, transcripts, settings, url } =
    needs;
  // For each file a whole conversation is read: some at once, and then slowly. One address may be that of a whole house.
  const perReader = attempts.of({ free: 10, first: second, longest: minute, forget: minute });
  const perAddress = attempts.of({ free: 60, first: second, longest: 10 * second, forget: minute });
  const missing = (context: Context) => views.error(context, 404, 'NOT_FOUND');
  const off = (context: Context, key: string) =>
    views.error(context, 403, 'TRANSCRIPT_OFF', locales.text(locales.of(context), key));
  const addressOf = (name: string, { id, token }: Thread, more: Record<string, string> = {}) =>
    url(name, { thread: id, token, ...more });

  function form(
    context: Context,
    own: Thread,
    attempt: { email?: string; error?: string; failure?: string; key?: string; status?: number } = {},
  ) {
    const { captchaUrl } = sending;
    const model = {
      ...attempt,
      key: attempt.key ?? randomBytes(24).toString('base64url'),
      action: addressOf('send', own),
      back: visitorPages.to(own),
      sent: context.req.query('sent') === '1' && context.req.method === 'GET',
      again: addressOf('mail', own),
    };
    const app = captchaUrl === undefined ? {} : { app: { name: 'captcha', boot: { url: captchaUrl } } };
    return views.page(context, 'transcript/mail', model, { status: attempt.status ?? 200, ...(!model.sent && app) });
  }

  /** For the visitor whose conversation it is; to everybody else it is not there. */
  const ownPage =
    (show: (context: Context, own: Thread) => Promise<Response>): Handler =>
    async (context) => {
      const own = await visitorPages.own(context);
      return own ? show(context, own.thread) : missing(context);
    };

  const mail = async (context: Context, own: Thread): Promise<Response> =>
    sending.offered ? form(context, own) : off(context, 'transcript.issue.160');

  async function send(context: Context, own: Thread): Promise<Response> {
    const fields = await visitorPages.form(context);
    if (fields instanceof Response) return fields;
    if (!sending.offered) return off(context, 'transcript.issue.160');
    const email = fields.get('email') ?? '';
    const key = /^[\w-]{1,64}$/.exec(fields.get('key') ?? '')?.[0];
    const captcha = fields.get('captcha');
    try {
      await sending.send(own, {
        email,
        captcha,
        key,
        remote: kernel.facts(context).address,
        withoutScripts: !captcha,
      });
      return context.redirect(addressOf('mail', own, { sent: '1' }), 303);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { errorCode, message } = error;
      const said = errorCode === transcriptErrors.wrongEmail ? { error: message } : { failure: message };
      const fresh = errorCode === transcriptErrors.keyReused;
      const status = errorCode === transcriptErrors.tooMany ? 429 : 400;
      return form(context, own, { email, ...said, ...(key && !fresh && { key }), status });
    }
  }

  const formatOf = (context: Context): TranscriptFormat => (context.req.query('format') === 'html' ? 'html' : 'txt');

  /** Saved, never opened here; and if it is, it can do nothing. */
  function download(context: Context, { name, type, content }: TranscriptFile): Response {
    return context.body(content, 200, {
      'content-type': `${type}; charset=utf-8`,
      'content-disposition': `attachment; filename="${name}"`,
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  }

  /** @param wait how long, ms */
  function tooMany(context: Context, wait: number): Promise<Response> {
    const seconds = Math.ceil(wait / second);
    context.header('retry-after', String(seconds));
    const text = locales.text(locales.of(context), 'transcript.issue.tooManyFiles', { seconds });
    return views.error(context, 429, 'TOO_MANY_TRANSCRIPTS', text);
  }

  async function ownFile(context: Context, own: Thread): Promise<Response> {
    if (!settings.usercandownload) return off(context, 'transcript.issue.download');
    const address = attempts.network(kernel.facts(context).address);
    const wait = perReader.begin(`visitor:${own.visitorId}`) || perAddress.begin(address);
    if (wait > 0) return tooMany(context, wait);
    return download(context, await transcripts.file(own, 'user', formatOf(context), own.locale));
  }

  /** For whom the conversation is, and for those who may watch it; to everybody else it is not there. */
  const operatorFile: OperatorPage = async (context, { operator }) => {
    const found = await threads.byId(Number(context.req.param('thread')));
    if (!found || found.token !== Number(context.req.param('token'))) return missing(context);
    const mayRead = found.agentId === operator.id || operators.can(operator, 'viewthreads');
    if (!mayRead || (await threads.visibleTo(operator, [found])).length === 0) return missing(context);
    const wait = perReader.begin(`operator:${operator.id}`);
    if (wait > 0) return tooMany(context, wait);
    return download(context, await transcripts.file(found, 'agent', formatOf(context), locales.of(context)));
  };

  return [
    { name: 'mail', method: 'GET', path: `/chat/${thread}/mail`, access: open, handler: ownPage(mail) },
    { name: 'send', method: 'POST', path: `/chat/${thread}/mail`, access: open, handler: ownPage(send) },
    { name: 'file', method: 'GET', path: `/chat/${thread}/transcript`, access: open, handler: ownPage(ownFile) },
    operatorRoute(operators, loggedIn)('operator', 'GET', `/operator/chat/${thread}/transcript`, operatorFile),
  ];
}

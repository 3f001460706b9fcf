/** Pages of the visitor and of the operator: the form for a mail, which needs no scripts, and the files. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { open, type Addresses, type Kernel, type RouteSpec } from '../../kernel/plugin.ts';
import type { Thread, ThreadsService, VisitorPagesService } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { loggedIn, type OperatorsService } from '../operators/api.ts';
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
  readonly operators: Pick<OperatorsService, 'current' | 'can'>;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly visitorPages: VisitorPagesService;
  readonly sending: Sending;
  readonly transcripts: Transcripts;
  readonly settings: Values<typeof transcriptSettings>;
}

const thread = ':thread{[0-9]{1,10}}/:token{[0-9]{1,10}}';

export function transcriptRoutes(needs: PagesNeeds): readonly RouteSpec[] {
  const { kernel, views, locales, operators, threads, visitorPages, sending, transcripts, settings, url } = needs;

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

  async function mail(context: Context): Promise<Response> {
    const own = await visitorPages.own(context);
    if (!own) return missing(context);
    return sending.offered ? form(context, own.thread) : off(context, 'transcript.issue.160');
  }

  async function send(context: Context): Promise<Response> {
    const own = await visitorPages.own(context);
    if (!own) return missing(context);
    const fields = await visitorPages.form(context);
    if (fields instanceof Response) return fields;
    if (!sending.offered) return off(context, 'transcript.issue.160');
    const email = fields.get('email') ?? '';
    const key = /^[\w-]{1,64}$/.exec(fields.get('key') ?? '')?.[0];
    const captcha = fields.get('captcha');
    try {
      await sending.send(own.thread, {
        email,
        captcha,
        key,
        remote: kernel.facts(context).address,
        withoutScripts: !captcha,
      });
      return context.redirect(addressOf('mail', own.thread, { sent: '1' }), 303);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { errorCode, message } = error;
      const said = errorCode === transcriptErrors.wrongEmail ? { error: message } : { failure: message };
      const status = errorCode === transcriptErrors.tooMany ? 429 : 400;
      return form(context, own.thread, { email, ...said, ...(key && { key }), status });
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

  async function ownFile(context: Context): Promise<Response> {
    const own = await visitorPages.own(context);
    if (!own) return missing(context);
    if (!settings.usercandownload) return off(context, 'transcript.issue.download');
    return download(context, await transcripts.file(own.thread, 'user', formatOf(context), own.thread.locale));
  }

  /** For whom the conversation is, and for those who may watch it; to everybody else it is not there. */
  async function operatorFile(context: Context): Promise<Response> {
    const session = await operators.current(context);
    const found = await threads.byId(Number(context.req.param('thread')));
    if (!session || !found || found.token !== Number(context.req.param('token'))) return missing(context);
    const { operator } = session;
    const mayRead = found.agentId === operator.id || operators.can(operator, 'viewthreads');
    if (!mayRead || (await threads.visibleTo(operator, [found])).length === 0) return missing(context);
    return download(context, await transcripts.file(found, 'agent', formatOf(context), locales.of(context)));
  }

  return [
    { name: 'mail', method: 'GET', path: `/chat/${thread}/mail`, access: open, handler: mail },
    { name: 'send', method: 'POST', path: `/chat/${thread}/mail`, access: open, handler: send },
    { name: 'file', method: 'GET', path: `/chat/${thread}/transcript`, access: open, handler: ownFile },
    {
      name: 'operator',
      method: 'GET',
      path: `/operator/chat/${thread}/transcript`,
      access: loggedIn,
      handler: operatorFile,
    },
  ];
}

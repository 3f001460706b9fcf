/** Asking for a link. Whoever asks is told the same, whether or not there is such an operator, and as fast. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import { isAddress, type MailerService } from '../mailer/api.ts';
import type { AttemptsService, Operator, OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { Links } from './links.ts';

export interface AskNeeds {
  readonly kernel: Pick<Kernel, 'facts' | 'url'>;
  readonly operators: Pick<OperatorsService, 'byLogin' | 'list' | 'csrf' | 'form'>;
  readonly attempts: AttemptsService;
  readonly mailer?: Pick<MailerService, 'send'> | undefined;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of'>;
  readonly links: Pick<Links, 'make'>;
  /** Links can be sent, and lead here whatever a request says of where it was sent to. */
  readonly origin: () => string | undefined;
  readonly failed: (error: unknown) => void;
}

const minute = 60_000;
const longest = 254;
export const template = { name: 'password_recovery', placeholders: ['name', 'link'] };

export function createAsking(needs: AskNeeds) {
  const { kernel, operators, attempts, views, locales } = needs;
  const strangers = attempts.of({ free: 10, first: minute, longest: 15 * minute, forget: 60 * minute });
  /** One mail now and then: nobody fills somebody else's mailbox. */
  const mails = attempts.of({ free: 3, first: 10 * minute, longest: 60 * minute, forget: 180 * minute });
  const running = new Set<Promise<void>>();

  const find = async (text: string): Promise<Operator | undefined> => {
    const email = text.toLowerCase();
    return (await operators.byLogin(text)) ?? (await operators.list()).find((one) => one.email.toLowerCase() === email);
  };

  async function send(text: string, origin: string, locale: string): Promise<void> {
    const operator = await find(text);
    if (!operator || operator.disabled || !isAddress(operator.email)) return;
    if (mails.begin(String(operator.id)) > 0) return;
    const token = await needs.links.make(operator.id);
    const link = origin + kernel.url('recovery.reset', { id: operator.id, token });
    const values = { name: operator.name, link };
    await needs.mailer?.send({ template: template.name, locale, to: operator.email, values });
  }

  const show = (context: Context, model: Readonly<Record<string, unknown>> = {}, status = 200, wait = 0) => {
    const headers = wait > 0 ? { headers: { 'retry-after': String(Math.ceil(wait / 1_000)) } } : {};
    const shown = { csrfToken: operators.csrf(context), possible: needs.origin() !== undefined, ...model };
    return views.page(context, 'recovery/ask', shown, { status, ...headers });
  };

  return {
    get: (context: Context) => show(context),
    /** The same form, for whom a link did not lead in. @param failure key of the text that says why */
    again: (context: Context, failure: string, status: number) => show(context, { failure }, status),
    async post(context: Context): Promise<Response> {
      const form = await operators.form(context);
      const text = (form.fields.get('loginoremail') ?? '').trim().slice(0, longest);
      if (!form.ok)
        return form.code === 'FORM_TOKEN' ? show(context, { text, failure: 'recovery.expired' }, 400) : form.response;
      const origin = needs.origin();
      if (origin === undefined) return show(context, {}, 409);
      if (text === '') return show(context, { missing: true }, 422);
      const wait = strangers.begin(attempts.network(kernel.facts(context).address));
      if (wait > 0) return show(context, { text, failure: 'recovery.throttled' }, 429, wait);
      // Not waited for: how long it takes would tell whether there is somebody.
      const work = send(text, origin, locales.of(context))
        .catch(needs.failed)
        .finally(() => running.delete(work));
      running.add(work);
      return views.page(context, 'recovery/asked', { login: kernel.url('operators.login') });
    },
    /** What was promised is done. */
    settled: async (): Promise<void> => {
      await Promise.all(running);
    },
  };
}

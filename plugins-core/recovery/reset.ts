/** Setting a new password behind a link. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import type { LocalesService } from '../locales/api.ts';
import { OperatorError, type AttemptsService, type OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { LinkRef, Links } from './links.ts';

export interface ResetNeeds {
  readonly kernel: Pick<Kernel, 'facts' | 'url'>;
  readonly operators: Pick<OperatorsService, 'byId' | 'setPassword' | 'csrf' | 'form' | 'refuse'>;
  readonly attempts: AttemptsService;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly links: Links;
  /** Shows the form that asks for another link. */
  readonly askAgain: (context: Context, failure: string, status: number) => Promise<Response>;
}

const minute = 60_000;

/** @returns undefined for what no link says */
function refOf(id: string | null | undefined, token: string | null | undefined): LinkRef | undefined {
  if (!/^\d{1,9}$/.test(id ?? '') || !/^[0-9a-f]{1,128}$/.test(token ?? '')) return undefined;
  return { id: Number(id), token: String(token) };
}

export function createReset({ kernel, operators, attempts, views, locales, links, askAgain }: ResetNeeds) {
  const guesses = attempts.of({ free: 10, first: 1_000, longest: 5 * minute, forget: 60 * minute });

  const refuse = (context: Context, status: 400 | 404 | 429, what: 'malformed' | 'dead' | 'throttled') => {
    const failure = `recovery.${what}`;
    // Another link is what he needs now.
    if (status !== 429 && context.req.header('accept')?.includes('text/html'))
      return askAgain(context, failure, status);
    const code = status === 429 ? 'TOO_MANY_ATTEMPTS' : 'LINK_DEAD';
    return operators.refuse(context, status, code, locales.text(locales.of(context), failure));
  };

  /** The operator behind a link that is alive, or what to answer. */
  async function open(context: Context, ref: LinkRef | undefined) {
    if (!ref) return refuse(context, 400, 'malformed');
    const network = attempts.network(kernel.facts(context).address);
    if (guesses.begin(network) > 0) return refuse(context, 429, 'throttled');
    const operator = (await links.isAlive(ref)) ? await operators.byId(ref.id) : undefined;
    if (!operator || operator.disabled) return refuse(context, 404, 'dead');
    guesses.undo(network);
    return { ref, operator };
  }

  const show = (context: Context, { id, token }: LinkRef, login: string, errors: object = {}, status = 200) =>
    views.page(
      context,
      'recovery/reset',
      { csrfToken: operators.csrf(context), id, token, login, errors, action: kernel.url('recovery.resetSubmit') },
      { status },
    );

  return {
    async get(context: Context): Promise<Response> {
      const found = await open(context, refOf(context.req.query('id'), context.req.query('token')));
      return found instanceof Response ? found : show(context, found.ref, found.operator.login);
    },
    async post(context: Context): Promise<Response> {
      const form = await operators.form(context);
      if (!form.ok && form.code !== 'FORM_TOKEN') return form.response;
      const found = await open(context, refOf(form.fields.get('id'), form.fields.get('token')));
      if (found instanceof Response) return found;
      const { ref, operator } = found;
      const text = (key: string) => locales.text(locales.of(context), key);
      const again = (errors: object, status = 422) => show(context, ref, operator.login, errors, status);
      // The cookie may be gone while the link is good: the form is shown anew.
      if (!form.ok) return again({ password: text('recovery.expired') }, 400);
      const password = form.fields.get('password') ?? '';
      if (password !== (form.fields.get('passwordConfirm') ?? ''))
        return again({ passwordConfirm: text('operators.issue.passwordConfirm') });
      try {
        const used = await links.use(ref, () => operators.setPassword(ref.id, password));
        if (!used) return await refuse(context, 404, 'dead');
      } catch (error) {
        if (!(error instanceof OperatorError) || error.issues.length === 0) throw error;
        const code = error.issues[0]!.code;
        return again({
          password: text(code === 'required' ? 'operators.issue.required' : `operators.issue.password.${code}`),
        });
      }
      return views.page(context, 'recovery/done', { login: kernel.url('operators.login', { login: operator.login }) });
    },
  };
}

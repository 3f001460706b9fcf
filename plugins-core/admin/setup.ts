/** First-run set-up: the page behind the link, and the notice that tells where the link is. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import { OperatorError, type AttemptsService, type OperatorIssue, type OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import { errorsOf, type Texts } from './errors.ts';
import type { SetupLinks } from './setup-link.ts';

export interface SetupNeeds {
  readonly kernel: Pick<Kernel, 'facts' | 'url'>;
  readonly operators: OperatorsService;
  readonly attempts: AttemptsService;
  readonly views: Pick<ViewsService, 'page'>;
  readonly texts: Texts;
  readonly links: SetupLinks;
}

const minute = 60_000;

export function createSetup({ kernel, operators, attempts, views, texts, links }: SetupNeeds) {
  const guesses = attempts.of({ free: 10, first: 1_000, longest: 5 * minute, forget: 60 * minute });

  const show = (
    context: Context,
    fields: URLSearchParams,
    {
      status = 200,
      issues = [],
      failure,
    }: { status?: number; issues?: readonly OperatorIssue[]; failure?: string } = {},
  ) => {
    const form = Object.fromEntries(['login', 'name', 'email'].map((name) => [name, fields.get(name) ?? '']));
    const model = { csrfToken: operators.csrf(context), form, errors: errorsOf(texts, context, issues), failure };
    return views.page(context, 'admin/setup', { ...model, action: context.req.path }, { status });
  };

  /** Asks for the link before anything else; whoever guesses is slowed down, and dead and wrong links look alike. */
  const guarded = async (context: Context, then: (token: string) => Promise<Response>): Promise<Response> => {
    const network = attempts.network(kernel.facts(context).address);
    const token = context.req.param('token') ?? '';
    if (guesses.begin(network) > 0) return operators.refuse(context, 429, 'TOO_MANY_ATTEMPTS');
    if (!(await links.isAlive(token))) return views.page(context, 'admin/setup-dead', {}, { status: 404 });
    guesses.undo(network);
    return then(token);
  };

  const create = async (context: Context, token: string): Promise<Response> => {
    const form = await operators.form(context);
    const { fields } = form;
    if (!form.ok && form.code !== 'FORM_TOKEN') return form.response;
    if (!form.ok) return show(context, fields, { status: 400, failure: 'operators.login.error.expired' });
    const of = (name: string) => fields.get(name) ?? '';
    try {
      const input = { login: of('login'), name: of('name'), email: of('email'), password: of('password') };
      const operator = await operators.createFirst(input);
      if (!operator) return await views.page(context, 'admin/setup-dead', {}, { status: 404 });
      await links.end(token);
      await operators.logIn(context, operator);
      return context.redirect(kernel.url('admin.dashboard'), 302);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'OPERATOR_INVALID') throw error;
      return show(context, fields, { status: 422, issues: error.issues });
    }
  };

  return {
    get: (context: Context) => guarded(context, () => show(context, new URLSearchParams())),
    post: (context: Context) => guarded(context, (token) => create(context, token)),
    /** For `/operator` while there is no administrator. */
    notice: (context: Context) => views.page(context, 'admin/setup-needed', {}, { status: 200 }),
  };
}

/** The login page. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import type { ViewsService } from '../views/api.ts';
import type { Accounts } from './accounts.ts';
import type { LoginLink, OperatorsService } from './api.ts';
import type { BackPath } from './access.ts';
import type { LoginGuard } from './login-guard.ts';
import type { Passwords } from './passwords.ts';
import { keyOf, limits } from './rules.ts';

export interface LoginNeeds {
  readonly kernel: Pick<Kernel, 'config'>;
  readonly accounts: Pick<Accounts, 'read'>;
  readonly passwords: Pick<Passwords, 'matches'>;
  readonly operators: OperatorsService;
  readonly guard: LoginGuard;
  readonly backPath: BackPath;
  readonly views: Pick<ViewsService, 'page'>;
  /** What plugins offer to who cannot log in. */
  readonly links: () => Iterable<LoginLink>;
}

/** Why a login was refused; texts `operators.login.error.<word>`. */
type Failure = 'wrong' | 'disabled' | 'throttled' | 'unproved' | 'expired' | 'foreign';
const statusOf = { wrong: 200, disabled: 200, throttled: 429, unproved: 400, expired: 400, foreign: 403 } as const;

export function createLogin(needs: LoginNeeds) {
  const { kernel, accounts, passwords, operators, guard, backPath, views, links } = needs;
  const home = `${kernel.config.base}/operator`;

  const show = async (
    context: Context,
    login: string,
    remember = false,
    failure?: Failure,
    headers?: Record<string, string>,
  ) => {
    const app = await guard.app(context, login);
    return views.page(
      context,
      'operators/login',
      {
        csrfToken: operators.csrf(context),
        form: { login, remember },
        links: [...links()].filter(({ shown }) => shown?.() ?? true),
        ...(failure && { failure: `operators.login.error.${failure}` }),
      },
      { status: failure ? statusOf[failure] : 200, ...(headers && { headers }), ...(app && { app }) },
    );
  };

  const check = async (login: string, password: string) => {
    const member = (await accounts.read()).byKey.get(keyOf(login));
    const usable = password.length <= limits.password.max * 2;
    if (!(await passwords.matches(member?.passwordHash, usable ? password : '')) || !member) return 'wrong';
    // The password may have changed while it was being compared.
    const now = (await accounts.read()).byId.get(member.operator.id);
    if (now?.passwordHash !== member.passwordHash) return 'wrong';
    return now.operator.disabled ? 'disabled' : now.operator;
  };

  return {
    get: async (context: Context): Promise<Response> => {
      const back = context.req.query('back');
      if (back !== undefined) backPath.remember(context, back);
      if (await operators.current(context)) return context.redirect(home, 302);
      const login = context.req.query('login') ?? '';
      return show(context, /^\w{1,15}$/.test(login) ? login : '');
    },
    post: async (context: Context): Promise<Response> => {
      const form = await operators.form(context);
      const login = (form.fields.get('login') ?? '').trim().slice(0, limits.login);
      const remember = form.fields.get('isRemember') === 'on';
      if (!form.ok) {
        const failure = ({ FORM_TOKEN: 'expired', FORM_FOREIGN: 'foreign' } as const)[form.code as 'FORM_TOKEN'];
        return failure ? show(context, login, remember, failure) : form.response;
      }
      const refused = await guard.admit(context, login, form.fields);
      if (refused) {
        const headers = refused.failure === 'throttled' ? { 'retry-after': String(refused.retryAfter) } : undefined;
        return show(context, login, remember, refused.failure, headers);
      }
      const result = await check(login, form.fields.get('password') ?? '');
      if (typeof result === 'string') return show(context, login, remember, result);
      guard.passed(context, login);
      await operators.logIn(context, result, { remember });
      return context.redirect(backPath.take(context) ?? home, 302);
    },
  };
}

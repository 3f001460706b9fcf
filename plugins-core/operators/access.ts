/** Who may call the routes whose access is `loggedIn` or `withPermission(…)`. */
import { setCookie, getCookie, deleteCookie } from 'hono/cookie';
import type { Context } from 'hono';
import type { AccessQuestion, Kernel } from '../../kernel/index.ts';
import type { OperatorAccess, OperatorsService } from './api.ts';

/** Where a stranger wanted to go before he was sent to the login page. */
const backCookie = 'mibew_back';
const longest = 1_024;

/** The way back after the login: only to a path of our own, whatever the cookie says. */
export function createBackPath({ config, facts }: Pick<Kernel, 'config' | 'facts'>) {
  const { base } = config;
  const options = (context: Context) =>
    ({ httpOnly: true, sameSite: 'Lax', secure: facts(context).secure, path: base || '/', maxAge: 900 }) as const;

  const own = (path: string | undefined): string | undefined => {
    if (path === undefined || path.length > longest || !path.startsWith(`${base}/`)) return undefined;
    const url = URL.canParse(path, 'http://here') ? new URL(path, 'http://here') : undefined;
    // Looked at again when dots are gone: `/..//evil.example` is another host by then.
    const stays =
      url?.origin === 'http://here' && url.pathname.startsWith(`${base}/`) && !url.pathname.startsWith('//');
    return stays && !/[\\\p{Cc}]/u.test(path) ? url.pathname + url.search : undefined;
  };

  return {
    /** @param wanted where to go after the login; absent: the page that was asked for */
    remember(context: Context, wanted?: string): void {
      const { pathname, search } = new URL(context.req.url);
      const path = own(wanted ?? pathname + search);
      if (path) setCookie(context, backCookie, path, options(context));
    },
    take(context: Context): string | undefined {
      const path = own(getCookie(context, backCookie));
      if (path) deleteCookie(context, backCookie, options(context));
      return path;
    },
  };
}
export type BackPath = ReturnType<typeof createBackPath>;

const isOurs = (access: AccessQuestion['access']): access is OperatorAccess => access.kind === 'operator';

export function createGate(
  operators: Pick<OperatorsService, 'current' | 'can' | 'refuse'>,
  backPath: BackPath,
  loginUrl: () => string,
) {
  return async ({ access, context }: AccessQuestion): Promise<true | Response | undefined> => {
    if (!isOurs(access)) return undefined;
    const session = await operators.current(context);
    if (session) {
      const allowed = access.permission === undefined || operators.can(session.operator, access.permission);
      return allowed || operators.refuse(context, 403, 'PERMISSION_MISSING');
    }
    const { method } = context.req;
    if (method !== 'GET' && method !== 'HEAD') return operators.refuse(context, 403, 'LOGIN_NEEDED');
    backPath.remember(context);
    return context.redirect(loginUrl(), 302);
  };
}

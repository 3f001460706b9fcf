/** Log-out: a form, or at once with the token of the session, as links of the original have it. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import type { ViewsService } from '../views/api.ts';
import type { OperatorSession, OperatorsService } from './api.ts';
import { forgetCookie } from './service.ts';

export interface LogoutNeeds {
  readonly kernel: Pick<Kernel, 'config'>;
  readonly operators: OperatorsService;
  readonly views: Pick<ViewsService, 'page'>;
  readonly loginUrl: () => string;
}

export function createLogout({ kernel, operators, views, loginUrl }: LogoutNeeds) {
  const leave = async (context: Context, session: OperatorSession): Promise<Response> => {
    await operators.logOut(session.id);
    forgetCookie(context, kernel.config.base);
    return context.redirect(loginUrl(), 302);
  };
  return {
    get: async (context: Context): Promise<Response> => {
      const session = await operators.current(context);
      if (!session) return context.redirect(loginUrl(), 302);
      if (operators.checkCsrf(context, session, context.req.query('csrf_token'))) return leave(context, session);
      return views.page(context, 'operators/logout', {
        name: session.operator.name,
        home: `${kernel.config.base}/operator`,
      });
    },
    post: async (context: Context): Promise<Response> => {
      const session = await operators.current(context);
      if (!session) return context.redirect(loginUrl(), 302);
      const form = await operators.form(context, session);
      return form.ok ? leave(context, session) : form.response;
    },
  };
}

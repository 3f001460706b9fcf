/** Letting operators in, keeping them out, and deleting them: each is asked once, since it takes effect at once. */
import type { Context } from 'hono';
import { OperatorError, type Operator, type OperatorSession } from './api.ts';
import { aboutOperator, frameOf, questionOf, type PagesNeeds } from './pages.ts';

/** What is asked, with its texts `operators.confirm.<what>.…`. */
type What = 'enable' | 'disable' | 'delete';
const routes = {
  enable: 'operators.operatorEnableSubmit',
  disable: 'operators.operatorDisableSubmit',
  delete: 'operators.operatorDeleteSubmit',
} as const;
const done = { enable: 'enabled', disable: 'disabled', delete: 'deleted' } as const;

export function createStandingPages(needs: PagesNeeds) {
  const { operators, views, addresses, locales } = needs;

  const show = (context: Context, what: What, operator: Operator, session: OperatorSession, error?: string) =>
    views.page(
      context,
      'operators/operator_confirm',
      {
        ...frameOf(context, needs, operator, session, ''),
        ...questionOf(context, needs, what, operator.name),
        danger: what !== 'enable',
        error,
        action: addresses.url(routes[what], { operator: operator.id }),
        back: addresses.url('operators.operators'),
      },
      { status: error === undefined ? 200 : 409 },
    );

  const work = (what: What, { id }: Operator, { operator: by }: OperatorSession) =>
    what === 'delete' ? operators.remove(id, { by }) : operators.setDisabled(id, what === 'disable', { by });

  const pages = (what: What) => ({
    ask: aboutOperator(needs, (context, operator, session) => show(context, what, operator, session)),
    submit: aboutOperator(needs, async (context, operator, session) => {
      const form = await operators.form(context, session);
      if (!form.ok) return form.response;
      try {
        await work(what, operator, session);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        if (error.code !== 'LAST_ADMINISTRATOR' && error.code !== 'OPERATOR_SELF') throw error;
        return show(
          context,
          what,
          operator,
          session,
          locales.text(locales.of(context), `operators.refusal.${error.code}`),
        );
      }
      return context.redirect(addresses.url('operators.operators', { [done[what]]: 1 }), 302);
    }),
  });
  return { enable: pages('enable'), disable: pages('disable'), remove: pages('delete') };
}

/** What an operator may do. Two who tick different things at once both get their way. */
import type { Context } from 'hono';
import { OperatorError, type Operator, type OperatorSession } from './api.ts';
import { aboutOperator, frameOf, noticeOf, type PagesNeeds } from './pages.ts';
import { isAdministrator } from './rights.ts';

export function createPermissionPages(needs: PagesNeeds) {
  const { operators, views, addresses, locales } = needs;

  const show = async (
    context: Context,
    operator: Operator,
    session: OperatorSession,
    ticked = operator.permissions,
    error?: string,
  ) => {
    const locale = locales.of(context);
    const helpOf = (label: string) => {
      const text = locales.text(locale, `${label}.help`);
      return text === `${label}.help` ? undefined : text;
    };
    return views.page(
      context,
      'operators/operator_permissions',
      {
        ...frameOf(context, needs, operator, session, 'operators.operatorPermissions'),
        mayChange: isAdministrator(session.operator),
        rows: operators.permissions().map(({ name, label }) => ({
          name,
          label: locales.text(locale, label),
          help: helpOf(label),
          ticked: ticked.includes(name),
          // Losing it by a slip of the hand would be a nuisance: it says so beforehand.
          risky: name === 'admin' && operator.id === session.operator.id,
        })),
        // What the form shows, so that only what was changed is stored.
        seen: operator.permissions.join(' '),
        error,
        action: addresses.url('operators.operatorPermissionsSave', { operator: operator.id }),
        ...(error === undefined && noticeOf(context, needs, 'saved')),
      },
      { status: error === undefined ? 200 : 422 },
    );
  };

  const save = async (context: Context, operator: Operator, session: OperatorSession): Promise<Response> => {
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    // Fields are called as the permissions are. The original's form said nothing of what it showed: there it is everything.
    const there = operators.permissions().map(({ name }) => name);
    const ticked = there.filter((name) => form.fields.has(name));
    const seen = form.fields.get('seen')?.split(' ');
    const add = ticked.filter((name) => !seen?.includes(name));
    const remove = there.filter((name) => !ticked.includes(name) && (seen?.includes(name) ?? true));
    try {
      await operators.setPermissions(operator.id, { add, remove }, { by: session.operator });
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'LAST_ADMINISTRATOR') throw error;
      const text = locales.text(locales.of(context), 'operators.refusal.LAST_ADMINISTRATOR');
      return show(context, operator, session, ticked, text);
    }
    // Whoever took his own right to administrate away still may see what he may do.
    return context.redirect(addresses.url('operators.operatorPermissions', { operator: operator.id, saved: 1 }), 302);
  };

  return {
    show: aboutOperator(needs, (context, operator, session) => show(context, operator, session)),
    save: aboutOperator(needs, save),
  };
}

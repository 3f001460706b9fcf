/** Adding an operator, and the profile of one: names, address, code and password. */
import type { Context } from 'hono';
import { OperatorError, readEdits, seenText, type Operator, type OperatorChanges, type OperatorIssue } from './api.ts';
import type { OperatorPage, OperatorSession } from './api.ts';
import { aboutOperator, frameOf, noticeOf, wordsOf, type PagesNeeds } from './pages.ts';
import { limits } from './rules.ts';

/** Fields of the form, as the original's were called. */
const names = { name: 'name', commonName: 'commonname', email: 'email', code: 'code' } as const;
type Field = keyof typeof names;
type Posted = Readonly<Record<Field, string>>;
const fields = Object.keys(names) as Field[];

const postedOf = (form: URLSearchParams): Posted =>
  Object.fromEntries(fields.map((field) => [field, form.get(names[field]) ?? ''])) as Posted;
const shownOf = ({ name, commonName, email, code }: Operator): Posted => ({
  name,
  commonName: commonName === name ? '' : commonName,
  email,
  code,
});
const empty: Posted = { name: '', commonName: '', email: '', code: '' };
const inputOf = (values: Partial<Posted>): Partial<Posted> => values;

/** A form as it is shown again, and why. */
interface Again {
  readonly login?: string;
  readonly values: Posted;
  readonly issues: readonly OperatorIssue[];
  /** The passwords differ. */
  readonly differ?: boolean;
  /** What is stored by now, where somebody else changed it. */
  readonly stored?: Posted;
  /** What the form showed at first, while only mistakes are mended. */
  readonly seen?: string | undefined;
}

export function createProfilePages(needs: PagesNeeds) {
  const { operators, views, addresses, locales } = needs;

  const errorsOf = (context: Context, { issues, differ, stored }: Again) => ({
    ...Object.fromEntries(
      (['login', ...fields, 'password', 'present'] as const).map((field) => {
        const now = stored?.[field as Field] ?? '';
        const changed = issues.some((one) => one.field === field && one.code === 'changed');
        const text = changed
          ? locales.text(locales.of(context), 'operators.edits.field', { now })
          : wordsOf(context, needs, issues, field);
        return [field, text];
      }),
    ),
    ...(differ && { passwordConfirm: locales.text(locales.of(context), 'operators.issue.passwordConfirm') }),
  });
  const statusOf = (again: Again | undefined) => (again?.stored ? 409 : again ? 422 : 200);

  const showNew = (context: Context, again?: Again) =>
    views.page(
      context,
      'operators/operator_add',
      {
        login: again?.login ?? '',
        values: again?.values ?? empty,
        errors: again && errorsOf(context, again),
        failed: again !== undefined,
        max: limits,
        action: addresses.url('operators.operatorAddSave'),
        back: addresses.url('operators.operators'),
      },
      { status: statusOf(again) },
    );

  const add: OperatorPage = async (context, session) => {
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const login = form.fields.get('login') ?? '';
    const values = postedOf(form.fields);
    const password = form.fields.get('password') ?? '';
    const differ = password !== (form.fields.get('passwordConfirm') ?? '');
    if (differ) return showNew(context, { login, values, issues: [], differ });
    try {
      const made = await operators.create({ login, ...values, password }, { by: session.operator });
      return context.redirect(addresses.url('operators.operatorAvatar', { operator: made.id, created: 1 }), 302);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      if (error.code !== 'OPERATOR_INVALID') return operators.refuse(context, 403, 'PERMISSION_MISSING');
      return showNew(context, { login, values, issues: error.issues });
    }
  };

  const show = async (context: Context, operator: Operator, session: OperatorSession, again?: Again) =>
    views.page(
      context,
      'operators/operator_edit',
      {
        ...frameOf(context, needs, operator, session, 'operators.operatorEdit'),
        mayEdit: operators.mayEdit(session.operator, operator.id),
        values: again?.values ?? shownOf(operator),
        errors: again && errorsOf(context, again),
        failed: again !== undefined,
        conflict: again?.stored !== undefined,
        seen: again?.seen ?? seenText(again?.stored ?? shownOf(operator)),
        max: limits,
        action: addresses.url('operators.operatorEditSave', { operator: operator.id }),
        ...(again === undefined && noticeOf(context, needs, 'saved')),
      },
      { status: statusOf(again) },
    );

  /** Stores what was posted; what was typed survives a refusal, but for passwords. */
  const save = async (context: Context, operator: Operator, session: OperatorSession): Promise<Response> => {
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const values = postedOf(form.fields);
    const edits = readEdits(values, form.fields, inputOf);
    const password = form.fields.get('password') ?? '';
    const present = form.fields.get('presentPassword') ?? '';
    const differ = password !== (form.fields.get('passwordConfirm') ?? '');
    if (differ) return show(context, operator, session, { values, issues: [], differ, seen: edits.seen });
    const changes: OperatorChanges = { ...edits.changes, ...(password !== '' && { password }) };
    try {
      await operators.update(operator.id, changes, {
        by: session.operator,
        ...(edits.expected && { expected: edits.expected }),
        ...(present !== '' && { present }),
        keep: session.id,
      });
      return context.redirect(addresses.url('operators.operatorEdit', { operator: operator.id, saved: 1 }), 302);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.issues.length === 0) throw error;
      const now = error.code === 'OPERATOR_CHANGED' && (await operators.byId(operator.id));
      if (!now) return show(context, operator, session, { values, issues: error.issues, seen: edits.seen });
      const stored = shownOf(now);
      return show(context, now, session, { values: edits.onto(stored), issues: error.issues, stored });
    }
  };

  return {
    add: ((context) => showNew(context)) satisfies OperatorPage,
    addSave: add,
    edit: aboutOperator(needs, (context, operator, session) => show(context, operator, session)),
    editSave: aboutOperator(needs, save),
  };
}

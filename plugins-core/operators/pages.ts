/** What the pages about operators share. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { ViewsService } from '../views/api.ts';
import { OperatorError, type Operator, type OperatorIssue, type OperatorPage, type OperatorSession } from './api.ts';
import type { OperatorsService } from './api.ts';
import { isAdministrator } from './rights.ts';
import { limits } from './rules.ts';

export interface PagesNeeds {
  readonly operators: OperatorsService;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly addresses: Addresses;
}

/** A page about the operator in the address. */
export type AboutOperator = (
  context: Context,
  operator: Operator,
  session: OperatorSession,
) => Response | Promise<Response>;

const refusals = {
  OPERATOR_FORBIDDEN: [403, 'PERMISSION_MISSING'],
  OPERATOR_UNKNOWN: [404, 'OPERATOR_UNKNOWN'],
} as const;

/** A page about the operator in the address, for himself and administrators. What may be done there, the service knows. */
export const aboutOperator =
  ({ operators }: Pick<PagesNeeds, 'operators'>, page: AboutOperator): OperatorPage =>
  async (context, session) => {
    const id = Number(context.req.param('operator'));
    // Asked before it is looked whether there is such an operator: nobody else is to learn that.
    if (id !== session.operator.id && !isAdministrator(session.operator))
      return operators.refuse(context, 403, 'PERMISSION_MISSING');
    try {
      const operator = await operators.byId(id);
      return operator ? await page(context, operator, session) : operators.refuse(context, 404, 'OPERATOR_UNKNOWN');
    } catch (error) {
      // He went, or whoever asks lost his right, meanwhile.
      const refusal = error instanceof OperatorError && refusals[error.code as keyof typeof refusals];
      if (!refusal) throw error;
      const [status, code] = refusal;
      return operators.refuse(context, status, code);
    }
  };

/** What every page about one operator shows around what it is about. */
export function frameOf(
  context: Context,
  { operators, addresses }: PagesNeeds,
  operator: Operator,
  { operator: viewer }: OperatorSession,
  route: string,
) {
  return {
    about: { ...operator, own: operator.id === viewer.id },
    tabs: operators.tabs(context, operator.id, viewer, route),
    ...(isAdministrator(viewer) && { back: addresses.url('operators.operators') }),
  };
}

/** What is wrong with a field, in words; undefined: nothing. */
export function wordsOf(
  context: Context,
  { locales }: Pick<PagesNeeds, 'locales'>,
  issues: readonly OperatorIssue[] | undefined,
  field: OperatorIssue['field'],
  args: Readonly<Record<string, string | number>> = {},
): string | undefined {
  const issue = issues?.find((one) => one.field === field);
  if (!issue) return undefined;
  const locale = locales.of(context);
  const max = field in limits ? limits[field as 'name'] : 0;
  const own = `operators.issue.${field}.${issue.code}`;
  const text = locales.text(locale, own, { max, ...args });
  return text === own ? locales.text(locale, `operators.issue.${issue.code}`, { max, ...args }) : text;
}

/** Tells what was done on the page before: `?saved=1`. */
export function noticeOf(context: Context, { locales }: Pick<PagesNeeds, 'locales'>, ...names: readonly string[]) {
  const name = names.find((one) => context.req.query(one) === '1');
  if (name === undefined) return {};
  return { notice: { kind: 'success', text: locales.text(locales.of(context), `operators.notice.${name}`) } };
}

/** A question that is asked once before something is done: `operators.confirm.<what>.…`. */
export function questionOf(context: Context, { locales }: Pick<PagesNeeds, 'locales'>, what: string, name: string) {
  const text = (part: string) => locales.text(locales.of(context), `operators.confirm.${what}.${part}`, { name });
  return { heading: text('title'), text: text('text'), yes: text('yes') };
}

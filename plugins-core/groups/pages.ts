/** What the pages of groups share. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { AvailabilityService, Operator, OperatorSession, OperatorsService } from '../operators/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import type { Group, GroupsService } from './api.ts';

export interface PagesNeeds {
  readonly groups: GroupsService;
  readonly operators: OperatorsService;
  readonly availability: Pick<AvailabilityService, 'online'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly addresses: Addresses;
}

/** Behind `loggedIn` and its like: there is a session. */
export const sessionOf = async (context: Context, { operators }: Pick<PagesNeeds, 'operators'>) =>
  (await operators.current(context)) as OperatorSession;

const unknown = (context: Context, { operators, locales }: PagesNeeds, what: 'group' | 'operator') => {
  const text = locales.text(locales.of(context), `groups.unknown.${what}`);
  return operators.refuse(context, 404, what === 'group' ? 'GROUP_UNKNOWN' : 'OPERATOR_UNKNOWN', text);
};

/** A page about the group in the address, or the refusal when there is none. */
export const aboutGroup =
  (needs: PagesNeeds, page: (context: Context, group: Group) => Promise<Response>) =>
  async (context: Context): Promise<Response> => {
    const group = await needs.groups.byId(Number(context.req.param('group')));
    return group ? page(context, group) : unknown(context, needs, 'group');
  };

/** A page about the operator in the address, for himself and administrators. */
export const aboutOperator =
  (needs: PagesNeeds, page: (context: Context, operator: Operator, session: OperatorSession) => Promise<Response>) =>
  async (context: Context): Promise<Response> => {
    const session = await sessionOf(context, needs);
    const id = Number(context.req.param('operator'));
    // Asked before it is looked whether there is such an operator: nobody else is to learn that.
    if (id !== session.operator.id && !needs.operators.can(session.operator, 'admin'))
      return needs.operators.refuse(context, 403, 'PERMISSION_MISSING');
    const operator = await needs.operators.byId(id);
    return operator ? page(context, operator, session) : unknown(context, needs, 'operator');
  };

/** A part of a list, and what `generatePagination` wants. */
export function sliceOf<T>(list: readonly T[], context: Context, size: number, href: string) {
  const pages = pagination(context, list.length, size, href);
  return { rows: list.slice(pages.offset, pages.offset + size), pagination: pages };
}

/** Tells what was done on the page before. */
export const noticeOf = (context: Context, { locales }: Pick<PagesNeeds, 'locales'>, name: string) =>
  context.req.query(name) === '1'
    ? { notice: { kind: 'success', text: locales.text(locales.of(context), `groups.notice.${name}`) } }
    : {};

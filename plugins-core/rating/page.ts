/** `/operator/ratings`: what visitors said; operators see what was said of themselves. */
import type { Context } from 'hono';
import type { Addresses, Handler } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { Operator, OperatorsService } from '../operators/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import type { Average } from './api.ts';
import type { Ratings } from './ratings.ts';

export interface PageNeeds {
  readonly ratings: Ratings;
  readonly operators: Pick<OperatorsService, 'current' | 'can' | 'byId' | 'list' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'intl'>;
  readonly addresses: Addresses;
  readonly now: () => number;
}

const onePage = 25;
/** What averages are made of, ms. */
export const period = 30 * 24 * 3_600_000;
/** One digit behind the point. */
export const rounded = (score: number): number => Math.round(score * 10) / 10;

export function ratingsPage({ ratings, operators, views, locales, addresses, now }: PageNeeds): Handler {
  async function peopleOf(context: Context, shown: readonly (readonly [Operator, Average])[], chosen?: number) {
    const number = new Intl.NumberFormat(locales.intl(locales.of(context)), { maximumFractionDigits: 1 });
    return shown.map(([{ id, name }, { count, score }]) => ({
      name,
      count,
      score: count > 0 ? number.format(score) : '',
      href: addresses.url('rating.ratings', { operator: id }),
      current: id === chosen,
    }));
  }

  return async (context) => {
    const session = await operators.current(context);
    if (!session) return operators.refuse(context, 403, 'LOGIN_NEEDED');
    const administers = operators.can(session.operator, 'admin');
    const asked = Number(/^\d{1,15}$/.exec(context.req.query('operator') ?? '')?.[0] ?? 0);
    const agentId = administers ? asked || undefined : session.operator.id;
    const since = now() - period;
    const all = administers ? await operators.list() : [session.operator];
    const averages = administers
      ? await ratings.averages(since)
      : new Map([[session.operator.id, await ratings.average(since, session.operator.id)]]);

    const base = addresses.url('rating.ratings', { operator: agentId && administers ? agentId : undefined });
    const href = `${base}${base.includes('?') ? '&' : '?'}page=`;
    const pages = pagination(context, await ratings.count(agentId), onePage, href);
    const rows = await ratings.list(pages, agentId);
    const byId = new Map(all.map((operator) => [operator.id, operator.name]));
    return views.page(context, 'rating/ratings', {
      people: await peopleOf(
        context,
        all.flatMap((one) => {
          const average = averages.get(one.id);
          return average && (average.count > 0 || !administers) ? [[one, average] as const] : [];
        }),
        agentId,
      ),
      administers,
      all: addresses.url('rating.ratings'),
      filtered: administers && agentId !== undefined,
      rows: rows.map((row) => ({
        ...row,
        operator: byId.get(row.agentId) ?? '',
        scoreText: `rating.form.score.${row.score}`,
      })),
      pages,
    });
  };
}

/** `/operator/ratings`: what visitors said; operators see what was said of themselves. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { Operator, OperatorPage, OperatorsService } from '../operators/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import type { Average } from './api.ts';
import type { Ratings } from './ratings.ts';

export interface PageNeeds {
  readonly ratings: Ratings;
  readonly operators: Pick<OperatorsService, 'can' | 'list'>;
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

export function ratingsPage({ ratings, operators, views, locales, addresses, now }: PageNeeds): OperatorPage {
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

  return async (context, { operator }) => {
    const administers = operators.can(operator, 'admin');
    const asked = Number(/^\d{1,15}$/.exec(context.req.query('operator') ?? '')?.[0] ?? 0);
    const agentId = administers ? asked || undefined : operator.id;
    const since = now() - period;
    const all = administers ? await operators.list() : [operator];
    const averages = administers
      ? await ratings.averages(since)
      : new Map([[operator.id, await ratings.average(since, operator.id)]]);

    const base = addresses.url('rating.ratings', { operator: agentId && administers ? agentId : undefined });
    const href = `${base}${base.includes('?') ? '&' : '?'}page=`;
    const pages = pagination(context, await ratings.count(agentId), onePage, href);
    const rows = await ratings.list(pages, agentId);
    const byId = new Map(all.map(({ id, name }) => [id, name]));
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

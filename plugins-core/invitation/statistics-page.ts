/** `/operator/invitation/statistics`: what became of invitations, by rule and by page. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorPage, OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { Book, Figures } from './book.ts';
import type { Rules } from './rules.ts';

export interface StatisticsNeeds {
  readonly book: Pick<Book, 'byRule' | 'byPage' | 'byDay'>;
  readonly rules: Pick<Rules, 'byId'>;
  readonly operators: Pick<OperatorsService, 'can'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'intl'>;
  readonly addresses: Addresses;
  readonly now: () => number;
}

const day = 86_400_000;
const periods = [7, 30, 365] as const;
/** Pages that are named. */
const mostPages = 50;

export function statisticsPage({
  book,
  rules,
  operators,
  views,
  locales,
  addresses,
  now,
}: StatisticsNeeds): OperatorPage {
  const say = (context: Context, key: string, args = {}) =>
    locales.text(locales.of(context), `invitation.statistics.${key}`, args);

  function row(context: Context, figures: Figures) {
    const { invited, accepted, rejected, ignored } = figures;
    const locale = locales.intl(locales.of(context));
    const number = (value: number) => new Intl.NumberFormat(locale).format(value);
    const share = new Intl.NumberFormat(locale, { style: 'percent' }).format(invited > 0 ? accepted / invited : 0);
    return {
      invited: number(invited),
      accepted: number(accepted),
      rejected: number(rejected),
      ignored: number(ignored),
      share: invited > 0 ? share : '–',
    };
  }

  return async (context, { operator }) => {
    const asked = Number(context.req.query('days'));
    const days = periods.find((one) => one === asked) ?? 30;
    // The day that goes on is one of them.
    const since = now() - (days - 1) * day;
    const [byRule, byPage, byDay] = [
      await book.byRule(since),
      await book.byPage(since, mostPages),
      await book.byDay(since),
    ];
    const administers = operators.can(operator, 'admin');
    const total = byRule.reduce(
      (sum, one) => ({
        invited: sum.invited + one.invited,
        accepted: sum.accepted + one.accepted,
        rejected: sum.rejected + one.rejected,
        ignored: sum.ignored + one.ignored,
      }),
      { invited: 0, accepted: 0, rejected: 0, ignored: 0 },
    );
    const dates = new Intl.DateTimeFormat(locales.intl(locales.of(context)), { dateStyle: 'medium', timeZone: 'UTC' });
    return views.page(context, 'invitation/statistics', {
      periods: periods.map((one) => ({
        label: say(context, 'days', { days: one }),
        href: addresses.url('invitation.statistics', { days: one }),
        current: one === days,
      })),
      tables: byRule.length > 0 && [
        {
          id: 'rules',
          heading: say(context, 'byRule'),
          column: say(context, 'rule'),
          rows: byRule.map(({ ruleId, ...figures }) => {
            const rule = rules.byId(ruleId);
            return {
              ...row(context, figures),
              name: ruleId === 0 ? say(context, 'byHand') : (rule?.name ?? say(context, 'deleted', { id: ruleId })),
              href: administers && rule && addresses.url('invitation.ruleEdit', { rule: ruleId }),
            };
          }),
          total: row(context, total),
        },
        {
          id: 'pages',
          heading: say(context, 'byPage'),
          column: say(context, 'page'),
          rows: byPage.map(({ page, ...figures }) => ({
            ...row(context, figures),
            name: page || say(context, 'unknownPage'),
            address: page !== '',
          })),
        },
        {
          id: 'days',
          heading: say(context, 'byDay'),
          column: say(context, 'day'),
          rows: byDay.map(({ day: begin, ...figures }) => ({ ...row(context, figures), name: dates.format(begin) })),
        },
      ],
      back: administers && addresses.url('invitation.rules'),
    });
  };
}

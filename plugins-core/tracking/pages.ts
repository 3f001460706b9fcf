/** `/operator/history/user-track`: the way of a visitor as a page, without scripts. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import { loggedIn, type OperatorPage, operatorRoute, type OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import { browserOf } from './browsers.ts';
import type { Trail } from './trail.ts';

export interface PagesNeeds {
  readonly trail: Trail;
  readonly operators: Pick<OperatorsService, 'current' | 'refuse'>;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'intl'>;
  readonly views: Pick<ViewsService, 'page' | 'error'>;
  readonly addresses: Addresses;
}

const number = /^\d{1,10}$/;

export function trailRoutes({ trail, operators, locales, views, addresses }: PagesNeeds): readonly RouteSpec[] {
  const malformed = (context: Context) => views.error(context, 400, 'VISITOR_MALFORMED');

  const show: OperatorPage = async (context, { operator }) => {
    const { visitor: asked, thread: about } = context.req.query();
    const given = asked ?? about;
    if (given === undefined || !number.test(given) || (asked !== undefined && about !== undefined))
      return malformed(context);
    const id = Number(given);
    const found = await trail.find(operator, asked === undefined ? { thread: id } : { visitor: id });
    // Somebody else's and nobody's look alike; widget spec section 6 answers both so.
    if (!found) return malformed(context);
    const { visitor, thread } = found;
    const locale = locales.of(context);
    const name = visitor?.name || thread?.userName || locales.text(locale, 'tracking.guest');
    const pages = visitor ? await trail.pages(visitor.id) : [];
    const browser = browserOf(visitor?.userAgent ?? '');
    return views.page(context, 'tracking/trail', {
      title: locales.text(locale, 'tracking.trail.title', { name }),
      visitor,
      browser: browser.name,
      system: browser.system,
      country: visitor?.country ? countryName(visitor.country, locales.intl(locale)) : '',
      attributes: Object.entries(visitor?.attributes ?? {}).map(([key, value]) => ({ key, value })),
      identity: visitor?.identity,
      events: (visitor?.events ?? []).map(({ name: event, data, at }) => ({
        name: event,
        data: Object.entries(data).map(([key, value]) => ({ key, value })),
        at,
      })),
      pages: pages.map(({ address, title, at }) => ({ address, title, at })),
      back: addresses.url('users.workspace'),
    });
  };

  return [operatorRoute(operators, loggedIn)('userTrack', 'GET', '/operator/history/user-track', show)];
}

function countryName(code: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}

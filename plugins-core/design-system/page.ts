/** The page that shows every component in every state, light or dark, from either side, as its address says: it needs no scripts. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { ViewsService } from '../views/api.ts';
import { components } from './components.ts';
import { readTokens } from './tokens.ts';

export interface PageNeeds {
  readonly views: Pick<ViewsService, 'page' | 'render'>;
  readonly locales: LocalesService;
  readonly addresses: Addresses;
}

const schemes = ['system', 'light', 'dark'] as const;
const directions = ['ltr', 'rtl'] as const;
const oneOf = <T extends string>(values: readonly T[], asked: string | undefined): T | undefined =>
  values.find((value) => value === asked);

export function createPage({ views, locales, addresses }: PageNeeds) {
  return async (context: Context): Promise<Response> => {
    const locale = locales.of(context);
    const text = (key: string) => locales.text(locale, key);
    const own = locales.info(locale).rtl ? 'rtl' : 'ltr';
    const scheme = oneOf(schemes, context.req.query('scheme'));
    const direction = oneOf(directions, context.req.query('direction')) ?? own;
    const href = (look: { scheme?: string | undefined; direction: string }) => {
      const asked = new URLSearchParams({ ...(look.scheme && { scheme: look.scheme }), direction: look.direction });
      return `${addresses.url('design-system.page')}?${asked}`;
    };
    const looks = [
      ...schemes.map((value) => ({
        label: text(`design-system.look.${value}`),
        href: href({ scheme: value, direction }),
        current: scheme === value,
      })),
      ...directions.map((value) => ({
        label: text(`design-system.look.${value}`),
        href: href({ scheme, direction: value }),
        current: direction === value,
      })),
    ];
    // Near enough for each form that times take.
    const now = Date.now();
    const times = { now, minutes: now - 3 * 60_000, yesterday: now - 86_400_000, long: now - 30 * 86_400_000 };
    const drawn = components.map(async ({ id, classes, states }) => {
      const labels = Object.fromEntries(states.map((name) => [name, text(`design-system.state.${name}`)]));
      return {
        id,
        classes: classes.join(' '),
        title: text(`design-system.component.${id}`),
        when: text(`design-system.component.${id}.when`),
        html: await views.render(
          `design-system/${id}`,
          { states: labels, times, pages: pagesOf(href({ direction })) },
          locale,
        ),
      };
    });
    const { kinds, icons } = readTokens();
    const model = {
      looks,
      components: await Promise.all(drawn),
      kinds: kinds.map(({ id, names }) => ({
        id,
        names,
        title: text(`design-system.tokens.${id}`),
        when: text(`design-system.tokens.${id}.when`),
      })),
      icons,
      sheet: addresses.url('design-system.sheet'),
      rtl: direction === 'rtl',
      ...(scheme && { scheme: scheme === 'system' ? undefined : scheme }),
    };
    return views.page(context, 'design-system/page', model);
  };
}

/** A list of twelve pages, seen from its first, a middle and its last one. */
const pagesOf = (href: string) =>
  Object.fromEntries(
    Object.entries({ first: 1, middle: 6, last: 12 }).map(([name, page]) => [
      name,
      { page, pages: 12, total: 578, href: `${href}&page=` },
    ]),
  );

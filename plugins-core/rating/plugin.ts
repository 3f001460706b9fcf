import { definePlugin, kernel } from '../../kernel/index.ts';
import { figure } from '../admin/api.ts';
import { plainLinks, threads, visitorPages } from '../chat/api.ts';
import { db, tables } from '../database/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { attempts, loggedIn, operatorRoute, operators } from '../operators/api.ts';
import { rpc } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { clientModule, defineView, menuItem, views, viewsService } from '../views/api.ts';
import { ratingGiven, ratingRpc, ratings } from './api.ts';
import { createJudging } from './judging.ts';
import { period, ratingsPage, rounded } from './page.ts';
import { createPlain } from './plain.ts';
import { createRatings } from './ratings.ts';
import { ratingFunctions } from './rpc.ts';
import { ratingSettings } from './settings.ts';
import { rating } from './tables.ts';

export default definePlugin({
  id: 'rating',
  needs: {
    kernel,
    db,
    settings,
    locales: localesService,
    operators,
    attempts,
    threads,
    visitorPages,
    views: viewsService,
  },
  provides: [ratings],
  contributes: [
    tables([rating]),
    settingsPage(ratingSettings),
    locales('locales/'),
    locales('client/locales/'),
    views([
      ...['plain', 'ratings'].map((name) => defineView(`rating/${name}`, { version: 1, side: 'server' })),
      defineView('rating/form', { version: 1, side: 'client' }),
      defineView('rating/thanks', { version: 1, side: 'client' }),
    ]),
    clientModule({
      name: 'rating',
      entry: 'client/app.ts',
      partOf: ['chat'],
      templates: ['rating/*'],
      texts: ['rating.form.'],
      styles: ['client/rating.css'],
    }),
    clientModule({ name: 'rating-offer', entry: 'client/offer.ts', joins: ['chat'] }),
  ],
  setup(ctx) {
    const { use } = ctx;
    const values = use.settings.of(ratingSettings);
    const now = () => Date.now();
    const kept = createRatings(use.db);
    ctx.provide(ratings, kept);

    const judging = createJudging({
      ratings: kept,
      threads: use.threads,
      settings: values,
      text: use.locales.text.bind(use.locales),
      given: (event) => {
        ctx.call(ratingGiven, event).catch((error: unknown) => {
          ctx.log.error({ error }, 'listeners could not be told of a rating');
        });
      },
      now,
    });
    ctx.contribute(rpc(ratingRpc, ratingFunctions(judging, kept)));

    const plain = createPlain({ ...use, judging, ratings: kept, pages: use.visitorPages, addresses: ctx });
    for (const route of plain.routes) ctx.route(route);
    ctx.on(plainLinks, (links, { thread, locale }) => plain.links(links, thread, locale));

    ctx.contribute(
      menuItem({
        label: 'rating.menu',
        route: 'rating.ratings',
        section: 'work',
        weight: 350,
        icon: 'smile',
        shown: () => values.rating_enabled,
      }),
    );
    const page = ratingsPage({ ...use, ratings: kept, addresses: ctx, now });
    ctx.route(operatorRoute(use.operators, loggedIn)('ratings', 'GET', '/operator/ratings', page));

    const average = async (agentId?: number) => {
      const { count, score } = await kept.average(now() - period, agentId);
      return values.rating_enabled && count > 0 ? rounded(score) : undefined;
    };
    const route = 'rating.ratings';
    ctx.contribute(
      figure({ label: 'rating.figure.all', route, weight: 40, permission: 'admin', value: () => average() }),
    );
    ctx.contribute(
      figure({ label: 'rating.figure.own', route, weight: 41, value: ({ operator }) => average(operator.id) }),
    );
  },
});

import { definePlugin, kernel, open } from '../../kernel/index.ts';
import { locales, localesService } from '../locales/api.ts';
import { assets, defineView, views, viewsService } from '../views/api.ts';
import { createShop } from './shop.ts';

export default definePlugin({
  id: 'demo',
  needs: { kernel, locales: localesService, views: viewsService },
  contributes: [
    locales('locales/'),
    assets('assets/'),
    views([defineView('demo/shop', { version: 1, side: 'server' })]),
  ],
  setup(ctx) {
    ctx.route({ name: 'page', method: 'GET', path: '/demo', access: open, handler: createShop(ctx.use) });
  },
});

import { definePlugin } from '../../kernel/plugin.ts';
import { locales, localesService } from '../locales/api.ts';
import { withPermission } from '../operators/api.ts';
import { defineView, views, viewsService } from '../views/api.ts';
import { components } from './components.ts';
import { createPage } from './page.ts';
import { readTokens } from './tokens.ts';

const access = withPermission('admin');
const path = '/operator/design-system';

export default definePlugin({
  id: 'design-system',
  needs: { locales: localesService, views: viewsService },
  contributes: [
    locales('locales/'),
    views(
      ['page', ...components.map(({ id }) => id)].map((name) =>
        defineView(`design-system/${name}`, { version: 1, side: 'server' }),
      ),
    ),
  ],
  setup(ctx) {
    const page = createPage({ ...ctx.use, addresses: ctx });
    ctx.route({ name: 'page', method: 'GET', path, access, handler: page });
    ctx.route({
      name: 'sheet',
      method: 'GET',
      path: `${path}/sheet.css`,
      access,
      handler: (c) =>
        c.body(readTokens().sheet, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-store' }),
    });
  },
});

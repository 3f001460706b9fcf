import { join } from 'node:path';
import Handlebars from 'handlebars';
import * as v from 'valibot';
import { isBuilt, productRoot } from '../../kernel/place.ts';
import { definePlugin, open } from '../../kernel/plugin.ts';
import { kernel, listening } from '../../kernel/tokens.ts';
import { locales, localesService } from '../locales/api.ts';
import { assets, clientModule, defineView, menuItem, views, viewsService, type MenuItem } from './api.ts';
import { createApps } from './apps.ts';
import { endBundler } from './bundle.ts';
import { createClassic } from './classic.ts';
import { createDelivery } from './delivery.ts';
import { createFolders } from './folders.ts';
import { registerHelpers } from './helpers.ts';
import { createIcons } from './icons.ts';
import { registerLayout } from './layout.ts';
import { registerLogic } from './logic.ts';
import { createLookup } from './lookup.ts';
import { createPages } from './page.ts';
import { createStore, sweep } from './store.ts';
import { createTemplates } from './templates.ts';
import { themeChain } from './theme.ts';

const config = v.object({
  /** Folder name of the active theme. */
  theme: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,40}$/, 'expected the name of a theme')), 'default'),
  /** Folders with themes besides the product's own. */
  themeFolders: v.optional(v.array(v.string()), []),
  /** Whether files that change are read again; only in development unless set. */
  watch: v.optional(v.boolean()),
});

const layout = (name: string, ...blocks: string[]) =>
  defineView(`views/${name}`, { version: 1, side: 'server', blocks });

export default definePlugin({
  id: 'views',
  config: { schema: config },
  needs: { kernel, locales: localesService },
  provides: [viewsService],
  contributes: [locales('locales/')],
  async setup(ctx) {
    const { theme, themeFolders, watch = !isBuilt } = ctx.config;
    const { kernel, locales } = ctx.use;
    const chain = themeChain(theme, [...themeFolders, join(productRoot, 'themes')]);
    const cache = join(kernel.config.data, 'cache', 'assets');
    const address = (file: string) => `${kernel.config.base}/assets/${file}`;

    const lookup = createLookup(chain, ctx.log);
    const icons = createIcons(chain, ctx.log);
    const folders = createFolders(chain);
    const store = await createStore(cache, ctx.log, watch);
    const env = Handlebars.create();
    const templates = createTemplates(env, lookup, icons.icon);
    const apps = createApps({ store, lookup, chain, locales, icons, address, version: kernel.version });
    const menu = new Set<MenuItem>();
    const asset = (plugin: string, file: string) => address(folders.name(plugin, file));
    const pages = createPages({
      kernel,
      locales,
      templates,
      apps,
      theme: chain[0]!,
      menu,
      stylePath: address('theme'),
      watch,
    });
    registerLayout(env, (name) => templates.get(name));
    registerLogic(env);
    registerHelpers({ env, locales, addresses: kernel, icon: icons.iconOrDot, asset });

    const build = async () => {
      const names = apps.names().map((name) => () => apps.app(name, 'en'));
      const done = await Promise.allSettled([apps.page, apps.loader, ...names].map((make) => make()));
      await endBundler();
      // One that fails shall not keep the others from being built; the first failure is told.
      const failed = done.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    };
    const classic = createClassic(store, chain, kernel.version);
    ctx.provide(viewsService, { ...pages, asset, app: apps.app, classic, build });
    await ctx.collect(views, (specs, owner) => {
      const undo = lookup.add(specs, owner);
      templates.clear();
      return () => {
        undo();
        templates.clear();
      };
    });
    await ctx.collect(clientModule, apps.add);
    await ctx.collect(assets, folders.add);
    await ctx.collect(menuItem, (item) => {
      menu.add(item);
      return () => void menu.delete(item);
    });
    ctx.contribute(
      views([
        layout('page', 'title', 'head', 'menu', 'up', 'lead', 'actions', 'content'),
        layout('bare', 'title', 'head', 'lead', 'content', 'foot'),
        layout('chat', 'windowTitle', 'head', 'content'),
        layout('error'),
      ]),
    );
    ctx.contribute(assets('assets/'));
    ctx.contribute(clientModule({ name: 'loader', entry: 'client/loader.ts' }));
    ctx.contribute(clientModule({ name: 'page-script', entry: 'client/page.ts', joins: ['page'] }));
    const deliver = createDelivery(store, folders);
    ctx.route({
      name: 'asset',
      method: 'GET',
      path: '/assets/:file{.+}',
      access: open,
      handler: (context) => deliver(context, context.req.param('file') ?? ''),
    });
    // Built while nobody waits: the first page would otherwise take the time. Nothing to do on a second start.
    ctx.on(listening, async () => {
      await build();
      await sweep(cache);
    });
  },
});

import * as v from 'valibot';
import { definePlugin, open } from '../../kernel/plugin.ts';
import { kernel } from '../../kernel/tokens.ts';
import { locales, localesService } from './api.ts';
import { createCatalogue } from './catalogue.ts';
import { dictionary } from './dictionary.ts';
import { createLocales } from './service.ts';

const config = v.object({
  /** Language of the house, and of those whose browser asks for none that is known. */
  defaultLocale: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{2,5}$/, 'expected a language code such as "en"'))),
});

export default definePlugin({
  id: 'locales',
  config: { schema: config },
  needs: { kernel },
  provides: [localesService],
  async setup(ctx) {
    const catalogue = createCatalogue(ctx.log);
    const { defaultLocale } = ctx.config;
    ctx.provide(localesService, createLocales({ catalogue, kernel: ctx.use.kernel, log: ctx.log, defaultLocale }));
    await ctx.collect(locales, (folder, owner) => catalogue.add(owner, folder));
    ctx.route({
      name: 'dictionary',
      method: 'GET',
      path: '/locales/:locale{[A-Za-z0-9_-]{2,5}}/translation.js',
      access: open,
      handler: dictionary(catalogue),
    });
  },
});

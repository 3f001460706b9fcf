import { definePlugin, kernel, open } from '../../kernel/index.ts';
import { db, tables } from '../database/api.ts';
import { job } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { attempts, loginDemand } from '../operators/api.ts';
import { clientModule, defineView, views } from '../views/api.ts';
import { captcha, type CaptchaService } from './api.ts';
import { createChallengeRoute } from './challenge-route.ts';
import { createCost } from './cost.ts';
import { createLoginDemand } from './login.ts';
import { createPuzzles } from './puzzles.ts';
import { solution } from './tables.ts';

export default definePlugin({
  id: 'captcha',
  needs: { kernel, db, locales: localesService, attempts },
  provides: [captcha],
  contributes: [
    tables([solution]),
    locales('locales/'),
    locales('client/locales/'),
    views([defineView('captcha/status', { version: 1, side: 'client' })]),
    clientModule({
      name: 'captcha',
      entry: 'client/app.ts',
      partOf: ['chat'],
      templates: ['captcha/*'],
      texts: ['captcha.status.'],
      styles: ['client/captcha.css'],
    }),
  ],
  setup(ctx) {
    const { use } = ctx;
    const { secret } = use.kernel.config;
    const puzzles = createPuzzles({
      db: use.db,
      cost: createCost(),
      secret,
      network: (address) => use.attempts.network(address),
    });
    const service: CaptchaService = { ...puzzles, url: (purpose) => ctx.url('captcha', { purpose }) };
    ctx.provide(captcha, service);
    ctx.on(loginDemand, createLoginDemand(service));
    ctx.contribute(job({ name: 'captcha.forget', every: 10 * 60_000, run: () => puzzles.forget() }));
    const handler = createChallengeRoute({ ...use, puzzles });
    ctx.route({ name: 'captcha', method: 'GET', path: '/captcha', access: open, handler });
  },
});

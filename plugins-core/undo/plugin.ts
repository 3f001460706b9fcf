import { definePlugin } from '../../kernel/plugin.ts';
import { db, tables } from '../database/api.ts';
import { job, jobs } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { loggedIn, operatorRoute, operators } from '../operators/api.ts';
import { undo, undoable } from './api.ts';
import { createDeletions } from './deletions.ts';
import { deletion } from './tables.ts';

export default definePlugin({
  id: 'undo',
  needs: { db, jobs, locales: localesService, operators },
  provides: [undo],
  contributes: [tables([deletion]), locales('locales/')],
  async setup(ctx) {
    const { use } = ctx;
    const deletions = createDeletions(use);
    await ctx.collect(undoable, (kind) => deletions.add(kind));

    ctx.provide(undo, {
      keep: (kind, value, operator) => deletions.keep(kind, value, operator),
      restore: (id, operator) => deletions.restore(id, operator),
      async action(context) {
        const id = /^\d{1,15}$/.exec(context.req.query('undo') ?? '')?.[0];
        const session = id && (await use.operators.current(context));
        if (!session || !(await deletions.has(Number(id), session.operator))) return undefined;
        return { label: use.locales.text(use.locales.of(context), 'undo.undo'), href: ctx.url('restore', { id }) };
      },
    });

    ctx.route(
      operatorRoute(use.operators, loggedIn)(
        'restore',
        'POST',
        '/operator/undo/:id{[0-9]{1,15}}',
        async (context, session) => {
          const posted = await use.operators.form(context, session);
          if (!posted.ok) return posted.response;
          const done = await deletions.restore(Number(context.req.param('id')), session.operator);
          if (done) return context.redirect(done.page, 302);
          const text = use.locales.text(use.locales.of(context), 'undo.gone');
          return use.operators.refuse(context, 404, 'UNDO_GONE', text);
        },
      ),
    );
    ctx.contribute(job({ name: 'undo.tidy', every: 3_600_000, run: () => deletions.tidy() }));
  },
});

import { definePlugin, kernel, open, optional } from '../../kernel/index.ts';
import { db, tables } from '../database/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { mailer, mailTemplate } from '../mailer/api.ts';
import { attempts, loginLink, operatorDeleted, operators, operatorUpdated, passwordChanged } from '../operators/api.ts';
import { defineView, views, viewsService } from '../views/api.ts';
import { createAsking, template } from './ask.ts';
import { createLinks } from './links.ts';
import { createReset } from './reset.ts';
import { link } from './tables.ts';

const page = (name: string) => defineView(`recovery/${name}`, { version: 1, side: 'server' });
const path = '/operator/password-recovery';

export default definePlugin({
  id: 'recovery',
  needs: { kernel, db, locales: localesService, mailer: optional(mailer), operators, attempts, views: viewsService },
  contributes: [
    tables([link]),
    locales('locales/'),
    views(['ask', 'asked', 'reset', 'done'].map(page)),
    mailTemplate(template),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const links = createLinks(use.db);
    // Without an address of its own the installation would have to believe whoever asks where it is, and mail him the way in.
    const origin = () => (use.mailer?.delivers ? use.kernel.config.publicUrl?.origin : undefined);
    const failed = (error: unknown) => ctx.log.error({ err: error }, 'a link for a new password could not be sent');
    const asking = createAsking({ ...use, links, origin, failed });
    const reset = createReset({ ...use, links, askAgain: asking.again });
    await ctx.effect(() => asking.settled, 'send what was promised');

    ctx.contribute(loginLink({ label: 'recovery.link', route: 'recovery.ask', shown: () => origin() !== undefined }));
    ctx.on(passwordChanged, ({ operatorId }) => links.end(operatorId));
    ctx.on(operatorDeleted, ({ id }) => links.end(id));
    ctx.on(operatorUpdated, ({ operator, original }) =>
      // What was sent to another address, or to who may not come in, leads nowhere.
      operator.email !== original.email || operator.disabled ? links.end(operator.id) : undefined,
    );

    ctx.route({ name: 'ask', method: 'GET', path, access: open, handler: asking.get });
    ctx.route({ name: 'askSubmit', method: 'POST', path, access: open, handler: (context) => asking.post(context) });
    ctx.route({
      name: 'reset',
      method: 'GET',
      path: `${path}/reset`,
      access: open,
      handler: (context) => reset.get(context),
    });
    ctx.route({
      name: 'resetSubmit',
      method: 'POST',
      path: `${path}/reset`,
      access: open,
      handler: (context) => reset.post(context),
    });
  },
});

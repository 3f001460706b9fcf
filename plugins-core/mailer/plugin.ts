import * as v from 'valibot';
import { definePlugin, definePoint, kernel } from '../../kernel/index.ts';
import { notice } from '../admin/api.ts';
import { db, tables } from '../database/api.ts';
import { job, jobs } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { operators, withPermission } from '../operators/api.ts';
import { undo, undoable } from '../undo/api.ts';
import { defineView, menuItem, views, viewsService } from '../views/api.ts';
import { mailer, mailFailed, mailSent, mailTemplate } from './api.ts';
import { wireAddress } from './address.ts';
import { explain } from './causes.ts';
import { createDelivery } from './delivery.ts';
import { createOutbox } from './outbox.ts';
import { createOutboxPage } from './outbox-page.ts';
import {
  describeServer,
  encryptions,
  inventedAddress,
  mailboxFor,
  parseMailbox,
  parseServer,
} from './server-address.ts';
import { createSmtp } from './smtp.ts';
import { createStore } from './store.ts';
import { mail, template, type StoredWords } from './tables.ts';
import { createTemplatePages, wordsKind } from './template-pages.ts';
import { createTemplates } from './templates.ts';
import { upkeep } from './upkeep.ts';

/** Validates by parsing; what the parser says is the reason, and never quotes the value. */
const parsed = (parse: (text: string) => unknown) =>
  v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      try {
        parse(dataset.value);
      } catch (error) {
        addIssue({ message: (error as Error).message });
      }
    }),
  );

const config = v.pipe(
  v.object({
    /** Mail server: `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. None: mails are only noted. */
    smtp: v.optional(parsed((text) => parseServer(text))),
    /** Whom mails come from: `help@example.com` or `Help <help@example.com>`; made of the user or the public address unless set. */
    mailbox: v.optional(parsed(parseMailbox)),
    /** `none`, `ssl` (from the first byte) or `tls` (STARTTLS, or nothing is sent); `tls` for `smtp://` unless the server is on this machine. */
    encryption: v.optional(v.picklist(encryptions, 'expected none, ssl or tls')),
    /** Attempts after which a mail has failed; fourteen last a day. */
    attempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 14),
  }),
  v.forward(
    v.check(
      ({ smtp, encryption }) => !(smtp?.startsWith('smtps:') && encryption !== undefined && encryption !== 'ssl'),
      'smtps:// is encrypted as "ssl"',
    ),
    ['encryption'],
  ),
);

const page = (name: string) => defineView(`mailer/${name}`, { version: 1, side: 'server' });
const administer = withPermission('admin');
/** What happens before anything else of this plugin is switched off. */
const ending = definePoint<() => void>('mailer.ending');
const deliverJob = 'mailer.deliver';

export default definePlugin({
  id: 'mailer',
  config: {
    schema: config,
    env: { smtp: 'MIBEW_SMTP', mailbox: 'MIBEW_MAILBOX', encryption: 'MIBEW_SMTP_ENCRYPTION' },
  },
  needs: { kernel, db, jobs, locales: localesService, views: viewsService, operators, undo },
  provides: [mailer],
  contributes: [
    tables([mail, template]),
    locales('locales/'),
    views(['outbox', 'templates', 'template'].map(page)),
    mailTemplate({ name: 'test_mail', placeholders: ['name'] }),
    menuItem({
      label: 'mailer.menu.outbox',
      route: 'mailer.outbox',
      section: 'admin',
      weight: 700,
      icon: 'mail',
      permission: 'admin',
    }),
    menuItem({
      label: 'mailer.menu.templates',
      route: 'mailer.templates',
      section: 'admin',
      weight: 710,
      icon: 'edit',
      permission: 'admin',
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const { smtp, encryption, attempts } = ctx.config;
    const server = smtp === undefined ? undefined : parseServer(smtp, encryption);
    const mailbox = mailboxFor(ctx.config.mailbox, server, use.kernel.config.publicUrl?.hostname);
    ctx.log.info({ server: server ? describeServer(server) : 'none', mailbox: mailbox.address }, 'mail');

    const store = createStore(use.db);
    const templates = createTemplates(use.db, use.locales);
    await ctx.collect(mailTemplate, (spec, owner) => templates.add(spec, owner));
    const schedule = (id: number, at: number) => use.jobs.schedule(deliverJob, at, { id }, String(id));
    const outbox = createOutbox({
      store,
      templates,
      delivers: server !== undefined,
      domain: wireAddress(mailbox.address).split('@')[1]!,
      schedule,
    });
    ctx.provide(mailer, outbox);

    const stopping = new AbortController();
    const deliver = createDelivery({
      store,
      carrier: server && createSmtp(server, mailbox),
      attempts,
      log: ctx.log,
      schedule,
      explain: (failure) => explain((key, args) => use.locales.text('en', key, args), failure).plain,
      async settled({ id, template: name, by, key }, state, reason) {
        const settled = { id, template: name, by, key };
        await (state === 'sent' ? ctx.call(mailSent, settled) : ctx.call(mailFailed, { ...settled, reason }));
      },
      stopping: stopping.signal,
    });
    const care = upkeep(store, schedule);
    ctx.contribute(job({ name: deliverJob, run: (payload) => deliver((payload as { id: number }).id) }));
    ctx.contribute(job({ name: 'mailer.recover', every: 60_000, run: () => care.recover() }));
    ctx.contribute(job({ name: 'mailer.tidy', every: 3_600_000, run: () => care.tidy() }));

    ctx.contribute(
      notice(() => (server ? undefined : { kind: 'warning', text: 'mailer.notice.noServer', route: 'mailer.outbox' })),
    );
    if (server && mailbox.address === inventedAddress)
      ctx.contribute(notice(() => ({ kind: 'warning', text: 'mailer.notice.noMailbox', route: 'mailer.outbox' })));
    ctx.contribute(
      notice(async () => {
        if ((await store.count('failed')) > 0)
          return { kind: 'danger', text: 'mailer.notice.failed', route: 'mailer.outbox' };
        return (await store.stuck(3)) > 0
          ? { kind: 'warning', text: 'mailer.notice.stuck', route: 'mailer.waiting' }
          : undefined;
      }),
    );

    const needs = { ...use, url: ctx.url };
    const outboxPage = createOutboxPage({
      ...needs,
      store,
      outbox,
      templates,
      schedule,
      server: server && describeServer(server),
    });
    const one = '/operator/mail/:id{[0-9]{1,10}}';
    const listed = [
      ['outbox', 'failed', ''],
      ['waiting', 'waiting', '/waiting'],
      ['logged', 'logged', '/logged'],
      ['sent', 'sent', '/sent'],
    ] as const;
    for (const [name, state, path] of listed)
      ctx.route({
        name,
        method: 'GET',
        path: `/operator/mail${path}`,
        access: administer,
        handler: outboxPage.list(state),
      });
    ctx.route({
      name: 'test',
      method: 'POST',
      path: '/operator/mail/test',
      access: administer,
      handler: outboxPage.test,
    });
    ctx.route({ name: 'retry', method: 'POST', path: `${one}/retry`, access: administer, handler: outboxPage.retry });
    ctx.route({
      name: 'discard',
      method: 'POST',
      path: `${one}/discard`,
      access: administer,
      handler: outboxPage.discard,
    });

    const pages = createTemplatePages({ ...needs, templates });
    ctx.contribute(
      undoable({
        kind: wordsKind,
        permission: 'admin',
        restore: async (value) => ((await templates.restore(value as StoredWords)) ? 'restored' : 'taken'),
        page(value, done) {
          const { name, locale } = value as StoredWords;
          return ctx.url('template', { name, lang: locale, [done]: 1 });
        },
      }),
    );
    const edit = '/operator/mail-template/:name{[A-Za-z0-9_]+}/edit';
    ctx.route({
      name: 'templates',
      method: 'GET',
      path: '/operator/mail-template',
      access: administer,
      handler: pages.list,
    });
    ctx.route({ name: 'template', method: 'GET', path: edit, access: administer, handler: pages.edit });
    ctx.route({ name: 'templateSave', method: 'POST', path: edit, access: administer, handler: pages.save });

    // Contributed last, so taken back first: the job that is taken back after it waits for the mail that is on its way.
    await ctx.collect(ending, (end) => end);
    ctx.contribute(ending(() => stopping.abort()));
  },
});

/** `/operator/mail`: what failed, what waits, what was not sent and what was; by hand tried again or discarded. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/index.ts';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorsService } from '../operators/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import { MailError, type MailerService, type MailState } from './api.ts';
import { explain } from './causes.ts';
import { stateOf, type MailStore } from './store.ts';
import type { MailRow } from './tables.ts';
import type { Templates } from './templates.ts';

export interface OutboxPageNeeds extends Addresses {
  readonly operators: OperatorsService;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly store: MailStore;
  readonly outbox: MailerService;
  readonly templates: Templates;
  readonly schedule: (id: number, at: number) => Promise<void>;
  /** Without its password; undefined when there is none. */
  readonly server: string | undefined;
}

const tabs = [
  { state: 'failed', route: 'outbox' },
  { state: 'waiting', route: 'waiting' },
  { state: 'logged', route: 'logged' },
  { state: 'sent', route: 'sent' },
] as const satisfies readonly { state: MailState; route: string }[];
type Listed = (typeof tabs)[number]['state'];
const routeOf = (state: MailState): string => tabs.find((tab) => tab.state === state)?.route ?? 'outbox';

const badges = { failed: 'danger', waiting: 'info', logged: 'warning', sent: 'success' } as const;
const pageSize = 25;
/** What can be read of a posted or remembered word, and nothing else. */
const outcomes = new Set(['retried', 'discarded', 'tested', 'late', 'address']);

export function createOutboxPage(needs: OutboxPageNeeds) {
  const { operators, views, locales, store, outbox, templates, schedule, server, url } = needs;

  const rowOf = (mail: MailRow, locale: string) => {
    const owner = templates.find(mail.template)?.owner;
    const state = stateOf(mail.state);
    const open = mail.state === 'queued' || mail.state === 'failed' || mail.state === 'logged';
    return {
      ...mail,
      title: owner === undefined ? mail.template : locales.text(locale, `${owner}.mail.${mail.template}`),
      badge: badges[state as Listed],
      stateText: `mailer.state.${mail.state}`,
      at: mail.state === 'queued' ? mail.nextAt : mail.settledAt || mail.createdAt,
      atText: mail.state === 'queued' ? 'mailer.outbox.next' : 'mailer.outbox.at',
      ...(mail.reason !== '' && { failure: explain((key, args) => locales.text(locale, key, args), mail) }),
      ...(open && { retry: url('retry', { id: mail.id }), discard: url('discard', { id: mail.id }) }),
    };
  };

  /** Whoever comes to the first tab without asking for it is shown what is still open: mails that wait, or that were not sent. */
  const list =
    (asked: Listed) =>
    async (context: Context): Promise<Response> => {
      const locale = locales.of(context);
      const counts = await Promise.all(tabs.map((tab) => store.count(tab.state)));
      const come = asked === 'failed' && context.req.query('tab') === undefined;
      const open = tabs.find(({ state }, index) => state !== 'sent' && counts[index]! > 0);
      const state = (come && open?.state) || asked;
      const total = counts[tabs.findIndex((tab) => tab.state === state)]!;
      const pages = pagination(context, total, pageSize, `${url(routeOf(state))}?page=`);
      const rows = await store.page(state, pages.page, pageSize);
      const done = context.req.query('done') ?? '';
      return views.page(context, 'mailer/outbox', {
        server,
        tabs: tabs.map((tab, index) => ({
          title: `mailer.tab.${tab.state}`,
          count: counts[index],
          href: tab.state === 'failed' ? `${url(tab.route)}?tab=failed` : url(tab.route),
          current: tab.state === state,
        })),
        rows: rows.map((row) => rowOf(row, locale)),
        empty: `mailer.empty.${state}`,
        pages,
        ...(outcomes.has(done) && {
          notice: {
            kind: done === 'late' || done === 'address' ? 'warning' : 'success',
            text: locales.text(locale, `mailer.done.${done}`),
          },
        }),
      });
    };

  const back = (context: Context, state: MailState, done: string): Response =>
    context.redirect(`${url(routeOf(state))}?done=${done}`, 302);

  /** Posted forms about one mail. Who comes too late is told so, and nothing was done. */
  const decide =
    (what: (mail: MailRow) => Promise<boolean>, done: string) =>
    async (context: Context): Promise<Response> => {
      const session = (await operators.current(context))!;
      const form = await operators.form(context, session);
      if (!form.ok) return form.response;
      const mail = await store.byId(Number(context.req.param('id')));
      if (!mail)
        return operators.refuse(context, 404, 'MAIL_UNKNOWN', locales.text(locales.of(context), 'mailer.unknown'));
      return back(context, stateOf(mail.state), (await what(mail)) ? done : 'late');
    };

  const retry = decide(async (mail) => {
    if (mail.state !== 'failed' && mail.state !== 'logged' && mail.state !== 'queued') return false;
    const now = Date.now();
    const again = { state: 'queued', version: mail.version + 1, attempts: 0, nextAt: now, settledAt: 0 } as const;
    if (!(await store.change(mail, again))) return false;
    await schedule(mail.id, now);
    return true;
  }, 'retried');

  const discard = decide(async (mail) => {
    if (mail.state !== 'failed' && mail.state !== 'logged' && mail.state !== 'queued') return false;
    return store.change(mail, { state: 'discarded', version: mail.version + 1, body: '', settledAt: Date.now() });
  }, 'discarded');

  /** A mail to whoever asks, to see whether mail works. */
  async function test(context: Context): Promise<Response> {
    const session = (await operators.current(context))!;
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const { name, email } = session.operator;
    try {
      await outbox.send({ template: 'test_mail', locale: locales.of(context), to: email, values: { name } });
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      return back(context, 'waiting', 'address');
    }
    return back(context, 'waiting', 'tested');
  }

  return { list, retry, discard, test };
}

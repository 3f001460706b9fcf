import { definePlugin } from '../../kernel/plugin.ts';
import { optional } from '../../kernel/tokens.ts';
import { figure, notice } from '../admin/api.ts';
import { captcha } from '../captcha/api.ts';
import { beforeStart, callers, chatSettings, threads, visitorPages } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { groups } from '../groups/api.ts';
import { job } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { isAddress, mailer, mailFailed, mailTemplate } from '../mailer/api.ts';
import { attempts, availability, operators } from '../operators/api.ts';
import { realtime } from '../realtime/api.ts';
import { rpc } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { privacy } from '../survey/api.ts';
import { clientModule, defineView, menuItem, views, viewsService } from '../views/api.ts';
import { leaveMessageRpc, leaveMessageUsersRpc, messageLeft } from './api.ts';
import { createFunctions } from './functions.ts';
import { createLeaving } from './leaving.ts';
import { createOffer } from './offer.ts';
import { createPlainForm } from './plain-form.ts';
import { createPost, templates } from './post.ts';
import { leaveMessageSettings } from './settings.ts';
import { createStore } from './store.ts';
import { answer, left } from './tables.ts';
import { createWaiting, tellLeft, withNews } from './waiting.ts';
import { createWork, workRoutes } from './work-page.ts';

/** What visitors see in place of a conversation. */
const screens = ['form', 'sent', 'offer'];
const page = (name: string) => defineView(`leave-message/${name}`, { version: 1, side: 'server' });
const part = (name: string) => defineView(`leave-message/${name}`, { version: 1, side: 'client' });

export default definePlugin({
  id: 'leave-message',
  needs: {
    db,
    cluster,
    realtime,
    settings,
    locales: localesService,
    views: viewsService,
    operators,
    availability,
    attempts,
    threads,
    callers,
    pages: visitorPages,
    captcha: optional(captcha),
    groups: optional(groups),
    mailer: optional(mailer),
    privacy: optional(privacy),
  },
  contributes: [
    tables([left, answer]),
    settingsPage(leaveMessageSettings),
    locales('locales/'),
    locales('client/locales/'),
    views([...['plain', 'list', 'item'].map(page), ...[...screens, 'waiting'].map(part)]),
    clientModule({
      name: 'leave-message',
      entry: 'client/app.ts',
      partOf: ['chat'],
      templates: screens.map((name) => `leave-message/${name}`),
      texts: ['leave-message.form.'],
      styles: ['client/leave-message.css'],
    }),
    clientModule({
      name: 'leave-message-offer',
      entry: 'client/offer.ts',
      joins: ['chat'],
      texts: ['leave-message.waiting.leave', 'leave-message.waiting.text'],
    }),
    clientModule({
      name: 'leave-message-waiting',
      entry: 'client/operator.ts',
      joins: ['users'],
      templates: ['leave-message/waiting'],
      texts: ['leave-message.waiting.'],
      styles: ['client/waiting.css'],
    }),
    menuItem({ label: 'leave-message.menu', route: 'leave-message.list', section: 'work', weight: 110, icon: 'clock' }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const own = use.settings.of(leaveMessageSettings);
    const chat = use.settings.of(chatSettings);
    const { bus } = use.cluster;
    const store = withNews(createStore(use.db), bus);
    const post = createPost({ ...use, store, site: chat, words: own, log: ctx.log });
    const leaving = createLeaving({
      ...use,
      store,
      post,
      chat,
      settings: own,
      left(thread, typed) {
        tellLeft(bus);
        void ctx.call(messageLeft, { thread, ...typed });
      },
    });
    const plain = createPlainForm({ ...use, leaving, addresses: ctx, offer: () => offer });
    const offer = createOffer({ ...use, leaving, chat, plain: plain.model });
    const work = createWork({ store, threads: use.threads, operators: use.operators });
    const waiting = createWaiting({
      ...use,
      bus,
      count: work.count,
      address: () => ctx.url('leave-message.list'),
    });
    await ctx.effect(() => () => waiting.stop(), 'news of left messages');

    // Before the survey: who cannot be answered need not be asked.
    ctx.on(beforeStart, (beginning) => offer.before(beginning), { stage: -10 });
    ctx.contribute(rpc(leaveMessageRpc, createFunctions({ callers: use.callers, leaving, offer })));
    ctx.contribute(rpc(leaveMessageUsersRpc, waiting.functions));
    for (const route of [...plain.routes, ...workRoutes({ ...use, store, post, addresses: ctx }, work)])
      ctx.route(route);

    ctx.contribute(
      figure({
        label: 'leave-message.figure',
        route: 'leave-message.list',
        weight: 30,
        value: ({ operator }) => work.count(operator),
      }),
    );
    ctx.contribute(job({ name: 'leave-message.mail', every: 30_000, run: () => post.catchUp() }));
    if (use.mailer) {
      for (const template of templates) ctx.contribute(mailTemplate(template));
      ctx.on(mailFailed, (mail) => post.failed(mail));
      ctx.contribute(
        notice(() =>
          isAddress(chat.email)
            ? undefined
            : { kind: 'info', text: 'leave-message.notice.email', route: 'admin.settings' },
        ),
      );
    }
    ctx.contribute(
      notice(() =>
        own.enablecaptcha && !use.captcha
          ? { kind: 'warning', text: 'leave-message.notice.captcha', route: 'admin.plugins' }
          : undefined,
      ),
    );
  },
});

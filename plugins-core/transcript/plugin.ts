import { definePlugin, kernel } from '../../kernel/index.ts';
import { optional } from '../../kernel/tokens.ts';
import { captcha } from '../captcha/api.ts';
import { chatOptions, chatSettings, plainLinks, threads, visitorPages } from '../chat/api.ts';
import { db, tables } from '../database/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { mailer, mailTemplate } from '../mailer/api.ts';
import { attempts, operators } from '../operators/api.ts';
import { rpc } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { clientModule, defineView, views, viewsService } from '../views/api.ts';
import { transcriptRpc, type TranscriptOffer } from './api.ts';
import { createFunctions } from './functions.ts';
import { transcriptRoutes } from './pages.ts';
import { createSending, historyMail } from './sending.ts';
import { transcriptSettings } from './settings.ts';
import { wish } from './tables.ts';
import { createTranscripts } from './transcript.ts';
import { createWishes } from './wishes.ts';

const page = (name: string) => defineView(`transcript/${name}`, { version: 1, side: 'server' });
const client = (name: string) => defineView(`transcript/${name}`, { version: 1, side: 'client' });

export default definePlugin({
  id: 'transcript',
  needs: {
    kernel,
    db,
    threads,
    visitorPages,
    operators,
    attempts,
    settings,
    locales: localesService,
    views: viewsService,
    captcha: optional(captcha),
    mailer: optional(mailer),
  },
  contributes: [
    tables([wish]),
    settingsPage(transcriptSettings),
    locales('locales/'),
    locales('client/locales/'),
    views([...['mail', 'file'].map(page), ...['icon', 'button', 'dialog', 'told'].map(client)]),
    mailTemplate(historyMail),
    clientModule({
      name: 'transcript-visitor',
      entry: 'client/index.ts',
      joins: ['chat'],
      templates: ['transcript/icon', 'transcript/button'],
      texts: ['transcript.menu'],
      styles: ['client/button.css'],
    }),
    clientModule({
      name: 'transcript-operator',
      entry: 'client/operator.ts',
      joins: ['chat-pane'],
      templates: ['transcript/icon'],
      texts: ['transcript.save'],
    }),
    clientModule({
      name: 'transcript',
      entry: 'client/app.ts',
      partOf: ['chat'],
      templates: ['transcript/dialog', 'transcript/told'],
      texts: ['transcript.form.', 'transcript.menu'],
      styles: ['client/transcript.css'],
    }),
  ],
  setup(ctx) {
    const { use } = ctx;
    const own = use.settings.of(transcriptSettings);
    const chat = use.settings.of(chatSettings);
    const transcripts = createTranscripts({ ...use, chat });
    const sending = createSending({ ...use, settings: own, chat, transcripts, wishes: createWishes(use.db) });

    ctx.on(chatOptions, (options, { thread: { id, token }, side }) => {
      const at = { thread: id, token };
      const links = options['links'] as object | undefined;
      if (side === 'agent') return { ...options, links: { ...links, transcript: ctx.url('operator', at) } };
      const { offered, captchaUrl } = sending;
      const transcript: TranscriptOffer = {
        mail: offered,
        download: own.usercandownload,
        ...(offered && captchaUrl !== undefined && { captchaUrl }),
      };
      return {
        ...options,
        user: { ...(options['user'] as object | undefined), canSendEmail: offered },
        links: { ...links, mail: offered ? ctx.url('mail', at) : '' },
        transcript,
      };
    });
    ctx.on(plainLinks, (links, { thread: { id, token }, locale }) => {
      const at = { thread: id, token };
      const text = (key: string) => use.locales.text(locale, `transcript.plain.${key}`);
      return [
        ...links,
        ...(sending.offered ? [{ label: text('mail'), href: ctx.url('mail', at) }] : []),
        ...(own.usercandownload ? [{ label: text('download'), href: ctx.url('file', at) }] : []),
      ];
    });
    ctx.contribute(rpc(transcriptRpc, createFunctions({ ...use, sending, transcripts, settings: own })));
    for (const route of transcriptRoutes({ ...use, url: ctx.url, sending, transcripts, settings: own }))
      ctx.route(route);
  },
});

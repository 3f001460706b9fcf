import { definePlugin } from '../../kernel/plugin.ts';
import { optional } from '../../kernel/tokens.ts';
import { beforeStart, callers, chatSettings, prepareThread, threads, visitorPages } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { groups } from '../groups/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { operators } from '../operators/api.ts';
import { rpc } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { undo, undoable } from '../undo/api.ts';
import { clientModule, defineView, menuItem, views, viewsService } from '../views/api.ts';
import { privacy, surveyRpc, surveyUsersRpc } from './api.ts';
import { createFieldPages, fieldKind } from './field-pages.ts';
import type { Field } from './field.ts';
import { createFields } from './fields.ts';
import { plainRoute, withPlainForm } from './plain.ts';
import { createPrivacy } from './privacy.ts';
import { createQuestions } from './questions.ts';
import { surveyFunctions, surveyUsersFunctions } from './rpc.ts';
import { surveySettings } from './settings.ts';
import { createSubmissions } from './submission.ts';
import { field } from './tables.ts';

const page = (name: string) => defineView(`survey/${name}`, { version: 1, side: 'server' });

export default definePlugin({
  id: 'survey',
  needs: {
    db,
    cluster,
    settings,
    locales: localesService,
    operators,
    threads,
    callers,
    visitorPages,
    undo,
    views: viewsService,
    groups: optional(groups),
  },
  provides: [privacy],
  contributes: [
    tables([field]),
    settingsPage(surveySettings),
    locales('locales/'),
    locales('client/locales/'),
    views([
      ...['plain', 'fields', 'field', 'field_delete'].map(page),
      defineView('survey/form', { version: 1, side: 'client' }),
      defineView('survey/facts', { version: 1, side: 'client' }),
    ]),
    clientModule({
      name: 'survey',
      entry: 'client/app.ts',
      partOf: ['chat'],
      templates: ['survey/form'],
      texts: ['survey.form.'],
      styles: ['client/survey.css'],
    }),
    clientModule({
      name: 'survey-facts',
      entry: 'client/facts.ts',
      joins: ['users'],
      templates: ['survey/facts'],
      texts: ['survey.facts.'],
    }),
    menuItem({
      label: 'survey.menu',
      route: 'survey.fields',
      section: 'admin',
      weight: 420,
      icon: 'question',
      permission: 'admin',
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const text = use.locales.text.bind(use.locales);
    const locale = (asked: string | undefined) => (asked && use.locales.match(asked)) || 'en';
    const shared = { settings: use.settings.of(surveySettings), chat: use.settings.of(chatSettings), text, locale };

    const fields = createFields({
      db: use.db,
      bus: use.cluster.bus,
      failed: (error) => ctx.log.error({ err: error }, 'fields of the survey could not be read again'),
    });
    await fields.load();
    await ctx.effect(() => fields.watch(), 'follow other nodes');

    const policy = createPrivacy(shared);
    ctx.provide(privacy, policy);
    const questions = createQuestions({ ...shared, fields, privacy: policy, groups: use.groups });
    const submissions = createSubmissions({ ...shared, fields, privacy: policy, threads: use.threads });

    ctx.on(beforeStart, async (beginning) => {
      const outcome = await questions.before(beginning);
      return outcome && withPlainForm(ctx, outcome, beginning.input.group);
    });
    ctx.on(prepareThread, (preparation, about) => submissions.prepare(preparation, about));
    ctx.contribute(rpc(surveyRpc, surveyFunctions({ callers: use.callers, submissions })));
    ctx.contribute(rpc(surveyUsersRpc, surveyUsersFunctions(use.threads)));

    ctx.route(plainRoute({ pages: use.visitorPages, questions, submissions, addresses: ctx }));
    ctx.contribute(
      undoable({
        kind: fieldKind,
        permission: 'admin',
        restore: async (value) => ((await fields.restore(value as Field)) ? 'restored' : 'taken'),
        page: (_, done) => ctx.url('fields', { done }),
      }),
    );
    for (const route of createFieldPages({ ...use, fields, addresses: ctx })) ctx.route(route);
  },
});

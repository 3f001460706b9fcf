import { join } from 'node:path';
import { definePlugin } from '../../kernel/plugin.ts';
import { kernel, optional, stopping } from '../../kernel/tokens.ts';
import {
  invitationState,
  threadChanged,
  threadClosed,
  threads,
  threadState,
  visitorComing,
  visitorPages,
  visitors,
} from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { groups } from '../groups/api.ts';
import { job } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { availability, operatorRoute, operators, withPermission } from '../operators/api.ts';
import { rpc } from '../rpc/api.ts';
import { settings, settingsPage } from '../settings/api.ts';
import { tracking, visitorsDeleted, visitorTracked, widgetAnswered } from '../tracking/api.ts';
import { undo, undoable } from '../undo/api.ts';
import { usersOptions } from '../users/api.ts';
import { clientModule, defineView, menuItem, views, viewsService } from '../views/api.ts';
import { launcherPart } from '../widget/api.ts';
import * as api from './api.ts';
import { boardInvite, inviteView } from './board.ts';
import { createAnswers } from './answers.ts';
import { createBook } from './book.ts';
import { frameRoute } from './frame-page.ts';
import { createInvitations } from './invitations.ts';
import { inviteRoutes } from './invite-page.ts';
import { createInviter } from './inviter.ts';
import { createPagesTold } from './pages-told.ts';
import { createRulePages, ruleKind } from './rule-pages.ts';
import { createRules } from './rules.ts';
import { invitationFunctions } from './rpc.ts';
import { invitationSettings } from './settings.ts';
import { soundRoute } from './sound.ts';
import { statisticsPage } from './statistics-page.ts';
import { invitation, outcome, rule } from './tables.ts';
import { ticketOf } from './ticket.ts';

/** Records are kept for as long as a rule can remember whom it asked, ms. */
const kept = 366 * 86_400_000;

export default definePlugin({
  id: 'invitation',
  needs: {
    kernel,
    db,
    cluster,
    settings,
    locales: localesService,
    operators,
    availability,
    threads,
    visitors,
    pages: visitorPages,
    tracking,
    undo,
    views: viewsService,
    groups: optional(groups),
  },
  provides: [api.invitations],
  contributes: [
    tables([invitation, rule, outcome]),
    settingsPage(invitationSettings),
    locales('locales/'),
    views(
      ['rules', 'rule', 'rule_delete', 'statistics', 'ask', 'failed', 'frame'].map((name) =>
        defineView(`invitation/${name}`, { version: 1, side: 'server' }),
      ),
    ),
    locales('client/locales/'),
    views([inviteView]),
    clientModule(boardInvite),
    menuItem({
      label: 'invitation.menu',
      route: 'invitation.rules',
      section: 'admin',
      weight: 430,
      icon: 'hand',
      permission: 'admin',
    }),
    menuItem({
      label: 'invitation.menu.statistics',
      route: 'invitation.statistics',
      section: 'work',
      weight: 360,
      icon: 'chart',
      permission: 'statistics',
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const { config } = use.kernel;
    const values = use.settings.of(invitationSettings);
    const { bus, locks } = use.cluster;
    const now = () => Date.now();
    const failed = (what: string) => (error: unknown) => ctx.log.error({ err: error }, what);
    const book = createBook(use.db, now);

    const ticket = ({ threadId, seed }: { readonly threadId: number; readonly seed: string }) =>
      ticketOf(config.secret, threadId, seed);
    const answers = createAnswers({
      ...use,
      settings: values,
      async ticket(threadId) {
        const row = await book.byThread(threadId);
        return row && ticket(row);
      },
      addresses: {
        frame: (thread, given) => ctx.url('frame', { thread, ticket: given }),
        sound: () => `${config.base}/chat/invitation/invite`,
      },
      reject: (threadId) => invitations.reject(threadId),
    });
    const pagesTold = createPagesTold({
      ...use,
      answers,
      origin: config.publicUrl?.origin ?? '',
      failed: failed('pages could not be told of an invitation of another node'),
    });
    await ctx.effect(() => pagesTold.follow(), 'follow invitations of other nodes');
    const invitations = createInvitations({
      ...use,
      book,
      locks,
      lifetime: () => values.invitation_lifetime,
      now,
      told: {
        async created(thread, visitor) {
          inviter.invited(visitor.id, thread.createdAt);
          await pagesTold.created(thread, visitor);
          await ctx.call(api.invitationCreated, thread);
        },
        async accepted(thread, trackedId) {
          pagesTold.over(thread, trackedId);
          await ctx.call(api.invitationAccepted, thread);
        },
        async over(thread, trackedId) {
          pagesTold.over(thread, trackedId);
          if (thread.invitationState === invitationState.rejected) await ctx.call(api.invitationRejected, thread);
          if (thread.invitationState === invitationState.ignored) await ctx.call(api.invitationIgnored, thread);
        },
      },
    });
    ctx.provide(api.invitations, invitations);
    ctx.contribute(
      launcherPart({
        name: 'invitation',
        entry: join(ctx.plugin.root, 'client/page/part.ts'),
        styles: [join(ctx.plugin.root, 'client/page/invitation.css')],
        facts: () => ({ style: values.invitation_style }),
      }),
    );

    const rules = createRules({
      db: use.db,
      bus,
      hasGroup: async (id) => (await use.groups?.byId(id)) !== undefined,
      failed: failed('rules of invitations could not be read again'),
    });
    await rules.load();
    await ctx.effect(() => rules.watch(), 'follow other nodes');
    const inviter = createInviter({
      ...use,
      rules,
      book,
      invitations,
      now,
      failed: failed('a visitor could not be invited by rule'),
    });
    await ctx.effect(() => {
      const timer = setInterval(() => inviter.tick(), 1_000);
      return async () => {
        clearInterval(timer);
        await inviter.settled();
      };
    }, 'invite by rule');

    ctx.on(visitorComing, async (input, { visitor }) => {
      await invitations.coming(input, visitor);
    });
    ctx.on(threadChanged, async ({ thread, original }) => {
      if (original.state === threadState.invited && thread.state !== threadState.invited)
        await invitations.settle(thread);
    });
    ctx.on(threadClosed, (thread) => invitations.settle(thread));
    ctx.on(widgetAnswered, (response, about) =>
      // Nearly every contact.
      about.visitor.threadId === 0 && !about.contact.invitation ? undefined : answers.answer(response, about),
    );
    ctx.on(visitorTracked, ({ visitor }) => inviter.look(visitor));
    ctx.on(visitorsDeleted, (ids) => inviter.forget(ids));
    ctx.on(usersOptions, async (page, { operator }) => ({
      ...page,
      inviteLink: ctx.url('invite'),
      operatorCouldNotInvite: await invitations.isOutside(operator),
    }));
    ctx.contribute(rpc(api.invitationRpc, invitationFunctions(invitations)));
    ctx.contribute(job({ name: 'invitation.expire', every: 2_000, run: () => invitations.expire() }));
    ctx.contribute(job({ name: 'invitation.forget', every: 3_600_000, run: () => book.forget(now() - kept) }));
    ctx.contribute(
      undoable({
        kind: ruleKind,
        permission: 'admin',
        async restore(value) {
          await rules.restore(value as api.InvitationRule);
          return 'restored';
        },
        page: (_, done) => ctx.url('rules', { done }),
      }),
    );

    const shared = { ...use, addresses: ctx };
    for (const route of [
      ...inviteRoutes({ ...shared, invitations }),
      ...createRulePages({ ...shared, rules }),
      operatorRoute(use.operators, withPermission('statistics'))(
        'statistics',
        'GET',
        '/operator/invitation/statistics',
        statisticsPage({ ...shared, book, rules, now }),
      ),
      frameRoute({ ...shared, book, invitations, ticket }),
      soundRoute(join(ctx.plugin.root, 'assets')),
    ])
      ctx.route(route);

    // The server may come back in time for an answer; the plugin, once it is switched off, may not.
    let leaving = false;
    ctx.on(stopping, () => {
      leaving = true;
    });
    await ctx.effect(
      () => async () => {
        if (!leaving) await invitations.endAll().catch(failed('invitations that wait could not be ended'));
      },
      'end what waits',
    );
  },
});

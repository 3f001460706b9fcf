/** `/operator/invite`: the original's way to ask a visitor in. */
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import { loggedIn, operatorRoute, type OperatorPage, type OperatorsService } from '../operators/api.ts';
import type { TrackingService } from '../tracking/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { InvitationsService } from './api.ts';

export interface InvitePageNeeds {
  readonly invitations: Pick<InvitationsService, 'invite'>;
  readonly tracking: Pick<TrackingService, 'byId'>;
  readonly operators: Pick<OperatorsService, 'current' | 'form' | 'refuse'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly addresses: Addresses;
}

/** Number of the visitor in the address; undefined: malformed. */
function visitorOf(context: Context): number | undefined {
  const digits = /^\d{1,10}$/.exec(context.req.query('visitor') ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** True for our own pages, typed addresses and bookmarks; old browsers do not say. */
function isFromHere(context: Context): boolean {
  const site = context.req.header('sec-fetch-site');
  const ahead = /prefetch|prerender/.test(`${context.req.header('sec-purpose')} ${context.req.header('purpose')}`);
  return !ahead && (site === undefined || site === 'same-origin' || site === 'none');
}

export function inviteRoutes(needs: InvitePageNeeds): readonly RouteSpec[] {
  const { invitations, tracking, operators, views, locales, addresses } = needs;
  const malformed = (context: Context) =>
    operators.refuse(
      context,
      400,
      'VISITOR_MALFORMED',
      locales.text(locales.of(context), 'invitation.invite.malformed'),
    );
  const back = () => addresses.url('users.workspace');

  async function invite(...[context, { operator }]: Parameters<OperatorPage>): Promise<Response> {
    const id = visitorOf(context);
    if (id === undefined) return malformed(context);
    const outcome = await invitations.invite(id, operator);
    if ('thread' in outcome) {
      const { id: thread, token } = outcome.thread;
      return context.redirect(addresses.url('chat.operator', { thread, token }), 302);
    }
    return views.page(context, 'invitation/failed', { reason: `invitation.failed.${outcome.refused}`, back: back() });
  }

  /** Invites at once if the operator came by himself, else asks. */
  async function open(...[context, session]: Parameters<OperatorPage>): Promise<Response> {
    const id = visitorOf(context);
    if (id === undefined) return malformed(context);
    if (context.req.method !== 'HEAD' && isFromHere(context)) return invite(context, session);
    const visitor = await tracking.byId(id);
    return views.page(context, 'invitation/ask', {
      name: visitor?.name,
      page: visitor?.page,
      action: addresses.url('invitation.invitePost', { visitor: id }),
      back: back(),
    });
  }

  async function post(...[context, session]: Parameters<OperatorPage>): Promise<Response> {
    const form = await operators.form(context, session);
    return form.ok ? invite(context, session) : form.response;
  }

  const route = operatorRoute(operators, loggedIn);
  return [route('invite', 'GET', '/operator/invite', open), route('invitePost', 'POST', '/operator/invite', post)];
}

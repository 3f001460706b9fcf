/** The page `/operator/users`: the workspace of an operator. */
import type { Addresses, Handler, KernelConfig } from '../../kernel/plugin.ts';
import type { AvailabilityService, OperatorSession, OperatorsService } from '../operators/api.ts';
import type { Values } from '../settings/api.ts';
import { defineView, type ClientSpec, type ViewsService } from '../views/api.ts';
import type { usersSettings } from './settings.ts';

export const usersViews = [
  defineView('users/workspace', { version: 1, side: 'server', blocks: ['content'] }),
  defineView('users/frame', { version: 1, side: 'client', slots: ['controls'] }),
  defineView('users/queued_thread', { version: 1, side: 'client', slots: ['controls'] }),
  defineView('users/tab', { version: 1, side: 'client' }),
  defineView('users/facts', { version: 1, side: 'client' }),
  defineView('users/no_threads', { version: 1, side: 'client' }),
];

export const usersApp: ClientSpec = {
  name: 'users',
  entry: 'client/app.ts',
  templates: ['users/*', 'chat/*'],
  texts: ['users.', 'client.', 'chat.'],
  styles: ['client/workspace.css'],
};

export interface PageNeeds {
  readonly operators: Pick<OperatorsService, 'current'>;
  readonly availability: Pick<AvailabilityService, 'setAway' | 'touch'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly config: Pick<KernelConfig, 'base'>;
  readonly addresses: Addresses;
  readonly settings: Values<typeof usersSettings>;
}

/** What the server hands the users app: RPC spec section 9.5; `name` and the last three of `page` are ours. */
export function bootOf(
  session: OperatorSession,
  { config: { base }, settings }: Pick<PageNeeds, 'config' | 'settings'>,
) {
  return {
    server: { url: `${base}/operator/users/update`, requestsFrequency: settings.updatefrequency_operator },
    agent: { id: session.operator.id, name: session.operator.name },
    page: {
      mibewBasePath: base,
      mibewBaseUrl: base,
      showOnlineOperators: settings.showonlineoperators,
      showVisitors: false,
      showPopup: settings.enablepopupnotification,
      threadTag: 'li',
      visitorTag: 'li',
      agentLink: `${base}/operator/chat`,
      trackedLink: '',
      banLink: '',
      inviteLink: '',
      operatorCouldNotInvite: true,
      chatWindowParams: '',
      trackedUserWindowParams: '',
      trackedVisitorWindowParams: '',
      banWindowParams: '',
      inviteWindowParams: '',
      threadServer: `${base}/thread/update`,
      loginLink: `${base}/operator/login`,
      demoLink: '',
    },
  };
}

/** Opening the page makes the operator available. */
export function workspacePage(needs: PageNeeds): Handler {
  return async (context) => {
    const session = await needs.operators.current(context);
    if (!session) return context.redirect(`${needs.config.base}/operator/login`);
    await needs.availability.setAway(session.operator.id, false);
    await needs.availability.touch(session.operator.id);
    return needs.views.page(context, 'users/workspace', {}, { app: { name: 'users', boot: bootOf(session, needs) } });
  };
}

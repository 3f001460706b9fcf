/** The page `/operator/users`: the workspace of an operator, and what its app starts with. */
import type { Context } from 'hono';
import type { Addresses, Handler, Kernel } from '../../kernel/plugin.ts';
import type { AvailabilityService, Operator, OperatorSession, OperatorsService } from '../operators/api.ts';
import type { SettingsService } from '../settings/api.ts';
import type { ViewsService } from '../views/api.ts';
import { usersSettings } from './settings.ts';

export interface PageNeeds {
  readonly kernel: Pick<Kernel, 'config' | 'facts'>;
  readonly addresses: Addresses;
  readonly operators: Pick<OperatorsService, 'current' | 'refuse'>;
  readonly availability: Pick<AvailabilityService, 'setStatus' | 'ownStatus' | 'touch' | 'detectsIdle'>;
  readonly settings: SettingsService;
  readonly views: Pick<ViewsService, 'page'>;
  /** Hook `users.options`. */
  readonly complete: (
    page: Readonly<Record<string, unknown>>,
    operator: Operator,
  ) => Promise<Readonly<Record<string, unknown>>>;
}

/** The value of a setting of another plugin; its own default if that plugin is not there. */
function settingOf(settings: SettingsService, key: string): unknown {
  return settings.groups().find(({ values }) => key in values)?.values[key];
}

/** Address of a page that may not be there: the demo is switched off where a real site is served. */
function addressOf(addresses: Addresses, route: string): string {
  try {
    return addresses.url(route);
  } catch {
    return '';
  }
}

/** RPC spec section 9.5. Ours: `threadServer`, `messageForm`, `presence`, the name of the agent, and the last four of `page`. */
async function bootOf(context: Context, session: OperatorSession, needs: PageNeeds) {
  const { kernel, addresses, settings } = needs;
  const { base } = kernel.config;
  const values = settings.of(usersSettings);
  const page = {
    mibewBasePath: base,
    mibewBaseUrl: base,
    showOnlineOperators: values.showonlineoperators,
    showVisitors: false,
    showPopup: values.enablepopupnotification,
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
    loginLink: addresses.url('operators.login', { back: addresses.url('users.workspace') }),
    logoutLink: addresses.url('operators.logout'),
    demoLink: addressOf(addresses, 'demo.page'),
    embedCode: `<script src="${kernel.facts(context).origin}${base}/mibew.js" async></script>`,
  };
  return {
    server: { url: `${base}/operator/users/update`, requestsFrequency: values.updatefrequency_operator },
    threadServer: {
      url: `${base}/thread/update`,
      requestsFrequency: settingOf(settings, 'updatefrequency_chat') ?? values.updatefrequency_operator,
    },
    messageForm: {
      ignoreCtrl: settingOf(settings, 'sendmessagekey') === 'enter',
      maxLength: settingOf(settings, 'message_max_length'),
    },
    agent: { id: session.operator.id, name: session.operator.name },
    presence: {
      status: (await needs.availability.ownStatus(session.operator.id)).status,
      detectsIdle: needs.availability.detectsIdle,
    },
    page: await needs.complete(page, session.operator),
  };
}

/** A browser that guesses which page is wanted next loads it, and runs it, before anybody opened it. */
const isGuess = ({ req }: Context): boolean =>
  /prefetch|prerender/.test(`${req.header('sec-purpose')} ${req.header('purpose')}`);

/** Opening the page makes the operator available, unless he chose to be invisible: nobody is uncovered by loading a page again. */
export function workspacePage(needs: PageNeeds): Handler {
  return async (context) => {
    const session = await needs.operators.current(context);
    if (!session) return needs.operators.refuse(context, 403, 'LOGIN_NEEDED');
    // Refused, it is asked for again once it is really opened: only then is the operator there.
    if (isGuess(context)) return context.body(null, 503, { 'cache-control': 'no-store' });
    if (context.req.method !== 'HEAD') {
      const { id } = session.operator;
      const { status } = await needs.availability.ownStatus(id);
      await needs.availability.setStatus(id, status === 'invisible' ? status : 'available');
      await needs.availability.touch(id, session.id);
    }
    const model = { fill: true, ghosts: [1, 2, 3, 4, 5] };
    return needs.views.page(context, 'users/workspace', model, {
      app: { name: 'users', boot: await bootOf(context, session, needs) },
      policy: { 'manifest-src': ["'self'"], 'worker-src': ["'self'"], 'trusted-types': ['mibew-worker'] },
    });
  };
}

/** The service that other plugins see: accounts, sessions and forms under one name. */
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Kernel } from '../../kernel/index.ts';
import type { Accounts } from './accounts.ts';
import type { Administration } from './administration.ts';
import { sessionCookie, type Operator, type OperatorsService } from './api.ts';
import type { Forms } from './forms.ts';
import { can, corePermissions } from './permissions.ts';
import { mayEdit } from './rights.ts';
import { keyOf } from './rules.ts';
import { lifetimeOf, type Sessions } from './sessions.ts';
import type { Permission, OperatorSession } from './api.ts';

export interface ServiceNeeds {
  readonly kernel: Pick<Kernel, 'config' | 'facts'>;
  readonly accounts: Accounts;
  readonly administration: Administration;
  readonly tabs: OperatorsService['tabs'];
  readonly sessions: Sessions;
  readonly forms: Forms;
  readonly refuse: OperatorsService['refuse'];
  readonly permissions: () => readonly Permission[];
  /** Asked when a page has no session: another way to know who it is. */
  readonly authenticate: (context: Context) => Promise<Operator | undefined>;
  readonly loggedIn: (session: OperatorSession, remember: boolean) => Promise<void>;
}

export function createOperators(needs: ServiceNeeds) {
  const { accounts, sessions, kernel } = needs;
  const remembered = new WeakMap<Context, Promise<OperatorSession | undefined>>();
  const cookieOptions = (context: Context) =>
    ({
      httpOnly: true,
      sameSite: 'Lax',
      secure: kernel.facts(context).secure,
      path: kernel.config.base || '/',
    }) as const;
  const everything = () => [...new Set([...corePermissions, ...needs.permissions()].map(({ name }) => name))];

  const service: OperatorsService = {
    byId: async (id) => (await accounts.read()).byId.get(id)?.operator,
    byLogin: async (login) => (await accounts.read()).byKey.get(keyOf(login))?.operator,
    list: async () => [...(await accounts.read()).byId.values()].map(({ operator }) => operator),
    create: (input, asked) => accounts.create(input, asked),
    createFirst: (input) => accounts.createFirst(input, everything()),
    hasAdministrator: () => accounts.hasAdministrator(),
    ...needs.administration,
    mayEdit,
    tabs: needs.tabs,
    permissions: needs.permissions,
    session: (cookie) => sessions.find(cookie),
    current(context) {
      const found = remembered.get(context);
      if (found) return found;
      const asked = sessions.find(getCookie(context, sessionCookie)).then(async (session) => {
        if (session) return session;
        const operator = await needs.authenticate(context);
        return operator && !operator.disabled ? service.logIn(context, operator) : undefined;
      });
      remembered.set(context, asked);
      return asked;
    },
    async logIn(context, operator, { remember = false } = {}) {
      const before = await sessions.find(getCookie(context, sessionCookie));
      if (before) await sessions.end(before.id);
      const { address } = kernel.facts(context);
      const userAgent = context.req.header('user-agent') ?? '';
      const { cookie, session } = await sessions.start(operator, { remember, address, userAgent });
      const maxAge = remember ? { maxAge: lifetimeOf(true).absolute / 1_000 } : {};
      setCookie(context, sessionCookie, cookie, { ...cookieOptions(context), ...maxAge });
      remembered.set(context, Promise.resolve(session));
      await needs.loggedIn(session, remember);
      return session;
    },
    logOut: (sessionId) => sessions.end(sessionId),
    can,
    refuse: needs.refuse,
    ...needs.forms,
  };
  /** Who is logged in, without asking anybody else: for pages that everybody may see. */
  const peek = (context: Context) => remembered.get(context) ?? sessions.find(getCookie(context, sessionCookie));
  return { service, peek };
}

/** Takes the cookie back from the browser that logs out. */
export const forgetCookie = (context: Context, base: string): void => {
  deleteCookie(context, sessionCookie, { path: base || '/' });
};

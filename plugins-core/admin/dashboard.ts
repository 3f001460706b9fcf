/** The first page of an operator: what waits, who is there, whether everything runs. */
import type { Context } from 'hono';
import type { AccessQuestion, Kernel, Logger } from '../../kernel/index.ts';
import {
  loggedIn,
  type AvailabilityService,
  type Operator,
  type OperatorSession,
  type OperatorsService,
} from '../operators/api.ts';
import type { ChangesService } from '../settings/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { Figure, Notice, Present } from './api.ts';
import type { Waiting } from './conversations.ts';

export interface DashboardNeeds {
  readonly kernel: Pick<Kernel, 'report' | 'version' | 'url'>;
  readonly operators: OperatorsService;
  readonly availability: Pick<AvailabilityService, 'online'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly changes: Pick<ChangesService, 'list'>;
  readonly log: Logger;
  readonly figures: () => readonly Figure[];
  readonly waiting: (operator: Operator) => Promise<Waiting | undefined>;
  readonly notices: () => readonly (() => Notice | undefined | Promise<Notice | undefined>)[];
  /** Asks as any other page is asked. */
  readonly mayEnter: (question: AccessQuestion) => Promise<true | Response | undefined>;
  /** Hook `admin.present.shown`. */
  readonly presentShown: (list: readonly Present[], operator: Operator) => Promise<readonly Present[]>;
  readonly setupNotice: (context: Context) => Promise<Response>;
}

export function createDashboard(needs: DashboardNeeds) {
  const { kernel, operators, availability, changes, views, log } = needs;

  const link = (route: string | undefined): string | undefined => {
    if (route === undefined) return undefined;
    try {
      return kernel.url(route);
    } catch {
      // Its plugin is switched off: the figure stands without a link.
      return undefined;
    }
  };

  const figuresFor = async (session: OperatorSession) => {
    const shown = needs
      .figures()
      .filter(({ permission }) => permission === undefined || operators.can(session.operator, permission))
      .toSorted((left, right) => left.weight - right.weight);
    const asked = shown.map(async (one) => {
      try {
        const value = await one.value(session);
        return value === undefined ? undefined : { label: one.label, value, href: link(one.route) };
      } catch (error) {
        log.error({ error, label: one.label }, 'a figure of the dashboard failed');
        return undefined;
      }
    });
    return (await Promise.all(asked)).filter((one) => one !== undefined);
  };

  const noticesFor = async () => {
    const asked = needs.notices().map(async (ask) => {
      try {
        const said = await ask();
        return said && { ...said, href: link(said.route) };
      } catch (error) {
        log.error({ error }, 'a notice of the dashboard failed');
        return undefined;
      }
    });
    return (await Promise.all(asked)).filter((one) => one !== undefined);
  };

  const presentFor = async (viewer: Operator) =>
    needs.presentShown(
      (await availability.online()).map(({ operator: { id, name, avatar }, away }) => ({ id, name, avatar, away })),
      viewer,
    );

  const plugins = () => {
    const all = kernel.report().plugins;
    const problems = all.filter(({ status, problems: own }) => own.length > 0 || status === 'failed');
    return { active: all.filter(({ status }) => status === 'active').length, all: all.length, problems };
  };

  return async (context: Context): Promise<Response> => {
    if (!(await operators.hasAdministrator())) return needs.setupNotice(context);
    const route = { name: 'dashboard', plugin: 'admin' };
    const entered = await needs.mayEnter({ access: loggedIn, context, route });
    if (entered !== true) return entered ?? operators.refuse(context, 403, 'LOGIN_NEEDED');
    const session = (await operators.current(context))!;
    const administers = operators.can(session.operator, 'admin');
    const [figures, waiting, online, notices, latest] = await Promise.all([
      figuresFor(session),
      needs.waiting(session.operator),
      presentFor(session.operator),
      administers ? noticesFor() : [],
      administers ? changes.list({}, { offset: 0, limit: 1 }) : [],
    ]);
    return views.page(context, 'admin/dashboard', {
      figures,
      waiting,
      online,
      notices,
      version: kernel.version,
      ...(administers && { plugins: plugins(), changed: latest[0]?.at }),
      workspace: link('users.workspace'),
      demo: link('demo.page'),
    });
  };
}

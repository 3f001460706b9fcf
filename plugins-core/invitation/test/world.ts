/** The plugin beside real ones: operators who log in, visitors whose pages are heard, and what those are told. */
import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import { createTestKernel, type TestPlugin } from '../../../kernel/testing.ts';
import { threads, visitors, type Thread, type Visitor, type WireMessage } from '../../chat/api.ts';
import type { Dialect } from '../../database/api.ts';
import { createTestUrl } from '../../database/testing.ts';
import { jobs } from '../../jobs/api.ts';
import { availability, operators, type Operator } from '../../operators/api.ts';
import { createBrowser, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import { tracking, type TrackedVisitor } from '../../tracking/api.ts';
import { nothingToDo, widgetContacted, type WidgetAnswer, type WidgetContact } from '../../widget/api.ts';
import { invitations, type invitationCreated, type PageInvitation } from '../api.ts';

/** The four events have one shape. */
type AnyInvitationHook = typeof invitationCreated;

const password = 'battery staple';
export const home = 'https://shop.example/';
const hello = { remote: '192.0.2.7', userAgent: 'test', locale: 'en' };

export interface Page {
  readonly secret: string;
  /** Says where it is, and what it shows. */
  contact(more?: Partial<WidgetContact>): Promise<WidgetAnswer>;
  visitor(): Promise<TrackedVisitor>;
}

/** Busy machines take their time. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 15_000 });

/** The invitation in an answer, if there is one. */
export const invitationIn = (answer: Pick<WidgetAnswer, 'handlers' | 'data'>): PageInvitation | undefined =>
  answer.handlers.includes('invitationCreate') ? (answer.data['invitation'] as PageInvitation) : undefined;
export const closes = ({ handlers }: Pick<WidgetAnswer, 'handlers'>): boolean => handlers.includes('invitationClose');

export async function createWorld(
  dialect: Dialect,
  { plugins = [] }: { readonly plugins?: readonly TestPlugin[] } = {},
) {
  const { url, drop } = await createTestUrl(dialect);
  const kernel = await createTestKernel({
    plugins: ['invitation', 'tracking', ...plugins],
    env: { MIBEW_DATABASE: url },
  });
  const set = (values: Record<string, unknown>) => kernel.service(settings).change(values, 'test');
  await set({ max_connections_from_one_host: 0, start_rate: 0, tracking_newcomers: 0 });
  const service = <T>(token: Parameters<typeof kernel.service<T>>[0]) => kernel.service(token);

  async function operator(login: string, permissions: readonly string[] = [], commonName?: string): Promise<Operator> {
    const account = { login, name: login, email: `${login}@example.com`, password, permissions };
    return service(operators).create({ ...account, ...(commonName && { commonName }) });
  }
  async function logIn({ login }: Operator): Promise<Browser> {
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password });
    return browser;
  }
  function page(address = home, more: Partial<WidgetContact> = {}): Page {
    const secret = more.userId ?? randomBytes(32).toString('base64url');
    const usual: WidgetContact = {
      carrier: 'json',
      userId: secret,
      page: address,
      title: 'Shop',
      entry: '',
      locale: 'en',
      silent: false,
      hidden: false,
      invitation: 0,
      rejected: false,
      custom: {},
      operator: false,
      declined: false,
      address: '192.0.2.7',
      userAgent: 'test',
      origin: 'https://chat.example',
      session: undefined,
      ...more,
    };
    return {
      secret,
      contact: (now = {}) => kernel.call(widgetContacted, { ...nothingToDo, next: undefined }, { ...usual, ...now }),
      async visitor() {
        const known = await service(tracking).byUserId(secret);
        if (!known) throw new Error('nobody was heard of');
        return known;
      },
    };
  }
  const ann = await operator('ann', ['admin', 'statistics'], 'Anna');

  return {
    kernel,
    set,
    service,
    told: (hook: AnyInvitationHook) => kernel.calls(hook),
    ann,
    operator,
    logIn,
    page,
    online: (who: Operator) => service(availability).touch(who.id),
    /** A visitor who was invited, and the first answer that tells his page. */
    async invited(one: Page = page()): Promise<{ page: Page; thread: Thread; visitor: TrackedVisitor }> {
      await one.contact();
      const visitor = await one.visitor();
      const outcome = await service(invitations).invite(visitor.id, ann);
      if (!('thread' in outcome)) throw new Error(`not invited: ${outcome.refused}`);
      return { page: one, thread: outcome.thread, visitor };
    },
    thread: async (id: number) => (await service(threads).byId(id)) as Thread,
    messages: async (id: number): Promise<readonly WireMessage[]> =>
      (await service(threads).messages(id, 'agent', 0)).messages,
    chatter: (): Promise<Visitor> => service(visitors).bySecret(randomBytes(32).toString('base64url')),
    /** Comes into the chat from a page that is followed. */
    come: (who: Visitor, from?: Page) =>
      service(threads).open(who, { ...hello, ...(from && { fields: { user_id: from.secret } }) }),
    expire: () => service(jobs).runNow('invitation.expire'),
    async stop() {
      await kernel.dispose();
      await drop();
    },
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;

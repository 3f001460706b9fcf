/** The plugin in a kernel with real operators and a real database; mails are taken by a post office of the test. */
import { randomBytes } from 'node:crypto';
import { definePlugin } from '../../../kernel/index.ts';
import { createTestKernel, type TestPlugin } from '../../../kernel/testing.ts';
import type { Dialect } from '../../database/api.ts';
import { createTestUrl } from '../../database/testing.ts';
import { mailer, mailTemplate, type Mail, type MailState } from '../../mailer/api.ts';
import { availability, operators, type Operator } from '../../operators/api.ts';
import { createBrowser, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';

const password = 'correct horse';

export interface PostOffice {
  readonly sent: Mail[];
  /** By number of the mail; those without one are long gone. */
  readonly states: Map<number, MailState>;
  /** How often somebody asked for a state. */
  asked: number;
  delivers: boolean;
  /** Thrown instead of taking a mail. */
  broken: Error | undefined;
}

const officePlugin = (office: PostOffice) =>
  definePlugin({
    id: 'mailer',
    provides: [mailer],
    async setup(ctx) {
      const known = new Set<string>();
      await ctx.collect(mailTemplate, ({ name }) => {
        known.add(name);
        return () => void known.delete(name);
      });
      ctx.provide(mailer, {
        get delivers() {
          return office.delivers;
        },
        async send(mail) {
          if (office.broken) throw office.broken;
          if (!known.has(mail.template)) throw new Error(`there is no mail "${mail.template}"`);
          const before = office.sent.findIndex(({ key }) => key !== undefined && key === mail.key);
          if (before >= 0) return { id: before + 1, created: false };
          return { id: office.sent.push(mail), created: true };
        },
        async state(id) {
          office.asked++;
          return office.states.get(id);
        },
      });
    },
  });

export interface Member extends Operator {
  readonly browser: Browser;
}

export interface WorldOptions {
  readonly dialect?: Dialect;
  /** False: nobody sends mail. */
  readonly mail?: boolean;
  readonly plugins?: readonly TestPlugin[];
  /** Settings. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Whose database it shares, as one more server; that one ends last. */
  readonly beside?: { readonly url: string };
}

export async function createWorld({
  dialect = 'sqlite',
  mail = true,
  plugins = [],
  values = {},
  env = {},
  beside,
}: WorldOptions = {}) {
  const { url, drop } = beside ? { ...beside, drop: async () => {} } : await createTestUrl(dialect);
  const office: PostOffice = { sent: [], states: new Map(), asked: 0, delivers: true, broken: undefined };
  const kernel = await createTestKernel({
    plugins: ['leave-message', ...plugins, ...(mail ? [officePlugin(office)] : [])],
    env: { ...env, MIBEW_DATABASE: url },
  });
  if (Object.keys(values).length > 0) await kernel.service(settings).change(values, 'test');

  async function person(login: string, permissions: readonly string[] = []): Promise<Member> {
    const name = login[0]!.toUpperCase() + login.slice(1);
    const email = `${login}@example.com`;
    const operator = await kernel.service(operators).create({ login, name, email, password, permissions });
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password });
    return { ...operator, browser };
  }

  /** One function of the thread processor, called by a visitor. @returns its result */
  async function call(
    visitor: string,
    name: string,
    args: Readonly<Record<string, unknown>>,
    returns: readonly string[] = [],
  ): Promise<Record<string, unknown>> {
    const wanted = Object.fromEntries(returns.map((key) => [key, key]));
    const body = {
      signature: '',
      proto: '1.0',
      async: true,
      requests: [
        {
          token: 'one',
          functions: [
            { function: name, arguments: { threadId: null, token: null, references: {}, ...args, return: wanted } },
          ],
        },
      ],
    };
    const response = await kernel.request('/thread/update', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-mibew-visitor': visitor },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { requests: { functions: { arguments: Record<string, unknown> }[] }[] };
    return answer.requests[0]!.functions[0]!.arguments;
  }

  return {
    kernel,
    url,
    office,
    person,
    call,
    visitor: () => randomBytes(32).toString('base64url'),
    /** Comes to his workspace. */
    async comes(operator: Operator) {
      await kernel.service(availability).touch(operator.id);
    },
    leaves: (operator: Operator) => kernel.service(availability).gone(operator.id),
    [Symbol.asyncDispose]: async () => {
      await kernel.dispose();
      await drop();
    },
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;

/** What a visitor types. */
export const typed = { name: 'Tess', email: 'tess@example.org', message: 'Is the chair\nstill there?' };

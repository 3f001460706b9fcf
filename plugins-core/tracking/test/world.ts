/** The product with operators, visitors who chat, and pages that are followed. */
import { createTestKernel, type TestKernel, type TestPlugin } from '../../../kernel/testing.ts';
import { threads, visitors, type StartInput, type Thread, type Visitor } from '../../chat/api.ts';
import type { Dialect } from '../../database/api.ts';
import { createTestUrl } from '../../database/testing.ts';
import { operators, type Operator } from '../../operators/api.ts';
import { createBrowser, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import { widgetContacted, type WidgetAnswer, type WidgetContact } from '../../widget/api.ts';
import { makeSecret } from '../visitors.ts';
import { contactOf, unasked } from './site.ts';

const password = 'correct horse';
export interface Person extends Operator {
  readonly browser: Browser;
  readonly cookie: string;
}
type Results = Readonly<Record<string, unknown>> & { readonly errorCode: number };

export interface World {
  readonly kernel: TestKernel;
  person(login: string, permissions?: readonly string[]): Promise<Person>;
  contact(fields: Partial<WidgetContact>): Promise<WidgetAnswer>;
  chatter(): Promise<Visitor>;
  /** A conversation of a visitor; `input.fields.user_id` says who he is on the site. */
  begin(visitor: Visitor, input?: Partial<StartInput>): Promise<Thread>;
  /** A function of the `users` processor. */
  call(who: Person, name: string, args?: object): Promise<Results>;
  change(values: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

export async function createWorld(dialect: Dialect, plugins: readonly TestPlugin[] = []): Promise<World> {
  const { url, drop } = await createTestUrl(dialect);
  const kernel = await createTestKernel({
    plugins: ['tracking', 'users', ...plugins],
    env: { MIBEW_DATABASE: url },
  });
  const change = (values: Readonly<Record<string, unknown>>) => kernel.service(settings).change(values, 'test');
  await change({ start_rate: 0, message_rate: 0, max_connections_from_one_host: 0 });
  return {
    kernel,
    change,
    async person(login, permissions = []) {
      const name = login[0]!.toUpperCase() + login.slice(1);
      const email = `${login}@example.com`;
      const made = await kernel.service(operators).create({ login, name, email, password, permissions });
      const browser = createBrowser(kernel);
      await browser.submit('/operator/login', { login, password });
      const cookie = [...browser.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
      return { ...made, browser, cookie };
    },
    contact: (fields) => kernel.call(widgetContacted, unasked, contactOf(fields)),
    chatter: () => kernel.service(visitors).bySecret(makeSecret()),
    async begin(visitor, input = {}) {
      const talks = kernel.service(threads);
      const { thread } = await talks.start(visitor, { remote: '192.0.2.7', userAgent: '', name: 'Vera', ...input });
      return thread!;
    },
    async call(who, name, args = {}) {
      const given = { references: {}, return: {}, agentId: who.id, ...args };
      const response = await kernel.request('/operator/users/update', {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: who.cookie },
        body: JSON.stringify({
          signature: '',
          proto: '1.0',
          async: true,
          requests: [{ token: 't1', functions: [{ function: name, arguments: given }] }],
        }),
      });
      const answer = (await response.json()) as { requests: { functions: { arguments: Results }[] }[] };
      return answer.requests[0]!.functions[0]!.arguments;
    },
    async stop() {
      await kernel.dispose();
      await drop();
    },
  };
}

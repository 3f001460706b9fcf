/** A product in this process with groups that may be kept apart, people of every kind, and visitors who come again. */
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { threads, visitors, type StartInput, type Thread, type Visitor } from '../../chat/api.ts';
import type { Dialect } from '../../database/api.ts';
import { createTestUrl } from '../../database/testing.ts';
import { operators, type Operator } from '../../operators/api.ts';
import { createBrowser, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';

const password = 'correct horse';
export interface Person extends Operator {
  readonly browser: Browser;
}
type Results = Readonly<Record<string, unknown>> & { readonly errorCode: number };

export interface World {
  readonly kernel: TestKernel;
  person(login: string, permissions: readonly string[]): Promise<Person>;
  visitor(): Promise<Visitor>;
  /** A conversation that goes on: an operator has it, if one is given. */
  begin(visitor: Visitor, operator?: Operator, input?: Partial<StartInput>): Promise<Thread>;
  /** The same, over. */
  past(visitor: Visitor, operator?: Operator, input?: Partial<StartInput>): Promise<Thread>;
  /** A function of the `users` processor. */
  call(who: Person, name: string, args: object): Promise<Results>;
  /** Its visitor says how it was. */
  rate(thread: Thread, score: number): Promise<void>;
  change(values: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

export async function createWorld(dialect: Dialect, plugins: readonly string[]): Promise<World> {
  const { url, drop } = await createTestUrl(dialect);
  const kernel = await createTestKernel({ plugins: [...plugins], env: { MIBEW_DATABASE: url } });
  const talks = kernel.service(threads);
  const change = (values: Readonly<Record<string, unknown>>) => kernel.service(settings).change(values, 'test');
  await change({ start_rate: 0, message_rate: 0, max_connections_from_one_host: 0 });
  const secrets = new Map<string, string>();

  async function send(path: string, headers: Readonly<Record<string, string>>, name: string, args: object) {
    const functions = [{ function: name, arguments: { references: {}, return: {}, ...args } }];
    const response = await kernel.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ signature: '', proto: '1.0', async: true, requests: [{ token: 't1', functions }] }),
    });
    const answer = (await response.json()) as { requests: { functions: { arguments: Results }[] }[] };
    return answer.requests[0]!.functions[0]!.arguments;
  }

  const world: World = {
    kernel,
    change,
    async person(login, permissions) {
      const name = login[0]!.toUpperCase() + login.slice(1);
      const email = `${login}@example.com`;
      const made = await kernel.service(operators).create({ login, name, email, password, permissions });
      const browser = createBrowser(kernel);
      await browser.submit('/operator/login', { login, password });
      return { ...made, browser };
    },
    async visitor() {
      const secret = `v${secrets.size}`.padEnd(43, 'x');
      const visitor = await kernel.service(visitors).bySecret(secret);
      secrets.set(visitor.userId, secret);
      return visitor;
    },
    async begin(visitor, operator, input = {}) {
      const { thread } = await talks.start(visitor, { remote: '192.0.2.7', userAgent: '', name: 'Vera', ...input });
      return operator ? talks.take(thread!.id, operator) : thread!;
    },
    async past(visitor, operator, input) {
      const { id } = await world.begin(visitor, operator, input);
      return (await talks.close(id, 'user'))!;
    },
    async call(who, name, args) {
      const cookie = [...who.browser.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
      return send('/operator/users/update', { cookie }, name, { agentId: who.id, ...args });
    },
    async rate({ id, token, userId }, score) {
      const args = { threadId: id, token, user: true, score };
      const { errorCode } = await send('/thread/update', { 'x-mibew-visitor': secrets.get(userId)! }, 'rate', args);
      if (errorCode !== 0) throw new Error(`the rating was refused with ${errorCode}`);
    },
    async stop() {
      await kernel.dispose();
      await drop();
    },
  };
  return world;
}

/** The product around this plugin, with operators at browsers of their own and a visitor who talks with the first of them. */
import { createTestKernel, type TestPlugin } from '../../../kernel/testing.ts';
import { threads, visitors, type StartInput, type Thread } from '../../chat/api.ts';
import { availability, operators, type Operator } from '../../operators/api.ts';
import { createBrowser, type Browser } from '../../operators/test/browser.ts';
import { packageOf, threadCall } from '../../../test/support/wire.ts';

export interface Person {
  readonly operator: Operator;
  readonly browser: Browser;
  /** Calls a function about a thread. @returns its result */
  call(thread: Pick<Thread, 'id' | 'token'>, name: string, args: object, results?: readonly string[]): Promise<Result>;
}
type Result = Readonly<Record<string, unknown>>;

export async function createWorld(
  database: string | undefined,
  { plugins = [] as readonly TestPlugin[], optional = ['groups', 'users'] as readonly string[] } = {},
) {
  const env: Record<string, string> = database ? { MIBEW_DATABASE: database } : {};
  const kernel = await createTestKernel({ plugins: ['handover', ...optional, ...plugins], env });
  const service = kernel.service(threads);
  const about = kernel.service(availability);
  let serial = 0;

  async function post(cookies: ReadonlyMap<string, string>, pack: object): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return kernel.request('/thread/update', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://localhost', cookie },
      body: JSON.stringify(pack),
    });
  }

  return {
    kernel,
    threads: service,
    async operator(name: string, permissions: readonly string[] = [], online = true): Promise<Person> {
      const login = name.toLowerCase();
      const password = 'battery staple';
      const operator = await kernel
        .service(operators)
        .create({ login, name, email: `${login}@example.com`, password, permissions });
      const browser = createBrowser(kernel);
      await browser.submit('/operator/login', { login, password });
      if (online) await about.touch(operator.id);
      return {
        operator,
        browser,
        async call({ id, token }, name, args, results = []) {
          const call = threadCall(name, { threadId: id, token, user: false, ...args }, results);
          const answer = (await (await post(browser.cookies, packageOf(call))).json()) as {
            requests: { functions: { arguments: Result }[] }[];
          };
          return answer.requests[0]!.functions[0]!.arguments;
        },
      };
    },
    /** A visitor calls about a thread as if he were an operator. */
    callAs: (secret: string, { id, token }: Thread, name: string, args: object) =>
      post(new Map([['MibewVisitor', secret]]), packageOf(threadCall(name, { threadId: id, token, ...args }))),
    async visit(more: Partial<StartInput> = {}) {
      const secret = Buffer.from(`visitor ${++serial}`.padEnd(32)).toString('base64url').slice(0, 43);
      const visitor = await kernel.service(visitors).bySecret(secret);
      const { thread } = await service.start(visitor, { remote: `192.0.2.${serial}`, userAgent: 'test', ...more });
      return { secret, thread: thread! };
    },
    /** A conversation that this operator has. */
    async with(operator: Operator, more: Partial<StartInput> = {}): Promise<Thread> {
      const { thread } = await this.visit(more);
      return service.take(thread.id, operator);
    },
    /** What is said in a thread, with its kind. */
    async said({ id }: Pick<Thread, 'id'>) {
      const { messages } = await service.messages(id, 'agent', 0);
      return messages.map(({ kind, name, message }) => ({ kind, name, message }));
    },
    thread: async ({ id }: Pick<Thread, 'id'>) => (await service.byId(id))!,
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;

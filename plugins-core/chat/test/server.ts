/** The plugin in a kernel, with operators who are logged in by a cookie that names them. */
import { definePlugin, routeAccess } from '../../../kernel/index.ts';
import { createTestKernel, type TestKernel, type TestPlugin } from '../../../kernel/testing.ts';
import type { Dialect } from '../../database/api.ts';
import { createTestUrl } from '../../database/testing.ts';
import {
  attempts,
  availability,
  operators,
  sessionCookie,
  type Operator,
  type OperatorSession,
} from '../../operators/api.ts';
import { createAttempts } from '../../operators/throttle.ts';
import { makeSecret } from '../visitors.ts';
import { ann, bob, operator } from './world.ts';

export const eve = operator(5, 'Eve');
export const wim = operator(6, 'Wim', ['viewthreads']);
export const dora = operator(7, 'Dora', ['takeover', 'viewthreads']);
const everybody = [ann, bob, dora, eve, wim];
const csrf = 'csrf-of-the-test';

export const cookieOf = (who: Operator): string => `${sessionCookie}=${who.login}`;

const people = (online: Set<number>) =>
  definePlugin({
    id: 'operators',
    provides: [operators, availability, attempts],
    setup(ctx) {
      const session = async (cookie: string | undefined): Promise<OperatorSession | undefined> => {
        const who = everybody.find(({ login }) => login === cookie);
        return who && { id: who.id, operator: who, csrf };
      };
      const current = async (context: { req: { header(name: string): string | undefined } }) =>
        session(new RegExp(`${sessionCookie}=(\\w+)`).exec(context.req.header('cookie') ?? '')?.[1]);
      ctx.provide(operators, {
        session,
        current,
        byId: async (id: number) => everybody.find((one) => one.id === id),
        list: async () => everybody,
        can: (who: Operator, permission: string) => who.permissions.includes(permission),
        refuse: async (_context: unknown, status: number, code: string) => Response.json({ code }, { status }),
        async form(context: { req: { text(): Promise<string> } }) {
          const fields = new URLSearchParams(await context.req.text());
          return fields.get('csrf_token') === csrf
            ? { ok: true, fields }
            : { ok: false, code: 'FORM_TOKEN', fields, response: new Response('no', { status: 400 }) };
        },
      } as never);
      ctx.provide(
        attempts,
        createAttempts(() => Date.now()),
      );
      ctx.provide(availability, {
        hasOnlineOperators: async () => online.size > 0,
        isOnline: async (id: number) => online.has(id),
        touch: async () => {},
        leaving: async () => {},
        active: async () => {},
      } as never);
      ctx.on(routeAccess, async ({ access, context }) =>
        access.kind === 'operator'
          ? (await current(context))
            ? true
            : context.redirect('/operator/login')
          : undefined,
      );
    },
  });

export interface ChatServer {
  readonly kernel: TestKernel;
  readonly online: Set<number>;
  /** Sends a package with one request per function. @returns results by request, or the refusal */
  call(who: Caller, ...functions: readonly (readonly [string, Readonly<Record<string, unknown>>])[]): Promise<Answer>;
  page(path: string, init?: RequestInit & { who?: Caller }): Promise<Response>;
  stop(): Promise<void>;
}
export interface Caller {
  readonly secret?: string;
  readonly operator?: Operator;
}
interface Answer {
  readonly status: number;
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly body: string;
  readonly headers: Headers;
}

/** The thread in the answer of `start`, when that was returned as `options`. */
export const startedIn = (
  result: Readonly<Record<string, unknown>> | undefined,
): { threadId: number; token: number } => {
  const thread = (result?.['options'] as { thread: { id: number; token: number } } | undefined)?.thread;
  if (!thread) throw new Error(`nothing started: ${JSON.stringify(result)}`);
  return { threadId: thread.id, token: thread.token };
};

export const newcomer = (): { secret: string } => ({ secret: makeSecret() });

function headersOf({ secret, operator: who }: Caller): Record<string, string> {
  const cookies = [...(secret ? [`MibewVisitor=${secret}`] : []), ...(who ? [cookieOf(who)] : [])];
  return cookies.length > 0 ? { cookie: cookies.join('; ') } : {};
}

export async function serve(dialect: Dialect, more: readonly TestPlugin[] = []): Promise<ChatServer> {
  const { url, drop } = await createTestUrl(dialect);
  const online = new Set<number>();
  const root = new URL('../../../', import.meta.url).pathname;
  const stub = (id: string, definition = definePlugin({ id })) => ({
    definition,
    manifest: { id, version: '1.0.0', root, essential: true },
  });
  const kernel = await createTestKernel({
    plugins: ['chat', stub('operators', people(online)), ...more],
    env: { MIBEW_DATABASE: url },
  });
  let token = 0;
  return {
    kernel,
    online,
    async call(who, ...functions) {
      const requests = functions.map(([name, args]) => ({
        token: `t${++token}`,
        functions: [
          { function: name, arguments: { threadId: null, token: null, references: {}, return: {}, ...args } },
        ],
      }));
      const response = await kernel.request('/thread/update', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf(who) },
        body: JSON.stringify({ signature: '', proto: '1.0', async: true, requests }),
      });
      const body = await response.text();
      const answered = response.status === 200 ? JSON.parse(body).requests : [];
      return {
        status: response.status,
        results: answered.map((one: { functions: { arguments: object }[] }) => one.functions[0]?.arguments),
        body,
        headers: response.headers,
      };
    },
    page: (path, { who, headers, ...init } = {}) =>
      kernel.request(path, {
        redirect: 'manual',
        ...init,
        headers: { ...headersOf(who ?? {}), ...(headers as object) },
      }),
    async stop() {
      await kernel.dispose();
      await drop();
    },
  };
}

export const formOf = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});

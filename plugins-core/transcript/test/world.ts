/** The plugin in a kernel with a real database, real operators and a real mail server. */
import { createTestKernel, type TestPlugin } from '../../../kernel/testing.ts';
import { messageKind, threads, type Thread } from '../../chat/api.ts';
import type { Dialect } from '../../database/api.ts';
import { createTestUrl } from '../../database/testing.ts';
import { openOffice, type Office } from '../../mailer/test/office.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';

const password = 'correct horse';

export interface Guest {
  readonly browser: Browser;
  readonly thread: Thread;
  /** `/chat/7/1234567`. */
  readonly path: string;
}

export interface WorldOptions {
  readonly dialect?: Dialect;
  /** No mail server, or no mailer at all. */
  readonly mail?: 'server' | 'none' | 'off';
  readonly plugins?: readonly TestPlugin[];
  readonly values?: Readonly<Record<string, unknown>>;
}

export async function createWorld({
  dialect = 'sqlite',
  mail = 'server',
  plugins = [],
  values = {},
}: WorldOptions = {}) {
  const { url, drop } = await createTestUrl(dialect);
  const office: Office | undefined = mail === 'server' ? await openOffice() : undefined;
  const kernel = await createTestKernel({
    plugins: ['transcript', ...(mail === 'off' ? [] : ['mailer']), ...plugins],
    env: { MIBEW_DATABASE: url, ...(office && { MIBEW_SMTP: office.url }) },
  });
  await kernel.service(settings).change({ title: 'Tea & Co', hosturl: 'https://tea.example', ...values }, 'test');
  const service = kernel.service(threads);

  async function arrive(name = 'Tess'): Promise<Guest> {
    const browser = createBrowser(kernel);
    const started = await browser.get(`/chat?locale=en&name=${encodeURIComponent(name)}`);
    const path = new URL(started.headers.get('location')!, 'http://localhost').pathname;
    return { browser, path, thread: (await service.byId(Number(path.split('/')[2])))! };
  }

  return {
    kernel,
    office: office!,
    threads: service,
    arrive,
    say: (thread: Thread, message: string) => service.post(thread.id, 'user', { message }),
    note: (thread: Thread, body: string) =>
      service.postSystem(thread.id, { kind: messageKind.forAgent, body, name: null, agentId: 0, plugin: '', data: [] }),
    async person(login: string, permissions: readonly string[] = []) {
      const operator = await kernel
        .service(operators)
        .create({ login, name: login, email: `${login}@example.com`, password, permissions });
      const browser = createBrowser(kernel);
      await browser.submit('/operator/login', { login, password });
      return { operator, browser };
    },
    /** One function of the thread processor. @returns its result, or the status that the package was refused with */
    async call(guest: Browser, name: string, args: Readonly<Record<string, unknown>>, returns: readonly string[] = []) {
      const wanted = Object.fromEntries(returns.map((key) => [key, key]));
      const request = { function: name, arguments: { references: {}, return: wanted, ...args } };
      const response = await kernel.request('/thread/update', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          cookie: [...guest.cookies].map(([cookie, value]) => `${cookie}=${value}`).join('; '),
          origin: 'http://localhost',
        },
        body: JSON.stringify({
          signature: '',
          proto: '1.0',
          async: true,
          requests: [{ token: 'one', functions: [request] }],
        }),
      });
      if (response.status !== 200) return { refused: response.status };
      const body = (await response.json()) as { requests: { functions: { arguments: Record<string, unknown> }[] }[] };
      return body.requests[0]!.functions[0]!.arguments;
    },
    [Symbol.asyncDispose]: async () => {
      await kernel.dispose();
      await office?.close();
      await drop();
    },
  };
}

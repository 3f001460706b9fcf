/** A product on a port of its own in this process, empty, and what one needs to put people into it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKernel, type HostKernel } from '../../kernel/kernel.ts';
import { createLog } from '../../kernel/log.ts';
import { listen } from '../../kernel/server.ts';
import { operators, sessionCookie, type Operator } from '../../plugins-core/operators/api.ts';
import { settings } from '../../plugins-core/settings/api.ts';
import { password } from '../support/login.ts';
import { freePort } from '../support/port.ts';
import { packageOf, type Json, type WireFunction } from '../support/wire.ts';

/** Cookies are all that makes somebody somebody. */
export interface Who {
  readonly cookies: Readonly<Record<string, string>>;
  /** Each visitor comes from an address of his own. */
  readonly address: string;
}
export interface OperatorOnStage extends Who {
  readonly operator: Operator;
  readonly csrf: string;
}

export type Stand = Awaited<ReturnType<typeof openStand>>;

let addresses = 0;
const nextAddress = () => `198.51.100.${(addresses = (addresses % 250) + 1)}`;

/** Somebody who was never here. */
export const stranger = (): Who => ({
  cookies: { MibewVisitor: randomBytes(32).toString('base64url') },
  address: nextAddress(),
});

export async function openStand() {
  const folder = await mkdtemp(join(tmpdir(), 'mibew-stage-'));
  const port = await freePort();
  const kernel: HostKernel = await createKernel({
    dir: folder,
    config: { data: folder, plugins: { rpc: { packagesPerSecond: 1e6, packagesAtOnce: 1e6 } } },
    // Nobody listens there: mails wait, and their page says why.
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      MIBEW_PUBLIC_URL: `http://127.0.0.1:${port}`,
      MIBEW_TRUSTED_PROXIES: '127.0.0.1',
      MIBEW_SMTP: 'smtp://127.0.0.1:9',
    },
    log: createLog({ level: 'silent' }),
  });
  await kernel.boot();
  const server = await listen(kernel);
  const url = `http://127.0.0.1:${server.port}`;
  const stop = async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  const people = kernel.service(operators);

  const headersOf = ({ cookies, address }: Who) => ({
    cookie: Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
    'x-forwarded-for': address,
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    origin: url,
    'sec-fetch-site': 'same-origin',
  });
  async function call(gateway: string, who: Who, one: WireFunction): Promise<Json> {
    const response = await fetch(url + gateway, {
      method: 'POST',
      headers: { ...headersOf(who), 'content-type': 'application/json' },
      body: JSON.stringify(packageOf(one)),
    });
    const text = await response.text();
    const { requests } = JSON.parse(text) as { requests: { functions: WireFunction[] }[] };
    const result = requests[0]!.functions[0]!.arguments;
    if (result['errorCode'] !== 0) throw new Error(`${one.function}: ${text}`);
    return result;
  }
  async function submit(who: OperatorOnStage, path: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const { status } = await fetch(url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...headersOf(who), 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...fields, csrf_token: who.csrf }),
    });
    if (status !== 302 && status !== 303) throw new Error(`${path} was answered with ${status}`);
  }
  async function hire(login: string, name: string, permissions: readonly string[]): Promise<OperatorOnStage> {
    const { id } = await people.create({ login, name, email: `${login}@example.com`, password, permissions });
    const form = await fetch(`${url}/operator/login`);
    const token = /name="csrf_token" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
    const cookiesOf = (response: Response) => response.headers.getSetCookie().map((line) => line.split(';')[0]!);
    const answer = await fetch(`${url}/operator/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: cookiesOf(form).join('; '), 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ login, password, csrf_token: token }),
    });
    const cookies = Object.fromEntries(
      cookiesOf(answer).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
    const session = await people.session(cookies[sessionCookie]);
    if (!session) throw new Error(`log-in was answered with ${answer.status}`);
    const operator = (await people.byId(id))!;
    return { cookies, address: '127.0.0.1', operator, csrf: session.csrf };
  }
  const present = ({ operator, ...who }: OperatorOnStage) =>
    call('/operator/users/update', who, {
      function: 'update',
      arguments: { agentId: operator.id, references: {}, return: {} },
    });

  return {
    kernel,
    url,
    call,
    submit,
    hire,
    present,
    change: (values: Readonly<Record<string, unknown>>) => kernel.service(settings).change(values, 'stage'),
    stop,
  };
}

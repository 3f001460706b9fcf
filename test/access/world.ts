/** A whole product in this process, with somebody of every kind: who owns a conversation, who does not, who may, who may not. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKernel, type HostKernel } from '../../kernel/kernel.ts';
import { createLog } from '../../kernel/log.ts';
import { threads, threadState } from '../../plugins-core/chat/api.ts';
import { operators, sessionCookie } from '../../plugins-core/operators/api.ts';
import { settings } from '../../plugins-core/settings/api.ts';
import { readdirSync } from 'node:fs';

export interface Person {
  readonly headers: Readonly<Record<string, string>>;
  /** Token for forms; `''` for who is no operator. */
  readonly csrf: string;
  /** Id of the operator; 0 for who is none. */
  readonly id: number;
}

export interface Conversation {
  readonly id: number;
  readonly token: number;
}

export interface World {
  readonly kernel: HostKernel;
  request(path: string, who: Person, form?: Readonly<Record<string, string>>): Promise<Answer>;
  call(path: string, who: Person, name: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  visitor(): Person;
  operator(login: string, permissions: readonly string[]): Promise<Person>;
  start(who: Person, more?: Readonly<Record<string, unknown>>): Promise<Conversation>;
  /** A message left for a group. */
  leave(who: Person, more: Readonly<Record<string, unknown>>): Promise<Conversation>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  /** Without what differs from answer to answer: nonces, tokens, times. */
  readonly body: string;
  readonly location: string;
}

export const nobody: Person = { headers: {}, csrf: '', id: 0 };

const origin = 'http://localhost';
const password = 'a long enough password';

const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0]!)
    .join('; ');

/** Answers of the same kind are equal after this. */
const settled = (text: string): string =>
  text
    .replace(/nonce="[^"]*"/g, 'nonce')
    .replace(/(csrf_token[^>]*value=|name="key" value=)"[^"]*"/g, '$1')
    .replace(/\b\d{9,13}\b/g, 'number');

async function answerOf(response: Response): Promise<Answer> {
  const location = (response.headers.get('location') ?? '').replace(/([?&]back=)[^&]*/, '$1');
  return { status: response.status, body: settled(await response.text()), location };
}

const builtIn = readdirSync(new URL('../../plugins-core/', import.meta.url));

export async function createWorld(
  values: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'mibew-access-'));
  const kernel = await createKernel({
    dir: folder,
    config: { data: folder, plugins: { rpc: { packagesPerSecond: 1e6, packagesAtOnce: 1e6 } } },
    env,
    log: createLog({ level: 'silent' }),
  });
  await kernel.boot();
  const off = () => kernel.report().plugins.filter(({ id, status }) => status === 'disabled' && builtIn.includes(id));
  for (let left = off(); left.length > 0;) {
    let failure: unknown;
    for (const { id } of left) await kernel.enable(id).catch((error: unknown) => (failure = error));
    // What is needed by others may itself have been off.
    const before = left.length;
    left = off();
    if (left.length === before) throw failure;
  }
  await kernel.service(settings).change(values, 'test');
  const people = kernel.service(operators);
  const send = (path: string, init: RequestInit) => kernel.fetch(new Request(new URL(path, origin), init));

  const world: World = {
    kernel,
    async request(path, { headers, csrf }, form) {
      const base = { ...headers, accept: 'text/html', 'sec-fetch-site': 'same-origin' };
      if (!form) return answerOf(await send(path, { headers: base, redirect: 'manual' }));
      const body = new URLSearchParams({ ...form, csrf_token: csrf }).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded', origin };
      return answerOf(await send(path, { method: 'POST', headers: { ...base, ...type }, body, redirect: 'manual' }));
    },
    async call(path, { headers }, name, args) {
      const one = { function: name, arguments: { references: {}, return: {}, ...args } };
      const pack = { signature: '', proto: '1.0', async: true, requests: [{ token: 't', functions: [one] }] };
      const all = { ...headers, 'content-type': 'application/json', origin };
      return answerOf(await send(path, { method: 'POST', headers: all, body: JSON.stringify(pack) }));
    },
    visitor: () => ({ headers: { cookie: `MibewVisitor=${randomBytes(32).toString('base64url')}` }, csrf: '', id: 0 }),
    async operator(login, permissions) {
      const email = `${login}@example.com`;
      const { id } = await people.create({ login, name: login, email, password, permissions });
      const form = await send('/operator/login', {});
      const token = /name="csrf_token" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
      const answer = await send('/operator/login', {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: cookiesOf(form), 'content-type': 'application/x-www-form-urlencoded', origin },
        body: new URLSearchParams({ login, password, csrf_token: token }).toString(),
      });
      const cookie = cookiesOf(answer);
      const secret = new RegExp(`${sessionCookie}=([^;]+)`).exec(cookie)?.[1];
      const session = await people.session(secret);
      if (!session) throw new Error(`log-in was answered with ${answer.status}`);
      return { headers: { cookie }, csrf: session.csrf, id };
    },
    async start(who, more = {}) {
      const { body } = await world.call('/thread/update', who, 'start', {
        threadId: null,
        token: null,
        ...more,
        return: { options: 'options' },
      });
      const [, id, token] = /"thread":\{"id":(\d+),"token":(\d+)/.exec(body) ?? [];
      if (!id) throw new Error(`nothing started: ${body}`);
      return { id: Number(id), token: Number(token) };
    },
    async leave(who, more) {
      const words = { name: 'Vera', email: 'vera@example.com', message: 'Please call back.' };
      await world.call('/thread/update', who, 'processLeaveMessage', {
        threadId: null,
        token: null,
        ...words,
        ...more,
      });
      const { threads: open } = await kernel.service(threads).since(1);
      const one = open.find(({ state }) => state === threadState.left);
      if (!one) throw new Error('nothing was left');
      return { id: one.id, token: one.token };
    },
    async stop() {
      await kernel.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** The first conversation needs nothing that came after it: it runs the same without each further plugin, and without all. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createKernel, type HostKernel } from '../../kernel/kernel.ts';
import { createLog } from '../../kernel/log.ts';
import { operators } from '../../plugins-core/operators/api.ts';
import { password } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { startServer } from '../support/server.ts';
import { packageOf, threadCall, type Json, type WireFunction } from '../support/wire.ts';
import { chromium, endConversation, openChat, patience, rowOf } from './people.ts';
import { gather } from './world.ts';

const folder = new URL('../../plugins-core/', import.meta.url);

/** What a first conversation is made of. */
const first = new Set(['chat', 'users', 'widget', 'demo']);

/** Whatever else administrators can switch off: a new plugin is among them by itself. */
const further = readdirSync(folder).filter((id) => {
  if (!existsSync(new URL(`${id}/package.json`, folder))) return false;
  const { mibew } = JSON.parse(readFileSync(new URL(`${id}/package.json`, folder), 'utf8')) as {
    readonly mibew: { readonly essential?: true };
  };
  return !mibew.essential && !first.has(id);
});

interface Caller {
  readonly headers: Readonly<Record<string, string>>;
}
interface Wire extends Json {
  readonly kind: number;
  readonly name: string | null;
  readonly message: string;
}

/** What goes with a plugin that it is built on. */
const builtOn: Readonly<Record<string, readonly string[]>> = { tracking: ['invitation'] };

describe('a first conversation', () => {
  let data: string;
  let kernel: HostKernel;
  let ann: Caller & { readonly id: number };

  async function start(without: readonly string[]): Promise<void> {
    data = await mkdtemp(join(tmpdir(), 'mibew-without-'));
    const states = Object.fromEntries(further.map((id) => [id, !without.includes(id)]));
    await writeFile(join(data, 'plugins.json'), JSON.stringify(states));
    kernel = await createKernel({ dir: data, config: { data }, env: {}, log: createLog({ level: 'silent' }) });
    await kernel.boot();
    const account = { login: 'ann', name: 'Ann', email: 'ann@example.com', password, permissions: ['admin'] };
    const { id } = await kernel.service(operators).create(account);
    ann = { id, ...(await logIn()) };
  }
  async function stop(): Promise<void> {
    await kernel.stop();
    await rm(data, { recursive: true, force: true });
  }
  const send = (path: string, init: RequestInit = {}) =>
    kernel.fetch(new Request(new URL(path, 'http://localhost'), { redirect: 'manual', ...init }));
  const cookiesOf = (response: Response) =>
    response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0]!)
      .join('; ');

  async function logIn(): Promise<Caller> {
    const form = await send('/operator/login');
    const csrf = /name="csrf_token" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
    const answer = await send('/operator/login', {
      method: 'POST',
      headers: { cookie: cookiesOf(form), 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ login: 'ann', password, csrf_token: csrf }).toString(),
    });
    return { headers: { cookie: cookiesOf(answer), 'sec-fetch-site': 'same-origin', origin: 'http://localhost' } };
  }
  async function call(path: string, { headers }: Caller, one: WireFunction): Promise<Json> {
    const answer = await send(path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(packageOf(one)),
    });
    const { requests } = (await answer.json()) as { requests: { functions: WireFunction[] }[] };
    const { errorCode, ...result } = requests[0]!.functions[0]!.arguments;
    expect(errorCode, JSON.stringify(result)).toBe(0);
    return result;
  }

  /** From the operator who comes to the last word. @returns what both of them read */
  async function journey() {
    const users = (name: string, args: Json, results: readonly string[]): WireFunction => ({
      function: name,
      arguments: {
        agentId: ann.id,
        references: {},
        return: Object.fromEntries(results.map((one) => [one, one])),
        ...args,
      },
    });
    const desk = (name: string, args: Json = {}, results: readonly string[] = []) =>
      call('/operator/users/update', ann, users(name, args, results));
    const visitor: Caller = { headers: { 'x-mibew-visitor': randomBytes(32).toString('base64url') } };
    await desk('update');

    const { next, options } = await call('/thread/update', visitor, threadCall('start', {}, ['next', 'options']));
    expect(next).toBe('chat');
    const { id: threadId, token } = (options as { thread: { id: number; token: number } }).thread;
    const side = (who: Caller, user: boolean) => ({
      call: (name: string, args: Json = {}, results: readonly string[] = []) =>
        call('/thread/update', who, threadCall(name, { threadId, token, user, ...args }, results)),
      async read() {
        const { messages } = await this.call('updateMessages', { lastId: 0 }, ['messages', 'lastId']);
        return (messages as readonly Wire[]).map(({ kind, name, message }) => ({ kind, name, message }));
      },
      state: (typed = false) =>
        side(who, user).call('update', { typed, lastId: 0 }, ['threadState', 'threadAgentId', 'typing', 'canPost']),
    });
    const asking = side(visitor, true);
    const answering = side(ann, false);

    expect(await asking.state()).toMatchObject({ threadState: 0, canPost: true });
    await asking.call('post', { message: 'Is the lamp "dimmable" & <warm>?', key: 'a' });
    await asking.call('post', { message: 'Is the lamp "dimmable" & <warm>?', key: 'a' });
    const { threads } = await desk('updateThreads', { revision: 0 }, ['threads', 'lastRevision']);
    expect((threads as Json[]).find(({ id }) => id === threadId)).toMatchObject({
      state: 0,
      firstMessage: 'Is the lamp "dimmable" & <warm>?',
    });
    expect((await send(`/operator/chat/${threadId}`, { headers: ann.headers })).headers.get('location')).toBe(
      `/operator/chat/${threadId}/${token}`,
    );
    expect((await send(`/operator/chat/${threadId}/${token}`, { headers: ann.headers })).status).toBe(200);
    expect(await asking.state()).toMatchObject({ threadState: 2, threadAgentId: ann.id, canPost: true });
    await answering.state(true);
    expect(await asking.state()).toMatchObject({ typing: true });
    await answering.call('post', { message: 'It is.\nWarm, too.', key: 'b' });
    await asking.call('post', { message: 'Good to hear', key: 'c' });
    const { closed } = await answering.call('close', {}, ['closed']);
    expect(closed).toBe(true);
    expect(await asking.state()).toMatchObject({ threadState: 3, canPost: false });
    return { visitor: await asking.read(), operator: await answering.read() };
  }
  const states = () => new Map(kernel.report().plugins.map(({ id, status }) => [id, status]));

  describe('where one plugin is switched off while the product runs', () => {
    let whole: Awaited<ReturnType<typeof journey>>;
    beforeAll(async () => {
      await start([]);
      whole = await journey();
    });
    afterAll(stop);
    afterEach(async () => {
      // What others are built on has to be there before them.
      for (const id of [...Object.keys(builtOn), ...further])
        if (states().get(id) !== 'active') await kernel.enable(id);
    });

    it('is led with all of them', () => {
      expect(further.length).toBeGreaterThan(10);
      for (const id of further) expect(states().get(id), id).toBe('active');
      expect(whole.visitor.filter(({ kind }) => kind === 1 || kind === 2)).toEqual([
        { kind: 1, name: 'Guest', message: 'Is the lamp &quot;dimmable&quot; &amp; &lt;warm&gt;?' },
        { kind: 2, name: 'Ann', message: 'It is.\nWarm, too.' },
        { kind: 1, name: 'Guest', message: 'Good to hear' },
      ]);
    });

    it.each(further)('reads the same without %s', async (id) => {
      await kernel.disable(id);
      expect(states().get(id)).toBe('disabled');
      // Nobody else has to go with it.
      for (const [other, status] of states())
        if (other !== id && first.has(other) && other !== 'demo') expect(status, other).toBe('active');
      const gone = [id, ...(builtOn[id] ?? [])];
      for (const other of further) if (!gone.includes(other)) expect(states().get(other), other).toBe('active');
      expect(await journey()).toEqual(whole);
    });
  });

  it('reads the same where none of them was ever there', async () => {
    await start([]);
    const whole = await journey();
    await stop();
    await start(further);
    onTestFinished(stop);
    for (const id of further) expect(states().get(id), id).toBe('disabled');
    expect(await journey()).toEqual(whole);
  });
});

describeWith([chromium], 'a first conversation in browsers', () => {
  const crowd = gather();

  it('is led without any further plugin', async () => {
    const server = await startServer({ without: further });
    onTestFinished(() => server.stop());
    const operator = await crowd.founder(server);
    const visitor = await crowd.visitor(`${server.url}/demo`);
    await openChat(visitor);
    await visitor.say('Is the lamp dimmable?');
    await rowOf(operator, 'Is the lamp').click();
    await operator.sees('Is the lamp dimmable?');
    await visitor.sees('Operator Ann joined the chat');
    await operator.write('It is');
    await visitor.chat.getByText(/ is writing$/).waitFor({ timeout: patience });
    await operator.say('It is. Warm, too.');
    await visitor.sees('It is. Warm, too.');
    await visitor.page.reload();
    await visitor.sees('It is. Warm, too.');
    await visitor.say('Good to hear');
    await operator.sees('Good to hear');
    await endConversation(operator);
    await visitor.chat.getByText(/^This conversation has ended\. /).waitFor({ timeout: patience });
    await visitor.page.getByRole('button', { name: 'Start a new conversation' }).waitFor({ timeout: patience });
    visitor.watch.calm();
    operator.watch.calm();
  }, 180_000);
});

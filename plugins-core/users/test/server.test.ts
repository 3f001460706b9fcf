import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { createTestKernel, type TestKernel } from '../../../test/conformance/index.ts';
import { threads, threadsVisible, visitors } from '../../chat/api.ts';
import { operators, type Operator } from '../../operators/api.ts';
import { settings } from '../../settings/api.ts';
import type { WireThread } from '../api.ts';

interface Answer {
  readonly errorCode: number;
  readonly errorMessage?: string;
  readonly threads: readonly WireThread[];
  readonly lastRevision: number;
  readonly [key: string]: unknown;
}

for (const dialect of ['sqlite', 'mysql'] as const) {
  const missing = missingDialect(dialect);
  describe.skipIf(missing !== undefined)(`the operators' side on ${dialect}${missing ? ` (${missing})` : ''}`, () => {
    let kernel: TestKernel;
    let drop: () => Promise<void>;
    let ann: Operator;
    let bob: Operator;
    let cookie: string;
    let visitorCount = 0;

    beforeAll(async () => {
      const database = await createTestUrl(dialect);
      drop = database.drop;
      kernel = await createTestKernel({ plugins: ['users'], env: { MIBEW_DATABASE: database.url } });
      const people = kernel.service(operators);
      const person = (login: string, permissions: readonly string[]) => {
        const name = login[0]?.toUpperCase() + login.slice(1);
        return people.create({ login, name, email: `${login}@example.com`, password: 'correct horse', permissions });
      };
      ann = await person('ann', []);
      bob = await person('bob', ['takeover', 'viewthreads']);
      cookie = await logIn('ann');
    });
    afterAll(async () => {
      await kernel?.dispose();
      await drop?.();
    });

    async function logIn(login: string): Promise<string> {
      const jar = new Map<string, string>();
      const keep = (response: Response) => {
        for (const header of response.headers.getSetCookie()) {
          const [pair = ''] = header.split(';');
          jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
        }
      };
      const text = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const page = await kernel.request('/operator/login');
      keep(page);
      const token = /name="csrf_token" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
      const answer = await kernel.request('/operator/login', {
        method: 'POST',
        headers: { cookie: text(), 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ login, password: 'correct horse', csrf_token: token }),
      });
      expect(answer.status).toBe(302);
      keep(answer);
      return text();
    }

    const packageOf = (functions: readonly object[]) =>
      JSON.stringify({ signature: '', proto: '1.0', async: true, requests: [{ token: 'wnd1', functions }] });
    const post = (functions: readonly object[], headers: Record<string, string>) =>
      kernel.request('/operator/users/update', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: packageOf(functions),
      });
    const ask = (name: string, args: object = {}) => ({
      function: name,
      arguments: { agentId: ann.id, references: {}, return: {}, ...args },
    });
    async function call(functions: readonly object[], as = cookie): Promise<Answer> {
      const response = await post(functions, { cookie: as });
      expect(response.status).toBe(200);
      const { requests } = (await response.json()) as {
        requests: { functions: { function: string; arguments: Answer }[] }[];
      };
      const result = requests[0]?.functions.find((each) => each.function === 'result');
      if (!result) throw new Error('no result');
      return result.arguments;
    }
    const listing = { return: { threads: 'threads', lastRevision: 'lastRevision' } };
    const list = (revision: number | string) => call([ask('updateThreads', { revision, ...listing })]);

    async function visit(name: string) {
      visitorCount += 1;
      const visitor = await kernel.service(visitors).bySecret(`${dialect}${visitorCount}`.padEnd(43, 'x'));
      const { thread } = await kernel.service(threads).start(visitor, {
        name,
        remote: '192.0.2.7',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0',
        referrer: 'https://shop.example/cart',
      });
      if (!thread) throw new Error('no thread');
      return thread;
    }

    it('shows a new visitor as the row of the protocol', async () => {
      const { lastRevision: before } = await list(0);
      const thread = await visit('Zoe');
      await kernel.service(threads).post(thread.id, 'user', { message: 'Where is\n my order? <b>' });
      const { threads: rows, lastRevision } = await list(before);
      expect(rows).toEqual([
        {
          id: thread.id,
          token: thread.token,
          userId: thread.userId,
          userName: 'Zoe',
          userIp: '192.0.2.7',
          remote: '192.0.2.7',
          userAgent: 'Firefox 121.0',
          agentId: 0,
          agentName: '-',
          canOpen: true,
          canView: false,
          canBan: false,
          ban: false,
          state: expect.any(Number) as number,
          totalTime: expect.any(Number) as number,
          waitingTime: expect.any(Number) as number,
          firstMessage: 'Where is  my order? <b>',
        },
      ]);
      expect([0, 4]).toContain(rows[0]?.state);
      expect(Math.abs((rows[0]?.totalTime ?? 0) - Date.now() / 1000)).toBeLessThan(60);
      expect(lastRevision).toBeGreaterThan(before);
    });

    it('calls the visitor by `usernamepattern`, in the list and beside the conversation', async () => {
      await kernel.service(settings).change({ usernamepattern: '{name} [{addr}]' }, 'test');
      const { lastRevision } = await list(0);
      const { id, token } = await visit('Vi');
      expect((await list(lastRevision)).threads[0]).toMatchObject({ userName: 'Vi [192.0.2.7]' });
      const about = { threadId: id, token, user: false, references: {}, return: { options: 'options' } };
      const response = await kernel.request('/thread/update', {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: packageOf([{ function: 'options', arguments: about }]),
      });
      expect(await response.text()).toContain('"name":"Vi [192.0.2.7]"');
      await kernel.service(settings).change({ usernamepattern: '{name}' }, 'test');
    });

    it('sends a taken thread with the rights of each, and a closed one once as closed', async () => {
      const thread = await visit('Max');
      const { lastRevision: start } = await list(0);
      await kernel.service(threads).take(thread.id, bob);
      const taken = await list(start);
      expect(taken.threads).toMatchObject([
        { id: thread.id, state: 2, agentId: bob.id, agentName: 'Bob', canOpen: false },
      ]);
      const others = await logIn('bob');
      const mine = await call([{ ...ask('updateThreads', { revision: start, ...listing, agentId: bob.id }) }], others);
      expect(mine.threads).toMatchObject([{ id: thread.id, canOpen: true, canView: false }]);
      await kernel.service(threads).close(thread.id, 'agent', bob);
      const closed = await list(taken.lastRevision);
      expect(closed.threads).toMatchObject([{ id: thread.id, state: 3 }]);
      expect((await list(closed.lastRevision)).threads).toEqual([]);
      expect((await list(0)).threads.map((row) => row.id)).not.toContain(thread.id);
    });

    it('gives nothing new with the revision that was asked for, and never goes back', async () => {
      const { lastRevision } = await list(0);
      expect(await list(lastRevision)).toMatchObject({ threads: [], lastRevision });
      expect(await list(String(lastRevision))).toMatchObject({ threads: [], lastRevision });
      expect(await list(lastRevision + 1000)).toMatchObject({ threads: [], lastRevision: lastRevision + 1000 });
    });

    it('tells every change while threads change at the same time', async () => {
      const started = await Promise.all(Array.from({ length: 5 }, (_, n) => visit(`Guest ${n}`)));
      const known = new Map<number, string>();
      let cursor = 0;
      const follow = async () => {
        const { threads: rows, lastRevision } = await list(cursor);
        expect(lastRevision).toBeGreaterThanOrEqual(cursor);
        for (const row of rows) known.set(row.id, row.userName);
        cursor = lastRevision;
      };
      for (let round = 0; round < 8; round += 1) {
        const renames = started.map(({ id }) => kernel.service(threads).rename(id, `name ${id} ${round}`));
        await Promise.all([follow(), ...renames]);
      }
      await follow();
      for (const { id } of started) expect(known.get(id)).toBe(`name ${id} 7`);
    });

    it('takes references between functions of a request', async () => {
      const result = await call([
        ask('updateThreads', { revision: 0, return: { threads: 'snapshot', lastRevision: 'first' } }),
        ask('updateThreads', {
          revision: 'lastRevision',
          references: { revision: 1 },
          return: { threads: 'delta', lastRevision: 'lastRevision' },
        }),
        ask('currentTime', { return: { time: 'time' } }),
      ]);
      expect(result).toMatchObject({ errorCode: 0, delta: [], lastRevision: result['first'] });
      expect(Math.abs(Number(result['time']) - Date.now() / 1000)).toBeLessThan(60);
    });

    it('refuses another agent id and stops there', async () => {
      const result = await call([
        ask('currentTime', { return: { time: 'time' } }),
        ask('away', { agentId: bob.id }),
        ask('updateThreads', { revision: 0, ...listing }),
      ]);
      expect(result).toMatchObject({ errorCode: 2, errorMessage: `Wrong agent id: '${bob.id}' instead of ${ann.id}` });
      expect(result['time']).toEqual(expect.any(Number));
      expect(result.threads).toBeUndefined();
    });

    it.each([-1, 1.5, 'x', null, {}])('refuses the revision %o with the code for arguments', async (revision) => {
      expect(await call([ask('updateThreads', { revision })])).toMatchObject({ errorCode: 104 });
    });

    it('refuses strangers: a coded body, or the way to the login in the form encoding', async () => {
      const refused = await post([ask('currentTime')], {});
      expect(refused.status).toBe(403);
      expect(await refused.json()).toMatchObject({ error: { code: 1, name: 'ERROR_AGENT_NOT_LOGGED_IN' } });
      const form = await kernel.request('/operator/users/update', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ data: encodeURIComponent(packageOf([ask('currentTime')])) }),
      });
      expect(form.status).toBe(302);
      const login = form.headers.get('location') ?? '';
      expect(login).toMatch(/^\/operator\/login\?/);
      const page = await kernel.request(login);
      expect(page.headers.getSetCookie().join()).toContain(encodeURIComponent('/operator/users'));
    });

    it('takes no cookie from a page of somebody else', async () => {
      const refused = await post([ask('currentTime')], { cookie, origin: 'https://evil.example' });
      expect(refused.status).toBe(403);
    });

    it('lists operators only where that is switched on', async () => {
      const asked = [ask('update'), ask('updateOperators', { return: { operators: 'operators' } })];
      expect(await call(asked)).toMatchObject({ operators: [] });
      await kernel.service(settings).change({ showonlineoperators: true }, 'test');
      expect(await call(asked)).toMatchObject({ operators: [{ id: ann.id, name: 'Ann', away: false }] });
      await call([ask('away')]);
      expect(await call(asked)).toMatchObject({ operators: [{ id: ann.id, away: true }] });
      await call([ask('available')]);
      expect(await call(asked)).toMatchObject({ operators: [{ id: ann.id, away: false }] });
    });

    it('makes an operator available who opens the page, and gives the app what it starts with', async () => {
      await call([ask('away')]);
      const page = await kernel.request('/operator/users', { headers: { cookie } });
      expect(page.status).toBe(200);
      const text = await page.text();
      expect(text).toContain('data-mb-app="users"');
      const boot = /id="mibew-boot"[^>]*>([^<]+)</.exec(text)?.[1] ?? '{}';
      expect(JSON.parse(boot)).toMatchObject({
        app: 'users',
        boot: {
          server: { url: '/operator/users/update', requestsFrequency: 2 },
          agent: { id: ann.id },
          page: { showVisitors: false, showPopup: false },
        },
      });
      expect(await call([ask('updateOperators', { return: { operators: 'operators' } })])).toMatchObject({
        operators: [{ id: ann.id, away: false }],
      });
    });

    it('sends a stranger who opens the page to the login, and back afterwards', async () => {
      const page = await kernel.request('/operator/users');
      expect(page.status).toBe(302);
      expect(page.headers.get('location')).toMatch(/^\/operator\/login/);
      expect(page.headers.getSetCookie().join()).toContain(encodeURIComponent('/operator/users'));
    });

    it('tells what the workspace shows beside a conversation, but not of threads out of sight', async () => {
      const thread = await visit('Ida');
      const facts = { return: { referrer: 'referrer', locale: 'locale', chatStarted: 'chatStarted' } };
      expect(await call([ask('threadFacts', { thread: thread.id, ...facts })])).toMatchObject({
        referrer: 'https://shop.example/cart',
        chatStarted: 0,
      });
      expect(await call([ask('threadFacts', { thread: 999_999, ...facts })])).toMatchObject({ errorCode: 108 });
    });

    it('asks plugins who may see what', async () => {
      const seen = kernel.calls(threadsVisible);
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.at(-1)?.[1].operator.id).toBe(ann.id);
    });
  });
}

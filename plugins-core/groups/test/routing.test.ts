/** Groups among the other plugins: who sees what, on every way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { threads, threadState, visitors, type StartInput, type Thread } from '../../chat/api.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { availability, operators, type Operator } from '../../operators/api.ts';
import { createBrowser, tokenIn, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import type { WireThread } from '../../users/api.ts';
import { groups, type Group } from '../api.ts';

const password = 'correct horse';
interface Person extends Operator {
  readonly browser: Browser;
}
type Results = Readonly<Record<string, unknown>> & { readonly errorCode: number };

for (const dialect of ['sqlite', 'mysql'] as const) {
  const missing = missingDialect(dialect);
  describe.skipIf(missing !== undefined)(`groups among others on ${dialect}${missing ? ` (${missing})` : ''}`, () => {
    let kernel: TestKernel;
    let drop: () => Promise<void>;
    const people = {} as Record<'ann' | 'bob' | 'cem' | 'dan' | 'eve', Person>;
    const group = {} as Record<'sales' | 'web' | 'support', Group>;
    const thread = {} as Record<'none' | 'sales' | 'web' | 'support', Thread>;
    let visitorCount = 0;

    const switchTo = (values: Record<string, boolean>) => kernel.service(settings).change(values, 'test');
    const service = () => kernel.service(groups);

    async function person(login: string, permissions: readonly string[]): Promise<Person> {
      const name = login[0]!.toUpperCase() + login.slice(1);
      const email = `${login}@example.com`;
      const made = await kernel.service(operators).create({ login, name, email, password, permissions });
      const browser = createBrowser(kernel);
      await browser.submit('/operator/login', { login, password });
      return { ...made, browser };
    }
    async function start(input: Partial<StartInput> = {}): Promise<Thread> {
      const visitor = await kernel.service(visitors).bySecret(`${dialect}${(visitorCount += 1)}`.padEnd(43, 'x'));
      const outcome = await kernel.service(threads).start(visitor, { remote: '192.0.2.7', userAgent: '', ...input });
      return outcome.thread!;
    }
    async function call(who: Person, path: string, name: string, args: object): Promise<Results> {
      const functions = [{ function: name, arguments: { references: {}, return: {}, ...args } }];
      const body = { signature: '', proto: '1.0', async: true, requests: [{ token: 't1', functions }] };
      const cookie = [...who.browser.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
      const response = await kernel.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(200);
      const answer = (await response.json()) as { requests: { functions: { arguments: Results }[] }[] };
      return answer.requests[0]!.functions[0]!.arguments;
    }
    const users = (who: Person, name: string, args: object) =>
      call(who, '/operator/users/update', name, { agentId: who.id, ...args });
    const list = async (who: Person, revision = 0) => {
      const wanted = { threads: 'threads', lastRevision: 'lastRevision' };
      const { threads: rows, lastRevision } = await users(who, 'updateThreads', { revision, return: wanted });
      return { rows: rows as WireThread[], revision: lastRevision as number };
    };
    const listed = async (who: Person) => (await list(who)).rows.map(({ id }) => id).toSorted((a, b) => a - b);
    const idsOf = (...names: (keyof typeof thread)[]) => names.map((name) => thread[name].id).toSorted((a, b) => a - b);

    beforeAll(async () => {
      const database = await createTestUrl(dialect);
      drop = database.drop;
      kernel = await createTestKernel({
        plugins: ['groups', 'users', 'widget'],
        env: { MIBEW_DATABASE: database.url },
      });
      people.ann = await person('ann', ['takeover', 'viewthreads']);
      people.bob = await person('bob', ['takeover', 'viewthreads']);
      people.cem = await person('cem', ['takeover', 'viewthreads']);
      people.dan = await person('dan', []);
      people.eve = await person('eve', ['admin', 'takeover', 'viewthreads']);
      group.sales = await service().create({
        name: 'Sales',
        commonName: 'Selling',
        title: 'Sales Ltd',
        chatTitle: 'Ask',
      });
      group.web = await service().create({ name: 'Web', parentId: group.sales.id });
      group.support = await service().create({ name: 'Support' });
      await service().changeMembers(group.sales.id, { add: [people.ann.id] });
      await service().changeMembers(group.web.id, { add: [people.bob.id] });
      await service().changeMembers(group.support.id, { add: [people.cem.id] });
    });
    afterAll(async () => {
      await kernel?.dispose();
      await drop?.();
    });

    it('knows no groups while they are switched off, whatever a visitor asks for', async () => {
      const asked = await start({ group: group.sales.id });
      expect(asked.groupId).toBe(0);
      for (const who of Object.values(people)) expect(await listed(who)).toEqual([asked.id]);
      expect((await list(people.dan)).rows[0]?.agentName).toBe('-');
      await kernel.service(availability).touch(people.dan.id);
      expect(await kernel.service(availability).hasOnlineOperators(group.sales.id)).toBe(true);
      await kernel.service(threads).close(asked.id, 'user');
      await kernel.service(availability).gone(people.dan.id);
    });

    it('puts a conversation into the group that was asked for, if there is one', async () => {
      await switchTo({ enablegroups: true });
      thread.none = await start();
      thread.sales = await start({ group: group.sales.id });
      thread.web = await start({ group: group.web.id });
      thread.support = await start({ group: group.support.id });
      const stray = await start({ group: 4711 });
      expect(stray.groupId).toBe(0);
      await kernel.service(threads).close(stray.id, 'user');
      expect(thread.web.groupId).toBe(group.web.id);
    });

    it('lists for each operator what belongs to no group, to his groups, and to their parents', async () => {
      expect(await listed(people.ann)).toEqual(idsOf('none', 'sales'));
      expect(await listed(people.bob)).toEqual(idsOf('none', 'sales', 'web'));
      expect(await listed(people.cem)).toEqual(idsOf('none', 'support'));
      expect(await listed(people.dan)).toEqual(idsOf('none'));
      // Administrators are no exception: their queue is that of their groups.
      expect(await listed(people.eve)).toEqual(idsOf('none'));
    });

    it('names the group where nobody is addressed or attached', async () => {
      const nameOf = async (id: number) => (await list(people.bob)).rows.find((row) => row.id === id)?.agentName;
      expect(await nameOf(thread.none.id)).toBe('-');
      expect(await nameOf(thread.sales.id)).toBe('-Sales-');
      const taken = await start({ group: group.web.id });
      await kernel.service(threads).take(taken.id, people.bob);
      expect(await nameOf(taken.id)).toBe('Bob');
      await kernel.service(threads).close(taken.id, 'user');
      const addressed = await start({ group: group.web.id });
      await service().changeMembers(group.web.id, {});
      await kernel.service(threads).take(addressed.id, people.bob);
      await kernel.service(threads).redirect(addressed.id, people.bob, { agent: people.cem });
      expect((await list(people.cem)).rows.find((row) => row.id === addressed.id)?.agentName).toBe('Cem');
      await kernel.service(threads).close(addressed.id, 'user');
    });

    it('answers about a thread out of sight as about one that is not there: functions', async () => {
      const absent = { id: 999_999, token: 1 };
      const wrong = { id: thread.web.id, token: (thread.web.token % 0xff_ffff) + 1 };
      for (const [who, hidden] of [
        [people.ann, thread.web],
        [people.ann, thread.support],
        [people.cem, thread.sales],
        [people.dan, thread.support],
        [people.eve, thread.support],
      ] as const)
        for (const [name, args] of [
          ['update', { user: false, typed: false, lastId: 0 }],
          ['updateMessages', { user: false, lastId: 0 }],
          ['post', { user: false, message: 'Hello' }],
          ['post', { user: false, message: 'A note', private: true }],
          ['take', { user: false }],
          ['take', { user: false, force: true }],
          ['close', { user: false }],
          ['rename', { name: 'Other' }],
          ['getAvatar', {}],
          ['options', { user: false }],
        ] as const) {
          const ask = ({ id, token }: { id: number; token: number }) =>
            call(who, '/thread/update', name, { threadId: id, token, ...args });
          const answer = await ask(hidden);
          expect(answer, `${who.login} ${name}`).toMatchObject({ errorCode: 4 });
          expect(answer, `${who.login} ${name}`).toEqual(await ask(absent));
          expect(answer, `${who.login} ${name}`).toEqual(await ask(wrong));
        }
      const facts = (who: Person, id: number) => users(who, 'threadFacts', { thread: id });
      expect(await facts(people.ann, thread.web.id)).toMatchObject({ errorCode: 108 });
      expect(await facts(people.ann, thread.web.id)).toEqual(await facts(people.ann, absent.id));
      expect(await facts(people.ann, thread.sales.id)).toMatchObject({ errorCode: 0 });
      for (const { id } of Object.values(thread))
        expect(await kernel.service(threads).byId(id)).toMatchObject({ state: threadState.loading, agentId: 0 });
    });

    it('tells operators which group a visitor came to, if any, while groups are on', async () => {
      const wanted = { return: { groupName: 'groupName' } };
      const nameOf = async ({ id }: Thread) =>
        (await users(people.ann, 'threadFacts', { thread: id, ...wanted }))['groupName'];
      expect(await nameOf(thread.sales)).toBe('Sales');
      expect(await nameOf(thread.none)).toBe('');
      await switchTo({ enablegroups: false });
      expect(await nameOf(thread.sales)).toBe('');
      await switchTo({ enablegroups: true });
    });

    it('answers about a thread out of sight as about one that is not there: pages', async () => {
      const absent = { id: 999_999, token: 1 };
      const whole = async (response: Response) => ({
        status: response.status,
        location: response.headers.get('location'),
        text: (await response.text()).replaceAll(/nonce="[^"]+"/g, '').replaceAll(/chat\/\d+/g, 'chat/ID'),
      });
      for (const [who, hidden] of [
        [people.ann, thread.web],
        [people.dan, thread.sales],
        [people.eve, thread.support],
      ] as const) {
        const csrf_token = tokenIn(await (await who.browser.get('/operator/users')).text());
        const pages = ({ id, token }: { id: number; token: number }) => [
          () => who.browser.get(`/operator/chat/${id}`),
          () => who.browser.get(`/operator/chat/${id}?force=true`),
          () => who.browser.get(`/operator/chat/${id}?viewonly=true`),
          () => who.browser.get(`/operator/chat/${id}/${token}`),
          () => who.browser.post(`/operator/chat/${id}`, { csrf_token }),
        ];
        for (const [index, page] of pages(hidden).entries())
          expect(await whole(await page()), `${who.login} ${index}`).toEqual(
            await whole(await pages(absent)[index]!()),
          );
      }
      for (const { id } of Object.values(thread))
        expect(await kernel.service(threads).byId(id)).toMatchObject({ state: threadState.loading, agentId: 0 });
    });

    it('lets an operator at what is in his sight, and leaves him what is his own or addressed to him', async () => {
      const his = await start({ group: group.web.id });
      await kernel.service(threads).take(his.id, people.bob);
      await kernel.service(threads).redirect(his.id, people.bob, { agent: people.dan });
      expect(await listed(people.dan)).toContain(his.id);
      const about = { threadId: his.id, token: his.token, user: false };
      expect(await call(people.dan, '/thread/update', 'take', about)).toMatchObject({ errorCode: 0 });
      const post = { ...about, message: 'Hello' };
      expect(await call(people.dan, '/thread/update', 'post', post)).toMatchObject({ errorCode: 0 });
      expect(await call(people.ann, '/thread/update', 'updateMessages', { ...about, lastId: 0 })).toMatchObject({
        errorCode: 4,
      });
      await kernel.service(threads).close(his.id, 'agent', people.dan);
    });

    it('counts as online who answers for the group', async () => {
      const there = kernel.service(availability);
      const online = async () => {
        const asked = [0, group.sales.id, group.web.id, group.support.id, 4711];
        return (await Promise.all(asked.map((id) => there.hasOnlineOperators(id)))).map(Number).join('');
      };
      for (const who of Object.values(people)) await there.gone(who.id);
      await there.touch(people.dan.id);
      expect(await online()).toBe('00000');
      await there.touch(people.bob.id);
      expect(await online()).toBe('11101');
      const button = async (group: string) => (await kernel.request(`/b?group=${group}`)).arrayBuffer();
      const [on, off] = await Promise.all([group.web.id, group.support.id].map((id) => button(String(id))));
      expect(Buffer.from(on!).equals(Buffer.from(off!))).toBe(false);
      for (const odd of ['', '0', 'x', '4711', '123456789']) expect(await button(odd), odd).toEqual(on);
      await there.setStatus(people.bob.id, 'away');
      expect(await online()).toBe('00000');
      expect(await button(String(group.web.id))).toEqual(off);
      await there.setStatus(people.bob.id, 'available');
      await there.touch(people.ann.id);
      await there.gone(people.bob.id);
      expect(await online()).toBe('11001');
      await there.gone(people.ann.id);
      await there.gone(people.dan.id);
    });

    it('shows the list at once what a new member sees, and takes from it what a former one does not', async () => {
      const { revision } = await list(people.dan);
      await service().changeMembers(group.web.id, { add: [people.dan.id] });
      const gained = await list(people.dan, revision);
      expect(gained.rows.map(({ id }) => id)).toEqual(idsOf('sales', 'web'));
      await service().changeMembers(group.web.id, { remove: [people.dan.id] });
      const lost = await list(people.dan, gained.revision);
      expect(lost.rows.map(({ id, state, token }) => [id, state, token])).toEqual(
        idsOf('sales', 'web').map((id) => [id, threadState.closed, 0]),
      );
      expect(await listed(people.dan)).toEqual(idsOf('none'));
    });

    it('changes the list when a group moves, is named otherwise, or groups are switched', async () => {
      const { revision } = await list(people.bob);
      await service().update(group.sales.id, { name: 'Sellers' });
      const renamed = await list(people.bob, revision);
      expect(renamed.rows.map(({ id, agentName, groupName }) => [id, agentName, groupName])).toEqual([
        [thread.sales.id, '-Sellers-', 'Sellers'],
      ]);
      await service().update(group.web.id, { parentId: group.support.id });
      const moved = await list(people.bob, renamed.revision);
      expect(moved.rows.map(({ id, state }) => [id, state])).toEqual([
        [thread.sales.id, threadState.closed],
        [thread.support.id, threadState.loading],
      ]);
      await service().update(group.web.id, { parentId: group.sales.id });
      const { revision: on } = await list(people.dan);
      await switchTo({ enablegroups: false });
      const all = await list(people.dan, on);
      expect(all.rows.map(({ id }) => id)).toEqual(idsOf('sales', 'web', 'support'));
      await switchTo({ enablegroups: true });
      expect(await listed(people.dan)).toEqual(idsOf('none'));
    });

    it('tells isolated operators of their neighbours alone, administrators of everybody', async () => {
      const there = kernel.service(availability);
      for (const who of Object.values(people)) await there.touch(who.id);
      await switchTo({ showonlineoperators: true, enablegroupsisolation: true });
      const told = async (who: Person) => {
        const { operators: rows } = await users(who, 'updateOperators', { return: { operators: 'operators' } });
        return (rows as { name: string }[]).map(({ name }) => name).join(' ');
      };
      expect(await told(people.ann)).toBe('Ann Bob');
      expect(await told(people.bob)).toBe('Ann Bob');
      expect(await told(people.cem)).toBe('Cem');
      expect(await told(people.dan)).toBe('Dan');
      expect(await told(people.eve)).toBe('Ann Bob Cem Dan Eve');
      await switchTo({ enablegroupsisolation: false });
      expect(await told(people.cem)).toBe('Ann Bob Cem Dan Eve');
      for (const who of Object.values(people)) await there.gone(who.id);
    });

    it('presents a conversation as its group or the one above it', async () => {
      const visitor = await kernel.service(visitors).bySecret('branding'.padEnd(43, dialect[0]));
      const input = { remote: '192.0.2.8', userAgent: '', group: group.web.id };
      const { options, thread: made } = await kernel.service(threads).start(visitor, input);
      expect(options['page']).toMatchObject({ title: 'Ask', company: 'Sales Ltd' });
      const { id, token } = made!;
      const cookie = `MibewVisitor=${'branding'.padEnd(43, dialect[0])}`;
      const page = await (await kernel.request(`/chat/${id}/${token}`, { headers: { cookie } })).text();
      expect(page).toContain('<title>Ask</title>');
      await kernel.service(threads).close(id, 'user');
      const plain = await kernel.service(threads).start(visitor, { ...input, group: group.support.id });
      expect(plain.options['page']).toMatchObject({ title: 'Live Support' });
      await kernel.service(threads).close(plain.thread!.id, 'user');
    });

    it('frees the conversations of a group that is deleted', async () => {
      const { revision } = await list(people.dan);
      await service().remove(group.support.id);
      expect(await kernel.service(threads).byId(thread.support.id)).toMatchObject({ groupId: 0 });
      const [freed] = (await list(people.dan, revision)).rows;
      expect(freed).toMatchObject({ id: thread.support.id, agentName: '-' });
      expect(freed).not.toHaveProperty('groupName');
      await service().remove(group.web.id);
      expect(await listed(people.bob)).toEqual(idsOf('none', 'support', 'web'));
    });

    it('leaves everything in sight when the plugin is switched off', async () => {
      await kernel.disable('groups');
      expect(await listed(people.dan)).toEqual(idsOf('none', 'sales', 'web', 'support'));
      await kernel.enable('groups');
      expect(await listed(people.dan)).toEqual(idsOf('none', 'support', 'web'));
    });
  });
}

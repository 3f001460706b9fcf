import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { threadRedirected, threads, threadState, type Thread } from '../../chat/api.ts';
import { groups, type Group } from '../../groups/api.ts';
import { availability, operators } from '../../operators/api.ts';
import { settings } from '../../settings/api.ts';
import { RpcError } from '../../rpc/api.ts';
import { handoverErrors } from '../api.ts';
import { createHandOver } from '../handing.ts';
import { createWorld, type Person, type World } from './world.ts';

const path = ({ id, token }: Thread, what = 'redirection-links') => `/operator/chat/${id}/${token}/${what}`;
/** Names on a page of targets, with their presence. */
const listed = (html: string) =>
  [...html.matchAll(/<bdi>([^<]*)<\/bdi><\/span>\s*<span[^>]*>([^<]*)</g)].map(([, name, state]) => `${name} ${state}`);
const notes = async (world: World, thread: Thread) =>
  (await world.said(thread)).filter(({ kind, name }) => kind === 3 && name !== null);

describe.each(['sqlite', 'mysql'] as const)('a conversation is handed over, on %s', (dialect) => {
  const missing = missingDialect(dialect);
  describe.skipIf(missing)(missing ?? 'it', () => {
    let world: World;
    let [ann, bob, cem]: Person[] = [];
    let sales: Group;
    let empty: Group;
    let drop: () => Promise<void>;
    beforeAll(async () => {
      const made = await createTestUrl(dialect);
      drop = made.drop;
      world = await createWorld(made.url);
      await world.kernel.service(settings).change({ enablegroups: true, max_connections_from_one_host: 0 }, 'test');
      ann = await world.operator('Ann');
      bob = await world.operator('Bob', ['viewthreads']);
      cem = await world.operator('Cem', [], false);
      sales = await world.kernel.service(groups).create({ name: 'Sales' });
      empty = await world.kernel.service(groups).create({ name: 'Empty' });
      await world.kernel.service(groups).changeMembers(sales.id, { add: [ann.operator.id, cem.operator.id] });
    });
    afterAll(async () => {
      await world?.kernel.dispose();
      await drop?.();
    });

    it('to a colleague, by function, with a note that stands there first', async () => {
      const thread = await world.with(ann!.operator);
      const handed = { agent: bob!.operator.id, note: 'wants <b>blue</b>', key: 'k1' };
      expect(await ann!.call(thread, 'redirect', handed)).toMatchObject({ errorCode: 0 });
      expect(await world.thread(thread)).toMatchObject({
        state: threadState.waiting,
        nextAgent: bob!.operator.id,
        agentId: 0,
        agentName: 'Ann',
      });
      expect((await world.said(thread)).slice(-2)).toEqual([
        { kind: 3, name: 'Ann', message: 'wants &lt;b&gt;blue&lt;/b&gt;' },
        { kind: 6, name: null, message: expect.stringContaining('Ann hands the conversation over to Bob') },
      ]);
      const seen = await world.threads.messages(thread.id, 'user', 0);
      expect(JSON.stringify(seen)).not.toContain('blue');
      expect(world.kernel.calls(threadRedirected).at(-1)).toMatchObject([{ by: { name: 'Ann' } }]);

      // Sent once more, since the answer was lost: nothing is said or done twice.
      const [now, said] = [await world.thread(thread), await world.said(thread)];
      expect(await ann!.call(thread, 'redirect', handed)).toMatchObject({ errorCode: 0 });
      expect([await world.thread(thread), await world.said(thread)]).toEqual([now, said]);
      expect(await notes(world, thread)).toHaveLength(1);
      expect(await bob!.call(thread, 'update', { typed: false }, ['threadAgentId'])).toMatchObject({
        threadAgentId: bob!.operator.id,
      });
    });

    it('to a group, where it waits for anybody', async () => {
      const thread = await world.with(ann!.operator);
      expect(await ann!.call(thread, 'redirect', { group: sales.id })).toMatchObject({ errorCode: 0 });
      const now = { state: threadState.waiting, groupId: sales.id, nextAgent: 0, agentId: 0, agentName: '' };
      expect(await world.thread(thread)).toMatchObject(now);
      expect(await notes(world, thread)).toEqual([]);
    });

    it('out of the group when the colleague does not belong to it, and within when he does', async () => {
      for (const [colleague, groupId] of [
        [bob!, 0],
        [cem!, sales.id],
      ] as const) {
        const thread = await world.with(ann!.operator, { group: sales.id });
        expect(thread.groupId).toBe(sales.id);
        await ann!.call(thread, 'redirect', { agent: colleague.operator.id });
        expect(await world.thread(thread)).toMatchObject({ nextAgent: colleague.operator.id, groupId });
      }
    });

    describe('once, however often the call is sent', () => {
      const redirects = ({ id }: Thread) =>
        world.kernel.calls(threadRedirected).filter(([{ thread }]) => thread.id === id).length;

      it('by calls at the same moment, and by one after the plugin was started anew', async () => {
        const thread = await world.with(ann!.operator);
        const handed = { agent: bob!.operator.id, note: 'for Bob', key: 'k2' };
        const answers = await Promise.all([1, 2, 3].map(() => ann!.call(thread, 'redirect', handed)));
        expect(answers).toMatchObject([{ errorCode: 0 }, { errorCode: 0 }, { errorCode: 0 }]);
        await world.kernel.disable('handover');
        await world.kernel.enable('handover');
        const { agent, ...others } = handed;
        expect(await ann!.call(thread, 'redirect', { agent: String(agent), ...others })).toMatchObject({
          errorCode: 0,
        });
        expect(await notes(world, thread)).toHaveLength(1);
        expect(redirects(thread)).toBe(1);
        expect(await world.thread(thread)).toMatchObject({ state: threadState.waiting, nextAgent: agent });
      });

      it('and no call but that one: not with another target, nor another note under its key, nor by another operator', async () => {
        const thread = await world.with(ann!.operator);
        const handed = { agent: bob!.operator.id, note: 'for Bob', key: 'k3' };
        await ann!.call(thread, 'redirect', handed);
        expect(await ann!.call(thread, 'redirect', { ...handed, agent: cem!.operator.id })).toMatchObject({
          errorCode: 109,
        });
        expect(await ann!.call(thread, 'redirect', { ...handed, note: 'for somebody' })).toMatchObject({
          errorCode: 103,
        });
        const { agent: _, ...nobody } = handed;
        expect(await ann!.call(thread, 'redirect', { ...nobody, group: 0 })).toMatchObject({ errorCode: 109 });
        expect(await ann!.call(thread, 'redirect', nobody)).toMatchObject({ errorCode: 181 });
        expect(await bob!.call(thread, 'redirect', handed)).toMatchObject({ errorCode: 109 });
        expect(await notes(world, thread)).toHaveLength(1);
      });

      it('only while it waits there', async () => {
        const thread = await world.with(ann!.operator);
        const handed = { agent: bob!.operator.id };
        await ann!.call(thread, 'redirect', handed);
        await world.threads.take(thread.id, bob!.operator);
        expect(await ann!.call(thread, 'redirect', handed)).toMatchObject({ errorCode: 109 });
        // Handed to the same group by two, one after the other: the last one did it.
        const other = await world.with(ann!.operator);
        const toSales = { group: sales.id };
        await ann!.call(other, 'redirect', toSales);
        await world.threads.take(other.id, cem!.operator);
        expect(await cem!.call(other, 'redirect', toSales)).toMatchObject({ errorCode: 0 });
        expect(await ann!.call(other, 'redirect', toSales)).toMatchObject({ errorCode: 109 });
        expect(await cem!.call(other, 'redirect', toSales)).toMatchObject({ errorCode: 0 });
        await world.threads.close(other.id, 'user');
        expect(await cem!.call(other, 'redirect', toSales)).toMatchObject({ errorCode: 109 });
        expect(redirects(other)).toBe(2);
      });
    });

    it('by page: a list, a form with the note, a sentence at the end', async () => {
      const thread = await world.with(ann!.operator);
      const list = await ann!.browser.get(path(thread));
      expect(list.status).toBe(200);
      const html = await list.text();
      expect(listed(html)).toEqual(['Bob online', 'Cem offline', 'Sales offline']);
      const fields = { nextAgent: String(bob!.operator.id), note: 'one\r\ntwo' };
      const done = await ann!.browser.submit(path(thread), fields, path(thread, 'redirect'));
      expect(done.status).toBe(200);
      expect(await done.text()).toContain('waits for Bob now');
      expect(await world.thread(thread)).toMatchObject({ nextAgent: bob!.operator.id, state: threadState.waiting });
      expect(await notes(world, thread)).toMatchObject([{ message: 'one\ntwo' }]);
    });

    it('by the original’s address at once, and after a question for who comes from another site', async () => {
      const thread = await world.with(ann!.operator);
      const page = `${path(thread, 'redirect')}?nextGroup=${sales.id}`;
      const asked = await ann!.browser.get(page, { 'sec-fetch-site': 'cross-site' });
      const question = await asked.text();
      expect(question).toContain('Hand over to Sales?');
      // Ann herself is online; she is not who waits there.
      expect(question).toContain('Nobody of Sales is online');
      expect(await world.thread(thread)).toMatchObject({ agentId: ann!.operator.id });
      expect((await ann!.browser.get(page)).status).toBe(200);
      expect(await world.thread(thread)).toMatchObject({ groupId: sales.id, agentId: 0 });
    });

    it('not when anything about it is wrong, and then not even the note is kept', async () => {
      const limit = 4000;
      const thread = await world.with(ann!.operator);
      const before = await world.said(thread);
      const someone = { agent: bob!.operator.id };
      for (const [args, code] of [
        [{}, handoverErrors.targetMissing],
        [{ ...someone, group: sales.id }, handoverErrors.targetMissing],
        [{ agent: 9_999_999 }, handoverErrors.targetUnknown],
        [{ agent: ann!.operator.id }, handoverErrors.targetUnknown],
        [{ group: 9_999_999 }, handoverErrors.targetUnknown],
        [{ group: empty.id }, handoverErrors.targetUnknown],
        [{ ...someone, note: 'x'.repeat(limit + 1) }, 101],
        [{ agent: 'Bob' }, 3],
        [{ ...someone, key: '' }, 3],
      ] as const) {
        const note = 'note' in args ? {} : { note: 'for the next one' };
        const answer = await ann!.call(thread, 'redirect', { ...note, ...args });
        expect(answer['errorCode'], JSON.stringify(args).slice(0, 60)).toBe(code);
      }
      for (const [query, status] of [
        ['', 400],
        ['?nextAgent=', 400],
        ['?nextAgent=12345678901', 400],
        ['?nextAgent=-1', 400],
        [`?nextAgent=${bob!.operator.id}&nextGroup=${sales.id}`, 400],
        ['?nextAgent=9999999', 404],
        [`?nextGroup=${empty.id}`, 404],
      ] as const)
        expect((await ann!.browser.get(path(thread, 'redirect') + query)).status, query).toBe(status);
      const long = { nextAgent: String(bob!.operator.id), note: `<i>${'x'.repeat(limit)}` };
      const refused = await ann!.browser.submit(path(thread), long, path(thread, 'redirect'));
      expect(refused.status).toBe(422);
      const html = await refused.text();
      expect(html).toContain('4000 characters at most');
      expect(html).toContain('&lt;i&gt;xxx');
      const form = { nextAgent: String(bob!.operator.id) };
      expect((await ann!.browser.post(path(thread, 'redirect'), form)).status).toBe(400);
      expect(await world.said(thread)).toEqual(before);
      expect(await world.thread(thread)).toEqual(thread);
    });

    it('only by the operator who has it', async () => {
      const thread = await world.with(ann!.operator);
      const target = { agent: cem!.operator.id, note: 'mine now' };
      for (const name of ['redirect', 'redirectTargets'])
        expect(await bob!.call(thread, name, name === 'redirect' ? target : {})).toMatchObject({ errorCode: 109 });
      expect((await bob!.browser.get(path(thread))).status).toBe(403);
      expect((await bob!.browser.get(`${path(thread, 'redirect')}?nextAgent=${cem!.operator.id}`)).status).toBe(403);
      expect((await ann!.browser.get(path({ ...thread, token: thread.token + 1 }))).status).toBe(404);
      expect(await world.thread(thread)).toEqual(thread);
      expect(await notes(world, thread)).toEqual([]);
      await world.threads.close(thread.id, 'agent', ann!.operator);
      expect(await ann!.call(thread, 'redirect', target)).toMatchObject({ errorCode: 109 });
      expect((await ann!.browser.get(path(thread))).status).toBe(409);
      expect(await notes(world, thread)).toEqual([]);
    });

    it('not when it has ended at the same moment', async () => {
      const thread = await world.with(ann!.operator);
      const posted = Promise.reject(new RpcError(5, 'ERROR_CANNOT_SEND', 'Cannot send'));
      const handOver = createHandOver({
        threads: {
          post: () => posted,
          redirect: (...args) => world.kernel.service(threads).redirect(...args),
        },
        targets: { find: async () => ({ target: { agent: bob!.operator }, shown: {} as never }), list: () => posted },
      });
      const handing = { wanted: { agent: bob!.operator.id }, note: 'late', locale: 'en' };
      await expect(handOver(thread, ann!.operator, handing)).rejects.toMatchObject({ errorCode: 109 });
      expect(await world.thread(thread)).toEqual(thread);
    });

    it('by no visitor', async () => {
      const { secret, thread } = await world.visit();
      const answer = await world.callAs(secret, thread, 'redirect', { user: false, agent: bob!.operator.id });
      expect(JSON.stringify(await answer.json())).toContain('"errorCode":2');
      const asUser = await world.callAs(secret, thread, 'redirectTargets', { user: true });
      expect(JSON.stringify(await asUser.json())).toContain('"errorCode":3');
    });
  });
});

describe('those whom a conversation may be handed to', () => {
  let world: World;
  afterAll(() => world?.kernel.dispose());

  it('are told with their presence, by name, and as far as an isolated operator may know of them', async () => {
    world = await createWorld(undefined);
    const change = (values: Readonly<Record<string, unknown>>) => world.kernel.service(settings).change(values, 'test');
    const ann = await world.operator('Ann');
    const [bob, cem, dan] = [
      await world.operator('Bob', [], false),
      await world.operator('Cem'),
      await world.operator('Dan'),
    ];
    await world.kernel.service(availability).setStatus(cem.operator.id, 'away');
    await world.kernel.service(operators).setDisabled((await world.operator('Eve')).operator.id, true);
    const service = world.kernel.service(groups);
    const [near, far] = [await service.create({ name: 'Near' }), await service.create({ name: 'Far' })];
    await service.changeMembers(near.id, { add: [ann.operator.id, cem.operator.id] });
    await service.changeMembers(far.id, { add: [dan.operator.id] });
    const thread = await world.with(ann.operator);
    const told = async (search?: string) => {
      const { agents, groups: found } = (await ann.call(thread, 'redirectTargets', { search }, [
        'agents',
        'groups',
      ])) as {
        agents: { name: string; presence: string }[];
        groups: { name: string; presence: string }[];
      };
      const lines = (list: typeof agents) => list.map(({ name, presence }) => `${name} ${presence}`);
      return [lines(agents), lines(found)];
    };
    const everybody = ['Dan online', 'Cem away', 'Bob offline'];
    expect(await told()).toEqual([everybody, []]);
    await change({ enablegroups: true });
    expect(await told()).toEqual([everybody, ['Far online', 'Near away']]);
    expect(await told('  A')).toEqual([['Dan online'], ['Far online', 'Near away']]);
    expect(await told('nobody')).toEqual([[], []]);
    await change({ enablegroupsisolation: true });
    expect(await told()).toEqual([['Cem away'], ['Near away']]);
    for (const target of [{ agent: dan.operator.id }, { agent: bob.operator.id }, { group: far.id }])
      expect(await ann.call(thread, 'redirect', target)).toMatchObject({ errorCode: 180 });
    const html = await (await ann.browser.get(path(thread))).text();
    expect(html).toContain('Cem');
    expect(html).not.toContain('Dan');
  });

  it('stand eight to a page', async () => {
    await using kernelWorld = await createWorld(undefined, { optional: [] }).then((made) =>
      Object.assign(made, { [Symbol.asyncDispose]: () => made.kernel.dispose() }),
    );
    const ann = await kernelWorld.operator('Ann');
    for (let number = 10; number < 20; number += 1)
      await kernelWorld.kernel.service(operators).create({
        login: `o${number}`,
        name: `Op${number}`,
        email: `o${number}@example.com`,
        password: 'battery staple',
      });
    const thread = await kernelWorld.with(ann.operator);
    const names = async (page: string) => {
      const html = await (await ann.browser.get(path(thread) + page)).text();
      return listed(html);
    };
    const all = Array.from({ length: 10 }, (_, index) => `Op${index + 10} offline`);
    expect(await names('')).toEqual(all.slice(0, 8));
    for (const page of ['?page=2', '?page=99']) expect(await names(page)).toEqual(all.slice(8));
    expect(await names('?page=x')).toEqual(all.slice(0, 8));
    const options = await ann.call(thread, 'options', {}, ['options']);
    expect(options).toMatchObject({ options: { links: { redirect: path(thread) } } });
  });
});

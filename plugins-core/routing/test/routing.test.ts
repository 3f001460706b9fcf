import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { threads, visitors, threadState, type Thread } from '../../chat/api.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { groups } from '../../groups/api.ts';
import { availability, operators, type Operator } from '../../operators/api.ts';
import { settings } from '../../settings/api.ts';
import { routing } from '../api.ts';

const { chatting, waiting } = threadState;
let kernel: TestKernel;
let drop: () => Promise<void>;

const service = () => kernel.service(routing);
const chat = () => kernel.service(threads);

async function operator(login: string, { away = false } = {}): Promise<Operator> {
  const account = { login, name: login, email: `${login}@example.com`, password: 'battery staple' };
  const made = await kernel.service(operators).create(account);
  await kernel.service(availability).touch(made.id);
  if (away) await kernel.service(availability).setStatus(made.id, 'away');
  return made;
}

/** A visitor who waits: his window was heard. */
async function visitor(input: { readonly group?: number; readonly operatorCode?: string } = {}): Promise<Thread> {
  const secret = randomBytes(32).toString('base64url');
  const who = await kernel.service(visitors).bySecret(secret);
  const { thread } = await chat().start(who, { remote: '192.0.2.1', userAgent: 'test', ...input });
  const { id: threadId, token } = thread!;
  const args = { threadId, token, user: true, typed: false, references: {}, return: {} };
  const functions = [{ function: 'update', arguments: args }];
  await kernel.request('/thread/update', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-mibew-visitor': secret },
    body: JSON.stringify({ signature: '', proto: '1.0', async: true, requests: [{ token: 't', functions }] }),
  });
  return thread!;
}
const fresh = async (thread: Thread) => (await chat().byId(thread.id))!;
const agentOf = async (thread: Thread) => {
  const { state, agentId } = await fresh(thread);
  return state === chatting ? agentId : undefined;
};
const journey = (env: () => Promise<Record<string, string>>) => {
  beforeEach(async () => {
    kernel = await createTestKernel({ plugins: ['routing', 'groups', 'users'], env: await env() });
    await kernel.service(settings).change({ max_connections_from_one_host: 0 }, 'test');
  });
  afterEach(async () => {
    await kernel.dispose();
    await drop();
  });
  const mode = (routing_mode: string, routing_limit = 0) =>
    kernel.service(settings).change({ routing_mode, routing_limit }, 'test');

  it('gives nothing away by hand', async () => {
    await operator('ann');
    const thread = await visitor();
    await service().settle();
    expect(await agentOf(thread)).toBeUndefined();
  });

  it('gives each visitor to whoever has the fewest, up to the limit, and the next when there is room', async () => {
    await mode('leastBusy', 2);
    const people = [await operator('ann'), await operator('bob')];
    const list = await Promise.all(Array.from({ length: 5 }, () => visitor()));
    await service().settle();
    const agents = await Promise.all(list.map(agentOf));
    for (const { id } of people) expect(agents.filter((one) => one === id)).toHaveLength(2);
    const late = list[agents.indexOf(undefined)]!;
    const done = list.find((_, index) => agents[index] === people[0]!.id)!;
    await chat().close(done.id, 'agent', people[0]);
    await service().settle();
    expect(await agentOf(late)).toBe(people[0]!.id);
  });

  it('takes turns', async () => {
    await mode('roundRobin');
    const people = [await operator('ann'), await operator('bob'), await operator('cid')];
    const agents: (number | undefined)[] = [];
    for (let n = 0; n < 6; n += 1) {
      const thread = await visitor();
      await service().settle();
      agents.push(await agentOf(thread));
    }
    expect(new Set(agents.slice(0, 3))).toEqual(new Set(people.map(({ id }) => id)));
    expect(agents.slice(3)).toEqual(agents.slice(0, 3));
  });

  it('passes over who is away, and asks him when he is back', async () => {
    await mode('leastBusy');
    const ann = await operator('ann', { away: true });
    const thread = await visitor();
    await service().settle();
    expect(await agentOf(thread)).toBeUndefined();
    await kernel.service(availability).setStatus(ann.id, 'available');
    await service().settle();
    expect(await agentOf(thread)).toBe(ann.id);
  });

  it('keeps to the rule of the group, and to who may see its conversations', async () => {
    await kernel.service(settings).change({ enablegroups: true }, 'test');
    const [ann, bob] = [await operator('ann'), await operator('bob')];
    const sales = await kernel.service(groups).create({ name: 'Sales' });
    const help = await kernel.service(groups).create({ name: 'Help' });
    await kernel.service(groups).changeMembers(sales.id, { add: [ann.id] });
    await kernel.service(groups).changeMembers(help.id, { add: [bob.id] });
    await service().setRule(help.id, 'leastBusy');
    const [one, two] = [await visitor({ group: sales.id }), await visitor({ group: help.id })];
    await service().settle();
    expect([await agentOf(one), await agentOf(two)]).toEqual([undefined, bob.id]);
  });

  it('hands a conversation to the operator that it is addressed to, and lets it wait for him while he has no room', async () => {
    await mode('leastBusy', 1);
    const [ann, bob] = [await operator('ann'), await operator('bob')];
    const [first, second] = [await visitor(), await visitor()];
    await service().settle();
    const own = (await agentOf(first)) === ann.id ? first : second;
    await chat().redirect(own.id, ann, { agent: bob });
    await service().settle();
    expect(await fresh(own)).toMatchObject({ state: waiting, nextAgent: bob.id });
    const other = own === first ? second : first;
    await chat().close(other.id, 'agent', bob);
    await service().settle();
    expect(await agentOf(own)).toBe(bob.id);
  });

  it('never hands a conversation back to who handed it over to his own group, unless he takes it by hand', async () => {
    await kernel.service(settings).change({ enablegroups: true }, 'test');
    const [ann, bob] = [await operator('ann'), await operator('bob')];
    const help = await kernel.service(groups).create({ name: 'Help' });
    await kernel.service(groups).changeMembers(help.id, { add: [ann.id] });
    await service().setRule(help.id, 'leastBusy');
    const thread = await visitor({ group: help.id });
    await service().settle();
    expect(await agentOf(thread)).toBe(ann.id);
    await chat().redirect(thread.id, ann, { group: { id: help.id, name: 'Help' } });
    await service().settle();
    expect(await fresh(thread)).toMatchObject({ state: waiting, agentId: 0, redirectedBy: ann.id });
    await kernel.service(groups).changeMembers(help.id, { add: [bob.id] });
    await service().settle();
    expect(await fresh(thread)).toMatchObject({ agentId: bob.id, redirectedBy: 0 });
    await chat().redirect(thread.id, bob, { group: { id: help.id, name: 'Help' } });
    await service().settle();
    expect(await agentOf(thread)).toBe(ann.id);
  });

  it('gives nobody more than his own limit, however many rounds run at once', async () => {
    await mode('leastBusy', 3);
    const [ann, bob] = [await operator('ann'), await operator('bob')];
    await service().setLimit(ann.id, 1);
    const list = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const thread = await visitor();
        await service().settle();
        return thread;
      }),
    );
    await service().settle();
    const agents = await Promise.all(list.map(agentOf));
    expect([ann, bob].map((who) => agents.filter((id) => id === who.id).length)).toEqual([1, 3]);
    await service().setLimit(ann.id, undefined);
    await service().settle();
    expect((await Promise.all(list.map(agentOf))).filter((id) => id === ann.id)).toHaveLength(3);
  });
};

describe('on SQLite', () => {
  journey(async () => {
    const { url, drop: end } = await createTestUrl('sqlite');
    drop = end;
    return { MIBEW_DATABASE: url };
  });
});
const missing = missingDialect('mysql');
describe.skipIf(missing)(missing ? `on MariaDB (skipped: ${missing})` : 'on MariaDB', () => {
  journey(async () => {
    const { url, drop: end } = await createTestUrl('mysql');
    drop = end;
    return { MIBEW_DATABASE: url };
  });
});

import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { packageOf, threadCall, type Json } from '../../../test/support/wire.ts';
import { threads, visitors } from '../../chat/api.ts';
import { createTestUrl, eachDialect } from '../../database/testing.ts';
import { groups } from '../../groups/api.ts';
import { availability, operators, type Operator } from '../../operators/api.ts';
import { settings } from '../../settings/api.ts';

eachDialect((dialect) => {
  let kernel: TestKernel;
  let drop: () => Promise<void>;
  let ann: Operator;
  beforeEach(async () => {
    const database = await createTestUrl(dialect);
    drop = database.drop;
    kernel = await createTestKernel({ plugins: ['waiting', 'groups'], env: { MIBEW_DATABASE: database.url } });
    const rules = { max_connections_from_one_host: 0, start_rate: 0, enablegroups: true };
    await kernel.service(settings).change(rules, 'test');
    const account = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'battery staple' };
    ann = await kernel.service(operators).create(account);
    await kernel.service(availability).touch(ann.id);
  });
  afterEach(async () => {
    await kernel.dispose();
    await drop();
  });
  const teams = () => kernel.service(groups);

  async function come(group: number) {
    const secret = randomBytes(32).toString('base64url');
    const visitor = await kernel.service(visitors).bySecret(secret);
    const { thread } = await kernel.service(threads).start(visitor, { remote: '192.0.2.1', userAgent: 'test', group });
    return { secret, thread: thread! };
  }
  type Waiting = Awaited<ReturnType<typeof come>>;
  /** Is he told how long it may take? Only while somebody attends. */
  async function hopes({ secret, thread: { id: threadId, token } }: Waiting): Promise<boolean> {
    const call = threadCall('position', { threadId, token, user: true }, ['position', 'high']);
    const answer = await kernel.request('/thread/update', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-mibew-visitor': secret },
      body: JSON.stringify(packageOf(call)),
    });
    const { requests } = (await answer.json()) as { requests: { functions: { arguments: Json }[] }[] };
    const { errorCode, position, high } = requests[0]!.functions[0]!.arguments;
    expect({ errorCode, position }).toEqual({ errorCode: 0, position: 1 });
    return Number(high) > 0;
  }
  /** Five waits are enough for an estimate, and the sixth visitor waits on. */
  async function sixth(group: number): Promise<Waiting> {
    for (let done = 0; done < 5; done += 1) await kernel.service(threads).take((await come(group)).thread.id, ann);
    return come(group);
  }

  it('is told at once who joins a group and who leaves it', async () => {
    const sales = await teams().create({ name: 'Sales' });
    const waiting = await sixth(sales.id);
    expect(await hopes(waiting)).toBe(false);
    await teams().changeMembers(sales.id, { add: [ann.id] });
    expect(await hopes(waiting)).toBe(true);
    await teams().changeGroupsOf(ann.id, { remove: [sales.id] });
    expect(await hopes(waiting)).toBe(false);
  });

  it('is told, too, when a group that answers for another is moved below it or taken away', async () => {
    const sales = await teams().create({ name: 'Sales' });
    const shop = await teams().create({ name: 'Shop' });
    await teams().changeMembers(shop.id, { add: [ann.id] });
    const waiting = await sixth(sales.id);
    expect(await hopes(waiting)).toBe(false);
    await teams().update(shop.id, { parentId: sales.id });
    expect(await hopes(waiting)).toBe(true);
    await teams().remove(shop.id);
    expect(await hopes(waiting)).toBe(false);
  });

  it('is told when groups are switched off, and everybody answers for all', async () => {
    const sales = await teams().create({ name: 'Sales' });
    const waiting = await sixth(sales.id);
    expect(await hopes(waiting)).toBe(false);
    await kernel.service(settings).change({ enablegroups: false }, 'test');
    expect(await hopes(waiting)).toBe(true);
  });
});

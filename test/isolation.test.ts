import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { listen, type Server } from '../kernel/server.ts';
import { threads } from '../plugins-core/chat/api.ts';
import { createTestUrl, missingDialect } from '../plugins-core/database/testing.ts';
import { groups } from '../plugins-core/groups/api.ts';
import { operators } from '../plugins-core/operators/api.ts';
import { createWorld, type Conversation, type Person, type World } from './access/world.ts';

type Arguments = Readonly<Record<string, unknown>>;
interface Call {
  readonly function: string;
  readonly arguments: Arguments;
}
const gateways = { thread: '/thread/update', users: '/operator/users/update' } as const;
const nowhere: Conversation = { id: 999_999, token: 1_234_567 };
const about = ({ id, token }: Conversation, more: Arguments = {}) => ({ threadId: id, token, user: false, ...more });

/** A socket of an operator that keeps what is pushed to it. */
async function connect(server: Server, { headers }: Person, path: string) {
  const origin = `http://127.0.0.1:${server.port}`;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, { headers: { ...headers, origin } });
  const pushed: Call[] = [];
  const answers = new Map<string, (args: Arguments) => void>();
  await once(socket, 'open');
  const greeted = once(socket, 'message');
  socket.send(JSON.stringify({ hello: {} }));
  await greeted;
  socket.on('message', (data: Buffer) => {
    const { requests } = JSON.parse(String(data)) as { requests: { token: string; functions: Call[] }[] };
    for (const { token, functions } of requests)
      for (const one of functions) {
        if (one.function === 'result') answers.get(token)?.(one.arguments);
        else pushed.push(one);
      }
  });
  let count = 0;
  return {
    pushed,
    rows: () => pushed.flatMap((one) => (one.arguments['threads'] ?? []) as { id: number; state: number }[]),
    call(name: string, args: Arguments): Promise<Arguments> {
      const token = `s${(count += 1)}`;
      const call = { function: name, arguments: { references: {}, return: {}, ...args } };
      const requests = [{ token, functions: [call] }];
      const answer = new Promise<Arguments>((done) => answers.set(token, done));
      socket.send(JSON.stringify({ signature: '', proto: '1.0', async: true, requests }));
      return answer;
    },
    end: () => socket.terminate(),
  };
}
type Socket = Awaited<ReturnType<typeof connect>>;

for (const dialect of ['sqlite', 'mysql'] as const) {
  const missing = missingDialect(dialect);
  describe.skipIf(missing !== undefined)(`groups that are kept apart, on ${dialect}`, () => {
    let world: World;
    let server: Server;
    let drop: () => Promise<void>;
    let ann: Person;
    let cara: Person;
    let both: Person;
    let vera: Person;
    let sales: number;
    let support: number;
    let conversation: Conversation;
    const sockets: Socket[] = [];

    beforeAll(async () => {
      const database = await createTestUrl(dialect);
      drop = database.drop;
      const values = { enablegroups: true, enablegroupsisolation: true, message_rate: 0 };
      world = await createWorld(values, { MIBEW_DATABASE: database.url });
      server = await listen(world.kernel);
      await world.operator('root', ['admin']);
      const rights = ['takeover', 'viewthreads'];
      ann = await world.operator('ann', rights);
      cara = await world.operator('cara', rights);
      both = await world.operator('both', rights);
      const service = world.kernel.service(groups);
      sales = (await service.create({ name: 'Sales' })).id;
      support = (await service.create({ name: 'Support' })).id;
      await service.changeMembers(sales, { add: [ann.id, both.id] });
      await service.changeMembers(support, { add: [cara.id, both.id] });
      for (const who of [ann, cara, both]) await world.call(gateways.users, who, 'update', { agentId: who.id });
      vera = world.visitor();
      conversation = await world.start(vera, { group: sales });
      await world.call(gateways.thread, vera, 'update', about(conversation, { user: true, typed: false, lastId: 0 }));
    });
    afterAll(async () => {
      for (const socket of sockets) socket.end();
      await server?.close();
      await world?.stop();
      await drop?.();
    });
    const open = async (who: Person, path: string) => {
      const socket = await connect(server, who, path);
      sockets.push(socket);
      return socket;
    };
    const listOf = async (who: Person) => {
      const { body } = await world.call(gateways.users, who, 'updateThreads', {
        agentId: who.id,
        revision: 0,
        return: { threads: 'threads' },
      });
      return [...body.matchAll(/"id":(\d+),"token"/g)].map(([, id]) => Number(id));
    };
    /** What she is told of it, and what of one that does not exist. */
    const alike = async (ask: (one: Conversation) => Promise<{ status: number; body: string; location: string }>) => {
      const plain = (text: string, { id, token }: Conversation) =>
        text.replaceAll(new RegExp(`(/|thread=)${id}\\b`, 'g'), '$1ID').replaceAll(`/${token}`, '/TOKEN');
      const [there, gone] = [await ask(conversation), await ask(nowhere)];
      expect(plain(there.body, conversation)).toBe(plain(gone.body, nowhere));
      expect([there.status, plain(there.location, conversation)]).toEqual([gone.status, plain(gone.location, nowhere)]);
    };

    it('names on the first page only those whom an operator may know of', async () => {
      const told = async (who: Person) => {
        const { body } = await world.request('/operator', who);
        return ['ann', 'cara', 'both'].filter((name) => body.includes(`mb-list__text">${name}</span>`));
      };
      expect(await told(ann)).toEqual(['ann', 'both']);
      expect(await told(cara)).toEqual(['cara', 'both']);
    });

    it('tells on the first page of those who wait only where an operator may know of them', async () => {
      const told = async (who: Person) => {
        const { body } = await world.request('/operator', who);
        const [, count] = /mb-figure__value">(\d+)</.exec(body)!;
        return [Number(count), body.includes('for Sales alone')];
      };
      const say = { user: true, message: 'for Sales alone' };
      await world.call(gateways.thread, vera, 'post', about(conversation, say));
      expect(await told(ann)).toEqual([1, true]);
      expect(await told(both)).toEqual([1, true]);
      expect(await told(cara)).toEqual([0, false]);
    });

    it('lists show the conversations of their own', async () => {
      expect(await listOf(ann)).toContain(conversation.id);
      expect(await listOf(both)).toContain(conversation.id);
      expect(await listOf(cara)).not.toContain(conversation.id);
    });

    it('an address typed by hand leads an operator of another group to nothing', async () => {
      const { url } = world.kernel;
      for (const route of ['chat.operator', 'handover.links', 'handover.redirect', 'transcript.operator'])
        await alike(({ id, token }) => world.request(url(route, { thread: id, token }), cara));
      for (const route of ['chat.take', 'bans.add'])
        await alike(({ id }) => world.request(url(route, { thread: id }), cara));
      for (const name of ['update', 'take', 'post', 'close', 'redirectTargets'])
        await alike((one) => world.call(gateways.thread, cara, name, about(one, { message: 'x', lastId: 0 })));
    });

    it('nobody is offered, nor can be given a conversation, whom the giver may not know of', async () => {
      await world.call(gateways.thread, ann, 'take', about(conversation));
      const offered = await world.call(
        gateways.thread,
        ann,
        'redirectTargets',
        about(conversation, { return: { agents: 'agents', groups: 'groups' } }),
      );
      expect(offered.body).toContain(`"id":${both.id}`);
      expect(offered.body).not.toContain('"name":"cara"');
      expect(offered.body).not.toContain('"name":"Support"');
      const given = (target: Arguments) =>
        world.call(gateways.thread, ann, 'redirect', about(conversation, { key: 'k', ...target }));
      const refused = await given({ agent: 999_999 });
      expect(refused.body).toContain('"errorCode":180');
      expect((await given({ agent: cara.id })).body).toBe(refused.body);
      expect((await given({ group: support })).body).toBe((await given({ group: 999_999 })).body);
      expect((await world.kernel.service(threads).byId(conversation.id))?.agentId).toBe(ann.id);
    });

    it('pushes tell an operator of another group nothing, and that it is gone once it leaves his sight', async () => {
      const queue = await open(cara, gateways.users);
      await queue.call('updateThreads', { agentId: cara.id, revision: 0 });
      const window = await open(cara, gateways.thread);
      expect(await window.call('update', about(conversation, { lastId: 0, typed: false }))).toMatchObject({
        errorCode: 4,
      });
      const say = (message: string) =>
        world.call(gateways.thread, vera, 'post', about(conversation, { user: true, message }));
      await say('for Sales alone');
      expect(JSON.stringify([...queue.pushed, ...window.pushed])).not.toContain('for Sales alone');

      /** Somebody who belongs to both takes it and hands it over. */
      const hand = async (group: { readonly id: number; readonly name: string }) => {
        const service = world.kernel.service(threads);
        await service.take(conversation.id, await operator(both), { force: true });
        await service.redirect(conversation.id, await operator(both), { group });
      };
      const told = () =>
        queue
          .rows()
          .filter(({ id }) => id === conversation.id)
          .at(-1)?.state;
      // Now it is hers to see.
      await world.call(gateways.thread, both, 'take', about(conversation, { force: true }));
      await hand({ id: support, name: 'Support' });
      await expect.poll(told).toBe(1);
      expect(await window.call('update', about(conversation, { lastId: 0, typed: false }))).toMatchObject({
        errorCode: 0,
      });
      await window.call('updateMessages', about(conversation, { lastId: 0 }));
      await say('for Support by now');
      await expect.poll(() => JSON.stringify(window.pushed)).toContain('for Support by now');

      // And back again: her windows are told no more, whatever they were told before.
      await hand({ id: sales, name: 'Sales' });
      await expect.poll(told).toBe(3);
      await say('for Sales again');
      const mine = await open(ann, gateways.thread);
      await mine.call('updateMessages', about(conversation, { lastId: 0 }));
      await say('the last word');
      await expect.poll(() => JSON.stringify(mine.pushed)).toContain('the last word');
      expect(JSON.stringify([...queue.pushed, ...window.pushed])).not.toMatch(/for Sales again|the last word/);
      expect(await window.call('update', about(conversation, { lastId: 0, typed: false }))).toMatchObject({
        errorCode: 4,
      });
    });

    it('the log of past conversations has nothing for them, by whatever address', async () => {
      const { url } = world.kernel;
      await world.call(gateways.thread, ann, 'take', about(conversation));
      await world.call(gateways.thread, vera, 'close', about(conversation, { user: true }));
      const { userId } = (await world.kernel.service(threads).byId(conversation.id))!;
      const log = (one: Conversation, who: Person) => world.request(url('thread-log.thread', { thread: one.id }), who);
      const ofVisitor = async (who: Person) =>
        (await world.request(url('thread-log.user', { user: userId }), who)).body.includes('for Sales alone');
      expect((await log(conversation, ann)).body).toContain('for Sales alone');
      expect(await ofVisitor(ann)).toBe(true);

      expect((await log(conversation, cara)).status).toBe(404);
      await alike((one) => log(one, cara));
      await alike(({ id }) => world.request(url('thread-log.messages', { thread: id }), cara));
      await alike(({ id }) =>
        world.call(gateways.users, cara, 'earlierThreads', {
          agentId: cara.id,
          thread: id,
          return: { threads: 'threads' },
        }),
      );
      expect(await ofVisitor(cara)).toBe(false);
    });

    const operator = async ({ id }: Person) => (await world.kernel.service(operators).byId(id))!;
  });
}

/** What an administrator changes of an operator holds at once: on the sockets that are open, here and on another node. */
import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definePlugin } from '../../../kernel/index.ts';
import { listen, type Server } from '../../../kernel/server.ts';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import {
  callBySocket,
  newVisitor,
  openSocket,
  startThread,
  threadCall,
  type TestThread,
} from '../../../test/support/wire.ts';
import { threads } from '../../chat/api.ts';
import { cluster } from '../../cluster/api.ts';
import { createMemoryDriver } from '../../cluster/memory.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { operators, type Operator } from '../../operators/api.ts';
import { createBrowser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import type { ReceiveThreads } from '../api.ts';

const password = 'correct horse';
const root = new URL('../../../', import.meta.url).pathname;

/** Two nodes of one installation hear each other. */
function sharedCluster(driver: ReturnType<typeof createMemoryDriver>, nodeId: string) {
  const definition = definePlugin({
    id: 'cluster',
    provides: [cluster],
    setup(ctx) {
      ctx.provide(cluster, { ...driver, nodeId });
    },
  });
  return { definition, manifest: { id: 'cluster', version: '1.0.0', root, essential: true } };
}

for (const dialect of ['sqlite', 'mysql'] as const) {
  const missing = missingDialect(dialect);
  describe.skipIf(missing !== undefined)(`rights on ${dialect}${missing ? ` (${missing})` : ''}`, () => {
    const ends: (() => Promise<unknown>)[] = [];
    /** Where the administrator works, and where the operators' sockets may be besides. */
    let nodes: readonly { readonly kernel: TestKernel; readonly server: Server; readonly url: string }[];
    let boss: Operator;
    let count = 0;

    beforeAll(async () => {
      const database = await createTestUrl(dialect);
      ends.push(database.drop);
      const driver = createMemoryDriver((_topic, error) => {
        throw error;
      });
      const shared = { ...driver, bus: { ...driver.bus, shared: true } };
      const made = [];
      for (const id of ['one', 'two']) {
        const kernel = await createTestKernel({
          plugins: ['users', sharedCluster(shared, id)],
          env: { MIBEW_DATABASE: database.url, MIBEW_SECRET: 'x'.repeat(40) },
        });
        ends.push(() => kernel.dispose());
        const server = await listen(kernel.kernel);
        ends.push(() => server.close());
        made.push({ kernel, server, url: `http://127.0.0.1:${server.port}` });
      }
      nodes = made;
      const people = made[0]!.kernel.service(operators);
      boss = await people.create({
        login: 'boss',
        name: 'Boss',
        email: 'boss@example.com',
        password,
        permissions: ['admin'],
      });
      for (const { kernel } of made)
        await kernel.service(settings).change({ max_connections_from_one_host: 0, message_rate: 0 }, 'test');
    });
    afterAll(async () => {
      for (const end of ends.splice(0).toReversed()) await end();
    });

    async function person(permissions: readonly string[]) {
      const login = `op${(count += 1)}`;
      const { kernel } = nodes[0]!;
      const made = await kernel
        .service(operators)
        .create({ login, name: login, email: `${login}@example.com`, password, permissions });
      const browser = createBrowser(kernel);
      await browser.submit('/operator/login', { login, password });
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      return { ...made, cookie };
    }
    /** A socket of the operator; what is pushed of the queue is kept. */
    async function socketOf(who: { id: number; cookie: string }, url: string, path: string) {
      const socket = await openSocket(`${url}${path}`, { headers: { cookie: who.cookie, origin: url } });
      const told: ReceiveThreads[] = [];
      const heard: string[] = [];
      socket.on('message', (data: Buffer) => {
        const text = String(data);
        heard.push(text);
        for (const { functions } of (
          JSON.parse(text) as { requests?: { functions: { function: string; arguments: unknown }[] }[] }
        ).requests ?? [])
          for (const one of functions)
            if (one.function === 'receiveThreads') told.push(one.arguments as ReceiveThreads);
      });
      return { socket, told, heard };
    }
    const listed = async (socket: WebSocket, agentId: number) => {
      const args = { agentId, revision: 0, references: {}, return: { threads: 'threads' } };
      const [result] = await callBySocket(socket, { function: 'updateThreads', arguments: args });
      return result!['threads'] as readonly { id: number; canOpen: boolean; canView: boolean }[];
    };
    /** A conversation that a colleague leads. */
    async function led(): Promise<TestThread> {
      const { url, kernel } = nodes[0]!;
      const thread = await startThread(`${url}/thread/update`, newVisitor((count += 1)));
      await kernel.service(threads).take(thread.id, boss);
      return thread;
    }

    describe.each([0, 1])('with the socket on node %i', (node) => {
      it('are refused at the very next call, and told anew, when they are taken away', async () => {
        const { url } = nodes[node]!;
        const who = await person(['takeover', 'viewthreads']);
        const thread = await led();
        const list = await socketOf(who, url, '/operator/users/update');
        const window = await socketOf(who, url, '/thread/update');
        const before = await listed(list.socket, who.id);
        expect(before.find(({ id }) => id === thread.id)).toMatchObject({ canOpen: true, canView: true });
        const ref = { threadId: thread.id, token: thread.token, user: false };
        const read = () =>
          callBySocket(window.socket, threadCall('updateMessages', { ...ref, lastId: 0 }, ['messages']));
        expect((await read())[0]).toMatchObject({
          errorCode: 0,
          messages: expect.arrayContaining([expect.anything()]),
        });
        await callBySocket(window.socket, threadCall('update', { ...ref, typed: false, lastId: 0 }));

        await nodes[0]!.kernel
          .service(operators)
          .setPermissions(who.id, { remove: ['takeover', 'viewthreads'] }, { by: boss });
        const [after] = await read();
        expect(after?.['messages'] ?? []).toEqual([]);
        const [taken] = await callBySocket(window.socket, threadCall('take', { ...ref, force: true }));
        expect(taken!['errorCode']).not.toBe(0);
        expect((await nodes[0]!.kernel.service(threads).byId(thread.id))?.agentId).toBe(boss.id);
        await expect
          .poll(() => list.told.flatMap((call) => call.threads).findLast(({ id }) => id === thread.id))
          .toMatchObject({ canOpen: false, canView: false });

        // What is said from now on is none of his business.
        await nodes[0]!.kernel.service(threads).post(thread.id, 'agent', { message: 'a secret word', operator: boss });
        await callBySocket(list.socket, {
          function: 'updateThreads',
          arguments: { agentId: who.id, revision: 0, references: {}, return: {} },
        });
        await callBySocket(window.socket, threadCall('update', { ...ref, typed: false, lastId: 0 }));
        expect(window.heard.join('\n')).not.toContain('a secret word');
        for (const { socket } of [list, window]) socket.terminate();
      });

      it.each(['disabled', 'deleted'])('end with the sockets of somebody who is %s', async (how) => {
        const { url } = nodes[node]!;
        const who = await person([]);
        const sockets = [
          await socketOf(who, url, '/operator/users/update'),
          await socketOf(who, url, '/thread/update'),
        ];
        const closed = sockets.map(({ socket }) => once(socket, 'close'));
        const people = nodes[0]!.kernel.service(operators);
        if (how === 'disabled') await people.setDisabled(who.id, true, { by: boss });
        else await people.remove(who.id, { by: boss });
        expect((await Promise.all(closed)).map(([code]) => code as number)).toEqual([4403, 4403]);
        const page = await nodes[node]!.kernel.request('/operator/users', { headers: { cookie: who.cookie } });
        expect([page.status, page.headers.get('location')]).toEqual([302, '/operator/login']);
      });

      it('leave a new name everywhere at once', async () => {
        const who = await person([]);
        const there = nodes[node]!.kernel.service(operators);
        expect((await there.byId(who.id))?.name).toBe(who.name);
        await nodes[0]!.kernel.service(operators).update(who.id, { name: 'Zoë' }, { by: boss });
        expect((await there.byId(who.id))?.name).toBe('Zoë');
      });
    });
  });
}

import type { AddressInfo, Socket } from 'node:net';
import { connect as dial, createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { defineTable } from '../api.ts';
import { connect, createTables, createTestUrl, missingDialect } from '../testing.ts';

const person = defineTable('test_person', (c) => ({ id: c.id(), login: c.str(60).notNull() }));

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

/** A line to the database that can be cut. */
async function line(target: URL) {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = dial(Number(target.port || 3306), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => void (open.delete(socket) && other.destroy()));
    }
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () =>
    new Promise((resolve) => {
      server.close(resolve);
      for (const socket of open) socket.destroy();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return { port, cut, repair: () => listen(port) };
}

const missing = missingDialect('mysql');
describe.skipIf(missing)(
  missing ? `a database that goes away (skipped: ${missing})` : 'a database that goes away',
  () => {
    async function start() {
      const { url, drop } = await createTestUrl('mysql');
      cleanUp.push(drop);
      const cable = await line(new URL(url));
      cleanUp.push(cable.cut);
      const db = connect(Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(cable.port) }).href);
      cleanUp.push(db.close);
      await createTables(db.driver, [person]);
      return { db, cable, t: db.table(person) };
    }

    it('is what a load balancer is told, which sends nobody here meanwhile', async () => {
      const { url, drop } = await createTestUrl('mysql');
      cleanUp.push(drop);
      const cable = await line(new URL(url));
      cleanUp.push(cable.cut);
      const through = Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(cable.port) }).href;
      await using kernel = await createTestKernel({ plugins: ['database'], env: { MIBEW_DATABASE: through } });
      const ready = async () => {
        const answer = await kernel.request('/ready');
        return [answer.status, await answer.json()] as const;
      };
      expect(await ready()).toMatchObject([200, { status: 'ready' }]);
      await cable.cut();
      const away = { code: 'NOT_READY', message: 'the database does not answer' };
      // Asked again and again, as load balancers do.
      for (let times = 0; times < 10; times += 1) expect(await ready()).toMatchObject([503, { error: away }]);
      expect((await kernel.request('/health')).status).toBe(200);
      await cable.repair();
      await vi.waitFor(async () => expect(await ready()).toMatchObject([200, { status: 'ready' }]));
    });

    it('is said to be away, with a code, and is used again when it is back', async () => {
      const { db, cable, t } = await start();
      await db.query.insert(t).values({ login: 'ann' });
      await cable.cut();
      const away = { code: 'DATABASE_UNREACHABLE' };
      await expect(db.query.count(t)).rejects.toMatchObject(away);
      await expect(db.query.insert(t).values({ login: 'bob' })).rejects.toMatchObject(away);
      await expect(db.transaction((tx) => tx.query.count(t))).rejects.toMatchObject(away);
      await cable.repair();
      expect(await db.query.count(t)).toBe(1);
      await db.transaction(async (tx) => void (await tx.query.insert(t).values({ login: 'eve' })));
      expect(await db.query.count(t)).toBe(2);
    });

    it('keeps nothing of a transaction that was cut in two', async () => {
      const { db, cable, t } = await start();
      const work = db.transaction(async (tx) => {
        await tx.query.insert(t).values({ login: 'ann' });
        await cable.cut();
        await tx.query.insert(t).values({ login: 'bob' });
      });
      await expect(work).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
      await cable.repair();
      expect(await db.query.count(t)).toBe(0);
    });

    it('may end idle connections without anybody noticing', async () => {
      const { db, t } = await start();
      await Promise.all(Array.from({ length: 5 }, () => db.query.count(t)));
      const other = connect(db.url);
      const [own] = await other.rows<{ id: number }>(sql`select connection_id() as id`);
      const lines = await other.rows<{ id: number }>(
        sql`select id from information_schema.processlist where db = database() and id <> ${own?.id ?? 0}`,
      );
      expect(lines.length).toBeGreaterThan(0);
      for (const { id } of lines) await other.rows(sql.raw(`kill ${id}`)).catch(() => {});
      await other.close();
      const all = await Promise.all(Array.from({ length: 5 }, () => db.transaction((tx) => tx.query.count(t))));
      expect([await db.query.count(t), ...all]).toEqual([0, 0, 0, 0, 0, 0]);
    });
  },
);

import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defineTable } from '../api.ts';
import { faults } from '../faults.ts';
import { createGate } from '../group.ts';
import { eachDialect } from '../testing.ts';

const person = defineTable('test_person', (c) => ({ id: c.id(), login: c.str(60).notNull() }), {
  unique: { login: ['login'] },
});

afterEach(() => {
  faults.beforeCommit = undefined;
  faults.afterCommit = undefined;
});

/** A connection that only writes down what it is told; `fails` throws for the statements it names. */
function scripted(fails: (statement: string, nth: number) => Error | undefined = () => undefined) {
  const log: string[] = [];
  const connection = {
    inTransaction: false,
    exec(statement: string) {
      log.push(statement);
      const error = fails(statement, log.filter((earlier) => earlier === statement).length);
      if (error) throw error;
      if (statement === 'begin immediate') connection.inTransaction = true;
      if (statement === 'commit' || statement === 'rollback') connection.inTransaction = false;
    },
  };
  const say = (line: string) => void log.push(line);
  return { log, say, connection };
}

describe('a group of transactions', () => {
  it('commits once for all who came in the same turn, and tells nobody before', async () => {
    const { log, say, connection } = scripted();
    const gate = createGate(connection, {});
    const work = (name: string) =>
      gate
        .write(async () => {
          say(name);
          await Promise.resolve();
        })
        .then(() => say(`told ${name}`));
    await Promise.all([work('a'), work('b')]);
    const member = (name: string) => ['savepoint member', name, 'release member'];
    expect(log).toEqual(['begin immediate', ...member('a'), ...member('b'), 'commit', 'told a', 'told b']);
  });

  it('lets a read wait for the COMMIT, and runs it at once when nobody writes', async () => {
    const { log, say, connection } = scripted();
    const gate = createGate(connection, {});
    const early = gate.read(() => say('read at once'));
    expect(log).toEqual(['read at once']);
    let reading: Promise<void> | undefined;
    await gate.write(async () => {
      reading = gate.read(() => say('read later'));
      await Promise.resolve();
      say('written');
    });
    await Promise.all([early, reading]);
    expect(log.slice(-3)).toEqual(['release member', 'commit', 'read later']);
  });

  it('rejects one who fails after COMMIT, and keeps the others', async () => {
    const { log, connection } = scripted();
    const gate = createGate(connection, {});
    const results = await Promise.allSettled([
      gate.write(async () => 1),
      gate.write(async () => Promise.reject(new Error('no'))),
      gate.write(async () => 3),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(log.filter((line) => line.startsWith('rollback'))).toEqual(['rollback to member']);
    expect(log.filter((line) => line === 'commit')).toHaveLength(1);
  });

  it('rejects everybody when COMMIT fails, and goes on with the next group', async () => {
    const { connection } = scripted((statement, nth) =>
      statement === 'commit' && nth === 1 ? new Error('disk full') : undefined,
    );
    const gate = createGate(connection, {});
    const results = await Promise.allSettled([gate.write(async () => 1), gate.write(async () => 2)]);
    for (const result of results) expect(result).toMatchObject({ reason: { code: 'DATABASE_ROLLED_BACK' } });
    expect(connection.inTransaction).toBe(false);
    expect(await gate.write(async () => 3)).toBe(3);
  });

  it('rejects everybody when the database rolled back by itself, and starts no other member', async () => {
    const { log, connection } = scripted();
    const gate = createGate(connection, {});
    const full = new Error('database or disk is full');
    const results = Promise.allSettled([
      gate.write(async () => 1),
      gate.write(async (group) => {
        connection.inTransaction = false;
        group.broken = full;
        throw full;
      }),
    ]);
    for (const result of await results)
      expect(result).toMatchObject({ reason: { code: 'DATABASE_ROLLED_BACK', cause: full } });
    expect(log).not.toContain('commit');
  });

  it('rejects those who wait when BEGIN or a savepoint fails', async () => {
    for (const refused of ['begin immediate', 'savepoint member']) {
      const { connection } = scripted((statement, nth) =>
        statement === refused && nth === 1 ? new Error('database is locked') : undefined,
      );
      const gate = createGate(connection, {});
      await expect(gate.write(async () => 1)).rejects.toMatchObject({ code: 'DATABASE_ROLLED_BACK' });
      expect(connection.inTransaction).toBe(false);
      expect(await gate.write(async () => 2)).toBe(2);
    }
  });

  it('is given up when a member does not end, and what that one does later is not stored', async () => {
    const { log, connection } = scripted();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.resetModules();
    const fresh = await import('../group.ts');
    const gate = fresh.createGate(connection, {});
    let enter = (_group: { broken: unknown }) => {};
    const entered = new Promise<{ broken: unknown }>((resolve) => (enter = resolve));
    const work = gate.write((group) => {
      enter(group);
      return new Promise(() => {});
    });
    const other = gate.write(async () => 2);
    const group = await entered;
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    await expect(work).rejects.toMatchObject({ code: 'DATABASE_ROLLED_BACK', cause: { code: 'DATABASE_STUCK' } });
    expect(await other).toBe(2);
    expect(group.broken).toBeDefined();
    expect(log).toEqual([
      'begin immediate',
      'savepoint member',
      'rollback',
      'begin immediate',
      'savepoint member',
      'release member',
      'commit',
    ]);
  });

  it('has a limit, so that readers get their turn', async () => {
    const { log, connection } = scripted();
    const gate = createGate(connection, {});
    await Promise.all(Array.from({ length: 300 }, () => gate.write(async () => {})));
    expect(log.filter((line) => line === 'commit')).toHaveLength(3);
  });

  it('is finished before the gate closes, and nobody enters afterwards', async () => {
    const { say, log, connection } = scripted();
    const gate = createGate(connection, {});
    const last = gate.write(async () => say('last'));
    await gate.close();
    expect(log.at(-1)).toBe('commit');
    await last;
    await expect(gate.write(async () => 1)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
    await expect(gate.read(() => 1)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
    await gate.close();
  });
});

eachDialect((dialect, open) => {
  it('stores nothing and promises nothing when COMMIT fails', async () => {
    const db = await open([person]);
    const t = db.table(person);
    faults.beforeCommit = () => {
      throw new Error('disk full');
    };
    const insert = (login: string) =>
      db.transaction(async (tx) => (await tx.query.insert(t).values({ login })).insertId);
    const results = await Promise.allSettled([insert('ann'), insert('bob')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    faults.beforeCommit = undefined;
    expect(await db.query.count(t)).toBe(0);
    await insert('ann');
    expect(await db.query.count(t)).toBe(1);
  });

  it('is stored already at the moment between COMMIT and the answer', async () => {
    const db = await open([person]);
    const t = db.table(person);
    const order: string[] = [];
    faults.beforeCommit = () => void order.push('before');
    faults.afterCommit = () => void order.push('after');
    await db.transaction((tx) => Promise.resolve(tx.query.insert(t).values({ login: 'ann' })));
    order.push('answer');
    expect(order).toEqual(['before', 'after', 'answer']);
  });

  it('undoes one of many that fail or succeed at the same time, and only that one', async () => {
    const db = await open([person]);
    const t = db.table(person);
    await db.query.insert(t).values({ login: 'taken' });
    const attempt = (login: string, n: number) =>
      db.transaction(async (tx) => {
        await tx.query.insert(t).values({ login: `${login}-${n}` });
        await tx.query.insert(t).values({ login });
      });
    const logins = Array.from({ length: 30 }, (_, n) => (n % 3 === 0 ? 'taken' : `free${n}`));
    const results = await Promise.allSettled(logins.map(attempt));
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(logins.map((login) => login !== 'taken'));
    expect(await db.query.count(t)).toBe(1 + 20 * 2);
  });

  it('a full database refuses the whole group', async () => {
    if (dialect !== 'sqlite') return;
    const db = await open([person]);
    const t = db.table(person);
    const [page] = await db.rows<{ page_count: number }>(sql`pragma page_count`);
    await db.rows(sql.raw(`pragma max_page_count = ${page?.page_count ?? 0}`));
    const insert = (login: string) => db.transaction((tx) => Promise.resolve(tx.query.insert(t).values({ login })));
    const results = await Promise.allSettled([insert('small'), insert('x'.repeat(100_000)), insert('late')]);
    const stored = await db.query.select({ login: t.login }).from(t);
    const kept = results.filter(({ status }) => status === 'fulfilled').length;
    expect(stored).toHaveLength(kept);
    expect(results[1]?.status).toBe('rejected');
  });
});

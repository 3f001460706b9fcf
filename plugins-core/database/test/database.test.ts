import { asc, desc, eq, inArray, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { defineTable } from '../api.ts';
import { connect, eachDialect } from '../testing.ts';

const thread = defineTable('test_thread', (c) => ({
  id: c.id(),
  lastSeq: c.int().notNull().default(0),
  lastVisibleSeq: c.int().notNull().default(0),
  changedAt: c.time(),
}));
const message = defineTable(
  'test_message',
  (c) => ({
    threadId: c.ref().notNull(),
    seq: c.int().notNull(),
    senderKey: c.key(64),
    body: c.text().notNull(),
    hidden: c.bool().notNull().default(false),
    mood: c.oneOf(['good', 'bad']),
    extra: c.json<unknown>(),
    at: c.time().notNull(),
  }),
  { primary: ['threadId', 'seq'], unique: { once: ['threadId', 'senderKey'] } },
);
const person = defineTable(
  'test_person',
  (c) => ({ id: c.id(), login: c.str(60).notNull(), visits: c.int().notNull().default(0) }),
  { unique: { login: ['login'] } },
);
const p = sql.placeholder;

eachDialect((dialect, open) => {
  it('gives numbers without gaps to 200 contending transactions of which some are rolled back', async () => {
    const db = await open([thread, message]);
    const [t, m] = [db.table(thread), db.table(message)];
    const { insertId: id } = await db.query.insert(t).values({});
    const nextSeq = db.increment(t, {
      column: t.lastSeq,
      where: eq(t.id, p('id')),
      set: (next) => ({ lastVisibleSeq: next, changedAt: 5 }),
    });
    const insert = db.prepare((q) => q.insert(m).values({ threadId: p('id'), seq: p('seq'), body: p('body'), at: 1 }));
    const post = (n: number) =>
      db.transaction(async (tx) => {
        const seq = (await tx.next(nextSeq, { id })) as number;
        await tx.run(insert, { id, seq, body: `message ${n}` });
        if (n % 10 === 0) throw new Error('changed my mind');
        return seq;
      });
    const results = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => post(n)));
    const seqs = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(20);
    const expected = Array.from({ length: 180 }, (_, n) => n + 1);
    expect(seqs.toSorted((a, b) => a - b)).toEqual(expected);
    const rows = await db.query.select({ seq: m.seq }).from(m).orderBy(m.seq);
    expect(rows.map(({ seq }) => seq)).toEqual(expected);
    const [row] = await db.query.select().from(t);
    expect(row).toEqual({ id, lastSeq: 180, lastVisibleSeq: 180, changedAt: 5 });
  });

  it('counts up where the condition holds, and says so where it does not', async () => {
    const db = await open([thread]);
    const t = db.table(thread);
    const { insertId: id } = await db.query.insert(t).values({ lastSeq: 41 });
    const next = db.increment(t, { column: t.lastSeq, where: eq(t.id, p('id')) });
    expect(await next.next({ id })).toBe(42);
    expect(await next.next({ id: id + 1 })).toBeUndefined();
  });

  it('changes other columns beside the counter, of every kind', async () => {
    const db = await open([message]);
    const m = db.table(message);
    await db.query.insert(m).values({ threadId: 1, seq: 1, body: '', at: 1 });
    const set = { hidden: true, extra: { a: [1] }, mood: p('mood'), body: p('body') };
    const next = db.increment(m, { column: m.at, where: eq(m.threadId, 1), set: (at) => ({ ...set, seq: at }) });
    expect(await next.next({ mood: 'good', body: 'x' })).toBe(2);
    const [row] = await db.query.select().from(m);
    expect(row).toMatchObject({ at: 2, seq: 2, hidden: true, extra: { a: [1] }, mood: 'good', body: 'x' });
  });

  it('tells affected rows and new ids alike', async () => {
    const db = await open([person]);
    const t = db.table(person);
    expect(await db.query.insert(t).values({ login: 'ann' })).toMatchObject({ affected: 1, insertId: 1 });
    expect((await db.query.insert(t).values([{ login: 'bob' }, { login: 'eve' }])).affected).toBe(2);
    expect((await db.query.update(t).set({ visits: 0 }).where(eq(t.login, 'ann'))).affected).toBe(1);
    expect((await db.query.update(t).set({ visits: 1 }).where(eq(t.login, 'nobody'))).affected).toBe(0);
    expect((await db.query.delete(t).where(inArray(t.login, ['bob', 'eve']))).affected).toBe(2);
    expect(await db.query.count(t)).toBe(1);
    expect(await db.query.count(t, eq(t.login, 'bob'))).toBe(0);
  });

  it('brings every kind of value back as it was', async () => {
    const db = await open([message]);
    const m = db.table(message);
    const row = {
      threadId: 2 ** 52 + 1,
      seq: 1,
      senderKey: 'aB_-9',
      body: `Zoë 🙂 "quotes" 'single' \\ back\nnew </script> ${'ш'.repeat(70_000)}`,
      hidden: true,
      mood: 'bad' as const,
      extra: { tags: ['ü', null, 1.5, true], text: '"' },
      at: Date.UTC(2038, 5, 1),
    };
    await db.query.insert(m).values(row);
    expect(await db.query.select().from(m)).toEqual([row]);
    for (const extra of ['text', 7, false, null, [], { a: { b: [] } }]) {
      await db.query.update(m).set({ extra });
      const [stored] = await db.query.select({ extra: m.extra }).from(m);
      expect(stored).toEqual({ extra });
    }
  });

  it('takes the sign for a broken character where text cannot be stored as it is', async () => {
    const db = await open([person]);
    const t = db.table(person);
    await db.query.insert(t).values({ login: 'a\0b\uD83Dc' });
    expect(await db.query.select({ login: t.login }).from(t)).toEqual([{ login: 'a\uFFFDb\uFFFDc' }]);
  });

  it('finds nothing for a key that no key can be', async () => {
    const db = await open([message]);
    const m = db.table(message);
    await db.query.insert(m).values({ threadId: 1, seq: 1, senderKey: 'aA', body: '', at: 1 });
    const found = async (senderKey: string) =>
      (await db.query.select().from(m).where(eq(m.senderKey, senderKey))).length;
    expect([await found('aA'), await found('AA'), await found('ü🙂'), await found('')]).toEqual([1, 0, 0, 0]);
  });

  it('finds nothing where nothing is, also when the same statement has just found something', async () => {
    const db = await open([person]);
    const t = db.table(person);
    await db.query.insert(t).values({ login: 'ann' });
    const byLogin = db.prepare((q) =>
      q
        .select()
        .from(t)
        .where(eq(t.login, p('login'))),
    );
    expect(await byLogin.all({ login: 'ann' })).toHaveLength(1);
    expect(await byLogin.first({ login: 'bob' })).toBeUndefined();
    await db.transaction(async (tx) => {
      expect(await tx.all(byLogin, { login: 'ann' })).toHaveLength(1);
      expect(await tx.first(byLogin, { login: 'bob' })).toBeUndefined();
    });
    expect(await byLogin.all({ login: 'bob' })).toEqual([]);
  });

  it('compares text exactly', async () => {
    const db = await open([person]);
    const t = db.table(person);
    for (const login of ['Ann', 'ann', 'Änn', 'ANN', 'ann ']) await db.query.insert(t).values({ login });
    const found = await db.query.select({ login: t.login }).from(t).where(eq(t.login, 'ann'));
    expect(found).toEqual([{ login: 'ann' }]);
    const all = await db.query.select({ login: t.login }).from(t).orderBy(asc(t.login));
    expect(all.map(({ login }) => login)).toEqual(['ANN', 'Ann', 'ann', 'ann ', 'Änn']);
  });

  it('knows a unique violation from other failures', async () => {
    const db = await open([person, message]);
    const [t, m] = [db.table(person), db.table(message)];
    await db.query.insert(t).values({ login: 'ann' });
    await db.query.insert(m).values({ threadId: 1, seq: 1, body: '', at: 1 });
    const failureOf = (work: PromiseLike<unknown>) =>
      Promise.resolve(work).then(
        () => expect.unreachable(),
        (error: unknown) => error,
      );
    const twice = await failureOf(db.query.insert(t).values({ login: 'ann' }));
    expect(db.isUniqueViolation(twice)).toBe(true);
    const samePrimary = await failureOf(db.query.insert(m).values({ threadId: 1, seq: 1, body: '', at: 1 }));
    expect(db.isUniqueViolation(samePrimary)).toBe(true);
    expect(db.isUniqueViolation(await failureOf(db.rows(sql`select * from nowhere`)))).toBe(false);
    expect(db.isUniqueViolation(undefined)).toBe(false);
  });

  it('upserts, and inserts only where nothing is', async () => {
    const db = await open([person]);
    const t = db.table(person);
    const visit = () =>
      db.query.upsert(t, { login: 'ann', visits: 1 }, { target: [t.login], set: { visits: sql`${t.visits} + 1` } });
    for (let n = 0; n < 3; n++) await visit();
    expect(await db.query.select({ visits: t.visits }).from(t)).toEqual([{ visits: 3 }]);
    expect(await db.query.insertIgnore(t, { login: 'bob' })).toMatchObject({ affected: 1 });
    expect(await db.query.insertIgnore(t, { login: 'bob' })).toEqual({ affected: 0, insertId: 0 });
    await db.transaction(async (tx) => {
      expect((await tx.query.insertIgnore(t, { login: 'ann' })).affected).toBe(0);
      await tx.query.insert(t).values({ login: 'eve' });
    });
    expect(await db.query.count(t)).toBe(3);
    await expect(db.query.insertIgnore(t, { login: null as unknown as string })).rejects.toThrow();
  });

  it('runs prepared statements outside and inside transactions', async () => {
    const db = await open([person]);
    const t = db.table(person);
    const insert = db.prepare((q) => q.insert(t).values({ login: p('login') }));
    const rename = db.prepare((q) =>
      q
        .update(t)
        .set({ login: p('to'), visits: p('visits') })
        .where(eq(t.login, p('from'))),
    );
    const byLogin = db.prepare((q) =>
      q
        .select()
        .from(t)
        .where(eq(t.login, p('login'))),
    );
    const some = db.prepare((q) => q.select({ login: t.login }).from(t).orderBy(desc(t.login)).limit(p('limit')));
    expect(await insert.run({ login: 'ann' })).toMatchObject({ affected: 1, insertId: 1 });
    await db.transaction(async (tx) => {
      await tx.run(insert, { login: 'bob' });
      expect((await tx.first(byLogin, { login: 'bob' }))?.id).toBe(2);
      expect(await tx.run(rename, { from: 'bob', to: 'rob', visits: 2 })).toMatchObject({ affected: 1 });
      expect(await tx.all(some, { limit: 5 })).toEqual([{ login: 'rob' }, { login: 'ann' }]);
    });
    expect(await byLogin.first({ login: 'bob' })).toBeUndefined();
    expect(await some.all({ limit: 1 })).toEqual([{ login: 'rob' }]);
    await expect(insert.run({})).rejects.toMatchObject({ code: 'DATABASE_PARAM_INVALID' });
    await expect(insert.run({ login: new Date() })).rejects.toMatchObject({ code: 'DATABASE_PARAM_INVALID' });
  });

  it('joins, groups and selects by expression', async () => {
    const db = await open([thread, message]);
    const [t, m] = [db.table(thread), db.table(message)];
    await db.query.insert(t).values([{ lastSeq: 2 }, { lastSeq: 0 }]);
    for (const seq of [1, 2]) await db.query.insert(m).values({ threadId: 1, seq, body: `b${seq}`, at: seq });
    const joined = await db.query.select().from(t).leftJoin(m, eq(m.threadId, t.id)).orderBy(t.id, m.seq);
    expect(joined.map((row) => [row.test_thread.id, row.test_message?.body])).toEqual([
      [1, 'b1'],
      [1, 'b2'],
      [2, undefined],
    ]);
    const counted = await db.query
      .select({ id: t.id, count: sql<number>`count(${m.seq})`.mapWith(Number) })
      .from(t)
      .leftJoin(m, eq(m.threadId, t.id))
      .groupBy(t.id)
      .orderBy(t.id);
    expect(counted).toEqual([
      { id: 1, count: 2 },
      { id: 2, count: 0 },
    ]);
    expect(await db.rows(sql`select id, last_seq from ${t} where id = ${1}`)).toEqual([{ id: 1, last_seq: 2 }]);
  });

  it('shows nobody what is not committed', async () => {
    const db = await open([person]);
    const t = db.table(person);
    const other = connect(db.url);
    const seen: number[] = [];
    const work = db.transaction(async (tx) => {
      await tx.query.insert(t).values({ login: 'ann' });
      seen.push(await other.query.count(t));
      await tx.query.insert(t).values({ login: 'bob' });
      throw new Error('changed my mind');
    });
    const meanwhile = db.query.count(t);
    await expect(work).rejects.toThrow('changed my mind');
    expect([...seen, await meanwhile, await db.query.count(t)]).toEqual([0, 0, 0]);
    await other.close();
  });

  it('lets a transaction go on after a statement that failed', async () => {
    const db = await open([person]);
    const t = db.table(person);
    await db.query.insert(t).values({ login: 'ann' });
    await db.transaction(async (tx) => {
      await expect(tx.query.insert(t).values({ login: 'ann' })).rejects.toSatisfy(db.isUniqueViolation);
      await tx.query.insert(t).values({ login: 'bob' });
    });
    expect(await db.query.count(t)).toBe(2);
  });

  it('refuses the outer service inside a transaction, instead of waiting for ever', async () => {
    const db = await open([person]);
    const t = db.table(person);
    const insert = db.prepare((q) => q.insert(t).values({ login: 'x' }));
    const misuse: (() => PromiseLike<unknown>)[] = [
      () => db.query.select().from(t),
      () => insert.run(),
      () => db.transaction(async () => 1),
      () => db.background(async () => 1),
      () => db.rows(sql`select 1`),
    ];
    for (const misused of misuse) {
      const attempt = db.transaction(async () => await misused());
      await expect(attempt).rejects.toMatchObject({ code: 'DATABASE_NESTED' });
    }
    expect(await db.query.count(t)).toBe(0);
  });

  it('refuses a transaction that is over', async () => {
    const db = await open([person]);
    const leaked = await db.transaction(async (tx) => () => tx.query.count(db.table(person)));
    await expect(leaked()).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_OVER' });
  });

  it('reads in the background what is committed, and writes nothing there', async () => {
    const db = await open([message]);
    const m = db.table(message);
    const row = { threadId: 1, seq: 1, body: 'hi', at: 1, hidden: true, extra: { a: 1 }, mood: null, senderKey: null };
    await db.query.insert(m).values(row);
    const rows = await db.background(({ query }) => query.select().from(m).where(eq(m.threadId, 1)));
    expect(rows).toEqual([row]);
    expect(await db.background((reader) => reader.rows(sql`select seq from ${m}`))).toEqual([{ seq: 1 }]);
    expect(await db.background(({ query }) => query.count(m))).toBe(1);
    await expect(db.background((reader) => reader.rows(sql`select * from nowhere`))).rejects.toThrow('nowhere');
    await expect(db.background((reader) => reader.rows(sql`delete from ${m}`))).rejects.toThrow();
    expect(await db.query.count(m)).toBe(1);
  });

  it('locks rows for a transaction that reads before it writes', async () => {
    const db = await open([thread]);
    const t = db.table(thread);
    const { insertId: id } = await db.query.insert(t).values({});
    const raise = () =>
      db.transaction(async (tx) => {
        const [row] = await db.forUpdate(tx.query.select({ n: t.lastSeq }).from(t).where(eq(t.id, id)));
        await tx.query
          .update(t)
          .set({ lastSeq: (row?.n ?? 0) + 1 })
          .where(eq(t.id, id));
      });
    await Promise.all(Array.from({ length: 20 }, raise));
    expect(await db.query.select({ n: t.lastSeq }).from(t)).toEqual([{ n: 20 }]);
  });

  it('keeps its promise to everybody when two lock rows the other way round', async () => {
    const db = await open([thread]);
    const t = db.table(thread);
    await db.query.insert(t).values([{}, {}]);
    const raise = db.prepare((q) =>
      q
        .update(t)
        .set({ lastSeq: sql`${t.lastSeq} + 1` })
        .where(eq(t.id, p('id'))),
    );
    const both = (first: number, second: number) =>
      db.transaction(async (tx) => {
        await tx.run(raise, { id: first });
        await tx.run(raise, { id: second });
      });
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? both(1, 2) : both(2, 1))));
    expect(await db.query.select({ n: t.lastSeq }).from(t)).toEqual([{ n: 40 }, { n: 40 }]);
  });

  it('refuses work after it was closed', async () => {
    const db = await open([person]);
    const last = db.query.insert(db.table(person)).values({ login: 'ann' });
    const written = await last;
    await db.close();
    expect(written.affected).toBe(1);
    await expect(db.query.count(db.table(person))).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
    expect(dialect).toBe(db.dialect);
  });
});

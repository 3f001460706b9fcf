import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { defineTable } from '../api.ts';
import { eachDialect } from '../testing.ts';

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
    extra: c.json<unknown>(),
    at: c.time().notNull(),
  }),
  { primary: ['threadId', 'seq'], unique: { once: ['threadId', 'senderKey'] } },
);

eachDialect((dialect, open) => {
  it('gives numbers without gaps to 200 contending transactions of which some are rolled back', async () => {
    const db = await open([thread, message]);
    const [t, m] = [db.table(thread), db.table(message)];
    const { insertId: id } = await db.query.insert(t).values({});
    const nextSeq = db.increment(t, {
      column: t.lastSeq,
      where: eq(t.id, sql.placeholder('id')),
      set: (next) => ({ lastVisibleSeq: next, changedAt: 5 }),
    });
    const insert = db.prepare((q) =>
      q
        .insert(m)
        .values({ threadId: sql.placeholder('id'), seq: sql.placeholder('seq'), body: sql.placeholder('body'), at: 1 }),
    );
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
    expect(dialect).toBe(db.dialect);
  });
});

import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { Database, NewRow, Row } from '../api.ts';
import { defineTable } from '../api.ts';

const note = defineTable(
  'database_note',
  (c) => ({
    id: c.id(),
    owner: c.ref().notNull(),
    title: c.str(60).notNull(),
    pinned: c.bool().notNull().default(false),
    mood: c.oneOf(['good', 'bad']),
    extra: c.json<{ tags: string[] }>(),
    at: c.time().notNull(),
  }),
  { unique: { title: ['owner', 'title'] }, index: { time: ['at'] } },
);

describe('the types of a declared table', () => {
  it('come from its declaration', async () => {
    const row: Row<typeof note> = {
      id: 1,
      owner: 2,
      title: 'a',
      pinned: true,
      mood: 'good',
      extra: { tags: [] },
      at: 0,
    };
    const fresh: NewRow<typeof note> = { owner: 2, title: 'a', at: 0 };
    expect(row.owner).toBe(fresh.owner);
    // @ts-expect-error mood is one of two words
    row.mood = 'so-so';
    // @ts-expect-error a title is needed
    const lacking: NewRow<typeof note> = { owner: 2, at: 0 };
    expect(lacking).toBeDefined();
    // @ts-expect-error no such column
    defineTable('x', (c) => ({ id: c.id() }), { primary: ['nope'] });
  });

  it('carry through queries', () => {
    const use = async (db: Database) => {
      const t = db.table(note);
      const rows: Row<typeof note>[] = await db.query.select().from(t).where(eq(t.owner, 1)).limit(3);
      const some: { title: string }[] = await db.query.select({ title: t.title }).from(t);
      const read = db.prepare((q) => q.select({ mood: t.mood }).from(t));
      const mood: 'good' | 'bad' | null | undefined = (await read.first())?.mood;
      const write = db.prepare((q) => q.insert(t).values({ owner: sql.placeholder('owner'), title: 'a', at: 1 }));
      const id: number = (await write.run({ owner: 1 })).insertId;
      // @ts-expect-error a write has no rows
      await write.all();
      // @ts-expect-error only MySQL knows ignore
      db.query.insert(t).values({ owner: 1, title: 'a', at: 1 }).ignore();
      // @ts-expect-error only SQLite knows returning
      db.query.insert(t).values({ owner: 1, title: 'a', at: 1 }).returning();
      // @ts-expect-error a title is needed
      await db.query.insert(t).values({ owner: 1, at: 1 });
      // @ts-expect-error a title is text
      await db.query.update(t).set({ title: 5 });
      // @ts-expect-error there is no such column
      await db.query.update(t).set({ titel: 'a' });
      await db.query.insert(t).values([{ owner: 1, title: sql`'a'`, at: sql.placeholder('at') }]);
      await db.query
        .update(t)
        .set({ title: sql.placeholder('title'), pinned: true })
        .where(eq(t.id, 1));
      // @ts-expect-error mood is one of two words
      await db.query.upsert(t, { owner: 1, title: 'a', at: 1 }, { target: [t.title], set: { mood: 'so-so' } });
      const next = db.increment(t, {
        column: t.owner,
        where: eq(t.id, 1),
        set: (value) => ({ at: value }),
      });
      return { rows, some, mood, id, next };
    };
    expect(use).toBeInstanceOf(Function);
  });
});

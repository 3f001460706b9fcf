/** Visitors as they are stored. */
import { and, asc, desc, eq, gt, gte, inArray, lt, sql } from 'drizzle-orm';
import type { Database, PreparedWrite, Transaction } from '../database/api.ts';
import { attributeLimits, type TrackedEvent, type Visit } from './api.ts';
import type { Known } from './known.ts';
import { event, page, visitor, type VisitorRow } from './tables.ts';

/** A row of what a visitor saw, or of what his page told. */
export interface Seen extends Visit {
  readonly visitorId: number;
}
export interface Told extends TrackedEvent {
  readonly visitorId: number;
}
/** What is written together. */
export interface Batch {
  /** Seen again. */
  readonly seen: Iterable<Known>;
  /** Facts about them are others. */
  readonly changed: Iterable<Known>;
  readonly pages: readonly Seen[];
  readonly events: readonly Told[];
}
export interface Found {
  readonly row: VisitorRow;
  readonly page: Visit | undefined;
  /** Pages of the visit that goes on. */
  readonly pages: number;
  readonly events: readonly TrackedEvent[];
}
/** Columns that are counted up or set at once, not with a batch. */
export interface Linked {
  readonly threadId?: number | undefined;
  readonly visitorId?: number | undefined;
  readonly userId?: string | undefined;
  readonly name?: string | undefined;
  readonly invited?: number | undefined;
  readonly invitations?: 1 | undefined;
  readonly chats?: 1 | undefined;
}

/** Rows that one statement inserts where there are many. */
const many = 25;
/** Rows that one statement deletes. */
const atOnce = 500;
const place = sql.placeholder;

export type Kept = ReturnType<typeof createKept>;

export function createKept(db: Database) {
  const [v, p, e] = [db.table(visitor), db.table(page), db.table(event)];
  const by = (column: 'secretHash' | 'id' | 'threadId' | 'visitorId') =>
    db.prepare((query) =>
      query
        .select()
        .from(v)
        .where(eq(v[column], place('value')))
        .orderBy(desc(v.lastTime))
        .limit(1),
    );
  const finds = { secretHash: by('secretHash'), id: by('id'), threadId: by('threadId'), visitorId: by('visitorId') };
  const lastPages = db.prepare((query) =>
    query
      .select({ address: p.address, title: p.title, at: p.at })
      .from(p)
      .where(eq(p.visitorId, place('id')))
      .orderBy(desc(p.at), desc(p.id))
      .limit(place('limit')),
  );
  const pagesSince = db.prepare((query) =>
    query
      .select({ count: sql<number>`count(*)`.mapWith(Number) })
      .from(p)
      .where(and(eq(p.visitorId, place('id')), gte(p.at, place('time')))),
  );
  const lastEvents = db.prepare((query) =>
    query
      .select({ name: e.name, data: e.data, at: e.at })
      .from(e)
      .where(eq(e.visitorId, place('id')))
      .orderBy(desc(e.at), desc(e.id))
      .limit(attributeLimits.events),
  );
  const seen = db.prepare((query) =>
    query
      .update(v)
      .set({ lastTime: place('time') })
      .where(
        inArray(
          v.id,
          Array.from({ length: many }, (_, row) => place(`id${row}`)),
        ),
      ),
  );
  const changed = db.prepare((query) =>
    query
      .update(v)
      .set({
        firstTime: place('firstTime'),
        lastTime: place('lastTime'),
        visits: place('visits'),
        entry: place('entry'),
        name: place('name'),
        userAgent: place('userAgent'),
        remote: place('remote'),
        country: place('country'),
        city: place('city'),
        locale: place('locale'),
        attributes: place('attributes'),
        identityId: place('identityId'),
        verified: place('verified'),
      })
      .where(eq(v.id, place('id'))),
  );
  const create = db.prepare((query) =>
    query.insert(v).values({
      secretHash: place('secretHash'),
      userId: place('userId'),
      entry: place('entry'),
      userAgent: place('userAgent'),
      remote: place('remote'),
      country: place('country'),
      city: place('city'),
      locale: place('locale'),
      firstTime: place('firstTime'),
      lastTime: place('lastTime'),
      attributes: place('attributes'),
    }),
  );
  const numbered = (rows: number, columns: readonly string[]): readonly Record<string, ReturnType<typeof place>>[] =>
    Array.from({ length: rows }, (_, row) => Object.fromEntries(columns.map((name) => [name, place(`${name}${row}`)])));
  const pageColumns = ['visitorId', 'address', 'title', 'at'] as const;
  const eventColumns = ['visitorId', 'name', 'data', 'at'] as const;
  const insertPages = (rows: number) =>
    db.prepare((query) => query.insert(p).values(numbered(rows, pageColumns) as never));
  const insertEvents = (rows: number) =>
    db.prepare((query) => query.insert(e).values(numbered(rows, eventColumns) as never));
  const [onePage, manyPages, oneEvent, manyEvents] = [
    insertPages(1),
    insertPages(many),
    insertEvents(1),
    insertEvents(many),
  ];

  async function insert<Row extends object>(
    tx: Transaction,
    rows: readonly Row[],
    columns: readonly (keyof Row & string)[],
    one: PreparedWrite,
    several: PreparedWrite,
  ): Promise<void> {
    let at = 0;
    while (at < rows.length) {
      const count = rows.length - at >= many ? many : 1;
      const params: Record<string, unknown> = {};
      for (let row = 0; row < count; row += 1)
        for (const name of columns) params[`${name}${row}`] = rows[at + row]![name];
      await tx.run(count === many ? several : one, params);
      at += count;
    }
  }

  /** Those who were seen within one batch were seen at the same time, as far as anybody asks later. */
  async function touch(tx: Transaction, all: readonly Known[]): Promise<void> {
    for (let at = 0; at < all.length; at += many) {
      const params: Record<string, number> = { time: 0 };
      for (let row = 0; row < many; row += 1) {
        const one = all[at + row];
        params[`id${row}`] = one?.id ?? 0;
        params['time'] = Math.max(params['time']!, one?.lastTime ?? 0);
      }
      await tx.run(seen, params);
    }
  }

  async function whole(row: VisitorRow | undefined): Promise<Found | undefined> {
    if (!row) return undefined;
    const [[last], counted, events] = await Promise.all([
      lastPages.all({ id: row.id, limit: 1 }),
      pagesSince.first({ id: row.id, time: row.firstTime }),
      lastEvents.all({ id: row.id }),
    ]);
    return { row, page: last, pages: counted?.count ?? 0, events: events.toReversed() };
  }

  return {
    find: async (column: keyof typeof finds, value: string | number) => whole(await finds[column].first({ value })),
    async byIds(ids: readonly number[]): Promise<Found[]> {
      const rows = await db.query
        .select()
        .from(v)
        .where(inArray(v.id, [...ids]));
      return (await Promise.all(rows.map(whole))) as Found[];
    },
    /** @returns his number; undefined when somebody with this secret is there already */
    async create(row: Omit<VisitorRow, 'id'>): Promise<number | undefined> {
      try {
        return (await create.run(row)).insertId;
      } catch (error) {
        if (db.isUniqueViolation(error)) return undefined;
        throw error;
      }
    },
    /** All or nothing. */
    async write(batch: Batch): Promise<void> {
      await db.transaction(async (tx) => {
        await touch(tx, [...batch.seen]);
        for (const one of batch.changed)
          await tx.run(changed, {
            id: one.id,
            firstTime: one.firstTime,
            lastTime: one.lastTime,
            visits: one.visits,
            entry: one.entry,
            name: one.name,
            userAgent: one.userAgent,
            remote: one.remote,
            country: one.country,
            city: one.city,
            locale: one.locale,
            attributes: one.attributes,
            identityId: one.identity?.id ?? '',
            verified: one.identity?.verified ?? false,
          });
        await insert(tx, batch.pages, pageColumns, onePage, manyPages);
        await insert(tx, batch.events, eventColumns, oneEvent, manyEvents);
      });
    },
    async link(id: number, { invitations, chats, ...set }: Linked): Promise<void> {
      const values = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
      const counted = {
        ...(invitations && { invitations: sql`${v.invitations} + 1` }),
        ...(chats && { chats: sql`${v.chats} + 1` }),
      };
      if (isNothing(values) && isNothing(counted)) return;
      await db.query
        .update(v)
        .set({ ...values, ...counted })
        .where(eq(v.id, id));
    },
    /** Newest first. */
    path: (id: number, limit: number): Promise<Visit[]> => lastPages.all({ id, limit }),
    /** Rows with a thread whose visitors were not seen since, by number, from the one after `after` on. */
    async linkedBefore(
      time: number,
      after: number,
    ): Promise<readonly { readonly id: number; readonly threadId: number }[]> {
      return db.query
        .select({ id: v.id, threadId: v.threadId })
        .from(v)
        .where(and(lt(v.lastTime, time), sql`${v.threadId} <> 0`, gt(v.id, after)))
        .orderBy(asc(v.id))
        .limit(atOnce);
    },
    /** Deletes visitors without a thread who were not seen since, and what is known of them. @returns their numbers; there may be more */
    async forgetBefore(time: number): Promise<readonly number[]> {
      const rows = await db.query
        .select({ id: v.id })
        .from(v)
        .where(and(lt(v.lastTime, time), eq(v.threadId, 0)))
        .orderBy(asc(v.lastTime))
        .limit(atOnce);
      const ids = rows.map(({ id }) => id);
      if (ids.length === 0) return ids;
      await db.transaction(async (tx) => {
        await tx.query.delete(p).where(inArray(p.visitorId, ids));
        await tx.query.delete(e).where(inArray(e.visitorId, ids));
        await tx.query.delete(v).where(inArray(v.id, ids));
      });
      return ids;
    },
    /** Deletes what was seen and told before, also of visitors who still come. @returns whether there may be more */
    async forgetPagesBefore(time: number): Promise<boolean> {
      let more = false;
      for (const table of [p, e]) {
        const rows = await db.query.select({ id: table.id }).from(table).where(lt(table.at, time)).limit(atOnce);
        const ids = rows.map(({ id }) => id);
        if (ids.length > 0) await db.query.delete(table).where(inArray(table.id, ids));
        more ||= ids.length === atOnce;
      }
      return more;
    },
  };
}

const isNothing = (object: object) => Object.keys(object).length === 0;

/** The log of who changed what. */
import { and, desc, eq, lt } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import type { ChangeFilter, ChangesService } from './api.ts';
import { change } from './tables.ts';

export function createChanges(db: Database, now: () => number = Date.now): ChangesService {
  const log = db.table(change);
  const matching = ({ area, key, by }: ChangeFilter) =>
    and(
      area === undefined ? undefined : eq(log.area, area),
      key === undefined ? undefined : eq(log.key, key),
      by === undefined ? undefined : eq(log.by, by),
    );
  return {
    async note(line, tx) {
      await (tx ?? db).query.insert(log).values({ ...line, at: now() });
    },
    list: async (filter, { offset, limit }) =>
      db.query.select().from(log).where(matching(filter)).orderBy(desc(log.id)).limit(limit).offset(offset),
    count: (filter) => db.query.count(log, matching(filter)),
    byId: async (id) => (await db.query.select().from(log).where(eq(log.id, id)))[0],
    async known() {
      const [keys, by] = await Promise.all([
        db.query.selectDistinct({ name: log.key }).from(log).orderBy(log.key),
        db.query.selectDistinct({ name: log.by }).from(log).orderBy(log.by),
      ]);
      return { keys: keys.map(({ name }) => name), by: by.map(({ name }) => name) };
    },
    forget: async (before) => (await db.query.delete(log).where(lt(log.at, before))).affected,
  };
}

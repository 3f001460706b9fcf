/** How many conversations a visitor had before each of his threads: counted once, since it never changes. */
import { getTableName, inArray, sql } from 'drizzle-orm';
import type { Core } from './core.ts';
import { invitationState, threadState, type Thread, type ThreadsService } from './api.ts';
import { Lru } from './lru.ts';
import { thread } from './tables.ts';

/** Threads whose number is kept. */
const kept = 20_000;

export function createEarlier({ db }: Pick<Core, 'db'>): ThreadsService['earlier'] {
  const t = db.table(thread);
  const known = new Lru<number, number>(kept);
  /** Under way: the lists of all operators ask for a new thread at the same moment. */
  const asked = new Map<number, Promise<void>>();

  const outer = ({ name }: { readonly name: string }) =>
    sql`${sql.identifier(getTableName(t))}.${sql.identifier(name)}`;
  const before = ({ name }: { readonly name: string }) => sql`${sql.identifier('e')}.${sql.identifier(name)}`;
  const count = sql<number>`(select count(*) from ${sql.identifier(getTableName(t))} ${sql.identifier('e')}
    where ${before(t.visitorId)} = ${outer(t.visitorId)} and ${before(t.id)} < ${outer(t.id)}
    and ${before(t.state)} <> ${threadState.invited}
    and ${before(t.invitationState)} in (${invitationState.none}, ${invitationState.accepted}))`.mapWith(Number);

  async function ask(ids: readonly number[]): Promise<void> {
    const rows = await db.query
      .select({ id: t.id, count })
      .from(t)
      .where(inArray(t.id, [...ids]));
    for (const row of rows) known.set(row.id, row.count);
  }

  return async (threads: readonly Pick<Thread, 'id'>[]) => {
    const ids = threads.map(({ id }) => id);
    const missing = ids.filter((id) => known.get(id) === undefined && !asked.has(id));
    if (missing.length > 0) {
      const answer = ask(missing).finally(() => {
        for (const id of missing) asked.delete(id);
      });
      for (const id of missing) asked.set(id, answer);
    }
    await Promise.all(new Set(ids.flatMap((id) => asked.get(id) ?? [])));
    return new Map(ids.map((id) => [id, known.peek(id) ?? 0]));
  };
}

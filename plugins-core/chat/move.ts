/** Threads that leave a group together, because it is no more. */
import { and, asc, eq, gt, inArray, lte, max, notInArray, sql } from 'drizzle-orm';
import { threadState } from './api.ts';
import { change } from './changes.ts';
import type { Core } from './core.ts';
import { thread } from './tables.ts';

const over = [threadState.closed, threadState.left];
/** Small enough that nobody waits for it. */
const atOnce = 1_000;
const p = sql.placeholder;

export function createMove(core: Core): (from: number, to: number) => Promise<void> {
  const t = core.db.table(thread);
  const openOf = core.db.prepare((q) =>
    q
      .select({ id: t.id })
      .from(t)
      .where(and(notInArray(t.state, over), eq(t.groupId, p('from')), gt(t.id, p('after'))))
      .orderBy(asc(t.id))
      .limit(atOnce),
  );
  const highest = core.db.prepare((q) => q.select({ id: max(t.id) }).from(t));
  // By numbers of threads: no index leads from a group to its threads, and one statement over all would hold up everybody.
  const moveOver = core.db.prepare((q) =>
    q
      .update(t)
      .set({ groupId: core.db.param(t.groupId, 'to') })
      .where(and(gt(t.id, p('after')), lte(t.id, p('upTo')), eq(t.groupId, p('from')), inArray(t.state, over))),
  );

  return async (from, to) => {
    for (let after = 0; ;) {
      const rows = await openOf.all({ from, after });
      for (const { id } of rows)
        await change(core, id, ({ groupId }) => (groupId === from ? { set: { groupId: to }, quiet: true } : undefined));
      if (rows.length < atOnce) break;
      after = rows.at(-1)!.id;
    }
    // What is over never changes again, and no list shows it.
    const last = (await highest.first())?.id ?? 0;
    for (let after = 0; after < last; after += atOnce) await moveOver.run({ from, to, after, upTo: after + atOnce });
  };
}

import { expect, it } from 'vitest';
import { eq } from 'drizzle-orm';
import { eachDialect } from '../../database/testing.ts';
import { thread as threadTable } from '../tables.ts';
import { ann, open } from './world.ts';

eachDialect((_dialect, openDatabase) => {
  it('moves the threads of a group, those that are over too, and tells lists of the open ones', async () => {
    const world = await open(openDatabase);
    const { core, threads } = world;
    const table = core.db.table(threadTable);
    const [waiting, taken, over, others, none] = await Promise.all([1, 1, 1, 2, 0].map(() => world.thread()));
    await threads.take(taken!.id, ann);
    await threads.close(over!.id, 'user');
    for (const [thread, groupId] of [
      [waiting, 1],
      [taken, 1],
      [over, 1],
      [others, 2],
    ] as const)
      await core.db.query.update(table).set({ groupId }).where(eq(table.id, thread!.id));
    const stored = async (id: number) => (await core.sql.threadById.first({ id }))!;
    const [before, revision] = [await stored(waiting!.id), (await threads.since(0)).revision];
    world.told.changed.length = 0;

    await threads.move(1, 0);

    const groupsOf = await Promise.all([waiting, taken, over, others, none].map((one) => stored(one!.id)));
    expect(groupsOf.map(({ groupId }) => groupId)).toEqual([0, 0, 0, 2, 0]);
    expect((await threads.byId(waiting!.id))?.groupId).toBe(0);
    const { threads: told } = await threads.since(revision);
    expect(told.map(({ id }) => id)).toEqual([waiting!.id, taken!.id].toSorted((a, b) => a - b));
    expect(world.told.changed.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(told.map(({ id }) => id));
    // Nobody waits longer or shorter for it.
    expect((await stored(waiting!.id)).modifiedAt).toBe(before.modifiedAt);
    await threads.move(1, 0);
    expect((await threads.since(revision)).threads).toHaveLength(2);
  });
});

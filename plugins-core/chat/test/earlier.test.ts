import { describe, expect, it, vi } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import type { Thread, Visitor } from '../api.ts';
import { ann, open, type World } from './world.ts';

/** A conversation that is over. */
async function talk(world: World, visitor: Visitor): Promise<Thread> {
  const { thread } = await world.threads.start(visitor, world.input);
  await world.threads.close(thread!.id, 'user');
  return thread!;
}

eachDialect((_dialect, openDatabase) => {
  describe('conversations of a visitor', () => {
    it('are listed from the newest on, as many as are asked for, and nobody else’s', async () => {
      const world = await open(openDatabase);
      const [vera, other] = [await world.visitor(), await world.visitor()];
      const [first, second] = [await talk(world, vera), await talk(world, vera)];
      await talk(world, other);
      const now = (await world.threads.start(vera, world.input)).thread!;
      const idsOf = async (limit: number) => (await world.threads.ofVisitor(vera.id, limit)).map(({ id }) => id);
      expect(await idsOf(10)).toEqual([now.id, second.id, first.id]);
      expect(await idsOf(2)).toEqual([now.id, second.id]);
    });

    it('are no invitations, but for those that were accepted', async () => {
      const world = await open(openDatabase);
      const vera = await world.visitor();
      const invite = async () => (await world.threads.invite(vera, ann, world.input))!;
      for (const answer of ['rejected', 'ignored'] as const)
        await world.threads.answerInvitation((await invite()).id, answer);
      const withdrawn = await invite();
      await world.threads.close(withdrawn.id, 'agent', ann);
      const pending = await invite();
      expect(await world.threads.ofVisitor(vera.id, 10)).toEqual([]);
      const { thread: accepted } = await world.threads.start(vera, world.input);
      expect(accepted!.id).toBe(pending.id);
      expect((await world.threads.ofVisitor(vera.id, 10)).map(({ id }) => id)).toEqual([pending.id]);
      expect(await world.threads.earlier([pending])).toEqual(new Map([[pending.id, 0]]));
      await world.threads.close(pending.id, 'user');
      const next = (await world.threads.start(vera, world.input)).thread!;
      expect(await world.threads.earlier([next])).toEqual(new Map([[next.id, 1]]));
    });

    it('are counted before each of many threads with one question, and once', async () => {
      const world = await open(openDatabase);
      const visitors = await Promise.all([1, 2, 3].map(() => world.visitor()));
      const threads: Thread[] = [];
      for (const visitor of [...visitors, ...visitors, visitors[0]!]) threads.push(await talk(world, visitor));
      const select = vi.spyOn(world.core.db.query, 'select');
      const [counts, same] = await Promise.all([world.threads.earlier(threads), world.threads.earlier(threads)]);
      expect(threads.map(({ id }) => counts.get(id))).toEqual([0, 0, 0, 1, 1, 1, 2]);
      expect(same).toEqual(counts);
      const fresh = await talk(world, visitors[0]!);
      expect((await world.threads.earlier([...threads, fresh])).get(fresh.id)).toBe(3);
      await world.threads.earlier([...threads, fresh]);
      expect(select).toHaveBeenCalledTimes(2);
      expect(await world.threads.earlier([])).toEqual(new Map());
    });

    it('are asked for anew after a question that failed', async () => {
      const world = await open(openDatabase);
      const thread = await talk(world, await world.visitor());
      vi.spyOn(world.core.db.query, 'select').mockImplementationOnce(() => {
        throw new Error('gone');
      });
      await expect(world.threads.earlier([thread])).rejects.toThrow('gone');
      expect((await world.threads.earlier([thread])).get(thread.id)).toBe(0);
    });
  });
});

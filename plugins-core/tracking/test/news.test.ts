/** Two nodes on one database: what one hears, the other knows. */
import { expect, it, vi } from 'vitest';
import { memoryCluster } from '../../chat/test/world.ts';
import { eachDialect } from '../../database/testing.ts';
import { createNews } from '../news.ts';
import { allTables, createSite, type Site } from './site.ts';

eachDialect((_, open) => {
  it('takes what other nodes store into memory and onto their boards', async () => {
    const db = await open(allTables);
    const cluster = memoryCluster();
    Object.assign(cluster.bus, { shared: true });
    const node = (nodeId: string) => {
      const site: Site = createSite(db);
      const board: number[] = [];
      const news = createNews({
        cluster: { bus: cluster.bus, nodeId },
        visitors: site.visitors,
        idle: (known) => site.writer.idle(known),
        changed: ({ id }) => void board.push(id),
        failed: (error) => {
          throw error;
        },
      });
      news.follow();
      const tell = async () => {
        await site.writer.flush();
        news.tell(site.visitors.all());
      };
      return { site, board, tell };
    };
    const [one, two] = [node('one'), node('two')];
    const sent = vi.spyOn(cluster.bus, 'publish');
    const userId = one.site.secret();
    await one.site.contact({ userId });
    await one.tell();
    const { id } = (await one.site.visitors.bySecret(userId))!;
    await vi.waitFor(() => expect(two.board).toEqual([id]));
    expect(two.site.tracking.present()).toMatchObject([{ id, page: { address: 'https://shop.example/' }, pages: 1 }]);
    expect(JSON.stringify(sent.mock.calls)).not.toContain(userId);

    // The other node hears him next, and goes on where the first one was.
    await two.site.contact({ userId, page: 'https://shop.example/cart', custom: { identify: '{"plan":"gold"}' } });
    expect(two.site.told).toMatchObject({ created: [], tracked: [true] });
    await two.tell();
    await vi.waitFor(() => expect(one.board).toEqual([id]));
    expect(one.site.visitors.memory(id)).toMatchObject({
      page: { address: 'https://shop.example/cart' },
      attributes: { plan: 'gold' },
    });
    expect(one.board).toEqual([id]);
    two.board.length = 0;

    // What this node is about to store is newer than what the other one read.
    await two.site.contact({ userId, page: 'https://shop.example/pay', custom: { identify: '{"plan":"none"}' } });
    await one.site.tracking.change(id, { visitorId: 7 });
    await one.tell();
    await vi.waitFor(() => expect(two.board).toEqual([id]));
    expect(two.site.visitors.memory(id)).toMatchObject({
      visitorId: 7,
      page: { address: 'https://shop.example/pay' },
      pages: 3,
      attributes: { plan: 'none' },
    });
    await two.site.writer.flush();
    expect(await two.site.rows.visitors()).toMatchObject([{ visitorId: 7, attributes: { plan: 'none' } }]);
  });
});

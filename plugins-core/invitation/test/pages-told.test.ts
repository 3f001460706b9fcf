/** Two nodes: an invitation of one is told to the pages of the other, and the bus learns nothing but numbers. */
import { expect, it, vi } from 'vitest';
import { memoryCluster } from '../../chat/test/world.ts';
import type { Thread } from '../../chat/api.ts';
import type { TrackedVisitor } from '../../tracking/api.ts';
import { nothingToDo } from '../../widget/api.ts';
import { createPagesTold } from '../pages-told.ts';

const thread = { id: 7 } as Thread;
const visitor = { id: 3, locale: 'en' } as TrackedVisitor;

function node(cluster: ReturnType<typeof memoryCluster>, nodeId: string) {
  const told: (readonly [number, readonly string[]])[] = [];
  const pages = createPagesTold({
    cluster: { bus: cluster.bus, nodeId },
    threads: { byId: async (id) => (id === thread.id ? thread : undefined) },
    tracking: {
      byId: async (id) => (id === visitor.id ? visitor : undefined),
      tell(id, { handlers = [] }) {
        told.push([id, handlers]);
        return 1;
      },
    },
    answers: {
      shown: async (one) => ({
        ...nothingToDo,
        handlers: ['invitationCreate'],
        data: { invitation: { threadId: one.id, threadUrl: '/chat/invitation?ticket=secret' } },
      }),
    },
    origin: '',
    failed: (error) => {
      throw error;
    },
  });
  const end = pages.follow();
  return { pages, told, end };
}

it('is told to the pages of each node once, when it comes and when it goes', async () => {
  const cluster = memoryCluster();
  Object.assign(cluster.bus, { shared: true });
  const sent = vi.spyOn(cluster.bus, 'publish');
  const [one, two] = [node(cluster, 'one'), node(cluster, 'two')];
  await one.pages.created(thread, visitor);
  const shown = [[3, ['invitationCreate']]];
  await vi.waitFor(() => expect([one.told, two.told]).toEqual([shown, shown]));
  two.pages.over(thread, visitor.id);
  const gone = [...shown, [3, ['invitationClose']]];
  await vi.waitFor(() => expect([one.told, two.told]).toEqual([gone, gone]));
  expect(JSON.stringify(sent.mock.calls)).not.toContain('secret');

  // A node on which the plugin is switched off tells nothing any more.
  two.end();
  await one.pages.created(thread, visitor);
  expect(two.told).toEqual(gone);
});

it('is no news for others where there are none', async () => {
  const cluster = memoryCluster();
  const sent = vi.spyOn(cluster.bus, 'publish');
  const one = node(cluster, 'one');
  await one.pages.created(thread, visitor);
  expect(one.told).toEqual([[3, ['invitationCreate']]]);
  expect(sent).not.toHaveBeenCalled();
});

/** Open conversations whose rows or visibility change with groups. */
import { threadState, type Thread, type ThreadsService } from '../chat/api.ts';

const isOpen = ({ state }: Thread) => state !== threadState.closed && state !== threadState.left;

export function createConversations(threads: Pick<ThreadsService, 'since' | 'touch'>) {
  /** All that are open; a long list comes in parts. */
  async function open(): Promise<readonly Thread[]> {
    const found = new Map<number, Thread>();
    for (let revision = 0; ;) {
      const part = await threads.since(revision);
      for (const thread of part.threads) found.set(thread.id, thread);
      if (part.threads.length === 0 || part.revision <= revision) return [...found.values()].filter(isOpen);
      revision = part.revision;
    }
  }
  const touch = async (wanted: (thread: Thread) => boolean) => {
    const ids = (await open()).filter(wanted).map(({ id }) => id);
    if (ids.length > 0) await threads.touch(ids);
  };

  return {
    /** Operators' lists read the conversations of these groups again. */
    async refresh(groupIds: readonly number[]): Promise<void> {
      const wanted = new Set(groupIds);
      if (wanted.size > 0) await touch(({ groupId }) => wanted.has(groupId));
    },
    /** The same for all groups. */
    refreshAll: (): Promise<void> => touch(({ groupId }) => groupId !== 0),
  };
}

/** An operator may do more or less than before: his list has to say so, on whatever node and by whatever way he reads it. */
import { threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';

/** What rows tell of, see `forViewer`. */
const shown = ['admin', 'takeover', 'viewthreads'];
const isOpen = ({ state }: Thread) => state !== threadState.closed && state !== threadState.left;

export function createRetelling(threads: Pick<ThreadsService, 'since' | 'touch'>) {
  return async ({
    operator,
    original,
  }: {
    readonly operator: Operator;
    readonly original: Operator;
  }): Promise<void> => {
    const differs = (name: string) => operator.permissions.includes(name) !== original.permissions.includes(name);
    if (!shown.some(differs)) return;
    const ids = new Set<number>();
    // A long list comes in parts.
    for (let revision = 0; ;) {
      const part = await threads.since(revision);
      for (const thread of part.threads) if (isOpen(thread) && thread.agentId !== operator.id) ids.add(thread.id);
      if (part.threads.length === 0 || part.revision <= revision) break;
      revision = part.revision;
    }
    if (ids.size > 0) await threads.touch([...ids]);
  };
}

/** Conversations on the dashboard. Chat is switchable and this plugin is not, so chat is looked for when it is needed. */
import type { Kernel } from '../../kernel/index.ts';
import { threads, threadState, type Thread, type ThreadState } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';
import type { Figure } from './api.ts';

const waiting: readonly ThreadState[] = [threadState.queue, threadState.waiting];
/** Of those who wait so many are named. */
const named = 5;

/** Who waits, as one operator may know. */
export interface Waiting {
  /** Those who have waited longest. */
  readonly first: readonly {
    readonly name: string;
    /** First message of the visitor. */
    readonly says: string | null;
    readonly since: number;
  }[];
  /** So many besides. */
  readonly more: number;
}

export function createConversations(kernel: Pick<Kernel, 'report' | 'service'>) {
  const on = () => kernel.report().plugins.some(({ id, status }) => id === 'chat' && status === 'active');

  /** Open conversations in these states that are in the operator's sight. */
  async function open(operator: Operator, states: readonly ThreadState[]): Promise<readonly Thread[]> {
    if (!on()) return [];
    const service = kernel.service(threads);
    const found = new Map<number, Thread>();
    for (let revision = 0, more = true; more;) {
      const part = await service.since(revision);
      for (const thread of part.threads) found.set(thread.id, thread);
      revision = part.revision;
      more = part.more ?? false;
    }
    const wanted = [...found.values()].filter(({ state }) => states.includes(state));
    return service.visibleTo(operator, wanted);
  }
  const count =
    (states: readonly ThreadState[]): Figure['value'] =>
    async ({ operator }) =>
      (await open(operator, states)).length;

  const figures: readonly Figure[] = [
    { label: 'admin.figure.waiting', route: 'users.workspace', weight: 10, value: count(waiting) },
    { label: 'admin.figure.chatting', route: 'users.workspace', weight: 20, value: count([threadState.chatting]) },
  ];
  return {
    figures,
    /** @returns undefined where there are no conversations at all */
    waiting: async (operator: Operator): Promise<Waiting | undefined> => {
      if (!on()) return undefined;
      const all = (await open(operator, waiting)).toSorted((a, b) => a.createdAt - b.createdAt || a.id - b.id);
      const first = all.slice(0, named);
      return {
        first: first.map(({ userName, shownMessage, createdAt }) => ({
          name: userName,
          says: shownMessage,
          since: createdAt,
        })),
        more: all.length - first.length,
      };
    },
  };
}

/** Figures about conversations. Chat is switchable and this plugin is not, so chat is looked for when it is needed. */
import type { Kernel } from '../../kernel/index.ts';
import { threads, threadState, type ThreadState } from '../chat/api.ts';
import type { Figure } from './api.ts';

const waiting: readonly ThreadState[] = [threadState.queue, threadState.waiting];

export function conversationFigures(kernel: Pick<Kernel, 'report' | 'service'>): Figure[] {
  const count = async (states: readonly ThreadState[]): Promise<number> => {
    const on = kernel.report().plugins.some(({ id, status }) => id === 'chat' && status === 'active');
    if (!on) return 0;
    const { threads: open } = await kernel.service(threads).since(0);
    return open.filter(({ state }) => states.includes(state)).length;
  };
  return [
    { label: 'admin.figure.waiting', route: 'users.workspace', weight: 10, value: () => count(waiting) },
    {
      label: 'admin.figure.chatting',
      route: 'users.workspace',
      weight: 20,
      value: () => count([threadState.chatting]),
    },
  ];
}

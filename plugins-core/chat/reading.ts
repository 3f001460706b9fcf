/** Who may read what is written: whoever has the conversation or may take it, and whoever may watch others. */
import type { Operator, OperatorsService } from '../operators/api.ts';
import { threadState, type Thread } from './api.ts';

const { queue, waiting, loading } = threadState;
const free: ReadonlySet<number> = new Set([queue, waiting, loading]);

export type MayRead = (operator: Operator, thread: Thread) => boolean;

/**
 * The list gives every operator the token of every conversation in his sight, so the token proves nothing here. Whoever may
 * not read still hears of the state: his own conversation may just have been taken over.
 */
export const createMayRead =
  (operators: Pick<OperatorsService, 'can'>): MayRead =>
  (operator, thread) =>
    thread.agentId === operator.id ||
    thread.nextAgent === operator.id ||
    free.has(thread.state) ||
    operators.can(operator, 'viewthreads');

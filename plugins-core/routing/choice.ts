/** Who gets the next conversation. Plain decisions: no database, no clock but the one given. */
import { threadState, type Thread } from '../chat/api.ts';
import type { RoutingMode } from './api.ts';

/** Conversations that are an operator's: he is at them, or they wait for him by name. */
export function loadOf(threads: readonly Thread[]): Map<number, number> {
  const load = new Map<number, number>();
  const { chatting, waiting } = threadState;
  for (const { state, agentId, nextAgent } of threads) {
    // Who lost his connection finds his conversation again when he is back: it counts until somebody else has it.
    const owner = state === chatting ? agentId : state === waiting ? nextAgent || agentId : 0;
    if (owner > 0) load.set(owner, (load.get(owner) ?? 0) + 1);
  }
  return load;
}

/** Those who wait for anybody, in the order in which they are served: who had an operator before others. */
export function waitingOf(threads: readonly Thread[]): readonly Thread[] {
  const { waiting, queue } = threadState;
  return threads
    .filter(({ state }) => state === waiting || state === queue)
    .toSorted((a, b) => Number(b.state === waiting) - Number(a.state === waiting) || a.id - b.id);
}

/** Somebody who may get a conversation. */
export interface Candidate {
  readonly id: number;
  /** Conversations that he has. */
  readonly load: number;
  /** Number of the last one that he was given; 0 for none yet. */
  readonly lastTurn: number;
}

/** @returns who gets it, of those who have room for it */
export function chosen(mode: Exclude<RoutingMode, 'hand'>, candidates: readonly Candidate[]): Candidate | undefined {
  const byTurn = (a: Candidate, b: Candidate) => a.lastTurn - b.lastTurn || a.id - b.id;
  const order = mode === 'roundRobin' ? byTurn : (a: Candidate, b: Candidate) => a.load - b.load || byTurn(a, b);
  return candidates.toSorted(order)[0];
}

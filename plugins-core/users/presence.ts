/** Tells operators over their sockets, at once, which colleagues are there, and each of them what he is himself to others. */
import type { AvailabilityService, Operator, OperatorsService } from '../operators/api.ts';
import type { RealtimeService } from '../realtime/api.ts';
import { type ReceiveOperators, type ReceiveStatus, usersBuffer, type WireOperator } from './api.ts';

export interface PresenceNeeds {
  readonly availability: Pick<AvailabilityService, 'online' | 'ownStatus'>;
  readonly operators: Pick<OperatorsService, 'byId'>;
  readonly realtime: Pick<RealtimeService, 'publish' | 'count'>;
  /** Setting `showonlineoperators`, read each time. */
  readonly showOperators: () => boolean;
  /** Hook `users.operators.listed`. */
  readonly listed: (list: readonly WireOperator[], operator: Operator) => Promise<readonly WireOperator[]>;
  readonly failed: (error: unknown) => void;
}

export interface Presence {
  /** Those who are online, as this operator may know of them. */
  colleagues(operator: Operator): Promise<readonly WireOperator[]>;
  /** A socket of this operator listens, on topic `usersBuffer`. */
  join(operatorId: number): void;
  /** Somebody came, went or changed his status: tell it soon. */
  changed(operatorId: number): void;
  stop(): void;
}

/** What happens within this time is told together, ms. */
const burst = 100;

export function createPresence(needs: PresenceNeeds): Presence {
  const { availability, operators, realtime, showOperators, listed } = needs;
  const listeners = new Set<number>();
  const due = new Set<number>();
  let timer: NodeJS.Timeout | undefined;

  async function everybody(): Promise<readonly WireOperator[]> {
    const online = await availability.online();
    return online.map(({ operator, away }) => ({ id: operator.id, name: operator.name, away }));
  }

  async function tell(): Promise<void> {
    timer = undefined;
    const changed = [...due];
    due.clear();
    for (const id of listeners) if (realtime.count(usersBuffer(id)) === 0) listeners.delete(id);
    if (listeners.size === 0) return;
    for (const agentId of changed.filter((id) => listeners.has(id))) {
      const call: ReceiveStatus = { agentId, ...(await availability.ownStatus(agentId)) };
      realtime.publish(usersBuffer(agentId), [{ function: 'receiveStatus', arguments: { ...call } }]);
    }
    if (!showOperators()) return;
    const online = await everybody();
    for (const agentId of listeners) {
      const operator = await operators.byId(agentId);
      if (!operator) continue;
      const call: ReceiveOperators = { agentId, operators: await listed(online, operator) };
      realtime.publish(usersBuffer(agentId), [{ function: 'receiveOperators', arguments: { ...call } }]);
    }
  }

  return {
    colleagues: async (operator) => (showOperators() ? listed(await everybody(), operator) : []),
    join: (operatorId) => void listeners.add(operatorId),
    changed(operatorId) {
      due.add(operatorId);
      timer ??= setTimeout(() => void tell().catch(needs.failed), burst);
    },
    stop() {
      clearTimeout(timer);
      listeners.clear();
    },
  };
}

/** How many left messages wait for an answer, told to the workspaces of operators: they ask, and hear when it is worth asking again. */
import type { Bus } from '../cluster/api.ts';
import type { Operator } from '../operators/api.ts';
import type { RealtimeService } from '../realtime/api.ts';
import type { RpcImplementation } from '../rpc/api.ts';
import type { UsersCaller } from '../users/api.ts';
import type { leaveMessageUsersRpc } from './api.ts';
import type { Store } from './store.ts';
import { mostCounted } from './work-page.ts';

/** Sockets of operators who have asked; nodes tell each other on the same one. */
const topic = 'leave-message.waiting';
/** Changes within this time are told together, ms. */
const burst = 200;

export interface WaitingNeeds {
  readonly bus: Pick<Bus, 'publish' | 'subscribe'>;
  readonly realtime: Pick<RealtimeService, 'publish'>;
  readonly count: (operator: Operator) => Promise<number>;
  /** Address of the list. */
  readonly address: () => string;
}

export function createWaiting({ bus, realtime, count, address }: WaitingNeeds) {
  let timer: NodeJS.Timeout | undefined;
  function tell() {
    timer = undefined;
    realtime.publish(topic, [{ function: 'leftMessagesChanged', arguments: {} }]);
  }
  const unsubscribe = bus.subscribe(topic, () => {
    timer ??= setTimeout(tell, burst);
  });
  const functions = {
    async leftMessages(_, { caller, session }) {
      // Before it is counted, so that no change falls between.
      session?.subscribe(topic);
      const waiting = await count(caller.session.operator);
      return { count: waiting, more: waiting >= mostCounted, address: address() };
    },
  } satisfies RpcImplementation<UsersCaller, undefined, (typeof leaveMessageUsersRpc)['functions']>;
  return {
    functions,
    stop() {
      clearTimeout(timer);
      unsubscribe();
    },
  };
}

/** The same store; whatever may change how many messages wait is told to all nodes. */
export function withNews(store: Store, bus: Pick<Bus, 'publish'>): Store {
  async function told<T>(change: Promise<T>): Promise<T> {
    const result = await change;
    bus.publish(topic, null);
    return result;
  }
  return {
    ...store,
    change: (...args) => told(store.change(...args)),
    answered: (...args) => told(store.answered(...args)),
    undelivered: (id) => told(store.undelivered(id)),
  };
}

/** A message was left; its row is stored together with the conversation, which is why the store does not tell of it. */
export const tellLeft = (bus: Pick<Bus, 'publish'>): void => bus.publish(topic, null);

/** The bus of a single process: what one part publishes, the others hear in the same order. */
import type { Bus, Json } from './api.ts';

type Receive = (message: Json) => void;

/** @param blame told when a subscriber throws; the others still hear the message */
export function createMemoryBus(blame: (topic: string, error: unknown) => void): Bus {
  const topics = new Map<string, Set<Receive>>();

  function deliver(topic: string, message: Json): void {
    for (const receive of topics.get(topic) ?? []) {
      try {
        receive(message);
      } catch (error) {
        blame(topic, error);
      }
    }
  }

  return {
    // Not at once: a publisher never finds himself inside his listeners, here or with a bus between machines.
    publish: (topic, message) => queueMicrotask(() => deliver(topic, message)),
    subscribe(topic, receive) {
      // Its own function each time: who subscribes twice hears twice, and ends one without ending the other.
      const own: Receive = (message) => receive(message);
      const receivers = topics.get(topic) ?? new Set();
      topics.set(topic, receivers.add(own));
      return () => {
        receivers.delete(own);
        if (receivers.size === 0 && topics.get(topic) === receivers) topics.delete(topic);
      };
    },
    connected: true,
    onConnection: () => () => {},
    shared: false,
  };
}

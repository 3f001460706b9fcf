/** What nodes tell each other, so that each knows without asking the database. */
import type { Bus } from '../cluster/api.ts';

export interface News {
  tell(item: string): void;
  heard(receive: (item: string) => void): void;
  /** False while other nodes cannot be heard: the database has to be asked. */
  readonly complete: boolean;
}

/** @returns the news of one topic, and how to stop listening */
export function createNews(bus: Bus, topic: string): News & { stop(): void } {
  const stops: (() => void)[] = [];
  return {
    tell: (item) => bus.publish(topic, item),
    heard(receive) {
      stops.push(
        bus.subscribe(topic, (item) => {
          if (typeof item === 'string') receive(item);
        }),
      );
    },
    get complete() {
      return !bus.shared || bus.connected;
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** How long something read from the database may be trusted: until anything changes, on this node or another. */
import { followChanges, trustedFor, type Bus } from '../cluster/api.ts';

export interface Changes {
  /** Something changed: nothing that was read before counts any more, on all nodes. */
  changed(): void;
  /** A value that is read once and kept while it may be trusted. Values read before a change are not kept. */
  kept<T>(read: (key: string) => Promise<T>, capacity: number): (key: string) => Promise<T>;
  readonly stop: () => void;
}

const topic = 'operators.changed';

export function createChanges(bus: Bus, now: () => number = Date.now): Changes {
  let generation = 0;
  const age = () => {
    generation += 1;
  };
  const stop = followChanges(bus, topic, age);

  return {
    changed() {
      age();
      bus.publish(topic, null);
    },
    kept<T>(read: (key: string) => Promise<T>, capacity: number) {
      const kept = new Map<string, { readonly value: Promise<T>; readonly generation: number; readonly at: number }>();
      return (key: string) => {
        const found = kept.get(key);
        if (found && found.generation === generation && now() - found.at < trustedFor(bus)) return found.value;
        const value = read(key);
        const entry = { value, generation, at: now() };
        kept.delete(key);
        kept.set(key, entry);
        const drop = () => {
          if (kept.get(key) === entry) kept.delete(key);
        };
        // What does not exist is not kept either: guesses must not push out what is in use.
        value.then((result) => result === undefined && drop(), drop);
        if (kept.size > capacity) for (const oldest of kept.keys()) if (kept.delete(oldest)) break;
        return value;
      };
    },
    stop,
  };
}

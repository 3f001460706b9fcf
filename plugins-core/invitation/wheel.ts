/** Appointments by the second: making, moving and keeping one costs the same, however many there are. */
export interface Wheel {
  /** One appointment per number; another one takes its place. @param at ms since the epoch */
  set(id: number, at: number): void;
  clear(id: number): void;
  /** Numbers whose time has come, each once. */
  due(now: number): readonly number[];
}

export function createWheel(): Wheel {
  const seconds = new Map<number, Set<number>>();
  const times = new Map<number, number>();
  let turned: number | undefined;

  function clear(id: number): void {
    const second = times.get(id);
    if (second === undefined) return;
    times.delete(id);
    const others = seconds.get(second);
    others?.delete(id);
    if (others?.size === 0) seconds.delete(second);
  }

  return {
    clear,
    set(id, at) {
      const second = Math.max(Math.ceil(at / 1000), (turned ?? 0) + 1);
      if (times.get(id) === second) return;
      clear(id);
      times.set(id, second);
      const others = seconds.get(second);
      if (others) others.add(id);
      else seconds.set(second, new Set([id]));
    },
    due(now) {
      const until = Math.floor(now / 1000);
      // After a pause of the process there may be fewer appointments than seconds.
      const passed =
        turned === undefined || until - turned > seconds.size
          ? [...seconds.keys()].filter((second) => second <= until)
          : Array.from({ length: Math.max(0, until - turned) }, (_, index) => (turned ?? 0) + 1 + index);
      turned = Math.max(until, turned ?? 0);
      const found: number[] = [];
      for (const second of passed) {
        for (const id of seconds.get(second) ?? []) {
          times.delete(id);
          found.push(id);
        }
        seconds.delete(second);
      }
      return found;
    },
  };
}

/** A clock that is put forward: what counts as silence passes without anybody waiting for it. */
export interface Clock {
  now(): number;
  /** @param ms how much later it is from now on */
  advance(ms: number): void;
  /** Gives the process its own clock back. */
  restore(): void;
}

/** Timers go on as they are; only what asks for the time is told another one. */
export function takeClock(): Clock {
  const real = Date.now.bind(Date);
  let ahead = 0;
  Date.now = () => real() + ahead;
  return {
    now: () => Date.now(),
    advance(ms) {
      ahead += ms;
    },
    restore() {
      Date.now = real;
    },
  };
}

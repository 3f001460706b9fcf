/** So long nothing at all may happen before the world counts as stuck, ms. */
const patience = 60_000;

/** A condition that is looked at again whenever something happened. */
export function createBell() {
  let waiting: { condition: () => boolean; done: (met: boolean) => void }[] = [];
  let silence: NodeJS.Timeout | undefined;
  const stuck = () => {
    for (const one of waiting.splice(0)) one.done(false);
  };
  const ring = () => {
    clearTimeout(silence);
    const ready = waiting.filter((one) => one.condition());
    waiting = waiting.filter((one) => !ready.includes(one));
    for (const one of ready) one.done(true);
    if (waiting.length > 0) silence = setTimeout(stuck, patience);
  };
  return {
    ring,
    /** @returns false when nothing happened for so long that nothing will any more */
    until: (condition: () => boolean) =>
      new Promise<boolean>((done) => {
        if (condition()) done(true);
        else {
          waiting.push({ condition, done });
          silence ??= setTimeout(stuck, patience);
        }
      }),
  };
}
export type Bell = ReturnType<typeof createBell>;

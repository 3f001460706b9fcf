/** Notices that the operator does something, and tells the server now and then: whoever does nothing is away after a while. */

const moves = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const;
/** While he is busy the server hears of it this often, ms: less than the shortest time after which anybody is idle, so that a first move is told at once. */
const pause = 20_000;

export interface ActivityNeeds {
  /** @throws when the server did not hear of it */
  readonly tell: () => Promise<void>;
  readonly target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
  readonly now?: () => number;
}

/** Every window tells for itself; the server puts them together. @returns a function that ends it */
export function watchActivity({ tell, target, now = () => performance.now() }: ActivityNeeds): () => void {
  let told = -pause;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let telling = false;

  async function say(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    telling = true;
    told = now();
    try {
      await tell();
    } catch {
      // The next move tells again, but not each pixel of it.
      told = now() - pause + 1_000;
    } finally {
      telling = false;
    }
  }
  function onMove(): void {
    if (telling) return;
    const wait = told + pause - now();
    if (wait <= 0) void say();
    // What he does just now counts too, though it is told later.
    else timer ??= setTimeout(() => void say(), wait);
  }

  for (const move of moves) target.addEventListener(move, onMove, { capture: true, passive: true });
  return () => {
    clearTimeout(timer);
    for (const move of moves) target.removeEventListener(move, onMove, { capture: true });
  };
}

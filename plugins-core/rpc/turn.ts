/** Answers that leave together. */

let turn: Promise<void> | undefined;

/**
 * Answers of one turn of the event loop leave together: whoever reads them, a proxy on the same machine above all, is
 * woken once and not for each of them. To be waited for before an answer is given that many ask for at once.
 */
export const endOfTurn = (): Promise<void> =>
  (turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  }));

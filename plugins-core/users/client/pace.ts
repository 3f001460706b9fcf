/** Draws at once what changed once, and with the frames of the screen what changes all the time. */

/** Behind other tabs no frames come, but the title and the icon go on. */
const longestWait = 250;

/** @returns asks for a drawing: it comes before this turn is over, or with the next frame when one was drawn just now */
export function createPace(draw: () => void): () => void {
  let due = false;
  let resting = false;

  function run() {
    due = false;
    resting = true;
    let over = false;
    const rested = () => {
      if (over) return;
      over = true;
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      resting = false;
      if (due) run();
    };
    const frame = requestAnimationFrame(rested);
    const timer = setTimeout(rested, longestWait);
    draw();
  }

  return () => {
    if (due) return;
    due = true;
    if (!resting) queueMicrotask(run);
  };
}

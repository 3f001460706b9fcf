/** The sound of an invitation, where the browser lets it be heard. */

/** @param file without its ending */
export function playSound(base: string, file: string): void {
  // Of several tabs the one that is looked at is heard.
  if (document.hidden) return;
  try {
    const audio = new Audio();
    audio.src = `${new URL(file, base).href}.${audio.canPlayType('audio/mpeg') ? 'mp3' : 'wav'}`;
    // Browsers keep it quiet until the visitor has clicked somewhere.
    Promise.resolve(audio.play()).catch(() => undefined);
  } catch {
    // There is no sound here.
  }
}

/** How a page calls somebody who looks elsewhere: a sound, a number in its title. */

/** Two short notes, made here: no file to load, nothing that a policy could refuse. */
export function createChime(enabled: () => boolean): { play(): void } {
  let audio: AudioContext | undefined;

  function note(context: AudioContext, frequency: number, from: number, length: number): void {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime + from;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.16, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + length);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + length);
  }

  return {
    play() {
      if (!enabled() || typeof AudioContext === 'undefined') return;
      audio ??= new AudioContext();
      const context = audio;
      // Until somebody clicked on the page browsers keep it silent; `resume` waits, and then nothing is late any more.
      if (context.state !== 'running') void context.resume();
      if (context.state !== 'running') return;
      note(context, 587, 0, 0.18);
      note(context, 880, 0.12, 0.3);
    },
  };
}

/** The number of unread things in front of the title of the page. */
export function createTitle(page: { title: string }): { show(count: number): void } {
  let mark = '';
  return {
    show(count) {
      const plain = page.title.startsWith(mark) ? page.title.slice(mark.length) : page.title;
      mark = count > 0 ? `(${count}) ` : '';
      if (page.title !== mark + plain) page.title = mark + plain;
    },
  };
}

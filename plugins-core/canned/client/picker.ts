/** The list of canned messages as it is used: what fits, which one is marked, when it is there. No DOM. */

export interface Answer {
  readonly short: string;
  readonly full: string;
}

export interface PickerState {
  readonly open: boolean;
  readonly matches: readonly Answer[];
  /** Place of the marked one among the matches. */
  readonly active: number;
}

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** How well an answer fits: title begins with it, a word of the title does, it is somewhere in the title, in the text; or not at all. */
function rank({ short, full }: Answer, words: readonly string[]): number {
  const [title, body] = [fold(short), fold(full)];
  const ranks = words.map((word) => {
    if (title.startsWith(word)) return 0;
    if (title.split(/\P{L}+/u).some((part) => part.startsWith(word))) return 1;
    if (title.includes(word)) return 2;
    return body.includes(word) ? 3 : Infinity;
  });
  return Math.max(0, ...ranks);
}

/** Answers that hold every word of the query, the best first; all in their order for an empty one. */
export function matching(answers: readonly Answer[], query: string): readonly Answer[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  return answers
    .map((answer) => ({ answer, rank: rank(answer, words) }))
    .filter((one) => one.rank < Infinity)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ answer }) => answer);
}

/** What is looked for: everything behind a `/` at the beginning of a single line; undefined where there is none. */
export const queryOf = (text: string): string | undefined => /^\/([^\n]*)$/.exec(text)?.[1];

export function createPicker(changed: () => void) {
  let answers: readonly Answer[] = [];
  let query: string | undefined;
  /** Opened by its button: then it does not hang on what is in the field. */
  let called = false;
  /** Escape: not again before the `/` is gone. */
  let dismissed = false;
  let matches: readonly Answer[] = [];
  let active = 0;

  function update(next: number): void {
    matches = called || query !== undefined ? matching(answers, query ?? '') : [];
    active = Math.min(Math.max(0, next), Math.max(0, matches.length - 1));
    changed();
  }

  const isOpen = () => called || (query !== undefined && !dismissed && matches.length > 0);

  function close(): void {
    called = false;
    dismissed = query !== undefined;
    update(0);
  }

  return {
    get state(): PickerState {
      return { open: isOpen(), matches, active };
    },
    offer(next: readonly Answer[]): void {
      answers = next;
      update(active);
    },
    /** The text of the field changed. */
    typed(text: string): void {
      const before = query;
      query = queryOf(text);
      if (query === undefined) dismissed = false;
      if (query === undefined && before === undefined && !called) return;
      called = false;
      update(0);
    },
    /** The button: opens the list, or puts it away. */
    toggle(): void {
      if (isOpen()) return close();
      called = true;
      dismissed = false;
      update(0);
    },
    /** From the last to the first and back. */
    move(step: 1 | -1): void {
      const { length } = matches;
      if (isOpen() && length > 0) update((active + step + length) % length);
    },
    mark(place: number): void {
      if (isOpen()) update(place);
    },
    close,
    /** The marked one, or the one at a place; puts the list away. `replaces`: it stands for the `/…` in the field. */
    choose(place = active): { readonly answer: Answer; readonly replaces: boolean } | undefined {
      const answer = isOpen() ? matches[place] : undefined;
      if (!answer) return undefined;
      const replaces = query !== undefined;
      query = undefined;
      called = false;
      dismissed = false;
      update(0);
      return { answer, replaces };
    },
  };
}

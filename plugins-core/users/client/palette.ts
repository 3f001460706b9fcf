/** The command palette: what fits the words that were typed, which one is marked, what was used last. No DOM. */
import type { KeyValue } from '../../client/client/index.ts';

/** Something to be found. */
export interface Entry {
  /** Unique; what was used last is remembered by it. */
  readonly id: string;
  readonly label: string;
  /** Said beside it, and looked through as well: first words of a visitor, a heading. */
  readonly about?: string;
  /** Keys that do the same, as people call them. */
  readonly keys?: string;
  /** The conversation that it leads to, whose visitor has a face. */
  readonly person?: string;
  readonly run: () => void;
  /** With Ctrl or ⌘. */
  readonly beside?: () => void;
}

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const misses = Infinity;

/** Are the letters there, in this order? The closer together the better. */
function scattered(text: string, word: string): number {
  let [from, place] = [-1, -1];
  for (const letter of word) {
    place = text.indexOf(letter, place + 1);
    if (place < 0) return misses;
    if (from < 0) from = place;
  }
  const loose = place - from + 1 - word.length;
  return loose > word.length * 2 ? misses : 5 + loose / 100;
}

function rankOf(label: string, about: string, word: string): number {
  if (label.startsWith(word)) return 0;
  if (label.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) return 1;
  if (label.includes(word)) return 2;
  if (about.includes(word)) return 3;
  return scattered(label, word);
}

/** Entries that fit every word, the best first; of equals those used last. All of them where nothing was typed. */
export function matching(entries: readonly Entry[], query: string, recent: readonly string[]): readonly Entry[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const age = ({ id }: Entry) => (recent.includes(id) ? recent.indexOf(id) : recent.length);
  return entries
    .map((entry, place) => {
      const [label, about] = [fold(entry.label), fold(entry.about ?? '')];
      return { entry, place, rank: words.reduce((sum, word) => sum + rankOf(label, about, word), 0) };
    })
    .filter(({ rank }) => rank < misses)
    .toSorted((a, b) => a.rank - b.rank || age(a.entry) - age(b.entry) || a.place - b.place)
    .map(({ entry }) => entry);
}

/** So many are remembered, and so many are shown. */
const remembered = 6;
const shownAtOnce = 50;

export function createPalette(storage: KeyValue) {
  const key = 'mibew.workspace.recent';
  let entries: readonly Entry[] = [];
  let found: readonly Entry[] = [];
  let active = 0;

  function recent(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(storage.get(key) ?? '[]');
      return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
    } catch {
      return [];
    }
  }

  return {
    get state() {
      return { found, active };
    },
    open(all: readonly Entry[]): void {
      entries = all;
      this.type('');
    },
    type(query: string): void {
      found = matching(entries, query, recent()).slice(0, shownAtOnce);
      active = 0;
    },
    /** From the last to the first and back. */
    move(step: number): void {
      const count = found.length;
      if (count > 0) active = (((active + step) % count) + count) % count;
    },
    /** The marked one, or the one at a place; it is remembered. */
    choose(place = active): Entry | undefined {
      const entry = found[place];
      if (entry) {
        const ids = [entry.id, ...recent().filter((id) => id !== entry.id)];
        storage.set(key, JSON.stringify(ids.slice(0, remembered)));
      }
      return entry;
    },
  };
}

export type Palette = ReturnType<typeof createPalette>;

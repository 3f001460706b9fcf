/** Rows in their sections, filtered and in order: a change costs a search for its place, not a sort. No DOM. */

export interface SortedNeeds<Entry, Section extends string> {
  readonly sections: readonly Section[];
  readonly sectionOf: (entry: Entry) => Section;
  readonly idOf: (entry: Entry) => number;
  /** Is it among those that are shown? When this says something else than before: `sort()`. */
  readonly fits: (entry: Entry) => boolean;
  /** Compares entries of one section; no two are the same. When it changes: `sort()`. */
  readonly compare: (a: Entry, b: Entry) => number;
}

/** @param needs entries are never changed: whatever changes of one makes a new one */
export function createSorted<Entry, Section extends string>(needs: SortedNeeds<Entry, Section>) {
  const { sections, sectionOf, idOf, fits, compare } = needs;
  const entries = new Map<number, Entry>();
  const shown = new Map<Section, Entry[]>(sections.map((section) => [section, []]));
  const listOf = (section: Section) => shown.get(section)!;

  /** Place of an entry among these, or where it would be. */
  function placeOf(list: readonly Entry[], entry: Entry): number {
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(list[middle]!, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function drop(id: number): Entry | undefined {
    const entry = entries.get(id);
    if (!entry) return undefined;
    entries.delete(id);
    const list = listOf(sectionOf(entry));
    const place = placeOf(list, entry);
    if (list[place] === entry) list.splice(place, 1);
    return entry;
  }

  return {
    get size() {
      return entries.size;
    },
    /** None is shown. */
    get empty() {
      return sections.every((section) => listOf(section).length === 0);
    },
    /** Shown or not. */
    get: (id: number) => entries.get(id),
    /** Adds an entry, or puts it in the place of the one with its number. */
    put(entry: Entry) {
      drop(idOf(entry));
      entries.set(idOf(entry), entry);
      const list = listOf(sectionOf(entry));
      if (fits(entry)) list.splice(placeOf(list, entry), 0, entry);
    },
    /** @returns what was there */
    drop,
    /** Filters and sorts all anew. */
    sort() {
      const all = [...entries.values()].filter(fits);
      for (const section of sections) {
        const own = all.filter((entry) => sectionOf(entry) === section);
        shown.set(section, own.toSorted(compare));
      }
    },
    /** Those of a section that are shown, in order. */
    list: (section: Section): readonly Entry[] => listOf(section),
  };
}

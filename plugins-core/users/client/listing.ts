/** The queue as the operator wants to see it: searched, filtered, in order. Only what changed is looked at. No DOM. */
import type { KeyValue } from '../../client/client/index.ts';
import type { WireThread } from '../api.ts';
import { byWaiting, compareBy, isOrder, type Entry, type Order } from './order.ts';
import { type Queue, type Section, sections } from './queue.ts';
import { createSearch } from './search.ts';
import { createSorted } from './sorted.ts';
import { allAtOnce } from './span.ts';

/** What the operator asked for. */
export interface Wish {
  readonly query: string;
  /** Nothing but this section. */
  readonly section: Section | undefined;
  /** Nothing but this group, by name. */
  readonly group: string | undefined;
  readonly order: Order;
}
const everything: Wish = { query: '', section: undefined, group: undefined, order: 'waiting' };

function read(text: string | undefined): Wish {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null) return everything;
    const { query, section, group, order } = value as Partial<Record<keyof Wish, unknown>>;
    return {
      query: typeof query === 'string' ? query : '',
      section: sections.find((one) => one === section),
      group: typeof group === 'string' ? group : undefined,
      order: isOrder(order) ? order : 'waiting',
    };
  } catch {
    return everything;
  }
}

export interface ListingNeeds {
  readonly queue: Queue;
  readonly agentId: number;
  readonly locale: string;
  /** Storage of this window: what was asked for is there after a reload. */
  readonly session: KeyValue;
}

export function createListing({ queue, agentId, locale, session }: ListingNeeds) {
  const key = `mibew.queue.${agentId}`;
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  /** Own conversations in which the visitor spoke last: since when he waits for an answer. */
  const turns = new Map<number, number>();
  const groups = new Map<string, number>();
  let turned = new Set<number>();
  let wish = read(session.get(key));
  let compare = compareBy(wish.order, collator);
  let search = createSearch(wish.query);

  const fits = ({ row, section }: Entry) =>
    (wish.section === undefined || wish.section === section) &&
    (wish.group === undefined || wish.group === row.groupName) &&
    search(row);

  function countGroup({ groupName }: WireThread, step: 1 | -1) {
    if (groupName === undefined) return;
    const count = (groups.get(groupName) ?? 0) + step;
    if (count > 0) groups.set(groupName, count);
    else groups.delete(groupName);
  }

  const sorted = createSorted<Entry, Section>({
    sections,
    sectionOf: ({ section }) => section,
    idOf: ({ row }) => row.id,
    fits,
    compare: (a, b) => compare(a, b),
  });

  function drop(id: number): boolean {
    const entry = sorted.drop(id);
    if (entry) countGroup(entry.row, -1);
    return entry !== undefined;
  }

  function add(row: WireThread, section: Section) {
    countGroup(row, 1);
    sorted.put({ row, section, turn: section === 'mine' ? turns.get(row.id) : undefined });
  }

  return {
    get wish(): Wish {
      return wish;
    },
    /** Something is left out. */
    get narrowed() {
      return wish.query.trim() !== '' || wish.section !== undefined || wish.group !== undefined;
    },
    /** Names of the groups that conversations belong to, and the one that is asked for. */
    get groups(): readonly string[] {
      const known = wish.group === undefined ? groups.keys() : new Set([...groups.keys(), wish.group]);
      return [...known].toSorted(collator.compare);
    },
    /** Brings everything up to date. @returns rows that were not there before */
    update(): readonly number[] {
      const came: number[] = [];
      for (const id of new Set([...queue.takeFresh(), ...turned])) {
        const before = drop(id);
        const row = queue.row(id);
        const section = row && queue.sectionOf(row);
        if (!row || !section) turns.delete(id);
        else add(row, section);
        if (row && !before) came.push(id);
      }
      turned = new Set();
      return came;
    },
    /** Asks for something else; the rest stays as it was. */
    ask(more: Partial<Wish>) {
      wish = { ...wish, ...more };
      compare = compareBy(wish.order, collator);
      search = createSearch(wish.query);
      session.set(key, JSON.stringify(wish));
      sorted.sort();
    },
    /** Shows everything again, in the same order. */
    clear() {
      this.ask({ ...everything, order: wish.order });
    },
    list: (section: Section): readonly Entry[] => sorted.list(section),
    /** All of a section, shown or not. */
    count: queue.count,
    /** There are more than a page holds. */
    get long() {
      return sorted.size > allAtOnce;
    },
    /** Own conversations that wait for an answer. */
    get turns() {
      return turns.size;
    },
    /** So many are left out. */
    hidden: (section: Section) => queue.count(section) - sorted.list(section).length,
    get empty() {
      return sorted.empty;
    },
    /** Who is to be taken next, shown or not. */
    next(): number | undefined {
      const section = queue.count('addressed') > 0 ? 'addressed' : 'waiting';
      return queue
        .list(section)
        .map((row): Entry => ({ row, section, turn: undefined }))
        .toSorted(byWaiting)[0]?.row.id;
    },
    /** The visitor of an own conversation waits for an answer since then, unix seconds; or he does not. */
    turn(id: number, since: number | undefined) {
      if (turns.get(id) === since) return;
      if (since === undefined) turns.delete(id);
      else turns.set(id, since);
      turned.add(id);
    },
  };
}

export type Listing = ReturnType<typeof createListing>;

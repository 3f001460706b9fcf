/** The visitors as the operator wants to see them: searched, filtered, in order. Only what changed is looked at. No DOM. */
import type { KeyValue } from '../../../client/client/index.ts';
import type { QueueContext } from '../../../users/client/context.ts';
import type { WireVisitor } from '../../api.ts';
import type { Crowd } from './crowd.ts';
import { compareBy, everybody, filtersOf, readWish, type Wish, wishMatcher } from './wish.ts';

/** Those who are invited come first: the operator waits for them. */
export const sections = ['invited', 'site'] as const;
export type Section = (typeof sections)[number];

/** A visitor in his section. Never changed. */
export interface Entry {
  readonly row: WireVisitor;
  readonly section: Section;
}
const entryOf = (row: WireVisitor): Entry => ({ row, section: row.invitationInfo ? 'invited' : 'site' });

export interface RosterNeeds {
  readonly crowd: Crowd;
  readonly agentId: number;
  readonly locale: string;
  readonly session: KeyValue;
  readonly lists: Pick<QueueContext['lists'], 'sorted' | 'searching'>;
  /** Unix seconds by the server's clock. */
  readonly now: () => number;
  readonly nameOf: (row: WireVisitor) => string;
  /** Of a country, as people say it. */
  readonly countryOf: (code: string) => string;
}

export function createRoster({ crowd, agentId, locale, session, lists, now, nameOf, countryOf }: RosterNeeds) {
  const key = `mibew.visitors.${agentId}`;
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const searching = lists.searching<WireVisitor>((row) => [
    nameOf(row),
    row.page,
    row.title,
    row.city,
    countryOf(row.country),
    row.remote,
    row.userAgent,
    row.system,
    row.entry,
    row.identity?.id,
    ...Object.values(row.attributes),
  ]);
  let wish = readWish(session.get(key));
  let search = searching(wish.query);
  let matches = wishMatcher(wish, now);
  let compare = compareBy(wish.order, collator, nameOf);
  const counts = { invited: 0, site: 0 };
  const known = new Map<number, Entry>();
  const sorted = lists.sorted<Entry, Section>({
    sections,
    sectionOf: ({ section }) => section,
    idOf: ({ row }) => row.id,
    fits: ({ row }) => matches(row) && search(row),
    compare: (a, b) => compare(a.row, b.row),
  });

  return {
    get wish(): Wish {
      return wish;
    },
    /** Somebody may be left out. */
    get narrowed() {
      return wish.query.trim() !== '' || Object.values(filtersOf(wish)).some(Boolean);
    },
    /** Brings everything up to date. @returns visitors who were not there before */
    update(): readonly number[] {
      const came: number[] = [];
      for (const id of crowd.takeFresh()) {
        const before = known.get(id);
        const row = crowd.row(id);
        if (before) counts[before.section] -= 1;
        if (row) {
          const entry = entryOf(row);
          counts[entry.section] += 1;
          known.set(id, entry);
          sorted.put(entry);
          if (!before) came.push(id);
        } else {
          known.delete(id);
          sorted.drop(id);
        }
      }
      return came;
    },
    /** Asks for something else; the rest stays as it was. */
    ask(more: Partial<Wish>) {
      wish = { ...wish, ...more };
      search = searching(wish.query);
      matches = wishMatcher(wish, now);
      compare = compareBy(wish.order, collator, nameOf);
      session.set(key, JSON.stringify(wish));
      sorted.sort();
    },
    /** Shows everybody again, in the same order. */
    clear() {
      this.ask({ ...everybody, order: wish.order });
    },
    /** Time went by: who was too short on the site for what is asked for may fit by now. @returns whether it could matter */
    age(): boolean {
      if (wish.minutes === 0) return false;
      sorted.sort();
      return true;
    },
    list: (section: Section): readonly Entry[] => sorted.list(section),
    /** All of a section, shown or not. */
    count: (section: Section) => counts[section],
    get empty() {
      return sorted.empty;
    },
    /** Countries and names of attributes that there are, and those that are asked for. */
    choices() {
      const countries = new Set<string>(wish.country ? [wish.country] : []);
      const attributes = new Set<string>(wish.attribute ? [wish.attribute] : []);
      for (const { row } of known.values()) {
        if (row.country) countries.add(row.country);
        for (const name of Object.keys(row.attributes)) attributes.add(name);
      }
      const byName = (a: string, b: string) => collator.compare(a, b);
      return {
        countries: [...countries].toSorted((a, b) => byName(countryOf(a), countryOf(b))),
        attributes: [...attributes].toSorted(byName),
      };
    },
  };
}

export type Roster = ReturnType<typeof createRoster>;

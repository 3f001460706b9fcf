/** Who is on the visitor board: all who are listed, or the first of them, or those whom another plugin names. */
import type { Operator } from '../operators/api.ts';
import type { TrackedVisitor, WireVisitor } from './api.ts';
import type { Known } from './known.ts';
import { isListed, ranked, toRow } from './rows.ts';
import type { Visitors } from './visitors.ts';

/** What one operator is shown. */
export interface Listing {
  readonly visitors: readonly TrackedVisitor[];
  readonly total: number;
  /** There are others whom he is not shown. */
  readonly part: boolean;
}
export interface ListingsNeeds {
  readonly visitors: Pick<Visitors, 'all'>;
  /** Setting `visitors_limit`. */
  readonly limit: () => number;
  readonly guest: () => string;
  /** Hook `tracking.visitors.load`. */
  readonly load: (operator: Operator) => Promise<readonly TrackedVisitor[] | undefined>;
  /** Hook `tracking.visitors.listed`. */
  readonly listed: (
    rows: readonly WireVisitor[],
    about: { readonly operatorId: number; readonly visitors: ReadonlyMap<number, TrackedVisitor> },
  ) => Promise<readonly WireVisitor[]>;
  readonly now: () => number;
}
export interface Listings {
  /** For one operator, as it is now. */
  of(operator: Operator): Promise<Listing>;
  /** What other plugins show him instead. */
  loaded(operator: Operator): Promise<Listing | undefined>;
  /** The first of all; undefined where nobody has to be left out. */
  part(): Listing | undefined;
  everybody(): Listing;
  rowsFor(operatorId: number, visitors: readonly TrackedVisitor[]): Promise<readonly WireVisitor[]>;
  /** Looks again whether he is listed. */
  look(known: Known): void;
  readonly total: number;
}

export function createListings({ visitors, limit, guest, load, listed, now }: ListingsNeeds): Listings {
  let total = 0;

  function all(): Known[] {
    const list: Known[] = [];
    for (const known of visitors.all()) if (known.listed) list.push(known);
    return list;
  }

  const listings: Listings = {
    look(known) {
      const is = isListed(known, now());
      if (is === known.listed) return;
      known.listed = is;
      total += is ? 1 : -1;
    },
    get total() {
      return total;
    },
    async loaded(operator) {
      const given = await load(operator);
      return given && { visitors: given, total: given.length, part: true };
    },
    part() {
      const most = limit();
      return most > 0 && total > most ? { visitors: ranked(all(), most), total, part: true } : undefined;
    },
    everybody: () => ({ visitors: ranked(all(), 0), total, part: false }),
    of: async (operator) => (await listings.loaded(operator)) ?? listings.part() ?? listings.everybody(),
    async rowsFor(operatorId, shown) {
      if (shown.length === 0) return [];
      const name = guest();
      const rows = shown.map((visitor) => toRow(visitor, name));
      return listed(rows, { operatorId, visitors: new Map(shown.map((visitor) => [visitor.id, visitor])) });
    },
  };
  return listings;
}

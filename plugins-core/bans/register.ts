/** The bans that count now, in memory: asked for each start, each message of a visitor and each row of a queue. */
import type { Ban } from './api.ts';
import { parseAddress, parseRange, type Range } from './addresses.ts';
import { createSegments } from './segments.ts';

interface Who {
  readonly remote?: string | undefined;
  readonly userId?: string | undefined;
}

export interface Register {
  /** The ban that lasts longest of those that count now. */
  match(who: Who): Ban | undefined;
  /** All bans anew. */
  fill(all: readonly Ban[]): void;
}

interface Index {
  readonly find: (who: Who) => Ban | undefined;
  /** When the first of its bans ends. */
  readonly until: number;
}

/** The same people come again and again; reading their addresses costs more than looking them up. */
const remembered = 10_000;

const end = ({ till }: Ban) => (till === 0 ? Infinity : till);
const isOver = (ban: Ban, now: number) => end(ban) <= now;

function build(active: readonly Ban[], rangeOf: (ban: Ban) => Range | undefined): Index {
  // The first one counts.
  const ordered = active.toSorted((a, b) => (end(a) === end(b) ? a.id - b.id : end(b) > end(a) ? 1 : -1));
  const visitors = new Map(ordered.toReversed().flatMap((ban) => (ban.userId ? [[ban.userId, ban] as const] : [])));
  const intervals = ordered.flatMap((ban) => {
    const range = rangeOf(ban);
    return range ? [{ ...range, value: ban }] : [];
  });
  const families = {
    4: createSegments(intervals.filter(({ family }) => family === 4)),
    6: createSegments(intervals.filter(({ family }) => family === 6)),
  };
  const known = new Map<string, Ban | undefined>();

  function byAddress(remote: string): Ban | undefined {
    if (known.has(remote)) return known.get(remote);
    const address = parseAddress(remote);
    const found = address && families[address.family](address.low);
    if (known.size >= remembered) known.clear();
    known.set(remote, found);
    return found;
  }

  return {
    find({ remote, userId }) {
      const one = userId ? visitors.get(userId) : undefined;
      const other = remote ? byAddress(remote) : undefined;
      return one && other ? (end(one) >= end(other) ? one : other) : (one ?? other);
    },
    until: Math.min(...ordered.slice(-1).map(end), Infinity),
  };
}

export function createRegister(now: () => number = Date.now): Register {
  let bans: readonly Ban[] = [];
  // One ban changes at a time; reading all the others anew would cost more than all the rest.
  let ranges = new Map<string, Range | undefined>();
  let index = build(bans, () => undefined);

  function fill(all: readonly Ban[]): void {
    const at = now();
    bans = all.filter((ban) => !isOver(ban, at));
    const addresses = bans.flatMap(({ address }) => (address ? [address] : []));
    ranges = new Map(addresses.map((address) => [address, ranges.get(address) ?? parseRange(address)]));
    index = build(bans, ({ address }) => ranges.get(address));
  }

  return {
    fill,
    match(who) {
      if (index.until <= now()) fill(bans);
      return index.find(who);
    },
  };
}

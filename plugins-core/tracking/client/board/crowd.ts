/** Who is on the site, as the browser knows it: rows by number, and which of them changed. No DOM. */
import type { ReceiveVisitors, WireVisitor } from '../../api.ts';

/** What became of an invitation: the numbers of the chat's invitation states. */
export const invited = { none: 0, pending: 1, accepted: 2, rejected: 3, ignored: 4 } as const;

/** Values that may differ while the visitor does nothing: heard of again is no news to anybody. */
const quiet: ReadonlySet<string> = new Set(['lastTime']);

function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const [left, right] = [Object.entries(one), other as Readonly<Record<string, unknown>>];
  return left.length === Object.keys(right).length && left.every(([name, value]) => isSame(value, right[name]));
}
/** Nothing that is shown of him differs. */
function saysTheSame(one: WireVisitor, other: WireVisitor): boolean {
  const right = other as unknown as Readonly<Record<string, unknown>>;
  return Object.entries(one).every(([name, value]) => quiet.has(name) || isSame(value, right[name]));
}

/** A change of one row. */
export interface Turn {
  readonly id: number;
  readonly before: WireVisitor | undefined;
  /** Undefined: he is not listed any more. */
  readonly now: WireVisitor | undefined;
}

export function createCrowd() {
  const rows = new Map<number, WireVisitor>();
  let fresh = new Set<number>();
  let total = 0;
  let loaded = false;
  /** The server lists some of many. */
  let limited = false;

  function put(id: number, now: WireVisitor | undefined, turns: Turn[]) {
    const before = rows.get(id);
    if (before === now || (before && now && saysTheSame(before, now))) return;
    if (now) rows.set(id, now);
    else rows.delete(id);
    fresh.add(id);
    turns.push({ id, before, now });
  }

  return {
    /** Everything was told once. */
    get loaded() {
      return loaded;
    },
    get size() {
      return rows.size;
    },
    /** On the site in all, listed or not. */
    get total() {
      return Math.max(total, rows.size);
    },
    get limited() {
      return limited;
    },
    row: (id: number) => rows.get(id),
    list: (): Iterable<WireVisitor> => rows.values(),
    /** Numbers of the rows that changed, came or went since this was asked last. */
    takeFresh(): ReadonlySet<number> {
      const taken = fresh;
      fresh = new Set();
      return taken;
    },
    /** An answer of `updateVisitors`: all there are; who is not among them has gone. */
    answer({ visitors, total: now }: Pick<ReceiveVisitors, 'visitors' | 'total'>): readonly Turn[] {
      const turns: Turn[] = [];
      const there = new Set(visitors.map(({ id }) => id));
      for (const id of rows.keys()) if (!there.has(id)) put(id, undefined, turns);
      for (const row of visitors) put(row.id, row, turns);
      total = now;
      limited = now > visitors.length;
      loaded = true;
      return turns;
    },
    /** A push. @returns undefined when nothing was told yet that it could change */
    receive({ visitors, gone, total: now }: ReceiveVisitors): readonly Turn[] | undefined {
      if (!loaded) return undefined;
      const turns: Turn[] = [];
      for (const id of gone) put(id, undefined, turns);
      for (const row of visitors) put(row.id, row, turns);
      total = now;
      return turns;
    },
    /** Something was told to nobody: the numbers do not agree, or others may be listed by now. */
    get doubtful() {
      return loaded && (limited || total !== rows.size);
    },
  };
}

export type Crowd = ReturnType<typeof createCrowd>;

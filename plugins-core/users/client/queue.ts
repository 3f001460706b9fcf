/** The queue as the browser knows it: rows by id, and the revision up to which it knows everything. No DOM. */
import type { ReceiveThreads, WireThread } from '../api.ts';

/** States of a thread that the queue tells apart. */
export const state = { queue: 0, waiting: 1, chatting: 2, closed: 3, loading: 4, left: 5 } as const;

export const sections = ['addressed', 'waiting', 'mine', 'others'] as const;
export type Section = (typeof sections)[number];

/** Nobody has the visitor yet, whoever he waits for. */
export const isWaiting = (section: Section | undefined) => section === 'waiting' || section === 'addressed';

/** What an answer or a push changed. */
export interface Delta {
  readonly changed: readonly WireThread[];
  /** Rows that are no more, as they were told last. */
  readonly gone: readonly WireThread[];
  /** Visitors who began to wait since the first answer, for anybody or for this operator by name. */
  readonly arrived: readonly WireThread[];
}

const unchanged: Delta = { changed: [], gone: [], arrived: [] };

export function isOver(row: WireThread): boolean {
  return row.state === state.closed || row.state === state.left;
}

/** Since when the visitor waits for an operator: from the beginning, or since he lost the one he had. Unix seconds. */
export function waitsSince(row: WireThread): number {
  return row.state === state.waiting ? row.waitingTime : row.totalTime;
}

/** How many rows are known after they went, besides those that are held. */
const endedKept = 50;

/** @param held conversations that the operator still has open: how they were told last is not forgotten */
export function createQueue(agentId: number, held: (id: number) => boolean = () => false) {
  const rows = new Map<number, WireThread>();
  /** How rows were told last before they went. */
  const ended = new Map<number, WireThread>();
  const counts: Record<Section, number> = { addressed: 0, waiting: 0, mine: 0, others: 0 };
  /** Rows that changed since somebody asked for them. */
  let fresh = new Set<number>();
  let revision = 0;
  let loaded = false;

  function sectionOf(row: WireThread): Section | undefined {
    if (isOver(row)) return undefined;
    if (row.state !== state.chatting) return row.addressed ? 'addressed' : 'waiting';
    return row.agentId === agentId ? 'mine' : 'others';
  }
  const waits = (row: WireThread | undefined) => row !== undefined && isWaiting(sectionOf(row));

  const isNews = (row: WireThread, before: WireThread | undefined) => row.addressed === true && !before?.addressed;
  /** Whoever hands his conversation over knows of it; a lost connection leaves his number there. */
  const isGivenAway = (row: WireThread, before: WireThread | undefined) =>
    before !== undefined && sectionOf(before) === 'mine' && row.agentId === 0;

  function put(id: number, row: WireThread | undefined) {
    const before = rows.get(id);
    const [from, to] = [before && sectionOf(before), row && sectionOf(row)];
    if (from) counts[from] -= 1;
    if (to) counts[to] += 1;
    if (row) rows.set(id, row);
    else rows.delete(id);
    fresh.add(id);
  }

  /** What was told last, for conversations that are still looked at; the oldest are forgotten. */
  function remember(row: WireThread) {
    ended.delete(row.id);
    ended.set(row.id, row);
    if (ended.size <= 2 * endedKept) return;
    for (const id of [...ended.keys()].slice(0, -endedKept)) if (!held(id)) ended.delete(id);
  }

  function apply(threads: readonly WireThread[], lastRevision: number, more = false): Delta {
    const changed: WireThread[] = [];
    const gone: WireThread[] = [];
    const arrived: WireThread[] = [];
    for (const row of threads) {
      const before = rows.get(row.id);
      if (isOver(row)) {
        // What left the sight is told without its facts: what was known before says more.
        remember({ ...(before ?? row), state: row.state });
        put(row.id, undefined);
        gone.push(row);
        continue;
      }
      if (loaded && waits(row) && !isGivenAway(row, before) && (!waits(before) || isNews(row, before)))
        arrived.push(row);
      put(row.id, row);
      changed.push(row);
    }
    revision = Math.max(revision, lastRevision);
    loaded ||= !more;
    return { changed, gone, arrived };
  }

  return {
    get revision() {
      return revision;
    },
    /** False until everything was told once: a long queue comes in parts. */
    get loaded() {
      return loaded;
    },
    row: (id: number) => rows.get(id),
    /** The row, also after it went. */
    last: (id: number) => rows.get(id) ?? ended.get(id),
    sectionOf,
    /** Rows of a section, oldest first; in the order that the operator wants they are in the listing. */
    list: (section: Section) =>
      [...rows.values()]
        .filter((row) => sectionOf(row) === section)
        .toSorted((a, b) => a.totalTime - b.totalTime || a.id - b.id),
    count: (section: Section) => counts[section],
    /** Visitors whom nobody has, for this operator by name or for anybody. */
    get waiting() {
      return counts.addressed + counts.waiting;
    },
    /** Numbers of the rows that changed, came or went since this was asked last. */
    takeFresh(): ReadonlySet<number> {
      const taken = fresh;
      fresh = new Set();
      return taken;
    },
    /**
     * An answer of `updateThreads`. One that is older than what a push told meanwhile changes nothing.
     * @param more the rest follows in further answers
     */
    answer({ threads, lastRevision }: Pick<ReceiveThreads, 'threads' | 'lastRevision'>, more = false): Delta {
      return loaded && lastRevision < revision ? unchanged : apply(threads, lastRevision, more);
    },
    /** A push. @returns undefined when something before it is missing and has to be pulled */
    receive({ threads, lastRevision, after }: ReceiveThreads): Delta | undefined {
      if (!loaded || after > revision) return undefined;
      return lastRevision <= revision ? unchanged : apply(threads, lastRevision);
    },
  };
}

export type Queue = ReturnType<typeof createQueue>;

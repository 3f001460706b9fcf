/** The queue as the browser knows it: rows by id, and the revision up to which it knows everything. No DOM. */
import type { ReceiveThreads, WireThread } from '../api.ts';

/** States of a thread that the queue tells apart. */
export const state = { queue: 0, waiting: 1, chatting: 2, closed: 3, loading: 4, left: 5 } as const;

export const sections = ['waiting', 'mine', 'others'] as const;
export type Section = (typeof sections)[number];

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

export function createQueue(agentId: number) {
  const rows = new Map<number, WireThread>();
  /** How rows were told last before they went. */
  const ended = new Map<number, WireThread>();
  let revision = 0;
  let loaded = false;

  function sectionOf(row: WireThread): Section | undefined {
    if (isOver(row)) return undefined;
    if (row.state !== state.chatting) return 'waiting';
    return row.agentId === agentId ? 'mine' : 'others';
  }
  const waits = (row: WireThread | undefined) => row !== undefined && sectionOf(row) === 'waiting';

  const isNews = (row: WireThread, before: WireThread | undefined) => row.addressed === true && !before?.addressed;
  /** Whoever hands his conversation over knows of it; a lost connection leaves his number there. */
  const isGivenAway = (row: WireThread, before: WireThread | undefined) =>
    before !== undefined && sectionOf(before) === 'mine' && row.agentId === 0;

  function apply(threads: readonly WireThread[], lastRevision: number): Delta {
    const changed: WireThread[] = [];
    const gone: WireThread[] = [];
    const arrived: WireThread[] = [];
    for (const row of threads) {
      const before = rows.get(row.id);
      if (isOver(row)) {
        // What left the sight is told without its facts: what was known before says more.
        ended.set(row.id, { ...(before ?? row), state: row.state });
        rows.delete(row.id);
        gone.push(row);
        continue;
      }
      if (loaded && waits(row) && !isGivenAway(row, before) && (!waits(before) || isNews(row, before)))
        arrived.push(row);
      rows.set(row.id, row);
      changed.push(row);
    }
    revision = Math.max(revision, lastRevision);
    loaded = true;
    return { changed, gone, arrived };
  }

  /** Who waits for this very operator first, then visitors with priority, then who waits longest; conversations by their age. */
  function compare(a: WireThread, b: WireThread): number {
    const named = Number(b.addressed ?? false) - Number(a.addressed ?? false);
    const priority = Number(b.state === state.waiting) - Number(a.state === state.waiting);
    return named || priority || waitsSince(a) - waitsSince(b) || a.id - b.id;
  }

  return {
    get revision() {
      return revision;
    },
    /** False until the first answer. */
    get loaded() {
      return loaded;
    },
    row: (id: number) => rows.get(id),
    /** The row, also after it went. */
    last: (id: number) => rows.get(id) ?? ended.get(id),
    sectionOf,
    list(section: Section): WireThread[] {
      return [...rows.values()].filter((row) => sectionOf(row) === section).toSorted(compare);
    },
    count: (section: Section) => [...rows.values()].filter((row) => sectionOf(row) === section).length,
    /** An answer of `updateThreads`. One that is older than what a push told meanwhile changes nothing. */
    answer({ threads, lastRevision }: Pick<ReceiveThreads, 'threads' | 'lastRevision'>): Delta {
      return loaded && lastRevision < revision ? unchanged : apply(threads, lastRevision);
    },
    /** A push. @returns undefined when something before it is missing and has to be pulled */
    receive({ threads, lastRevision, after }: ReceiveThreads): Delta | undefined {
      if (!loaded || after > revision) return undefined;
      return lastRevision <= revision ? unchanged : apply(threads, lastRevision);
    },
  };
}

export type Queue = ReturnType<typeof createQueue>;

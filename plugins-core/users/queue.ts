/** The queue of each operator: which rows he is sent, and how a thread leaves his sight. */
import { type Thread, type ThreadsService, threadState } from '../chat/api.ts';
import type { Operator, OperatorsService } from '../operators/api.ts';
import type { WireThread } from './api.ts';
import { forViewer, goneRow, toRow, type Viewer } from './rows.ts';

export interface QueueNeeds {
  readonly threads: Pick<ThreadsService, 'since' | 'visibleTo'>;
  readonly operators: Pick<OperatorsService, 'byId' | 'can'>;
  /** Setting `usernamepattern`, read each time. */
  readonly pattern: () => string;
  /** Hook `users.threads.listed`. */
  readonly listed: (
    rows: readonly WireThread[],
    facts: { readonly operatorId: number; readonly threads: ReadonlyMap<number, Thread> },
  ) => Promise<readonly WireThread[]>;
}

interface Listing {
  readonly threads: readonly WireThread[];
  readonly lastRevision: number;
  /** Revision that the answer was read at; `lastRevision` is never below what was asked for, this may be. */
  readonly head: number;
  /** A long queue comes in parts: the next one follows from `lastRevision` on. */
  readonly more: boolean;
}

/** Changed threads with the part of their rows that is the same for everybody. */
interface Changes {
  readonly threads: readonly Thread[];
  readonly rows: ReadonlyMap<number, WireThread>;
  readonly byId: ReadonlyMap<number, Thread>;
}

export interface Queue {
  list(operator: Operator, revision: number): Promise<Listing>;
  /** Makes the common part of rows once, for any number of viewers. */
  prepare(threads: readonly Thread[]): Promise<Changes>;
  /** Rows of these threads for one operator who knows everything up to `revision`. */
  rowsFor(operator: Operator, changes: Changes, revision: number): Promise<readonly WireThread[]>;
}

const nothing: readonly WireThread[] = [];
/** How many departures are remembered; a forgotten one is told once more, which drops nothing twice. */
const departuresKept = 10_000;

const isOver = (thread: Thread) => thread.state === threadState.closed || thread.state === threadState.left;

export function createQueue({ threads, operators, pattern, listed }: QueueNeeds): Queue {
  // Operator and thread → revision at which the thread was told as gone. Kept by revision, not as a flag, so that a
  // second window of the same operator, which reads later, is still told.
  const departures = new Map<string, number>();

  function tellDeparture(operatorId: number, thread: Thread, revision: number): boolean {
    const key = `${operatorId}:${thread.id}`;
    const told = departures.get(key);
    if (told !== undefined) return told > revision;
    if (departures.size >= departuresKept)
      for (const oldest of [...departures.keys()].slice(0, 1000)) departures.delete(oldest);
    departures.set(key, thread.revision);
    return true;
  }

  async function prepare(changed: readonly Thread[]): Promise<Changes> {
    const names = new Map<number, string | undefined>();
    for (const { nextAgent } of changed) {
      if (nextAgent && !names.has(nextAgent)) names.set(nextAgent, (await operators.byId(nextAgent))?.name);
    }
    const current = pattern();
    const rows = changed.map(
      (thread) => [thread.id, toRow(thread, { pattern: current, nextAgentName: names.get(thread.nextAgent) })] as const,
    );
    const byId = new Map(changed.map((thread) => [thread.id, thread]));
    return { threads: changed, rows: new Map(rows), byId };
  }

  async function rowsFor(operator: Operator, changes: Changes, revision: number): Promise<readonly WireThread[]> {
    const candidates = changes.threads.filter(
      (thread) => thread.state !== threadState.invited && (revision > 0 || !isOver(thread)),
    );
    if (candidates.length === 0) return nothing;
    const viewer: Viewer = {
      id: operator.id,
      takeover: operators.can(operator, 'takeover'),
      viewthreads: operators.can(operator, 'viewthreads'),
    };
    const seen = new Set((await threads.visibleTo(operator, candidates)).map((thread) => thread.id));
    const rows: WireThread[] = [];
    for (const thread of candidates) {
      const inSight = seen.has(thread.id);
      if (inSight && !isOver(thread)) departures.delete(`${operator.id}:${thread.id}`);
      else if (revision === 0 || !tellDeparture(operator.id, thread, revision)) continue;
      const row = changes.rows.get(thread.id);
      if (row) rows.push(inSight ? forViewer(row, thread, viewer) : goneRow(thread));
    }
    return listed(rows, { operatorId: operator.id, threads: changes.byId });
  }

  return {
    prepare,
    rowsFor,
    async list(operator, revision) {
      const { threads: changed, revision: head, more = false } = await threads.since(revision);
      // Never the highest revision of the rows: one of them may have changed after the head was read, and others
      // with revisions in between are not here yet.
      const lastRevision = Math.max(revision, head);
      if (changed.length === 0) return { threads: nothing, lastRevision, head, more };
      return { threads: await rowsFor(operator, await prepare(changed), revision), lastRevision, head, more };
    },
  };
}

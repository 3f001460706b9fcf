/** The way that a visitor took through the site, for operators who may see it. */
import { threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import type { Operator, OperatorsService } from '../operators/api.ts';
import type { ThreadLogService } from '../thread-log/api.ts';
import type { TrackedVisitor, TrackingService, Visit } from './api.ts';

export interface TrailNeeds {
  readonly tracking: Pick<TrackingService, 'byId' | 'ofThread' | 'path'>;
  /** The visitor of a conversation that is over, or of one that began while he was not followed. */
  readonly ofVisitor: (visitorId: number) => Promise<TrackedVisitor | undefined>;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo' | 'ofVisitor'>;
  readonly operators: Pick<OperatorsService, 'can'>;
  /** His visit goes on, or has just ended: he is on the board, or was a moment ago. */
  readonly isRecent: (visitor: TrackedVisitor) => boolean;
  /** Decides about conversations that are over, where it is there. */
  readonly log: Pick<ThreadLogService, 'find'> | undefined;
}
/** Who is asked for: one of both. */
interface Asked {
  readonly visitor?: number | undefined;
  readonly thread?: number | undefined;
}
export interface Trail {
  /**
   * @returns undefined when there is nobody of that number, or nobody whom he may see; `visitor` is absent where his conversation
   * may be seen and nothing is known of his way
   */
  find(
    operator: Operator,
    asked: Asked,
  ): Promise<{ readonly visitor?: TrackedVisitor | undefined; readonly thread?: Thread | undefined } | undefined>;
  /** Oldest first. */
  pages(id: number): Promise<readonly Visit[]>;
}

/** Pages of one visitor that are shown. */
const longest = 500;

export function createTrail({ tracking, ofVisitor, threads, operators, isRecent, log }: TrailNeeds): Trail {
  async function mayRead(operator: Operator, thread: Thread): Promise<boolean> {
    const isOver = thread.state === threadState.closed || thread.state === threadState.left;
    if (!isOver) return (await threads.visibleTo(operator, [thread])).length > 0;
    if (log) return (await log.find(operator, thread.id)) !== undefined;
    return thread.agentId === operator.id || operators.can(operator, 'admin');
  }

  /** Numbers are easily tried: who was here long ago is not told to everybody for as long as it is kept. */
  async function mayLookBack(operator: Operator, { visitorId }: TrackedVisitor): Promise<boolean> {
    if (operators.can(operator, 'admin')) return true;
    const [last] = visitorId > 0 ? await threads.ofVisitor(visitorId, 1) : [];
    return last !== undefined && mayRead(operator, last);
  }

  return {
    pages: (id) => tracking.path(id, longest),
    async find(operator, { visitor: id, thread: threadId }) {
      if (threadId !== undefined) {
        const thread = await threads.byId(threadId);
        if (!thread || !(await mayRead(operator, thread))) return undefined;
        return { thread, visitor: (await tracking.ofThread(threadId)) ?? (await ofVisitor(thread.visitorId)) };
      }
      const visitor = id === undefined ? undefined : await tracking.byId(id);
      if (!visitor) return undefined;
      // Whoever is in a conversation is seen by those who see that.
      const thread = visitor.threadId > 0 ? await threads.byId(visitor.threadId) : undefined;
      const isVisible = thread
        ? thread.state === threadState.invited || (await mayRead(operator, thread))
        : isRecent(visitor) || (await mayLookBack(operator, visitor));
      return isVisible ? { visitor } : undefined;
    },
  };
}

/** The service `thread-log.log`: who may read which past conversation. Pages and functions ask here and nowhere else. */
import { invitationState, threadState, type Thread, type ThreadsService, type VisitorsService } from '../chat/api.ts';
import type { Operator, OperatorsService } from '../operators/api.ts';
import type { ThreadLogService } from './api.ts';

export interface LogNeeds {
  readonly threads: Pick<ThreadsService, 'byId' | 'ofVisitor' | 'visibleTo'>;
  readonly visitors: Pick<VisitorsService, 'byUserId'>;
  readonly operators: Pick<OperatorsService, 'can'>;
  /** Hook `thread-log.threads.readable`. */
  readonly allowed: (threads: readonly Thread[], operator: Operator) => Promise<readonly Thread[]>;
}

/** Conversations of one visitor, at most. */
const most = 1_000;

/** An invitation that was refused, ignored or withdrawn, or is not answered yet, is no conversation. */
const isInvitation = ({ state, invitationState: answer }: Thread) =>
  state === threadState.invited || (answer !== invitationState.none && answer !== invitationState.accepted);

export function createThreadLog({ threads, visitors, operators, allowed }: LogNeeds): ThreadLogService {
  const idsOf = (list: readonly Thread[]) => new Set(list.map(({ id }) => id));

  /** By right: his own, or those of others. */
  async function permitted(operator: Operator, list: readonly Thread[]): Promise<readonly Thread[]> {
    if (operators.can(operator, 'admin')) return list;
    const isOwn = ({ agentId }: Thread) => agentId === operator.id;
    if (!operators.can(operator, 'viewthreads')) return list.filter(isOwn);
    const others = list.filter((thread) => !isOwn(thread));
    if (others.length === 0) return list;
    const left = idsOf(await allowed(others, operator));
    return list.filter((thread) => isOwn(thread) || left.has(thread.id));
  }

  const readable: ThreadLogService['readable'] = async (operator, list) => {
    const past = await permitted(
      operator,
      list.filter((thread) => !isInvitation(thread)),
    );
    // What an operator does not see in his queue, or among the messages that were left, he reads at no other address.
    const isSighted = ({ state }: Thread) =>
      state === threadState.left ? !operators.can(operator, 'admin') : state !== threadState.closed;
    const current = past.filter(isSighted);
    if (current.length === 0) return past;
    const seen = idsOf(await threads.visibleTo(operator, current));
    return past.filter((thread) => !isSighted(thread) || seen.has(thread.id));
  };

  return {
    readable,
    async find(operator, threadId) {
      const thread = await threads.byId(threadId);
      return thread && (await readable(operator, [thread]))[0];
    },
    async ofVisitor(operator, userId) {
      const visitor = await visitors.byUserId(userId);
      return visitor ? readable(operator, await threads.ofVisitor(visitor.id, most)) : [];
    },
  };
}

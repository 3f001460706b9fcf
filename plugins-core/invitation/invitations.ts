/** Invitations from the first word to their end, whoever ends them. */
import {
  invitationState,
  threadState,
  type StartInput,
  type Thread,
  type ThreadsService,
  type Visitor,
  type VisitorsService,
} from '../chat/api.ts';
import type { Locks } from '../cluster/api.ts';
import type { GroupsService } from '../groups/api.ts';
import type { Operator } from '../operators/api.ts';
import type { TrackedVisitor, TrackingService } from '../tracking/api.ts';
import type { InvitationsService, InviteOutcome } from './api.ts';
import { pageOf, type Book } from './book.ts';
import type { InvitationRow } from './tables.ts';
import { makeSeed } from './ticket.ts';

export interface InvitationsNeeds {
  readonly book: Book;
  readonly threads: Pick<ThreadsService, 'byId' | 'invite' | 'adopt' | 'withdraw' | 'answerInvitation'>;
  readonly visitors: Pick<VisitorsService, 'byUserId' | 'reserve'>;
  readonly tracking: Pick<TrackingService, 'byId' | 'byUserId' | 'change'>;
  readonly groups: Pick<GroupsService, 'enabled' | 'ofOperator'> | undefined;
  readonly locks: Locks;
  /** s */
  readonly lifetime: () => number;
  readonly now: () => number;
  /** Hooks, and pages that are told. */
  readonly told: {
    created(thread: Thread, visitor: TrackedVisitor): Promise<void>;
    accepted(thread: Thread, trackedId: number): Promise<void>;
    /** Without a conversation. */
    over(thread: Thread, trackedId: number): Promise<void>;
  };
}

export interface Invitations extends InvitationsService {
  /** @param ruleId the rule that invites; 0: the operator himself */
  inviteAs(visitorId: number, operator: Operator, how: { greeting: string; ruleId: number }): Promise<InviteOutcome>;
  /** He is in no group, while groups are switched on: nobody would see whom he invites. */
  isOutside(operator: Operator): Promise<boolean>;
  /** What waits for whoever brings this secret is this visitor's of the chat from now on. */
  coming(input: StartInput, visitor: Visitor): Promise<void>;
  /** It waits under a place that nobody has: whoever brings its ticket may {@link adopt} it. */
  isReserved(row: Pick<InvitationRow, 'trackedId' | 'visitorId'>): Promise<boolean>;
  /** The same for whoever brings the invitation's ticket. @returns whether it is his */
  adopt(threadId: number, visitor: Visitor): Promise<boolean>;
  reject(threadId: number): Promise<void>;
  /** Ends those that nobody answered. @throws AggregateError for those that could not be ended; others are all the same */
  expire(): Promise<void>;
  /** Ends all that wait: nobody would hear of an answer any more. @throws as `expire` */
  endAll(): Promise<void>;
  /** After each change of a thread: was it the end of an invitation? */
  settle(thread: Thread): Promise<void>;
}

/** Long enough for a slow database; a node that dies holds up one visitor only. */
const lockTime = 30_000;

export function createInvitations(needs: InvitationsNeeds): Invitations {
  const { book, threads, visitors, tracking, groups, told } = needs;

  const isOutside = async ({ id }: Operator) => groups?.enabled === true && (await groups.ofOperator(id)).length === 0;

  /** He whom the chat knows already, else the place of somebody who is to come. */
  async function placeOf({ visitorId, userId }: TrackedVisitor): Promise<Visitor> {
    const known = visitorId > 0 ? await visitors.byUserId(userId) : undefined;
    return known?.id === visitorId ? known : visitors.reserve();
  }

  async function isBusy({ threadId }: TrackedVisitor): Promise<boolean> {
    const thread = threadId > 0 ? await threads.byId(threadId) : undefined;
    return thread !== undefined && thread.state !== threadState.closed && thread.state !== threadState.left;
  }

  async function begin(tracked: TrackedVisitor, operator: Operator, how: { greeting: string; ruleId: number }) {
    if (await isBusy(tracked)) return undefined;
    const page = tracked.page?.address ?? '';
    const visitor = await placeOf(tracked);
    const input = {
      remote: tracked.remote,
      userAgent: tracked.userAgent,
      // He is to understand it.
      ...(tracked.locale && { locale: tracked.locale }),
      ...(page && { url: page }),
      ...(tracked.name && { name: tracked.name }),
      ...(how.greeting && { message: how.greeting }),
    };
    const record = {
      trackedId: tracked.id,
      visitorId: visitor.id,
      agentId: operator.id,
      ruleId: how.ruleId,
      page: pageOf(page),
      seed: makeSeed(),
      createdAt: needs.now(),
    };
    const thread = await threads.invite(visitor, operator, input, (tx, threadId) =>
      book.open(tx, { ...record, threadId }),
    );
    if (!thread) return undefined;
    // The place of somebody to come knows nothing of the conversation that he began himself meanwhile.
    if (await isBusy((await tracking.byId(tracked.id)) ?? tracked)) {
      await threads.withdraw(thread.id, operator);
      return undefined;
    }
    const linked = await tracking.change(tracked.id, { threadId: thread.id, invitations: 1 });
    await told.created(thread, linked ?? tracked);
    return thread;
  }

  async function inviteAs(
    visitorId: number,
    operator: Operator,
    how: { greeting: string; ruleId: number },
  ): Promise<InviteOutcome> {
    if (await isOutside(operator)) return { refused: 'group' };
    let outcome: InviteOutcome = { refused: 'pending' };
    // Two who invite the same visitor at once: the second finds the lock, or the invitation.
    await needs.locks.run(`invitation:${visitorId}`, lockTime, async () => {
      const tracked = await tracking.byId(visitorId);
      if (!tracked) {
        outcome = { refused: 'unknown' };
        return;
      }
      const thread = await begin(tracked, operator, how);
      if (thread) outcome = { thread };
    });
    return outcome;
  }

  async function adopt(threadId: number, visitor: Visitor): Promise<boolean> {
    const adopted = await threads.adopt(threadId, visitor);
    if (adopted) await book.moved(threadId, visitor.id);
    return adopted;
  }

  async function settle(thread: Thread): Promise<void> {
    if (thread.invitationState === invitationState.none || thread.state === threadState.invited) return;
    const row = await book.close(thread.id, thread.invitationState);
    if (!row) return;
    // He himself is joined to his conversations, and taken from them, by whoever follows him.
    if (thread.invitationState === invitationState.accepted) {
      await tracking.change(row.trackedId, { chats: 1 });
      await told.accepted(thread, row.trackedId);
    } else await told.over(thread, row.trackedId);
  }

  /** @param answer ends it, unless somebody was quicker */
  async function end(threadId: number, answer: 'rejected' | 'ignored'): Promise<void> {
    const thread = (await threads.answerInvitation(threadId, answer)) ?? (await threads.byId(threadId));
    if (thread) await settle(thread);
    else await book.close(threadId, invitationState.ignored);
  }

  async function endBefore(time: number): Promise<void> {
    const failures: unknown[] = [];
    for (const { threadId } of await book.overdue(time))
      await end(threadId, 'ignored').catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'invitations could not be ended');
  }

  return {
    inviteAs,
    isOutside,
    adopt,
    isReserved: async ({ trackedId, visitorId }) => (await tracking.byId(trackedId))?.visitorId !== visitorId,
    invite: (visitorId, operator, how) => inviteAs(visitorId, operator, { greeting: how?.greeting ?? '', ruleId: 0 }),
    async cancel(visitorId, operator) {
      const tracked = await tracking.byId(visitorId);
      const thread = tracked && tracked.threadId > 0 ? await threads.byId(tracked.threadId) : undefined;
      if (thread?.state !== threadState.invited || thread.agentId !== operator.id) return false;
      const canceled = await threads.withdraw(thread.id, operator);
      if (canceled) await settle(canceled);
      return canceled !== undefined;
    },
    async coming({ fields }, visitor) {
      const secret = fields?.['user_id'];
      const tracked = secret ? await tracking.byUserId(secret) : undefined;
      if (tracked && tracked.threadId > 0) await adopt(tracked.threadId, visitor);
    },
    reject: (threadId) => end(threadId, 'rejected'),
    expire: () => endBefore(needs.now() - needs.lifetime() * 1000),
    endAll: () => endBefore(Number.MAX_SAFE_INTEGER),
    settle,
  };
}

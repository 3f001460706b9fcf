/** The `users` processor: RPC spec section 10. */
import type { Thread, ThreadCaller, ThreadsService, ThreadSubject } from '../chat/api.ts';
import { type AvailabilityService, type OperatorsService, sessionCookie, type Status } from '../operators/api.ts';
import { type ProcessorSpec, RpcError, type RpcImplementation } from '../rpc/api.ts';
import {
  type ThreadFacts,
  type activityRpc,
  type UsersCaller,
  usersBuffer,
  usersErrors,
  usersProcessor,
  type usersRpc,
  usersTopic,
} from './api.ts';
import type { Presence } from './presence.ts';
import type { Push } from './push.ts';
import type { Queue } from './queue.ts';

export interface ProcessorNeeds {
  readonly operators: Pick<OperatorsService, 'session'>;
  readonly availability: Pick<AvailabilityService, 'touch' | 'leaving'>;
  /** Where somebody who is not logged in is sent, with the way back. */
  readonly loginAddress: () => string;
}

/** Who may call, and for whom. */
export function createProcessor({
  operators,
  availability,
  loginAddress,
}: ProcessorNeeds): ProcessorSpec<UsersCaller, undefined> {
  return {
    processor: usersProcessor,
    path: '/operator/users/update',
    mandatory: { agentId: null },
    mandatoryFor: { updateThreads: ['revision'] },
    wrongArguments: usersErrors.wrongArguments,
    async identify(request) {
      const session = await operators.session(request.cookie(sessionCookie));
      if (session) return { session };
      return {
        refusal: {
          status: 403,
          code: usersErrors.notLoggedIn,
          name: 'ERROR_AGENT_NOT_LOGGED_IN',
          message: 'Operator is not logged in',
        },
        location: loginAddress(),
      };
    },
    subject({ session }, { agentId }) {
      const { id } = session.operator;
      if (agentId === id || agentId === String(id)) return undefined;
      const given = typeof agentId === 'string' || typeof agentId === 'number' ? String(agentId).slice(0, 40) : '';
      throw new RpcError(usersErrors.wrongAgent, 'ERROR_WRONG_AGENT_ID', `Wrong agent id: '${given}' instead of ${id}`);
    },
    authorize() {
      // Nobody gets this far without a session: `identify` refused him.
    },
    rateKey: ({ session }) => `operator:${session.operator.id}`,
    socketKey: ({ session }) => `operator-session:${session.id}`,
    bufferKeys: ({ session }) => [usersBuffer(session.operator.id)],
    checkCalls(calls) {
      if (new Set(calls.map((call) => String(call.arguments.agentId))).size > 1) {
        throw new RpcError(
          usersErrors.variousAgents,
          'VARIOUS_AGENT_ID',
          'All calls must be for one and the same agent',
        );
      }
    },
    onHeartbeat: ({ session }) => availability.touch(session.operator.id, session.id),
    onLeave: ({ session }) => availability.leaving(session.operator.id, session.id),
  };
}

export interface FunctionNeeds {
  readonly queue: Queue;
  readonly push: Pick<Push, 'join'>;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly availability: Pick<AvailabilityService, 'touch' | 'active' | 'setStatus' | 'ownStatus'>;
  readonly presence: Pick<Presence, 'join' | 'colleagues'>;
  /** Hook `users.facts.told`. */
  readonly told: (facts: ThreadFacts, thread: Thread) => Promise<ThreadFacts>;
}

/** The functions behind the contract. */
export function createFunctions({
  queue,
  push,
  threads,
  availability,
  presence,
  told,
}: FunctionNeeds): RpcImplementation<UsersCaller, undefined, (typeof usersRpc)['functions']> {
  const choose =
    (status: Status) =>
    async (_: object, { caller }: { readonly caller: UsersCaller }) => {
      await availability.setStatus(caller.session.operator.id, status);
      return {};
    };

  return {
    async update(_, { caller, session }) {
      const { id, operator } = caller.session;
      session?.subscribe(usersBuffer(operator.id));
      if (session) presence.join(operator.id);
      await availability.touch(operator.id, id);
      return availability.ownStatus(operator.id);
    },
    currentTime: () => ({ time: Math.floor(Date.now() / 1000) }),
    async updateThreads({ revision }, { caller, session }) {
      const { operator } = caller.session;
      session?.subscribe(usersTopic(operator.id));
      const answered = session && push.join(operator);
      const { threads: rows, lastRevision, head, more } = await queue.list(operator, revision);
      answered?.(head);
      return { threads: [...rows], lastRevision, more };
    },
    async updateOperators(_, { caller }) {
      return { operators: [...(await presence.colleagues(caller.session.operator))] };
    },
    async threadFacts({ thread: id }, { caller }) {
      const thread = await threads.byId(id);
      const [seen] = thread ? await threads.visibleTo(caller.session.operator, [thread]) : [];
      if (!seen) throw new RpcError(usersErrors.threadUnknown, 'THREAD_UNKNOWN', 'No such conversation');
      const chatStarted = Math.floor(seen.chatStartedAt / 1000);
      const facts = await told({ referrer: seen.referrer, locale: seen.locale, chatStarted, groupName: '' }, seen);
      return { ...facts };
    },
    away: choose('away'),
    available: choose('available'),
    invisible: choose('invisible'),
    async active(_, { caller }) {
      await availability.active(caller.session.operator.id);
      return {};
    },
  };
}

/** The function of the `thread` processor. */
export function createActivity({
  availability,
}: {
  readonly availability: Pick<AvailabilityService, 'active'>;
}): RpcImplementation<ThreadCaller, ThreadSubject, (typeof activityRpc)['functions']> {
  return {
    async active(_, { caller }) {
      if (caller.session) await availability.active(caller.session.operator.id);
      return {};
    },
  };
}

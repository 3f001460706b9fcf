/** The `thread` processor: who calls, what about, and may he. */
import type { AvailabilityService, OperatorsService } from '../operators/api.ts';
import { sessionCookie } from '../operators/api.ts';
import { type PackagedCall, type ProcessorSpec, type Refusal, RpcError, type ClientCall } from '../rpc/api.ts';
import {
  chatErrors,
  threadProcessor,
  type Thread,
  type ThreadCaller,
  type ThreadSubject,
  type Visitor,
  wrongThread,
} from './api.ts';
import type { Heads } from './heads.ts';
import { bufferKey, sidesOf } from './push.ts';
import type { Threads } from './threads.ts';
import { isSecret, visitorCookie, type Visitors } from './visitors.ts';

export interface ProcessorNeeds {
  readonly heads: Pick<Heads, 'load'>;
  readonly visitors: Pick<Visitors, 'find' | 'bySecret'>;
  readonly operators: Pick<OperatorsService, 'session'>;
  readonly threads: Pick<Threads, 'seen' | 'visibleTo'>;
  readonly availability: Pick<AvailabilityService, 'touch' | 'leaving'>;
}

/** The caller of a package or of a socket. A visitor comes to be while a socket is open: with `start`. */
interface Caller extends ThreadCaller {
  visitor: Visitor | undefined;
}

/** One and the same for threads that are not his and threads that are not there. */
const notYours: Refusal = {
  refusal: { status: 403, code: chatErrors.forbidden, name: 'FORBIDDEN', message: 'Update forbidden' },
};
/** Functions that are about a thread; others may be called with `threadId: null`. */
const aboutThread = new Set(['update', 'updatemessages', 'post', 'rename', 'close', 'getavatar', 'options', 'take']);

/** The number in an argument; undefined for what is no number at all. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export interface ThreadProcessor {
  readonly spec: ProcessorSpec<ThreadCaller, ThreadSubject>;
  /** The visitor who calls, made if need be. @throws RpcError 3 when he has no secret */
  readonly enroll: (caller: ThreadCaller, mayCome: () => Promise<void>) => Promise<Visitor>;
}

export function createProcessor(needs: ProcessorNeeds): ThreadProcessor {
  // Kept apart from the caller, which listeners of other plugins get to see.
  const secrets = new WeakMap<ThreadCaller, string>();

  async function visitorOf(caller: Caller): Promise<Visitor | undefined> {
    const secret = secrets.get(caller);
    if (!caller.visitor && secret) caller.visitor = await needs.visitors.find(secret);
    return caller.visitor;
  }

  const load = async (value: unknown): Promise<Thread | undefined> => {
    const id = numberIn(value);
    return id === undefined ? undefined : needs.heads.load(id);
  };

  async function admits(caller: Caller, { arguments: args }: PackagedCall): Promise<boolean> {
    const { threadId, user } = args;
    if (threadId === null || threadId === undefined) return true;
    // An operator is told by a code that a thread is not there; it is the visitor who must not learn it.
    if (user !== true && caller.session) return true;
    const visitor = await visitorOf(caller);
    const thread = visitor && (await load(threadId));
    return thread !== undefined && thread.visitorId === visitor?.id;
  }

  /** May this caller know of the thread? For visitors `admits` has answered; operators see what is in their sight. */
  function sees(caller: ThreadCaller, thread: Thread, user: unknown): boolean | Promise<boolean> {
    if (!caller.session || user === true) return true;
    if (user === undefined && thread.visitorId === caller.visitor?.id) return true;
    const { operator } = caller.session;
    // His own, which is what polls are about, is not worth a question.
    if (thread.agentId === operator.id) return true;
    return needs.threads.visibleTo(operator, [thread]).then(({ length }) => length > 0);
  }

  const spec: ProcessorSpec<ThreadCaller, ThreadSubject> = {
    processor: threadProcessor,
    path: '/thread/update',
    mandatory: { threadId: null, token: null },
    cors: true,
    wrongArguments: chatErrors.wrongArguments,
    async identify(request) {
      const secret = request.visitor ?? request.cookie(visitorCookie);
      const session = await needs.operators.session(request.cookie(sessionCookie));
      const caller: Caller = { visitor: undefined, session };
      if (isSecret(secret)) {
        secrets.set(caller, secret);
        await visitorOf(caller);
      }
      return caller;
    },
    async admit(caller, calls) {
      for (const call of calls) if (!(await admits(caller, call))) return notYours;
      return undefined;
    },
    async subject(caller, args, call) {
      const { threadId, token } = args;
      if (threadId === null || threadId === undefined) {
        if (aboutThread.has(call.function.toLowerCase())) throw wrongThread();
        return undefined;
      }
      const thread = await load(threadId);
      if (!thread || thread.token !== numberIn(token)) throw wrongThread();
      const seen = sees(caller, thread, args['user']);
      if (seen !== true && !(await seen)) throw wrongThread();
      return thread;
    },
    authorize(caller, args, subject) {
      if (args['user'] === false && subject && !caller.session)
        throw new RpcError(chatErrors.notLoggedIn, 'ERROR_AGENT_NOT_LOGGED_IN', 'Operator is not logged in');
    },
    rateKey: (caller, request) =>
      caller.session
        ? `operator:${caller.session.operator.id}`
        : caller.visitor
          ? `visitor:${caller.visitor.id}`
          : `address:${request.address}`,
    socketKey: (caller) => (caller.session ? `operator-session:${caller.session.id}` : ''),
    bufferKeys(caller, subject, args) {
      if (!subject) return [];
      if (args['user'] === true) return [bufferKey(subject.id, 'user')];
      return subject.agentId === caller.session?.operator.id ? [bufferKey(subject.id, 'agent')] : [];
    },
    async onHeartbeat(caller, topics) {
      const { session } = caller;
      // At his desk is whoever has a conversation open, his own or not.
      if (session && isOperatorsWindow(caller, topics)) await needs.availability.touch(session.operator.id, session.id);
      for (const { id, operatorId } of sidesOf(topics)) {
        const thread = await needs.heads.load(id);
        if (!thread) continue;
        if (operatorId === undefined) await needs.threads.seen(thread, 'user');
        else if (caller.session?.operator.id === operatorId)
          await needs.threads.seen(thread, 'agent', undefined, caller.session.operator);
      }
    },
    onLeave: (caller, topics) =>
      caller.session && isOperatorsWindow(caller, topics)
        ? needs.availability.leaving(caller.session.operator.id, caller.session.id)
        : undefined,
    checkCalls,
  };

  return {
    spec,
    async enroll(caller, mayCome) {
      const known = await visitorOf(caller);
      if (known) return known;
      const secret = secrets.get(caller);
      if (!secret)
        throw new RpcError(chatErrors.wrongArguments, 'ERROR_WRONG_ARGUMENTS', 'The visitor sent no secret.');
      return ((caller as Caller).visitor = await needs.visitors.bySecret(secret, mayCome));
    },
  };
}

const isOperatorsWindow = ({ session }: ThreadCaller, topics: ReadonlySet<string>): boolean =>
  session !== undefined && sidesOf(topics).some(({ operatorId }) => operatorId === session.operator.id);

/** Functions of one call go to one thread and one recipient. @throws RpcError 1, 7, 8, 9 */
function checkCalls(calls: readonly ClientCall[]): void {
  const [first] = calls;
  for (const { arguments: args } of calls) {
    const { recipient } = args;
    if (recipient === undefined || recipient === null || recipient === '')
      throw new RpcError(1, 'EMPTY_RECIPIENT', 'A call to a client names no recipient.');
    if (recipient !== 'user' && recipient !== 'agent' && recipient !== 'both')
      throw new RpcError(9, 'WRONG_RECIPIENT_VALUE', 'A recipient is user, agent or both.');
    if (recipient !== first?.arguments['recipient'])
      throw new RpcError(7, 'VARIOUS_RECIPIENT', 'The functions of one call have various recipients.');
    if (args['threadId'] !== first?.arguments['threadId'] || args['token'] !== first?.arguments['token'])
      throw new RpcError(8, 'VARIOUS_THREAD_ID', 'The functions of one call name various threads.');
  }
}

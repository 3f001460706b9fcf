/** Functions of the `thread` processor: RPC spec section 7, and `start` and `take`. */
import type { AvailabilityService, Operator, OperatorsService, OperatorSession } from '../operators/api.ts';
import { RpcError, type Call, type RpcImplementation } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import {
  chatErrors,
  threadOf,
  wrongThread,
  type threadRpc,
  type CallersService,
  type Side,
  type StartOutcome,
  type Thread,
  type ThreadCaller,
  type ThreadSubject,
} from './api.ts';
import { avatarOf, operatorOptions, visitorOptions, type OptionsNeeds } from './options.ts';
import type { Push } from './push.ts';
import type { MayRead } from './reading.ts';
import type { chatSettings } from './settings.ts';
import type { Threads } from './threads.ts';

export interface FunctionsNeeds {
  readonly threads: Threads;
  readonly push: Pick<Push, 'join'>;
  readonly mayRead: MayRead;
  readonly operators: Pick<OperatorsService, 'byId'>;
  readonly availability: Pick<AvailabilityService, 'touch' | 'active'>;
  readonly settings: Values<typeof chatSettings>;
  readonly callers: CallersService;
  /** What each side starts with. */
  readonly options: OptionsNeeds;
  /** Language of a call's browser. */
  readonly localeOf: (call: ThreadCall) => string | undefined;
  /** Header that makes the browser remember a name. */
  readonly nameCookie: (name: string, secure: boolean) => string;
}

type ThreadCall = Call<ThreadCaller, ThreadSubject>;

const sessionOf = (call: ThreadCall): OperatorSession => call.caller.session as OperatorSession;
const operatorOf = (call: ThreadCall): Operator => sessionOf(call).operator;
const sideOf = (user: boolean): Side => (user ? 'user' : 'agent');
const begin = ({ next, options }: StartOutcome) => ({ next, options: { ...options } });

export function createFunctions(
  needs: FunctionsNeeds,
): RpcImplementation<ThreadCaller, ThreadSubject, typeof threadRpc.functions> {
  const { threads, push, settings, callers, availability } = needs;

  function join(call: ThreadCall, thread: Thread, user: boolean): void {
    if (!call.session) return;
    if (user) push.join(call.session, thread, 'user');
    else push.join(call.session, thread, 'agent', operatorOf(call).id, needs.mayRead(operatorOf(call), thread));
  }

  /** An open conversation, his own or not, shows that the operator is at his desk. */
  async function atDesk(call: ThreadCall, typed: boolean): Promise<void> {
    const { id, operator } = sessionOf(call);
    await availability.touch(operator.id, id);
    if (typed) await availability.active(operator.id);
  }

  return {
    async update({ user, typed }, call) {
      const operator = user ? undefined : operatorOf(call);
      if (operator) await atDesk(call, typed);
      const thread = await threads.seen(threadOf(call.subject), sideOf(user), typed, operator);
      join(call, thread, user);
      const state = await threads.state(thread, sideOf(user), operator);
      return { ...state, ...(operator && { visitorGone: thread.visitorGone }) };
    },
    async updateMessages({ user, lastId }, call) {
      const thread = threadOf(call.subject);
      // Before reading: what is stored from now on is pushed.
      join(call, thread, user);
      // No word of a refusal: his window goes on to show the state.
      if (!user && !needs.mayRead(operatorOf(call), thread)) return { messages: [], lastId };
      const { messages, lastId: last } = await threads.messages(thread.id, sideOf(user), lastId);
      return { messages: [...messages], lastId: last };
    },
    async post({ user, message, key, private: note }, call) {
      if (user && note)
        throw new RpcError(chatErrors.wrongArguments, 'ERROR_WRONG_ARGUMENTS', 'Notes are written by operators.');
      const operator = user ? undefined : operatorOf(call);
      if (operator) await availability.active(operator.id);
      const post = { message, key, operator, ...(note && { private: true as const }) };
      return { ...(await threads.post(threadOf(call.subject).id, sideOf(user), post)) };
    },
    rename: {
      first() {
        if (!settings.usercanchangename)
          throw new RpcError(chatErrors.forbiddenRename, 'ERROR_FORBIDDEN_RENAME', 'Renaming is not allowed');
      },
      async run({ name }, call) {
        const chosen = name.trim();
        if (chosen === '') throw new RpcError(chatErrors.wrongArguments, 'ERROR_WRONG_ARGUMENTS', 'The name is empty.');
        const thread = threadOf(call.subject);
        const { visitor, session } = call.caller;
        const his = visitor?.id === thread.visitorId;
        // Of operators whoever talks with him may correct his name; to others it is as good as not there.
        if (!his && thread.agentId !== session?.operator.id) throw wrongThread();
        if (his) await threads.assertHeard(thread, 'user');
        await threads.rename(thread.id, chosen);
        if (his) call.setHeader?.('Set-Cookie', needs.nameCookie(chosen, call.request.secure));
        return {};
      },
    },
    async close({ user }, call) {
      await threads.close(threadOf(call.subject).id, sideOf(user), user ? undefined : operatorOf(call));
      return { closed: true };
    },
    async getAvatar(_args, call) {
      return { imageLink: await avatarOf(needs.operators, threadOf(call.subject).agentId) };
    },
    async open(args, call) {
      return begin(await threads.open(await callers.enroll(call), callers.input(call, args)));
    },
    async start(args, call) {
      const outcome = await threads.start(await callers.enroll(call), callers.input(call, args));
      return begin(outcome) as { next: 'chat' | 'leaveMessage'; options: Record<string, unknown> };
    },
    async options({ user }, call) {
      const thread = threadOf(call.subject);
      const options = user
        ? await visitorOptions(needs.options, thread)
        : await operatorOptions(needs.options, thread, operatorOf(call), needs.localeOf(call) ?? thread.locale);
      return { options: { ...options } };
    },
    async take({ force }, call) {
      const thread = await threads.take(threadOf(call.subject).id, operatorOf(call), { force });
      join(call, thread, false);
      return { threadState: thread.state, threadAgentId: thread.agentId, agentName: thread.agentName };
    },
  };
}

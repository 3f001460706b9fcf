/** Functions of the `thread` processor: RPC spec section 7, and `start` and `take`. */
import type { Operator, OperatorsService } from '../operators/api.ts';
import { RpcError, type Call, type RpcImplementation } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import {
  chatErrors,
  type threadRpc,
  type Side,
  type StartInput,
  type Thread,
  type ThreadCaller,
  type ThreadSubject,
  type Visitor,
} from './api.ts';
import { avatarOf } from './options.ts';
import type { Push } from './push.ts';
import type { chatSettings } from './settings.ts';
import type { Threads } from './threads.ts';

export interface FunctionsNeeds {
  readonly threads: Threads;
  readonly push: Pick<Push, 'join'>;
  readonly operators: Pick<OperatorsService, 'byId'>;
  readonly settings: Values<typeof chatSettings>;
  readonly enroll: (caller: ThreadCaller, mayCome: () => Promise<void>) => Promise<Visitor>;
  /** Language of the caller's browser, nearest to what we speak. */
  readonly localeOf: (accepted: string | undefined) => string | undefined;
  /** Header that makes the browser remember a name. */
  readonly nameCookie: (name: string, secure: boolean) => string;
}

type ThreadCall = Call<ThreadCaller, ThreadSubject>;

const operatorOf = (call: ThreadCall): Operator => (call.caller.session as { operator: Operator }).operator;
const sideOf = (user: boolean): Side => (user ? 'user' : 'agent');
const threadOf = (call: ThreadCall): Thread => {
  if (!call.subject) throw new RpcError(chatErrors.wrongThread, 'ERROR_WRONG_THREAD', 'Wrong thread');
  return call.subject;
};
const given = (text: string | null | undefined): string | undefined => text ?? undefined;

export function createFunctions(
  needs: FunctionsNeeds,
): RpcImplementation<ThreadCaller, ThreadSubject, typeof threadRpc.functions> {
  const { threads, push, settings } = needs;

  function join(call: ThreadCall, thread: Thread, user: boolean): void {
    if (call.session) push.join(call.session, thread, sideOf(user), user ? undefined : operatorOf(call).id);
  }

  return {
    async update({ user, typed }, call) {
      const operator = user ? undefined : operatorOf(call);
      const thread = await threads.seen(threadOf(call), sideOf(user), typed, operator);
      join(call, thread, user);
      return { ...(await threads.state(thread, sideOf(user), operator)) };
    },
    async updateMessages({ user, lastId }, call) {
      const thread = threadOf(call);
      // Before reading: what is stored from now on is pushed.
      join(call, thread, user);
      const { messages, lastId: last } = await threads.messages(thread.id, sideOf(user), lastId);
      return { messages: [...messages], lastId: last };
    },
    async post({ user, message, key }, call) {
      const operator = user ? undefined : operatorOf(call);
      return { ...(await threads.post(threadOf(call).id, sideOf(user), { message, key, operator })) };
    },
    rename: {
      first() {
        if (!settings.usercanchangename)
          throw new RpcError(chatErrors.forbiddenRename, 'ERROR_FORBIDDEN_RENAME', 'Renaming is not allowed');
      },
      async run({ name }, call) {
        const chosen = name.trim();
        if (chosen === '') throw new RpcError(chatErrors.wrongArguments, 'ERROR_WRONG_ARGUMENTS', 'The name is empty.');
        await threads.rename(threadOf(call).id, chosen);
        call.setHeader?.('Set-Cookie', needs.nameCookie(chosen, call.request.secure));
        return {};
      },
    },
    async close({ user }, call) {
      await threads.close(threadOf(call).id, sideOf(user), user ? undefined : operatorOf(call));
      return { closed: true };
    },
    async getAvatar(_args, call) {
      return { imageLink: await avatarOf(needs.operators, threadOf(call).agentId) };
    },
    async start(args, call) {
      const { request } = call;
      const visitor = await needs.enroll(call.caller, () => threads.assertRoom(request.address));
      // What is no number of a group counts as none, as in the address of the page.
      const group = Number(/^\d{1,8}$/.exec(String(args.group ?? ''))?.[0] ?? 0);
      const input: StartInput = {
        ...(group > 0 ? { group } : {}),
        locale: given(args.locale) ?? needs.localeOf(request.header('accept-language')),
        url: given(args.url),
        referrer: given(args.referrer),
        operatorCode: given(args.operator_code),
        info: given(args.info),
        name: given(args.name),
        email: given(args.email),
        remote: request.address,
        userAgent: request.header('user-agent') ?? '',
      };
      const { next, options } = await threads.start(visitor, input);
      return { next, options: { ...options } };
    },
    async take({ force }, call) {
      const thread = await threads.take(threadOf(call).id, operatorOf(call), { force });
      join(call, thread, false);
      return { threadState: thread.state, threadAgentId: thread.agentId, agentName: thread.agentName };
    },
  };
}

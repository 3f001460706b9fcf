/** Functions of both processors: the survey is sent in, and operators read what was answered. */
import type { CallersService, ThreadCaller, ThreadsService, ThreadSubject } from '../chat/api.ts';
import { RpcError, type RpcImplementation } from '../rpc/api.ts';
import { usersErrors, type UsersCaller } from '../users/api.ts';
import { readAnswers } from './answers.ts';
import type { surveyRpc, surveyUsersRpc } from './api.ts';
import type { Filled, Submissions } from './submission.ts';

/** The page and, on the next line, where the visitor came from to it. */
function splitReferrer(referrer: string): { readonly url: string; readonly referrer: string } {
  const [url = '', ...rest] = referrer.split('\n');
  return { url: url.trim(), referrer: rest.join(' ').trim() };
}

export function surveyFunctions({
  callers,
  submissions,
}: {
  readonly callers: CallersService;
  readonly submissions: Submissions;
}): RpcImplementation<ThreadCaller, ThreadSubject, (typeof surveyRpc)['functions']> {
  return {
    async processSurvey(args, call) {
      const { url, referrer } = splitReferrer(args.referrer ?? '');
      const input = callers.input(call, {
        group: args.groupId,
        locale: args.locale,
        url: url || undefined,
        referrer: referrer || undefined,
        operator_code: args.operator_code,
        info: args.info || undefined,
      });
      const filled: Filled = {
        input,
        name: (args.name ?? '').trim(),
        email: (args.email ?? '').trim(),
        message: (args.message ?? '').trim(),
        given: args.fields ?? undefined,
        consent: args.consent,
      };
      // Before anybody is made: who is turned away leaves nothing behind.
      submissions.check(filled);
      const { next, options } = await submissions.submit(await callers.enroll(call), filled);
      return { next, options: { ...options } };
    },
  };
}

/** Answers stand among the messages that a conversation begins with. */
const looked = 20;

export function surveyUsersFunctions(
  threads: Pick<ThreadsService, 'byId' | 'visibleTo' | 'messages'>,
): RpcImplementation<UsersCaller, undefined, (typeof surveyUsersRpc)['functions']> {
  return {
    async surveyFields({ thread: id }, { caller }) {
      const thread = await threads.byId(id);
      const [seen] = thread ? await threads.visibleTo(caller.session.operator, [thread]) : [];
      if (!seen) throw new RpcError(usersErrors.threadUnknown, 'THREAD_UNKNOWN', 'No such conversation');
      const { messages } = await threads.messages(id, 'agent', 0, looked);
      return { fields: [...readAnswers(messages)] };
    },
  };
}

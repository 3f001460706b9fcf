/** The service `chat.callers`: who comes in through an RPC function that is about no thread yet, and with what. */
import type { Call } from '../rpc/api.ts';
import type { CallersService, StartInput, ThreadCaller, ThreadSubject, Visitor } from './api.ts';
import { fieldsOf } from './fields.ts';
import type { Threads } from './threads.ts';

export interface CallersNeeds {
  readonly threads: Pick<Threads, 'assertMayCome'>;
  /** The visitor of a caller, made if need be. @throws RpcError 3 */
  readonly enroll: (caller: ThreadCaller, mayCome: () => Promise<void>) => Promise<Visitor>;
  /** Language of a call's browser. */
  readonly localeOf: (call: Call<ThreadCaller, ThreadSubject>) => string | undefined;
}

const given = (text: string | null | undefined): string | undefined => text ?? undefined;

export function createCallers({ threads, enroll, localeOf }: CallersNeeds): CallersService {
  return {
    enroll: (call) => enroll(call.caller, () => threads.assertMayCome(call.request.address)),
    input(call, args): StartInput {
      const { request } = call;
      // What is no number of a group counts as none, as in the address of the page.
      const group = Number(/^\d{1,8}$/.exec(String(args.group ?? ''))?.[0] ?? 0);
      return {
        ...(group > 0 ? { group } : {}),
        locale: given(args.locale) ?? localeOf(call),
        url: given(args.url),
        referrer: given(args.referrer),
        operatorCode: given(args.operator_code),
        info: given(args.info),
        name: given(args.name),
        email: given(args.email),
        fields: fieldsOf(Object.entries(args.fields ?? {})),
        remote: request.address,
        userAgent: request.header('user-agent') ?? '',
      };
    },
  };
}

/** Functions of the `thread` processor. */
import type { CallersService, StartArguments, ThreadCaller, ThreadSubject } from '../chat/api.ts';
import type { RpcImplementation } from '../rpc/api.ts';
import type { leaveMessageRpc } from './api.ts';
import type { Leaving } from './leaving.ts';
import type { Offer } from './offer.ts';
import { splitPages } from './rules.ts';

export interface FunctionsNeeds {
  readonly callers: CallersService;
  readonly leaving: Pick<Leaving, 'leave'>;
  readonly offer: Pick<Offer, 'isOnline'>;
}

export function createFunctions({
  callers,
  leaving,
  offer,
}: FunctionsNeeds): RpcImplementation<ThreadCaller, ThreadSubject, typeof leaveMessageRpc.functions> {
  return {
    async processLeaveMessage({ groupId, referrer, captcha, key, consent, message, ...args }, call) {
      const start: StartArguments = { ...args, group: groupId, ...splitPages(referrer) };
      const form = { name: args.name, email: args.email, message, captcha, key, consent };
      await leaving.leave(() => callers.enroll(call), callers.input(call, start), form);
      return {};
    },
    async operatorsOnline({ groupId }, call) {
      const group = call.subject?.groupId ?? groupId;
      return { online: await offer.isOnline(callers.input(call, { group })) };
    },
  };
}

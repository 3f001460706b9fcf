/** The operators' side: the queue with revisions, who is online, and the workspace page. */
import * as v from 'valibot';
import { defineHook } from '../../kernel/tokens.ts';
import type { OperatorSession } from '../operators/api.ts';
import { defineProcessor, defineRpc, wireInteger } from '../rpc/api.ts';

/** A row of the queue, as RPC spec section 10 has it. */
export interface WireThread {
  readonly id: number; readonly token: number; readonly userId: string; readonly userName: string;
  readonly userIp: string | false; readonly remote: string; readonly userAgent: string;
  readonly agentId: number; readonly agentName: string;
  readonly canOpen: boolean; readonly canView: boolean; readonly canBan: boolean; readonly ban: false | { readonly id: number; readonly reason: string };
  readonly state: number; readonly totalTime: number; readonly waitingTime: number; readonly firstMessage: string | null;
}
export interface WireOperator { readonly id: number; readonly name: string; readonly away: boolean }

/** `usersUpdateThreadsAlter`. */
export const threadsListed = defineHook.filter<readonly WireThread[], [{ readonly operatorId: number }]>('users.threads.listed');

export interface UsersCaller { readonly session: OperatorSession }
export const usersProcessor = defineProcessor<UsersCaller, undefined>('users');

const none = v.object({});
/** Functions of the `users` processor: RPC spec section 10. */
export const usersRpc = defineRpc(usersProcessor, {
  update: { input: none, output: none },
  currentTime: { input: none, output: v.object({ time: v.number() }) },
  updateThreads: { input: v.object({ revision: wireInteger }), output: v.object({ threads: v.array(v.custom<WireThread>(() => true)), lastRevision: v.number() }) },
  updateOperators: { input: none, output: v.object({ operators: v.array(v.custom<WireOperator>(() => true)) }) },
  away: { input: none, output: none },
  available: { input: none, output: none },
});

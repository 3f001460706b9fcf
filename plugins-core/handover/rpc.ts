/** Functions of the `thread` processor. */
import { chatErrors, threadOf, type ThreadCaller, type ThreadSubject } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';
import { RpcError, type Call, type RpcImplementation } from '../rpc/api.ts';
import { handoverErrors, targetsAtOnce, type handoverRpc } from './api.ts';
import { assertOwn, type HandOver } from './handing.ts';
import type { Targets, Wanted } from './targets.ts';

export interface FunctionNeeds {
  readonly targets: Targets;
  readonly handOver: HandOver;
  /** Characters that a note may have. */
  readonly noteLimit: () => number;
  /** What operators read; calls do not say more. */
  readonly locale: () => string;
}

/** The conversation that a call is about, and the operator who calls. @throws RpcError 2, 4 */
function about({ subject, caller }: Call<ThreadCaller, ThreadSubject>) {
  const thread = threadOf(subject);
  const operator: Operator | undefined = caller.session?.operator;
  if (!operator) throw new RpcError(chatErrors.notLoggedIn, 'ERROR_AGENT_NOT_LOGGED_IN', 'Operator is not logged in');
  return { thread, operator };
}

function wantedIn({ agent, group }: { agent?: number | undefined; group?: number | undefined }): Wanted {
  if (agent !== undefined && group === undefined) return { agent };
  if (group !== undefined && agent === undefined) return { group };
  throw new RpcError(handoverErrors.targetMissing, 'TARGET_MISSING', 'Name an operator or a group.');
}

export function handoverFunctions(
  needs: FunctionNeeds,
): RpcImplementation<ThreadCaller, ThreadSubject, (typeof handoverRpc)['functions']> {
  return {
    async redirectTargets({ search }, call) {
      const { thread, operator } = about(call);
      assertOwn(thread, operator);
      const { agents, groups } = await needs.targets.list(operator, needs.locale(), search);
      return {
        agents: agents.slice(0, targetsAtOnce),
        groups: groups.slice(0, targetsAtOnce),
        more: agents.length > targetsAtOnce || groups.length > targetsAtOnce,
        noteLimit: needs.noteLimit(),
      };
    },
    async redirect({ note, key, ...named }, call) {
      const { thread, operator } = about(call);
      await needs.handOver(thread, operator, { wanted: wantedIn(named), note, key, locale: needs.locale() });
      return {};
    },
  };
}

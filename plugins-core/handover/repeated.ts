/** A call of `redirect` that is sent once more, since its answer was lost: what is done is done. */
import * as v from 'valibot';
import { chatErrors, type ThreadCaller, type ThreadsService } from '../chat/api.ts';
import { wireInteger, type RpcError } from '../rpc/api.ts';
import { handoverRpc } from './api.ts';
import type { Handed } from './handed.ts';
import { noteOf } from './handing.ts';
import type { Wanted } from './targets.ts';

export interface RepeatedNeeds {
  readonly threads: Pick<ThreadsService, 'byId'>;
  readonly handed: Pick<Handed, 'stands'>;
}

/** What is refused to whoever has handed it over: it is not his any more, or even out of his sight. */
const refusals: readonly number[] = [chatErrors.handover, chatErrors.wrongThread];
const { entries } = handoverRpc.functions.redirect.input;
const schema = v.object({ ...entries, threadId: wireInteger, token: wireInteger });

/** The target of a call; undefined when it names none, or two. */
export function wantedIn({
  agent,
  group,
}: Partial<Readonly<Record<'agent' | 'group', number | undefined>>>): Wanted | undefined {
  if (agent !== undefined && group === undefined) return { agent };
  return group !== undefined && agent === undefined ? { group } : undefined;
}

export type Repeated = ReturnType<typeof createRepeated>;

export function createRepeated({ threads, handed }: RepeatedNeeds) {
  /** @returns the result of a call that was done before */
  return async ({ errorCode }: RpcError, args: Readonly<Record<string, unknown>>, { session }: ThreadCaller) => {
    const { success, output } = v.safeParse(schema, args);
    const wanted = success ? wantedIn(output) : undefined;
    if (!success || !wanted || !session || !refusals.includes(errorCode)) return undefined;
    const thread = await threads.byId(output.threadId);
    if (thread?.token !== output.token) return undefined;
    return (await handed.stands(thread, session.operator, wanted, noteOf(output))) ? {} : undefined;
  };
}

/** Functions of the workspace: what the visitor of a conversation said before it. */
import type { Thread, ThreadsService } from '../chat/api.ts';
import { RpcError, type RpcImplementation } from '../rpc/api.ts';
import { usersErrors, type UsersCaller } from '../users/api.ts';
import type { EarlierThread, threadLogRpc, ThreadLogService } from './api.ts';

export interface FunctionsNeeds {
  readonly log: ThreadLogService;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly addresses: LogAddresses;
}
/** Where the pages are. */
export interface LogAddresses {
  readonly thread: (thread: Pick<Thread, 'id'>) => string;
  readonly user: (thread: Pick<Thread, 'userId'>) => string;
}

const shown = 3;
/** Characters of the first message; the panel shows a line or two of it. */
const longest = 160;

/** The visitor's first words on one line; null where he said nothing. */
export const firstWords = ({ shownMessage }: Thread): string | null => {
  const line = shownMessage?.replaceAll(/\s+/g, ' ').trim();
  if (!line) return null;
  const characters = Array.from(line);
  return characters.length > longest ? `${characters.slice(0, longest).join('')}…` : line;
};

export function createFunctions({
  log,
  threads,
  addresses,
}: FunctionsNeeds): RpcImplementation<UsersCaller, undefined, (typeof threadLogRpc)['functions']> {
  const told = (thread: Thread): EarlierThread => ({
    id: thread.id,
    created: Math.floor(thread.createdAt / 1000),
    agentName: thread.agentName,
    firstMessage: firstWords(thread),
    link: addresses.thread(thread),
  });

  return {
    async earlierThreads({ thread: id }, { caller }) {
      const { operator } = caller.session;
      const thread = await threads.byId(id);
      const [seen] = thread ? await threads.visibleTo(operator, [thread]) : [];
      if (!seen) throw new RpcError(usersErrors.threadUnknown, 'THREAD_UNKNOWN', 'No such conversation');
      const earlier = (await log.ofVisitor(operator, seen.userId)).filter((one) => one.id < seen.id);
      return { count: earlier.length, threads: earlier.slice(0, shown).map(told), all: addresses.user(seen) };
    },
  };
}

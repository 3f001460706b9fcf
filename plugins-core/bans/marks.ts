/** What operators see of bans: marks on the rows of their queue, brought up to date whenever a ban begins or ends. */
import type { Thread, ThreadsService } from '../chat/api.ts';
import type { WireThread } from '../users/api.ts';
import type { Ban, BansService } from './api.ts';
import { covers } from './ban.ts';

const over = [3, 5];

/** Sets `canBan` and `ban` of rows. A row that tells of a thread only that it is gone stays as it is. */
export function mark(
  rows: readonly WireThread[],
  threads: ReadonlyMap<number, Pick<Thread, 'remote' | 'userId'>>,
  bans: Pick<BansService, 'match'>,
): readonly WireThread[] {
  return rows.map((row) => {
    const thread = threads.get(row.id);
    if (!thread || over.includes(row.state)) return row;
    const ban = bans.match(thread);
    return { ...row, canBan: true, ban: ban ? { id: ban.id, reason: ban.comment } : false };
  });
}

/** All open threads; a long list is told in parts. */
export async function openThreads(threads: Pick<ThreadsService, 'since'>): Promise<readonly Thread[]> {
  const found = new Map<number, Thread>();
  for (let revision = 0; ;) {
    const part = await threads.since(revision);
    for (const thread of part.threads) found.set(thread.id, thread);
    if (part.threads.length === 0 || part.revision <= revision) break;
    revision = part.revision;
  }
  return [...found.values()].filter(({ state }) => !over.includes(state));
}

/** Open threads of people whom one of these bans is about. */
export async function openThreadsOf(
  threads: Pick<ThreadsService, 'since'>,
  bans: readonly (Ban | undefined)[],
): Promise<readonly Thread[]> {
  return (await openThreads(threads)).filter((thread) => bans.some((ban) => ban && covers(ban, thread)));
}

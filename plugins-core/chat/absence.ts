/** Jobs: who is gone without a word, and conversations that everybody left. They run on one node at a time. */
import type { Values } from '../settings/api.ts';
import type { Thread } from './api.ts';
import { change } from './changes.ts';
import { toThread, type Core } from './core.ts';
import type { ThreadPresence } from './presence.ts';
import type { chatSettings } from './settings.ts';
import { isForgotten } from './start.ts';
import { expire, operatorLost, visitorLost, type Speech } from './transitions.ts';

export interface AbsenceNeeds {
  readonly core: Core;
  readonly presence: ThreadPresence;
  readonly settings: Values<typeof chatSettings>;
  readonly speech: Speech;
}

type Seen = readonly [number | undefined, number | undefined];

const pageSize = 500;

/** Open threads with the last sign of either side, page by page. */
async function* openThreads(
  { core, presence }: AbsenceNeeds,
  chatting: boolean,
): AsyncGenerator<readonly (readonly [Thread, Seen])[]> {
  const statement = chatting ? core.sql.chattingPage : core.sql.openPage;
  for (let after = 0; ;) {
    const threads = (await statement.all({ after, limit: pageSize })).map(toThread);
    const last = threads.at(-1);
    if (!last) return;
    const seen = await presence.lastSeen(threads);
    yield threads.map((thread, index) => [thread, seen[index] as Seen] as const);
    if (threads.length < pageSize) return;
    after = last.id;
  }
}

/**
 * Finds the side that has not been heard for longer than `connection_timeout`, and says so once. A visitor gets
 * `disconnect_grace` on top, so that a phone that flaps is no news; what is said bears the time at which he was lost.
 */
export async function findAbsent(needs: AbsenceNeeds): Promise<void> {
  const { core, presence, settings, speech } = needs;
  const timeout = settings.connection_timeout * 1000;
  const grace = settings.disconnect_grace * 1000;
  // Presence may have been lost with the process: everybody gets the time to come back.
  if (Date.now() - presence.reliableSince < timeout) return;
  for await (const page of openThreads(needs, true)) {
    for (const [thread, [user, agent]] of page) {
      const since = Math.max(presence.reliableSince, thread.chatStartedAt);
      const agentGoneAt = Math.max(since, agent ?? 0) + timeout;
      const userGoneAt = Math.max(since, user ?? 0) + timeout;
      const now = Date.now();
      const missed = { user: now > userGoneAt + grace && !thread.visitorGone, agent: now > agentGoneAt };
      if (!missed.user && !missed.agent) continue;
      // Whoever was heard since the page was read is not gone.
      const [[userNow, agentNow] = [undefined, undefined]] = await presence.lastSeen([thread]);
      if (missed.user && userNow === user) await change(core, thread.id, visitorLost(speech, userGoneAt));
      if (missed.agent && agentNow === agent)
        await change(core, thread.id, operatorLost(speech, thread.agentId, agentGoneAt));
    }
  }
}

/** Closes what nobody has been at for `thread_lifetime`. */
export async function closeForgotten(needs: AbsenceNeeds): Promise<void> {
  const { core, presence, settings } = needs;
  const lifetime = settings.thread_lifetime;
  if (lifetime === 0) return;
  for await (const page of openThreads(needs, false)) {
    for (const [thread, seen] of page) {
      const stale = () => isForgotten(thread, seen, lifetime, presence.reliableSince);
      if (!stale()) continue;
      await change(core, thread.id, expire(stale));
      await presence.forget(thread.id, 'user');
      await presence.forget(thread.id, 'agent');
    }
  }
}

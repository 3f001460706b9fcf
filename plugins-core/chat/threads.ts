/** The service `chat.threads`: the message core as other plugins use it. */
import type { Operator, OperatorsService } from '../operators/api.ts';
import type { Values } from '../settings/api.ts';
import { type Side, type Thread, type ThreadsService, wrongThread } from './api.ts';
import { change, type Changed, type Decide } from './changes.ts';
import { clean, toThread, type Core } from './core.ts';
import { createEarlier } from './earlier.ts';
import { adopt, invite } from './invitation.ts';
import { messagesAfter } from './messages.ts';
import { createMove } from './move.ts';
import { assertHeard, isOver, post, postSystem } from './posts.ts';
import { createRate } from './rate.ts';
import type { chatSettings } from './settings.ts';
import { assertPace, leaveMessage, startChat, type Starting, type StartNeeds } from './start.ts';
import * as transitions from './transitions.ts';

export interface ThreadsNeeds extends Omit<StartNeeds, 'operators'> {
  readonly operators: Pick<OperatorsService, 'can' | 'list'>;
  /** Hook `chat.threads.visible`. */
  readonly visible: (threads: readonly Thread[], operator: Operator) => Promise<readonly Thread[]>;
  readonly settings: Values<typeof chatSettings>;
}

/** What this plugin's own parts use besides. */
export interface Threads extends ThreadsService {
  /** May one more stranger come from this address? @throws RpcError 102 */
  assertMayCome(remote: string): Promise<void>;
  /** A sign of life of one side, and what follows from it. @returns the thread as it is then */
  seen(thread: Thread, side: Side, typing?: boolean, operator?: Operator): Promise<Thread>;
}

/** Threads in one answer; who has missed more asks again. */
const changesAtOnce = 1_000;
const nothing: readonly Thread[] = Object.freeze([]);

export function createThreads(needs: ThreadsNeeds): Threads {
  const { core, presence, settings, speech } = needs;
  const limits = {
    get length() {
      return settings.message_max_length;
    },
    rate: createRate(() => settings.message_rate),
  };

  const starting: Starting = {
    ...needs,
    starts: createRate(() => settings.start_rate / 60, 60),
    // Of one conversation, so what is right for an office full of people is too much.
    returns: createRate(() => Math.min(settings.start_rate, 60) / 60, 60),
    say: (id, message, key) => post(core, limits, id, 'user', { message, key }),
  };

  // Some only look, so there are more of them than of conversations.
  const strangers = createRate(() => settings.start_rate / 30, 60);

  async function decide(id: number, what: Decide): Promise<Changed> {
    const result = await change(core, id, what);
    if (!result) throw wrongThread();
    return result;
  }
  const decided = async (id: number, what: Decide): Promise<Thread> => (await decide(id, what)).thread;

  /** An operator comes to a thread: he is there before it is his, so that nobody can miss him in between. */
  async function attached(id: number, operator: Operator, what: Decide): Promise<Changed> {
    const head = await core.heads.load(id);
    if (head && wouldChange(head, what)) await presence.ping(head, 'agent', false);
    const result = await decide(id, what);
    if (result.changed) core.hooks.taken({ thread: result.thread, original: result.original });
    if (result.thread.agentId === operator.id) await presence.ping(result.thread, 'agent', false);
    return result;
  }

  async function leave(thread: Thread): Promise<void> {
    if (!isOver(thread)) return;
    await presence.forget(thread.id, 'user');
    await presence.forget(thread.id, 'agent');
  }

  return {
    byId: (id) => core.heads.load(id),
    async assertMayCome(remote) {
      assertPace(strangers, remote);
    },
    open: (visitor, input) => startChat(starting, visitor, input, 'open'),
    start: (visitor, input) => startChat(starting, visitor, input, 'start'),
    leave: (visitor, input, opening, also) => leaveMessage(starting, visitor, input, opening, also),
    async take(id, operator, options = {}) {
      const mayTakeOver = options.force === true && needs.operators.can(operator, 'takeover');
      return (await attached(id, operator, transitions.take(speech, operator, mayTakeOver))).thread;
    },
    async assign(id, operator) {
      if (!(await core.heads.load(id))) return undefined;
      const { thread, changed } = await attached(id, operator, transitions.assign(speech, operator));
      return changed ? thread : undefined;
    },
    async redirect(id, operator, target) {
      const { thread, original, changed } = await decide(id, transitions.redirect(speech, operator, target));
      if (!changed) return thread;
      // He is gone from it; the next one is not there because he was.
      await presence.forget(id, 'agent');
      core.hooks.redirected({ thread, original, by: operator });
      return thread;
    },
    invite: (visitor, operator, input, also) => invite(starting, visitor, operator, input, also),
    adopt: (id, visitor) => adopt(starting, visitor, id),
    async answerInvitation(id, answer) {
      const result = await change(core, id, transitions.refuse(speech, answer));
      return result?.changed ? result.thread : undefined;
    },
    async withdraw(id, operator) {
      const result = await change(core, id, transitions.withdraw(speech, operator));
      return result?.changed ? result.thread : undefined;
    },
    async touch(ids) {
      for (const id of ids) await change(core, id, () => ({ set: {}, quiet: true }));
    },
    move: createMove(core),
    async visibleTo(operator, list) {
      const isHis = (thread: Thread) => thread.agentId === operator.id || thread.nextAgent === operator.id;
      const others = list.filter((thread) => !isHis(thread));
      if (others.length === 0) return list;
      const seen = new Set((await needs.visible(others, operator)).map(({ id }) => id));
      return list.filter((thread) => isHis(thread) || seen.has(thread.id));
    },
    async close(id, by, operator) {
      const result = await change(core, id, transitions.close(speech, by, operator));
      if (result) await leave(result.thread);
      return result?.thread;
    },
    async rename(id, wanted) {
      const name = clean(wanted).trim();
      const thread = await decided(id, transitions.rename(speech, name));
      // His next conversation starts with it.
      await core.sql.renameVisitor.run({ id: thread.visitorId, name });
      needs.visitors.forget({ id: thread.visitorId });
      return thread;
    },
    assertHeard: (thread, side) => assertHeard(core, thread, side),
    post: (id, side, request) => post(core, limits, id, side, request),
    postSystem: (id, draft) => postSystem(core, id, draft),
    messages: (id, side, lastId, limit) => messagesAfter(core, id, side, lastId, limit),
    async state(thread, side, operator) {
      const state = await presence.state(thread, side, operator?.id);
      return side === 'user' && state.canPost && (await core.hooks.mayPost(thread, side))
        ? { ...state, canPost: false }
        : state;
    },
    since: createSince(core),
    ofVisitor: async (visitorId, limit) => (await core.sql.threadsOf.all({ visitorId, limit })).map(toThread),
    earlier: createEarlier(core),

    async seen(thread, side, typing, operator) {
      if (side === 'agent' && operator && transitions.isAwaited(thread, operator.id))
        thread = (await attached(thread.id, operator, transitions.operatorSeen(speech, operator))).thread;
      else if (side === 'user' && transitions.needsVisitorSeen(thread))
        thread = await decided(thread.id, transitions.visitorSeen);
      // Somebody who only watches is not the operator of the thread.
      if (side === 'agent' && thread.agentId !== operator?.id) return thread;
      if (await presence.ping(thread, side, typing))
        core.news({ threadId: thread.id, seq: 0, revision: 0, typing: true });
      return thread;
    },
  };
}

/** Memory may be behind: what it forbids is decided by the database. */
function wouldChange(head: Thread, decide: Decide): boolean {
  try {
    return decide(head) !== undefined;
  } catch {
    return false;
  }
}

/** What changed after a revision. When nothing did, memory knows. */
function createSince(core: Core): ThreadsService['since'] {
  return async (revision) => {
    const known = core.revisions.known();
    if (known !== undefined && revision > 0 && known <= revision) return { threads: nothing, revision };
    // The counter first: what is committed later is left for the next time, and nothing in between is skipped.
    const current = (await core.sql.currentRevision.first())?.value ?? 0;
    core.revisions.read(current);
    if (revision > 0 && current <= revision) return { threads: nothing, revision };
    const statement = revision > 0 ? core.sql.changedSince : core.sql.openThreads;
    const rows = await statement.all({ revision, upTo: current, limit: changesAtOnce });
    // By revision, so that what did not fit follows from the last one on.
    const more = rows.length >= changesAtOnce;
    const reached = more ? (rows.at(-1)?.revision ?? current) : current;
    return { threads: rows.map(toThread).toSorted((a, b) => a.id - b.id), revision: reached, ...(more && { more }) };
  };
}

/** The service `chat.threads`: the message core as other plugins use it. */
import type { Operator, OperatorsService } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import { chatErrors, type Side, type Thread, type ThreadsService } from './api.ts';
import { change, type Decide } from './changes.ts';
import { clean, toThread, type Core } from './core.ts';
import { messagesAfter } from './messages.ts';
import { isOver, post, postSystem } from './posts.ts';
import { createRate } from './rate.ts';
import type { chatSettings } from './settings.ts';
import { assertRoom, startChat, type StartNeeds } from './start.ts';
import * as transitions from './transitions.ts';

export interface ThreadsNeeds extends Omit<StartNeeds, 'operators'> {
  readonly operators: Pick<OperatorsService, 'can' | 'list'>;
  readonly settings: Values<typeof chatSettings>;
}

/** What this plugin's own parts use besides. */
export interface Threads extends ThreadsService {
  /** May somebody come in from this address? @throws RpcError tooManyThreads */
  assertRoom(remote: string): Promise<void>;
  /** A sign of life of one side, and what follows from it. @returns the thread as it is then */
  seen(thread: Thread, side: Side, typing: boolean, operator?: Operator): Promise<Thread>;
}

const wrongThread = () => new RpcError(chatErrors.wrongThread, 'ERROR_WRONG_THREAD', 'Wrong thread');

/** Threads in one answer; who has missed more asks again. */
const changesAtOnce = 1_000;
const nothing: readonly Thread[] = Object.freeze([]);

export function createThreads(needs: ThreadsNeeds): Threads {
  const { core, presence, settings, speech } = needs;
  const limits = {
    get length() {
      return settings.message_max_length;
    },
    allow: createRate(() => settings.message_rate),
  };

  async function decided(id: number, decide: Decide): Promise<Thread> {
    const result = await change(core, id, decide);
    if (!result) throw wrongThread();
    return result.thread;
  }

  async function leave(thread: Thread): Promise<void> {
    if (!isOver(thread)) return;
    await presence.forget(thread.id, 'user');
    await presence.forget(thread.id, 'agent');
  }

  return {
    byId: (id) => core.heads.load(id),
    assertRoom: (remote) => assertRoom(needs, remote),
    start: (visitor, input) => startChat(needs, visitor, input),
    async take(id, operator, options = {}) {
      const mayTakeOver = options.force === true && needs.operators.can(operator, 'takeover');
      const thread = await decided(id, transitions.take(speech, operator, mayTakeOver));
      await presence.ping(thread, 'agent', false);
      return thread;
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
    post: (id, side, request) => post(core, limits, id, side, request),
    postSystem: (id, draft) => postSystem(core, id, draft),
    messages: (id, side, lastId, limit) => messagesAfter(core, id, side, lastId, limit),
    state: (thread, side, operator) => presence.state(thread, side, operator?.id),
    since: createSince(core),

    async seen(thread, side, typing, operator) {
      if (side === 'agent' && operator && transitions.isAwaited(thread, operator.id))
        thread = await decided(thread.id, transitions.operatorSeen(speech, operator));
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
    const reached = rows.length < changesAtOnce ? current : (rows.at(-1)?.revision ?? current);
    return { threads: rows.map(toThread).toSorted((a, b) => a.id - b.id), revision: reached };
  };
}

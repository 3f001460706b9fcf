/** Changes of state: decided on what was read, written only if nothing changed in between (compare-and-set). */
import { threadState, type Draft, type Thread } from './api.ts';
import { committed, filtered, isVisible, messageParams, toThread, type Core } from './core.ts';

/** What may change, besides `modifiedAt` and `revision`, which follow. */
type Settable = Partial<
  Pick<
    Thread,
    | 'visitorId'
    | 'userId'
    | 'userName'
    | 'agentId'
    | 'agentName'
    | 'nextAgent'
    | 'redirectedBy'
    | 'groupId'
    | 'state'
    | 'invitationState'
    | 'locale'
    | 'chatStartedAt'
    | 'closedAt'
    | 'visitorGone'
  >
>;

export interface Change {
  readonly set: Settable;
  /** Told in the thread, in the same transaction. */
  readonly message?: Draft;
  /** When the message happened, if not now. */
  readonly messageAt?: number;
  /** True where nothing that an operator waits for changed: keeps `modifiedAt`. */
  readonly quiet?: boolean;
}

/** Looks at the thread as it is and says what to do; nothing, if that is done already. @throws RpcError to refuse */
export type Decide = (thread: Thread) => Change | undefined;

export interface Changed {
  readonly thread: Thread;
  /** As it was before. */
  readonly original: Thread;
  /** False when there was nothing to do, or somebody else did it at the same moment. */
  readonly changed: boolean;
}

/** Nobody changes one thread that often at one moment; if so, something is wrong. */
const attempts = 50;

async function write(core: Core, was: Thread, change: Change, draft: Draft | undefined, now: number) {
  const next: Thread = { ...was, ...change.set, modifiedAt: change.quiet ? was.modifiedAt : now };
  return core.db.transaction(async (tx) => {
    const row = await tx.first(core.sql.lockThread, { id: was.id });
    if (!row || row.revision !== was.revision) return undefined;
    let seq = 0;
    if (draft) {
      const { visible, hidden } = core.sql.counters.system;
      seq = (await tx.next(isVisible(draft.kind) ? visible : hidden, { id: was.id })) as number;
      await tx.run(core.sql.insertMessage, messageParams(was.id, seq, draft, change.messageAt ?? now));
    }
    const revision = (await tx.next(core.sql.nextRevision)) as number;
    const thread = { ...next, revision };
    await tx.run(core.sql.changeThread, { ...thread });
    return { thread, seq };
  });
}

/**
 * Changes the state of a thread. Of several callers at the same moment each sees what the one before it left.
 * @returns undefined when there is no such thread
 */
export async function change(core: Core, id: number, decide: Decide): Promise<Changed | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const row = await core.sql.threadById.first({ id });
    if (!row) return undefined;
    const was = toThread(row);
    const plan = decide(was);
    if (!plan) return { thread: core.heads.put(was), original: was, changed: false };
    const draft = plan.message && (await filtered(core, plan.message, id));
    const now = Date.now();
    const written = await write(core, was, plan, draft, now);
    if (!written) continue;

    const { seq } = written;
    let { thread } = written;
    if (draft) {
      thread = { ...thread, lastSeq: seq, lastVisibleSeq: isVisible(draft.kind) ? seq : thread.lastVisibleSeq };
      committed(core, { threadId: id, seq, createdAt: plan.messageAt ?? now, ...draft });
    }
    // Told is what was done here. Memory may be ahead of it already, by a change that is told for itself.
    core.heads.put(thread);
    core.hooks.changed({ thread, original: was });
    if (thread.state === threadState.closed && was.state !== threadState.closed) core.hooks.closed(thread);
    core.news({ threadId: id, seq, revision: thread.revision });
    return { thread, original: was, changed: true };
  }
  throw new Error(`Thread ${id} changes faster than it can be written.`);
}

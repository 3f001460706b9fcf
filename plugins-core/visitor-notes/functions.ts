/** Functions of the workspace: notes about the visitor of a conversation that the operator may see. */
import type { Thread, ThreadsService } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';
import { type CarrierSession, RpcError, type RpcImplementation } from '../rpc/api.ts';
import type { ThreadLogService } from '../thread-log/api.ts';
import type { UndoService } from '../undo/api.ts';
import { usersErrors, type UsersCaller } from '../users/api.ts';
import { notesErrors, type notesRpc, type VisitorNote } from './api.ts';
import type { Notes } from './notes.ts';
import type { NoteRow } from './tables.ts';

/** What can be undone: see `undo.undoable`. */
export const noteKind = 'visitor-notes.note';

export interface FunctionsNeeds {
  readonly notes: Notes;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly log: Pick<ThreadLogService, 'find'> | undefined;
  readonly undo: Pick<UndoService, 'keep' | 'restore'>;
  /** From now on this socket hears when notes about the visitor change. */
  readonly follow: (session: CarrierSession, userId: string) => void;
  readonly enterSaves: () => boolean;
}

const seconds = (time: number) => Math.floor(time / 1000);

export function createFunctions({
  notes,
  threads,
  log,
  undo,
  follow,
  enterSaves,
}: FunctionsNeeds): RpcImplementation<UsersCaller, undefined, (typeof notesRpc)['functions']> {
  const told = (row: NoteRow, operator: Operator): VisitorNote => ({
    id: row.id,
    text: row.text,
    agentId: row.operatorId,
    agentName: row.operatorName,
    created: seconds(row.createdAt),
    changed: seconds(row.changedAt),
    deletable: notes.mayDelete(row, operator),
  });

  /** Public id of the visitor. @throws RpcError where the operator may see no such conversation */
  async function visitorOf(operator: Operator, threadId: number): Promise<string> {
    const thread = await threads.byId(threadId);
    const [seen]: readonly (Thread | undefined)[] = thread ? await threads.visibleTo(operator, [thread]) : [];
    const found = seen ?? (thread && (await log?.find(operator, threadId)));
    if (!found?.userId) throw new RpcError(usersErrors.threadUnknown, 'THREAD_UNKNOWN', 'No such conversation');
    return found.userId;
  }

  return {
    async visitorNotes({ thread }, { caller, session }) {
      const { operator } = caller.session;
      const userId = await visitorOf(operator, thread);
      // Before they are read, so that no change falls between.
      if (session) follow(session, userId);
      const rows = await notes.ofVisitor(userId);
      return { notes: rows.map((row) => told(row, operator)), enterSaves: enterSaves() };
    },
    async addVisitorNote({ thread, text }, { caller }) {
      const { operator } = caller.session;
      return { note: told(await notes.add(await visitorOf(operator, thread), text, operator), operator) };
    },
    async changeVisitorNote({ thread, note, text, seen }, { caller }) {
      const { operator } = caller.session;
      const userId = await visitorOf(operator, thread);
      return { note: told(await notes.change(userId, note, text, seen, operator), operator) };
    },
    async deleteVisitorNote({ thread, note }, { caller }) {
      const { operator } = caller.session;
      const row = await notes.delete(await visitorOf(operator, thread), note, operator);
      return { undo: await undo.keep(noteKind, row, operator) };
    },
    async restoreVisitorNote({ thread, undo: id }, { caller }) {
      const { operator } = caller.session;
      await visitorOf(operator, thread);
      if (!(await undo.restore(id, operator)))
        throw new RpcError(notesErrors.unknown, 'NOTE_UNKNOWN', 'There is nothing to bring back.');
      return {};
    },
  };
}

/** Hands a conversation over, and says first whether that can be done: nothing is done by halves. */
import { chatErrors, threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { HandoverTarget } from './api.ts';
import type { Targets, Wanted } from './targets.ts';

export interface HandingNeeds {
  readonly threads: Pick<ThreadsService, 'post' | 'redirect'>;
  readonly targets: Targets;
}

export interface Handing {
  readonly wanted: Wanted;
  /** For the next one; nothing when it is empty. */
  readonly note?: string | undefined;
  /** Of the note: sent once more it is stored once. */
  readonly key?: string | undefined;
  /** What the operator reads. */
  readonly locale: string;
}

const refused = (name: string, message: string) => new RpcError(chatErrors.handover, name, message);
const notChatting = () => refused('NOT_CHATTING', 'Nobody chats in this conversation.');

/** @throws RpcError 109 */
export function assertOwn(thread: Thread, operator: Operator): void {
  if (thread.state !== threadState.chatting) throw notChatting();
  if (thread.agentId !== operator.id) throw refused('NOT_OWNER', 'This conversation is not yours.');
}

/** This very hand-over is done, and the conversation still waits where it was put: the call is sent again, since its answer was lost. */
const isDone = (thread: Thread, operator: Operator, wanted: Wanted): boolean =>
  thread.state === threadState.waiting &&
  thread.redirectedBy === operator.id &&
  ('agent' in wanted ? thread.nextAgent === wanted.agent : thread.nextAgent === 0 && thread.groupId === wanted.group);

export type HandOver = ReturnType<typeof createHandOver>;

export function createHandOver({ threads, targets }: HandingNeeds) {
  async function write(thread: Thread, operator: Operator, message: string, key: string | undefined): Promise<void> {
    const note = { message, operator, private: true, ...(key !== undefined && { key }) };
    try {
      await threads.post(thread.id, 'agent', note);
    } catch (error) {
      // It has ended since it was looked at.
      throw error instanceof RpcError && error.errorCode === chatErrors.cannotSend ? notChatting() : error;
    }
  }

  /** @returns whom it was handed to. @throws RpcError 101, 102, 103, 109, 180 */
  return async (thread: Thread, operator: Operator, { wanted, key, ...handing }: Handing): Promise<HandoverTarget> => {
    const done = isDone(thread, operator, wanted);
    if (!done) assertOwn(thread, operator);
    const { target, shown } = await targets.find(operator, thread, wanted, handing.locale);
    const note = handing.note?.trim() ?? '';
    // Before it is handed over: the next one finds it there, and a note that is refused stops everything. Of what is done
    // already only a note with a key is known, and not stored twice.
    if (note !== '' && (!done || key !== undefined)) await write(thread, operator, note, key);
    if (!done) await threads.redirect(thread.id, operator, target);
    return shown;
  };
}

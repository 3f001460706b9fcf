/** Hands a conversation over, and says first whether that can be done: nothing is done by halves. */
import { chatErrors, threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import { handoverErrors, type HandoverTarget } from './api.ts';
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
  return async (thread: Thread, operator: Operator, handing: Handing): Promise<HandoverTarget> => {
    assertOwn(thread, operator);
    const found = await targets.find(operator, thread, handing.wanted, handing.locale);
    if (!found)
      throw new RpcError(handoverErrors.targetUnknown, 'TARGET_UNKNOWN', 'There is no such operator or group.');
    const note = handing.note?.trim() ?? '';
    // Before it is handed over: the next one finds it there, and a note that is refused stops everything.
    if (note !== '') await write(thread, operator, note, handing.key);
    await threads.redirect(thread.id, operator, found.target);
    return found.shown;
  };
}

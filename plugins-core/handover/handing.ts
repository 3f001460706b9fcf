/** Hands a conversation over, and says first whether that can be done: nothing is done by halves. */
import { chatErrors, threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import type { Operator } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { HandoverTarget } from './api.ts';
import type { Handed } from './handed.ts';
import type { Targets, Wanted } from './targets.ts';
import { createTurns } from './turns.ts';

export interface HandingNeeds {
  readonly threads: Pick<ThreadsService, 'byId' | 'post' | 'redirect'>;
  readonly targets: Targets;
  readonly handed: Pick<Handed, 'put'>;
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

/** As it is stored; `''`: there is none. */
export const noteOf = ({ note }: Pick<Handing, 'note'>): string => note?.trim() ?? '';

export type HandOver = ReturnType<typeof createHandOver>;

export function createHandOver({ threads, targets, handed }: HandingNeeds) {
  const inTurn = createTurns();

  async function write(thread: Thread, operator: Operator, message: string, key: string | undefined): Promise<void> {
    const note = { message, operator, private: true, ...(key !== undefined && { key }) };
    try {
      await threads.post(thread.id, 'agent', note);
    } catch (error) {
      // It has ended since it was looked at.
      throw error instanceof RpcError && error.errorCode === chatErrors.cannotSend ? notChatting() : error;
    }
  }

  async function hand(thread: Thread, operator: Operator, handing: Handing): Promise<HandoverTarget> {
    assertOwn(thread, operator);
    const { target, shown } = await targets.find(operator, thread, handing.wanted, handing.locale);
    const note = noteOf(handing);
    // Before it is handed over: the next one finds it there, and a note that is refused stops everything.
    if (note !== '') await write(thread, operator, note, handing.key);
    await handed.put(thread, operator, target, note);
    await threads.redirect(thread.id, operator, target);
    return shown;
  }

  /** @returns whom it was handed to. @throws RpcError 101, 102, 103, 109, 180 */
  return (thread: Thread, operator: Operator, handing: Handing): Promise<HandoverTarget> =>
    // One after the other: a call that is sent once more while the first is on its way finds it done.
    inTurn(thread.id, async () => hand((await threads.byId(thread.id)) ?? thread, operator, handing));
}

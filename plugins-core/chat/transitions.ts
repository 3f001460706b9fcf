/** What each state may become, and what is said about it. Plain decisions on a thread: no database, no clock but the one given. */
import type { Operator } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import { chatErrors, messageKind, threadState, type Side, type Thread } from './api.ts';
import type { Change, Decide } from './changes.ts';
import { systemDraft } from './core.ts';
import { isOver } from './posts.ts';
import { escapeHtml } from './wire.ts';

/** Says something in the language of the thread. What people typed is escaped before it is put in. */
export type Say = (thread: Thread, key: string, people?: Readonly<Record<string, string>>) => string;

export interface Speech {
  readonly say: Say;
  /** The operator's name in the language of the thread. */
  readonly nameOf: (operator: Operator, thread: Thread) => string;
}

/** Puts the texts behind {@link Say} together. */
export function createSay(text: (locale: string, key: string, args?: Readonly<Record<string, string>>) => string): Say {
  return (thread, key, people = {}) =>
    text(
      thread.locale,
      `chat.${key}`,
      Object.fromEntries(Object.entries(people).map(([name, value]) => [name, escapeHtml(value)])),
    );
}

const { queue, waiting, chatting, closed, loading, invited } = threadState;
const event = (body: string) => systemDraft(messageKind.events, body);

function attach({ say, nameOf }: Speech, thread: Thread, operator: Operator): Change {
  const name = nameOf(operator, thread);
  const before = thread.agentName;
  const text =
    thread.state === waiting && thread.agentId === operator.id
      ? say(thread, 'event.operatorBack', { name })
      : thread.state === waiting || thread.state === chatting
        ? before === ''
          ? say(thread, 'event.operatorJoined', { name })
          : say(thread, 'event.operatorChanged', { name, before })
        : say(thread, 'event.operatorJoined', { name });
  return {
    set: {
      state: chatting,
      agentId: operator.id,
      agentName: name,
      nextAgent: 0,
      ...(thread.chatStartedAt === 0 ? { chatStartedAt: Date.now() } : {}),
    },
    message: event(text),
  };
}

/** An operator opens the conversation. @throws RpcError 105, 106 */
export const take =
  (speech: Speech, operator: Operator, mayTakeOver: boolean): Decide =>
  (thread) => {
    if (isOver(thread) || thread.state === invited)
      throw new RpcError(chatErrors.closed, 'THREAD_CLOSED', 'This conversation is closed.');
    if (thread.state === chatting) {
      if (thread.agentId === operator.id) return undefined;
      if (!mayTakeOver)
        throw new RpcError(chatErrors.taken, 'THREAD_TAKEN', `${thread.agentName} has taken this conversation.`);
    }
    return attach(speech, thread, operator);
  };

/** The window of the operator who had it, or to whom it was handed, is heard again. */
export const operatorSeen =
  (speech: Speech, operator: Operator): Decide =>
  (thread) =>
    isAwaited(thread, operator.id) ? attach(speech, thread, operator) : undefined;

export const isAwaited = (thread: Thread, operatorId: number): boolean =>
  thread.state === waiting && (thread.agentId === operatorId || thread.nextAgent === operatorId);

/** The visitor's window is heard: for the first time, or again. */
export const visitorSeen: Decide = (thread) => {
  if (thread.state === loading) return { set: { state: queue, visitorGone: false } };
  return thread.visitorGone ? { set: { visitorGone: false }, quiet: true } : undefined;
};

export const needsVisitorSeen = (thread: Thread): boolean =>
  (thread.state === loading || thread.visitorGone) && !isOver(thread);

/** One side leaves. Of an operator only the owner closes. */
export const close =
  ({ say, nameOf }: Speech, side: Side, operator?: Operator): Decide =>
  (thread) => {
    if (isOver(thread) || (side === 'agent' && thread.agentId !== operator?.id)) return undefined;
    const text =
      side === 'agent' && operator
        ? say(thread, 'event.operatorLeft', { name: nameOf(operator, thread) })
        : say(thread, 'event.visitorLeft', { name: thread.userName });
    return { set: { state: closed, closedAt: Date.now() }, message: event(text) };
  };

/** Nobody was heard of for too long: closed without a word. */
export const expire =
  (isStale: (thread: Thread) => boolean): Decide =>
  (thread) =>
    isOver(thread) || !isStale(thread) ? undefined : { set: { state: closed, closedAt: Date.now() } };

export const rename =
  ({ say }: Speech, name: string): Decide =>
  (thread) =>
    thread.userName === name
      ? undefined
      : {
          set: { userName: name },
          message: event(say(thread, 'event.visitorRenamed', { before: thread.userName, name })),
        };

/** The visitor opens the chat once more. */
export const reenter =
  ({ say }: Speech): Decide =>
  (thread) =>
    isOver(thread)
      ? undefined
      : {
          set: { visitorGone: false, ...(thread.state === waiting ? { nextAgent: 0 } : {}) },
          message: event(say(thread, 'event.visitorBack', { name: thread.userName })),
        };

/** The operator is not heard any more: the visitor waits, ahead of others. */
export const operatorLost =
  ({ say }: Speech, operatorId: number, lostAt: number): Decide =>
  (thread) =>
    thread.state === chatting && thread.agentId === operatorId
      ? {
          set: { state: waiting, nextAgent: 0 },
          message: systemDraft(messageKind.conn, say(thread, 'event.operatorLost')),
          messageAt: lostAt,
        }
      : undefined;

/** The visitor is not heard any more: the operator is told, once. */
export const visitorLost =
  ({ say }: Speech, lostAt: number): Decide =>
  (thread) =>
    thread.state === chatting && !thread.visitorGone
      ? {
          set: { visitorGone: true },
          message: systemDraft(messageKind.forAgent, say(thread, 'event.visitorGone')),
          messageAt: lostAt,
          quiet: true,
        }
      : undefined;

/** What each state may become, and what is said about it. Plain decisions on a thread: no database, no clock but the one given. */
import type { Operator } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import {
  chatErrors,
  invitationState,
  messageKind,
  threadState,
  type RedirectTarget,
  type Side,
  type Thread,
} from './api.ts';
import type { Change, Decide } from './changes.ts';
import { systemDraft } from './core.ts';
import { escapeHtml } from './escape.ts';
import { isOver } from './posts.ts';

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
const isWaiting = (thread: Thread) => thread.state === loading || thread.state === queue || thread.state === waiting;
const event = (body: string) => systemDraft(messageKind.events, body);
const hidden = (body: string) => systemDraft(messageKind.forAgent, body);

function attach({ say, nameOf }: Speech, thread: Thread, operator: Operator): Change {
  const name = nameOf(operator, thread);
  const before = thread.agentName;
  const text =
    thread.state === waiting && (thread.agentId === operator.id || before === name)
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
      redirectedBy: 0,
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

/** The server gives a thread that waits to an operator. */
export const assign =
  (speech: Speech, operator: Operator): Decide =>
  (thread) =>
    isWaiting(thread) ? attach(speech, thread, operator) : undefined;

/** Has this operator handed it over to this target, and does it still wait there? */
const isRedirected = (thread: Thread, operator: Operator, target: RedirectTarget): boolean =>
  thread.state === waiting &&
  thread.redirectedBy === operator.id &&
  ('group' in target
    ? thread.nextAgent === 0 && thread.groupId === target.group.id
    : thread.nextAgent === target.agent.id);

/** The owner hands his conversation over; sent again, since the answer was lost, that is done. @throws RpcError 109 */
export const redirect =
  ({ say, nameOf }: Speech, operator: Operator, target: RedirectTarget): Decide =>
  (thread) => {
    if (isRedirected(thread, operator, target)) return undefined;
    if (thread.state !== chatting)
      throw new RpcError(chatErrors.handover, 'NOT_CHATTING', 'Nobody chats in this conversation.');
    if (thread.agentId !== operator.id)
      throw new RpcError(chatErrors.handover, 'NOT_OWNER', 'This conversation is not yours.');
    const name = nameOf(operator, thread);
    const handed = { state: waiting, agentId: 0, redirectedBy: operator.id };
    if ('group' in target)
      return {
        set: { ...handed, groupId: target.group.id, nextAgent: 0, agentName: '' },
        message: event(say(thread, 'event.redirectedToGroup', { name, group: target.group.name })),
      };
    const { agent, groupId = thread.groupId } = target;
    // Whoever comes next is told as the one who changed places with him, so his name stays.
    return {
      set: { ...handed, groupId, nextAgent: agent.id },
      message: event(say(thread, 'event.redirectedToOperator', { name, next: nameOf(agent, thread) })),
    };
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
    if (thread.state === invited)
      return side === 'user' || !operator
        ? refuseInvitation(say, thread, 'rejected')
        : {
            set: { state: closed, closedAt: Date.now() },
            message: hidden(say(thread, 'event.invitationCanceled', { name: nameOf(operator, thread) })),
          };
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
    isOver(thread) || !isStale(thread)
      ? undefined
      : {
          set: {
            state: closed,
            closedAt: Date.now(),
            ...(thread.state === invited ? { invitationState: invitationState.ignored } : {}),
          },
        };

const refusedTexts = { rejected: 'event.invitationRejected', ignored: 'event.invitationIgnored' } as const;

const refuseInvitation = (say: Say, thread: Thread, answer: keyof typeof refusedTexts): Change => ({
  set: { state: closed, closedAt: Date.now(), invitationState: invitationState[answer] },
  message: hidden(say(thread, refusedTexts[answer])),
});

/** An invitation ends without a conversation. */
export const refuse =
  ({ say }: Speech, answer: keyof typeof refusedTexts): Decide =>
  (thread) =>
    thread.state === invited ? refuseInvitation(say, thread, answer) : undefined;

/** The operator takes his invitation back; what was accepted meanwhile goes on. */
export const withdraw =
  (speech: Speech, operator: Operator): Decide =>
  (thread) =>
    thread.state === invited ? close(speech, 'agent', operator)(thread) : undefined;

/** The invited visitor comes. @param as what is known of him now */
export const accept =
  ({ say }: Speech, as: Pick<Change['set'], 'userName' | 'locale' | 'groupId'>): Decide =>
  (thread) =>
    thread.state === invited
      ? {
          set: { ...as, state: chatting, invitationState: invitationState.accepted, chatStartedAt: Date.now() },
          message: hidden(say({ ...thread, ...as }, 'event.invitationAccepted')),
        }
      : undefined;

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
          message: hidden(say(thread, 'event.visitorGone')),
          messageAt: lostAt,
          quiet: true,
        }
      : undefined;

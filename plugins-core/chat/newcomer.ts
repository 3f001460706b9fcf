/** A thread that is about to be: its row, the messages it begins with, and how both are stored. */
import { randomInt } from 'node:crypto';
import type { Transaction } from '../database/api.ts';
import type { AvailabilityService } from '../operators/api.ts';
import {
  messageKind,
  threadState,
  type Beginning,
  type Draft,
  type Preparation,
  type StartInput,
  type Thread,
  type Visitor,
} from './api.ts';
import { clean, filtered, isVisible, messageParams, systemDraft, type Core } from './core.ts';
import { assertLength, type Once } from './posts.ts';
import type { Speech } from './transitions.ts';
import type { Visitors } from './visitors.ts';

export interface NewcomerNeeds {
  readonly core: Core;
  readonly visitors: Pick<Visitors, 'forget'>;
  readonly settings: { readonly usercanchangename: boolean; readonly message_max_length: number };
  readonly speech: Speech;
  readonly availability: Pick<AvailabilityService, 'hasOnlineOperators'>;
  readonly guest: (locale: string) => string;
}

/** Characters, not halves of them. */
export const cut = (text: string | undefined, length: number): string =>
  Array.from(clean(text ?? '').trim())
    .slice(0, length)
    .join('');

export function draftThread(
  { settings, guest }: Pick<NewcomerNeeds, 'settings' | 'guest'>,
  visitor: Visitor,
  input: StartInput,
  locale: string,
  { groupId, nextAgent }: Pick<Preparation, 'groupId' | 'nextAgent'>,
): Thread {
  const chosen = settings.usercanchangename ? cut(input.name, 64) : '';
  const now = Date.now();
  return {
    id: 0,
    token: randomInt(1, 0x1000000),
    visitorId: visitor.id,
    userId: visitor.userId,
    userName: chosen || visitor.name || cut(guest(locale), 64),
    agentId: 0,
    agentName: '',
    nextAgent,
    redirectedBy: 0,
    groupId,
    state: threadState.loading,
    invitationState: 0,
    remote: cut(input.remote, 255),
    userAgent: cut(input.userAgent, 255),
    referrer: [cut(input.url, 2048), cut(input.referrer, 2048)].join('\n').trim(),
    locale,
    createdAt: now,
    modifiedAt: now,
    chatStartedAt: 0,
    closedAt: 0,
    lastSeq: 0,
    lastVisibleSeq: 0,
    messageCount: 0,
    shownMessage: null,
    visitorGone: false,
    revision: 0,
  };
}

async function greeting(needs: NewcomerNeeds, thread: Thread, requested: Beginning['requested']): Promise<Draft> {
  const { say } = needs.speech;
  const there = requested?.online || (await needs.availability.hasOnlineOperators(thread.groupId));
  const text =
    requested && !requested.online
      ? say(thread, 'greeting.requestedAway', { name: requested.operator.name })
      : say(thread, there ? 'greeting.welcome' : 'greeting.nobody', {});
  return systemDraft(messageKind.info, text);
}

/** What operators are told of where somebody comes from; nothing, if nothing is known. */
function cameFrom({ speech }: Pick<NewcomerNeeds, 'speech'>, thread: Thread, input: StartInput): Draft[] {
  const page = cut(input.url, 2048);
  const referrer = cut(input.referrer, 2048);
  if (!page) return [];
  const text = speech.say(thread, referrer ? 'event.cameFromVia' : 'event.cameFrom', { page, referrer });
  return [systemDraft(messageKind.forAgent, text)];
}

/** The messages that a conversation begins with, up to the visitor's own. */
export async function openingMessages(
  needs: NewcomerNeeds,
  thread: Thread,
  input: StartInput,
  requested: Beginning['requested'],
  more: readonly Draft[],
): Promise<Draft[]> {
  const { say } = needs.speech;
  const hidden = (key: string, people: Record<string, string>) =>
    systemDraft(messageKind.forAgent, say(thread, key, people));
  const drafts = [
    ...cameFrom(needs, thread, input),
    await greeting(needs, thread, requested),
    ...(input.email ? [hidden('event.email', { email: cut(input.email, 254) })] : []),
    ...(input.info ? [hidden('event.info', { info: cut(input.info, 1024) })] : []),
    ...more,
  ];
  // There is no number yet; listeners see 0.
  return Promise.all(drafts.map((draft) => filtered(needs.core, draft, 0)));
}

/** What the visitor said before he was let in, as his first message. @throws RpcError 101 */
export function firstMessage(
  { settings }: Pick<NewcomerNeeds, 'settings'>,
  thread: Thread,
  { message }: StartInput,
): Draft | undefined {
  if (message === undefined || clean(message).trim() === '') return undefined;
  assertLength(message, settings.message_max_length);
  return { ...systemDraft(messageKind.user, message), name: thread.userName };
}

/** What is stored together with a new thread. */
export interface With {
  /** Of the visitor's message: said again, it is the same. */
  readonly once?: Once | undefined;
  /** Makes it the visitor's conversation, unless he got another one since `previous` was read. */
  readonly enter?: { readonly previous: number; readonly name: string };
  /** Statements of whoever begins it. */
  readonly also?: (tx: Transaction, threadId: number) => Promise<void>;
}

/**
 * Stores a thread and the messages that it begins with, and tells of both.
 * @returns undefined when the visitor got another conversation since `previous` was read
 */
export async function insertThread(
  { core, visitors }: Pick<NewcomerNeeds, 'core' | 'visitors'>,
  draft: Thread,
  opening: readonly Draft[],
  { enter, also, once }: With = {},
): Promise<Thread | undefined> {
  const written = opening.filter(({ kind }) => kind === messageKind.user);
  const thread = await core.db.transaction(async (tx) => {
    if (enter) {
      const row = await tx.first(core.sql.lockVisitor, { id: draft.visitorId });
      if (!row || row.threadId !== enter.previous) return undefined;
    }
    const revision = (await tx.next(core.sql.nextRevision)) as number;
    const counted: Thread = {
      ...draft,
      revision,
      lastSeq: opening.length,
      lastVisibleSeq: opening.findLastIndex(({ kind }) => isVisible(kind)) + 1,
      messageCount: written.length,
      shownMessage: written[0]?.body ?? null,
    };
    const { insertId: id } = await tx.run(core.sql.insertThread, { ...counted });
    for (const [index, message] of opening.entries()) {
      const key = message === written[0] ? once : undefined;
      await tx.run(core.sql.insertMessage, messageParams(id, index + 1, message, draft.createdAt, key));
    }
    if (enter) await tx.run(core.sql.enterThread, { id: draft.visitorId, threadId: id, name: enter.name });
    await also?.(tx, id);
    return { ...counted, id };
  });
  if (!thread) return undefined;

  core.heads.put(thread);
  if (enter) visitors.forget({ id: thread.visitorId });
  core.hooks.created(thread);
  opening.forEach((message, index) => {
    core.hooks.posted({ threadId: thread.id, seq: index + 1, createdAt: thread.createdAt, ...message });
  });
  core.news({ threadId: thread.id, seq: thread.lastSeq, revision: thread.revision });
  return thread;
}

/** How a conversation begins, and how a visitor comes back into it: one way for pages, for RPC and for plugins. */
import type { AvailabilityService, OperatorsService } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import {
  chatErrors,
  messageKind,
  threadState,
  type Beginning,
  type Preparation,
  type StartInput,
  type StartOutcome,
  type StartStage,
  type Thread,
  type Visitor,
} from './api.ts';
import { change } from './changes.ts';
import { clean, filtered, type Core } from './core.ts';
import { cut, draftThread, firstMessage, insertThread, openingMessages, type With } from './newcomer.ts';
import { firstKey, isOver, onceOf } from './posts.ts';
import type { ThreadPresence } from './presence.ts';
import { type Rate } from './rate.ts';
import type { chatSettings } from './settings.ts';
import { accept, reenter, type Speech } from './transitions.ts';
import type { Visitors } from './visitors.ts';

export interface StartNeeds {
  readonly core: Core;
  readonly visitors: Pick<Visitors, 'forget'>;
  readonly presence: ThreadPresence;
  readonly settings: Values<typeof chatSettings>;
  readonly speech: Speech;
  readonly availability: Pick<AvailabilityService, 'hasOnlineOperators' | 'isOnline'>;
  readonly operators: Pick<OperatorsService, 'list'>;
  readonly guest: (locale: string) => string;
  /** A locale that we speak, nearest to what was asked for. */
  readonly locale: (asked: string | undefined) => string;
  readonly options: (thread: Thread) => Promise<Readonly<Record<string, unknown>>>;
  /** Hook `chat.visitor.coming`. */
  readonly coming: (input: StartInput, visitor: Visitor) => Promise<StartInput>;
  readonly mayStart: (
    visitor: Visitor,
    input: StartInput,
  ) => Promise<{ readonly code: number; readonly name: string; readonly message: string } | undefined>;
  readonly beforeStart: (beginning: Beginning) => Promise<StartOutcome | undefined>;
  readonly prepare: (
    preparation: Preparation,
    about: {
      readonly visitor: Visitor;
      readonly input: StartInput;
      readonly locale: string;
      readonly left: boolean;
    },
  ) => Promise<Preparation>;
}

/** What is shared by all starts: how quickly one address may make threads, and the like. */
export interface Starting extends StartNeeds {
  readonly starts: Rate;
  /** How often one visitor is told of as having come back. */
  readonly returns: Rate;
  /** The visitor says something in a conversation that is there already. */
  readonly say: (threadId: number, message: string, key: string) => Promise<unknown>;
}

/** Was nobody heard for so long that the conversation counts as over? */
export function isForgotten(
  thread: Thread,
  [user, agent]: readonly [number | undefined, number | undefined],
  lifetime: number,
  reliableSince: number,
): boolean {
  const lastSign = Math.max(thread.createdAt, reliableSince, user ?? 0, agent ?? 0);
  return lifetime > 0 && Date.now() - lastSign > lifetime * 1000;
}

/** The thread that the visitor was in last, if it is still his: an invitation may have found out who was meant. */
async function lastOf(core: Core, visitor: Visitor, threadId: number): Promise<Thread | undefined> {
  const thread = threadId > 0 ? await core.heads.fresh(threadId) : undefined;
  return thread?.visitorId === visitor.id ? thread : undefined;
}

/** Goes back into the thread that the visitor was in, if that is still open. */
async function reopen(needs: Starting, visitor: Visitor, threadId: number): Promise<Thread | undefined> {
  const { core, presence, settings, speech } = needs;
  const thread = await lastOf(core, visitor, threadId);
  if (!thread || isOver(thread)) return undefined;
  const [seen = [undefined, undefined] as const] = await presence.lastSeen([thread]);
  if (isForgotten(thread, seen, settings.thread_lifetime, presence.reliableSince)) return undefined;
  // A start that is repeated because its answer was lost is no coming back.
  if (thread.state === threadState.loading) return thread;
  // Nor is it news that somebody loads the page over and over.
  if (!needs.returns.take(`thread:${thread.id}`)) return thread;
  const entered = await change(core, threadId, reenter(speech));
  return entered && !isOver(entered.thread) ? entered.thread : undefined;
}

/** Comes into the conversation that the visitor was invited to: he is asked nothing, and sent away by nothing. */
async function acceptInvitation(
  needs: StartNeeds,
  visitor: Visitor,
  input: StartInput,
  threadId: number,
): Promise<Thread | undefined> {
  const { core, speech, settings } = needs;
  const invitation = await lastOf(core, visitor, threadId);
  if (invitation?.state !== threadState.invited) return undefined;
  const locale = needs.locale(input.locale);
  const empty = { groupId: invitation.groupId, nextAgent: 0, opening: [] };
  const { groupId } = await needs.prepare(empty, { visitor, input, locale, left: false });
  const name = settings.usercanchangename ? cut(input.name, 64) : '';
  const as = { locale, groupId, userName: name || invitation.userName };
  const accepted = await change(core, threadId, accept(speech, as));
  if (!accepted?.changed) return undefined;
  // His operator waits for him already; he has the time that everybody has to show up.
  await needs.presence.ping(accepted.thread, 'agent', false);
  core.hooks.ready(accepted.thread);
  return accepted.thread;
}

/** @throws RpcError tooManyThreads */
async function assertRoom({ core, settings }: Pick<StartNeeds, 'core' | 'settings'>, remote: string) {
  const most = settings.max_connections_from_one_host;
  if (most === 0) return;
  const open = await core.sql.openFrom.first({ remote: cut(remote, 255) });
  if ((open?.count ?? 0) >= most)
    throw new RpcError(
      chatErrors.tooManyThreads,
      'TOO_MANY_THREADS',
      'Too many conversations are open from your address.',
    );
}

/** The operator whom the visitor asked for by his code. */
async function requestedBy(needs: StartNeeds, code: string | undefined): Promise<Beginning['requested']> {
  if (!code) return undefined;
  const wanted = code.toLowerCase();
  const operator = (await needs.operators.list()).find((one) => !one.disabled && one.code.toLowerCase() === wanted);
  return operator && { operator, online: await needs.availability.isOnline(operator.id) };
}

const addressed = (requested: Beginning['requested']): number => (requested?.online ? requested.operator.id : 0);

/** @throws RpcError 102 */
export function assertPace(rate: Rate, address: string): void {
  if (!rate.take(cut(address, 255)))
    throw new RpcError(
      chatErrors.rate,
      'RATE_LIMITED',
      'Too many conversations were begun from your address; try again in a minute.',
    );
}

/** The visitor is let in, and nothing comes before: makes his thread. @returns undefined when another start was quicker */
async function make(
  needs: Starting,
  { visitor, input, requested }: Beginning,
  previous: number,
): Promise<Thread | undefined> {
  const { core } = needs;
  const locale = needs.locale(input.locale);
  const empty = { groupId: 0, nextAgent: addressed(requested), opening: [] };
  const preparation = await needs.prepare(empty, { visitor, input, locale, left: false });
  const draft = draftThread(needs, visitor, input, locale, preparation);
  const hidden = await openingMessages(needs, draft, input, requested, preparation.opening);
  const first = firstMessage(needs, draft, input);
  const opening = first ? [...hidden, await filtered(core, first, 0, 'user')] : hidden;
  const name = draft.userName === needs.guest(locale) ? '' : draft.userName;
  const once = first && onceOf('user', firstKey(first.body), first.body);
  return insertThread(needs, draft, opening, { enter: { previous, name }, once });
}

/**
 * Re-enters or starts. What comes before is asked at each stage.
 * @throws RpcError 101, 102, 107, or what a plugin refuses with
 */
export async function startChat(
  needs: Starting,
  visitor: Visitor,
  asked: StartInput,
  stage: StartStage,
): Promise<StartOutcome> {
  const { core } = needs;
  const input = await needs.coming(asked, visitor);
  const answer = async (thread: Thread): Promise<StartOutcome> => ({
    next: 'chat',
    options: await needs.options(thread),
    thread,
  });

  const row = await core.sql.visitorThread.first({ id: visitor.id });
  const previous = row?.threadId ?? 0;
  const open = (await acceptInvitation(needs, visitor, input, previous)) ?? (await reopen(needs, visitor, previous));
  if (open) {
    // Written before he knew that he is in a conversation already; nobody else has it.
    const message = input.message ?? '';
    if (clean(message).trim() !== '') await needs.say(open.id, message, firstKey(message));
    return answer(open);
  }

  const refused = await needs.mayStart(visitor, input);
  if (refused) throw new RpcError(refused.code, refused.name, refused.message);
  const requested = await requestedBy(needs, input.operatorCode);
  const beginning: Beginning = { visitor, input, stage, ...(requested && { requested }) };
  const instead = await needs.beforeStart(beginning);
  // A message opens no conversation. Whoever cannot have one is not asked questions for it.
  if (instead?.next === 'leaveMessage') return instead;
  await assertRoom(needs, input.remote);
  if (instead) return instead;

  assertPace(needs.starts, input.remote);
  const thread = await make(needs, beginning, previous);
  // Another start of the same visitor came first; it is this one's answer too.
  if (!thread) return startChat(needs, visitor, input, stage);
  core.hooks.ready(thread);
  return answer(thread);
}

/** Stores what a visitor leaves for later. @throws RpcError 102, or what a plugin refuses with */
export async function leaveMessage(
  needs: Starting,
  visitor: Visitor,
  input: StartInput,
  opening: Parameters<typeof insertThread>[2],
  also?: With['also'],
): Promise<Thread> {
  const refused = await needs.mayStart(visitor, input);
  if (refused) throw new RpcError(refused.code, refused.name, refused.message);
  assertPace(needs.starts, input.remote);
  const locale = needs.locale(input.locale);
  const empty = { groupId: 0, nextAgent: 0, opening: [] };
  const preparation = await needs.prepare(empty, { visitor, input, locale, left: true });
  const now = Date.now();
  const draft = draftThread(needs, visitor, input, locale, preparation);
  const messages = await Promise.all(
    opening.map((one) => filtered(needs.core, one, 0, one.kind === messageKind.user ? 'user' : 'system')),
  );
  const left: Thread = { ...draft, state: threadState.left, closedAt: now };
  return (await insertThread(needs, left, messages, { ...(also && { also }) })) as Thread;
}

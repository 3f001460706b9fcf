/** How a conversation begins, and how a visitor comes back into it: one way for pages, for RPC and for plugins. */
import { randomInt } from 'node:crypto';
import type { AvailabilityService, Operator, OperatorsService } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import {
  chatErrors,
  messageKind,
  threadState,
  type Draft,
  type StartInput,
  type StartOutcome,
  type Thread,
  type Visitor,
} from './api.ts';
import { change } from './changes.ts';
import { clean, filtered, isVisible, messageParams, systemDraft, type Core } from './core.ts';
import { isOver } from './posts.ts';
import type { ThreadPresence } from './presence.ts';
import type { chatSettings } from './settings.ts';
import { reenter, type Speech } from './transitions.ts';
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
  readonly mayStart: (
    visitor: Visitor,
    input: StartInput,
  ) => Promise<{ readonly code: number; readonly name: string; readonly message: string } | undefined>;
  readonly beforeStart: (visitor: Visitor, input: StartInput) => Promise<StartOutcome | undefined>;
}

/** Characters, not halves of them. */
const cut = (text: string | undefined, length: number): string =>
  Array.from(clean(text ?? '').trim())
    .slice(0, length)
    .join('');

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

/** Goes back into the thread that the visitor was in, if that is still open. */
async function reopen(needs: StartNeeds, threadId: number): Promise<Thread | undefined> {
  const { core, presence, settings, speech } = needs;
  const thread = threadId > 0 ? await core.heads.fresh(threadId) : undefined;
  if (!thread || isOver(thread)) return undefined;
  const [seen = [undefined, undefined] as const] = await presence.lastSeen([thread]);
  if (isForgotten(thread, seen, settings.thread_lifetime, presence.reliableSince)) return undefined;
  // A start that is repeated because its answer was lost is no coming back.
  if (thread.state === threadState.loading) return thread;
  const entered = await change(core, threadId, reenter(speech));
  return entered && !isOver(entered.thread) ? entered.thread : undefined;
}

/** @throws RpcError tooManyThreads */
export async function assertRoom({ core, settings }: Pick<StartNeeds, 'core' | 'settings'>, remote: string) {
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

async function requested(needs: StartNeeds, code: string | undefined) {
  if (!code) return { operator: undefined, online: false };
  const wanted = code.toLowerCase();
  const operator = (await needs.operators.list()).find((one) => !one.disabled && one.code.toLowerCase() === wanted);
  return { operator, online: operator !== undefined && (await needs.availability.isOnline(operator.id)) };
}

async function greet(needs: StartNeeds, asked: { readonly operator: Operator | undefined; readonly online: boolean }) {
  if (asked.operator && !asked.online) return ['greeting.requestedAway', { name: asked.operator.name }] as const;
  return (await needs.availability.hasOnlineOperators()) || asked.online
    ? (['greeting.welcome', {}] as const)
    : (['greeting.nobody', {}] as const);
}

/** The messages that a conversation begins with. */
async function openingMessages(needs: StartNeeds, thread: Thread, input: StartInput): Promise<Draft[]> {
  const { say } = needs.speech;
  const asked = await requested(needs, input.operatorCode);
  const hidden = (key: string, people: Record<string, string>) =>
    systemDraft(messageKind.forAgent, say(thread, key, people));
  const [greeting, people] = await greet(needs, asked);
  const page = cut(input.url, 2048);
  const referrer = cut(input.referrer, 2048);
  const drafts = [
    ...(page ? [hidden(referrer ? 'event.cameFromVia' : 'event.cameFrom', { page, referrer })] : []),
    systemDraft(messageKind.info, say(thread, greeting, people)),
    ...(input.email ? [hidden('event.email', { email: cut(input.email, 254) })] : []),
    ...(input.info ? [hidden('event.info', { info: cut(input.info, 1024) })] : []),
  ];
  // There is no number yet; listeners see 0.
  return Promise.all(drafts.map((draft) => filtered(needs.core, draft, 0)));
}

async function draftThread(needs: StartNeeds, visitor: Visitor, input: StartInput): Promise<Thread> {
  const locale = needs.locale(input.locale);
  const chosen = needs.settings.usercanchangename ? cut(input.name, 64) : '';
  const asked = await requested(needs, input.operatorCode);
  const now = Date.now();
  return {
    id: 0,
    token: randomInt(1, 0x1000000),
    visitorId: visitor.id,
    userId: visitor.userId,
    userName: chosen || visitor.name || cut(needs.guest(locale), 64),
    agentId: 0,
    agentName: '',
    nextAgent: asked.online ? (asked.operator?.id ?? 0) : 0,
    groupId: 0,
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

/** Stores thread and opening messages, unless the visitor got another thread since `previous` was read. */
async function store(core: Core, draft: Thread, opening: readonly Draft[], previous: number, name: string) {
  return core.db.transaction(async (tx) => {
    const row = await tx.first(core.sql.lockVisitor, { id: draft.visitorId });
    if (!row || row.threadId !== previous) return undefined;
    const revision = (await tx.next(core.sql.nextRevision)) as number;
    const lastSeq = opening.length;
    const lastVisibleSeq = opening.findLastIndex(({ kind }) => isVisible(kind)) + 1;
    const counted = { ...draft, revision, lastSeq, lastVisibleSeq };
    const { insertId: id } = await tx.run(core.sql.insertThread, { ...counted, now: draft.createdAt });
    for (const [index, message] of opening.entries())
      await tx.run(core.sql.insertMessage, messageParams(id, index + 1, message, draft.createdAt));
    await tx.run(core.sql.enterThread, { id: draft.visitorId, threadId: id, name });
    return { ...counted, id };
  });
}

/** Starts or re-enters. @throws RpcError tooManyThreads, or what a plugin refuses with */
export async function startChat(needs: StartNeeds, visitor: Visitor, input: StartInput): Promise<StartOutcome> {
  const { core } = needs;
  const answer = async (thread: Thread): Promise<StartOutcome> => ({
    next: 'chat',
    options: await needs.options(thread),
    thread,
  });

  const row = await core.sql.visitorThread.first({ id: visitor.id });
  const previous = row?.threadId ?? 0;
  const open = await reopen(needs, previous);
  if (open) return answer(open);

  const refused = await needs.mayStart(visitor, input);
  if (refused) throw new RpcError(refused.code, refused.name, refused.message);
  await assertRoom(needs, input.remote);
  const instead = await needs.beforeStart(visitor, input);
  if (instead) return instead;

  const draft = await draftThread(needs, visitor, input);
  const opening = await openingMessages(needs, draft, input);
  const name = draft.userName === needs.guest(draft.locale) ? '' : draft.userName;
  const thread = await store(core, draft, opening, previous, name);
  // Another start of the same visitor came first; it is this one's answer too.
  if (!thread) return startChat(needs, visitor, input);

  core.heads.put(thread);
  needs.visitors.forget(visitor);
  core.hooks.created(thread);
  opening.forEach((message, index) => {
    core.hooks.posted({ threadId: thread.id, seq: index + 1, createdAt: thread.createdAt, ...message });
  });
  core.hooks.ready(thread);
  core.news({ threadId: thread.id, seq: thread.lastSeq, revision: thread.revision });
  return answer(thread);
}

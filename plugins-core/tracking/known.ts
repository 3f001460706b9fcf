/** A visitor as he is in memory: what others may see of him, and what is kept about him besides. Changed in place. */
import type { Thread } from '../chat/api.ts';
import { invitationState, threadState } from '../chat/api.ts';
import type { TrackedEvent, TrackedVisitor } from './api.ts';
import type { Found } from './kept.ts';

type Changeable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface Known extends Changeable<TrackedVisitor> {
  readonly secretHash: string;
  /** He counts as being here until then, ms since the epoch. */
  until: number;
  /** `lastTime` as it is stored. */
  stored: number;
  /** Thread of the invitation that was shown to him; for pages that do not say so themselves. */
  shown: number;
  /** His thread is an invitation that nobody has answered yet. */
  invitation: Invitation | undefined;
  /** What became of the last invitation. */
  invited: number;
  /** On the board, as it was told last. */
  listed: boolean;
  /** Out of memory: whoever holds this one holds something old. */
  forgotten: boolean;
}
interface Invitation {
  readonly time: number;
  readonly agentName: string;
  readonly threadId: number;
}

const nothing: Readonly<Record<string, string>> = Object.freeze({});
const noEvents: readonly TrackedEvent[] = Object.freeze([]);

/** Texts that many visitors share are kept once. */
const shared = new Map<string, string>();
const sharedAtMost = 5_000;
export function share(text: string): string {
  if (text === '') return '';
  const same = shared.get(text);
  if (same !== undefined) return same;
  if (shared.size >= sharedAtMost) shared.clear();
  shared.set(text, text);
  return text;
}

const isEmpty = (object: object): boolean => {
  for (const _ in object) return false;
  return true;
};

export function toKnown({ row, page, pages, events }: Found): Known {
  return {
    id: row.id,
    userId: row.userId,
    name: row.name,
    entry: share(row.entry),
    userAgent: share(row.userAgent),
    remote: row.remote,
    country: share(row.country),
    city: share(row.city),
    locale: share(row.locale),
    firstTime: row.firstTime,
    lastTime: row.lastTime,
    page,
    pages,
    visits: row.visits,
    invitations: row.invitations,
    chats: row.chats,
    threadId: row.threadId,
    visitorId: row.visitorId,
    attributes: isEmpty(row.attributes) ? nothing : row.attributes,
    identity: row.identityId === '' ? undefined : { id: row.identityId, verified: row.verified },
    events: events.length === 0 ? noEvents : events,
    secretHash: row.secretHash,
    until: 0,
    stored: row.lastTime,
    shown: 0,
    invitation: undefined,
    invited: row.invited,
    listed: false,
    forgotten: false,
  };
}

/** Takes over how it is with his thread. */
export function follow(known: Known, thread: Thread | undefined): void {
  const pending = thread?.state === threadState.invited;
  known.invitation = pending ? { time: thread.createdAt, agentName: thread.agentName, threadId: thread.id } : undefined;
  // An invitation that was withdrawn stays pending in the records.
  if (thread && thread.invitationState !== invitationState.none)
    known.invited = !pending && thread.invitationState === invitationState.pending ? 0 : thread.invitationState;
}

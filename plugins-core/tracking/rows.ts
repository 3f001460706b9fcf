/** Rows of the visitor board, and their order. */
import { isIP } from 'node:net';
import type { TrackedVisitor, WireVisitor } from './api.ts';
import { browserOf } from './browsers.ts';
import type { Known } from './known.ts';

const seconds = (ms: number) => Math.floor(ms / 1000);

/** Without a conversation, or invited to one and not answered yet. */
export const isListed = (known: Known, now: number): boolean =>
  !known.forgotten && (known.threadId === 0 ? known.until > now : known.invitation !== undefined);

/** @param guest what somebody without a name is called */
export function toRow(visitor: TrackedVisitor, guest: string): WireVisitor {
  const { name: userAgent, system } = browserOf(visitor.userAgent);
  // Visitors that another plugin brings were never here.
  const { invitation, invited = 0 } = visitor as Partial<Known>;
  return {
    id: visitor.id,
    userId: visitor.userId,
    userName: visitor.name || guest,
    userAgent,
    userIp: isIP(visitor.remote) ? visitor.remote : false,
    remote: visitor.remote,
    firstTime: seconds(visitor.firstTime),
    lastTime: seconds(visitor.lastTime),
    invitations: visitor.invitations,
    chats: visitor.chats,
    invitationInfo: invitation
      ? { time: seconds(invitation.time), agentName: invitation.agentName, threadId: invitation.threadId }
      : false,
    page: visitor.page?.address ?? '',
    title: visitor.page?.title ?? '',
    pages: visitor.pages,
    visits: visitor.visits,
    entry: visitor.entry,
    system,
    country: visitor.country,
    city: visitor.city,
    attributes: visitor.attributes,
    identity: visitor.identity ?? null,
    invited,
  };
}

/** All of them are here now; who was seen last is who went to a page last, or the board would turn over with each poll. */
const seenAt = ({ page, firstTime }: Known): number => page?.at ?? firstTime;

/** RPC spec section 10: state of the invitation, then who was seen last, then how often he was invited. */
function compare(one: Known, other: Known): number {
  const [left, right] = [one.invitation ? 1 : 0, other.invitation ? 1 : 0];
  return left - right || seenAt(other) - seenAt(one) || one.invitations - other.invitations || other.id - one.id;
}

/** Up to so many are picked out; of more, all are put in order. */
const picked = 1_000;

/** The first of them in order. Asked for with each burst of news, so that thousands are not sorted for the sake of twenty. */
export function ranked(list: readonly Known[], limit: number): Known[] {
  if (limit <= 0 || list.length <= limit) return list.toSorted(compare);
  if (limit > picked) return list.toSorted(compare).slice(0, limit);
  // Whoever came last stands at the end, and is most likely one of the first.
  const first = list.slice(-limit).toSorted(compare);
  for (let at = list.length - limit - 1; at >= 0; at -= 1) {
    const one = list[at]!;
    if (compare(one, first.at(-1)!) >= 0) continue;
    let [from, to] = [0, limit - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compare(one, first[middle]!) < 0) to = middle;
      else from = middle + 1;
    }
    first.pop();
    first.splice(from, 0, one);
  }
  return first;
}

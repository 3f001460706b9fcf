/** Reading messages: what is missing after a number, as one side may see it. */
import { type Side, type WireMessage, messageKind } from './api.ts';
import { toMessage, type Core } from './core.ts';

export interface Page {
  readonly messages: readonly WireMessage[];
  readonly lastId: number;
}

/** Messages of one answer; who misses more asks again. */
const pageSize = 200;
const nothing: readonly WireMessage[] = Object.freeze([]);

/** Stored messages after `lastId` that this side may see by kind, before any hook. */
export async function storedAfter(
  core: Core,
  threadId: number,
  side: Side,
  lastId: number,
  upTo: number,
  limit: number,
): Promise<readonly WireMessage[]> {
  const cached = core.wires.range(threadId, lastId + 1, upTo);
  if (cached && cached.length <= limit)
    return side === 'agent' ? cached : cached.filter(({ kind }) => kind !== messageKind.forAgent);
  const statement = side === 'agent' ? core.sql.messagesAfter : core.sql.visibleAfter;
  const rows = await statement.all({ id: threadId, after: lastId, limit });
  return rows.map((row) => core.wires.add(toMessage(row)));
}

/** The cursor follows the stored messages; a hook may change or blank them, not move it. */
export async function messagesAfter(
  core: Core,
  threadId: number,
  side: Side,
  lastId: number,
  limit = pageSize,
): Promise<Page> {
  const head = await core.heads.load(threadId);
  const last = side === 'user' ? head?.lastVisibleSeq : head?.lastSeq;
  if (!head || last === undefined || last <= lastId) return { messages: nothing, lastId };
  const stored = await storedAfter(core, threadId, side, lastId, last, limit);
  const end = stored.at(-1);
  if (!end) return { messages: nothing, lastId };
  return { messages: await core.hooks.loaded(stored, { threadId, side }), lastId: end.id };
}

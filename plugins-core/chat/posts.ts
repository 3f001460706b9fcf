/** Posting: a number without gaps, exactly once where the sender gave a key. */
import { createHash } from 'node:crypto';
import type { PreparedIncrement, Transaction } from '../database/api.ts';
import type { Operator } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import {
  chatErrors,
  messageKind,
  threadState,
  wrongThread,
  type Draft,
  type Message,
  type Side,
  type Thread,
} from './api.ts';
import { clean, committed, filtered, isVisible, messageParams, type Core } from './core.ts';
import { escapeHtml } from './escape.ts';
import type { Rate } from './rate.ts';

export interface PostLimits {
  /** Longest message, in characters. */
  readonly length: number;
  readonly rate: Rate;
}

export interface PostRequest {
  readonly message: string;
  readonly key?: string;
  readonly operator?: Operator;
  readonly private?: boolean;
}

export interface Posted {
  readonly id: number;
  readonly created: number;
}

/** What makes a message sent again the same message. */
export interface Once {
  readonly sender: string;
  readonly senderKey: string;
  readonly bodyHash: string;
}

const hash = (text: string) => createHash('sha256').update(text).digest('base64url');
export const onceOf = (sender: string, key: string, message: string): Once => ({
  sender,
  senderKey: hash(key),
  bodyHash: hash(message),
});
/** Of what a visitor says before he is let in: it has no key but itself. */
export const firstKey = (message: string): string => `first:${hash(message)}`;
const seconds = (ms: number) => Math.floor(ms / 1000);
const cannotSend = () => new RpcError(chatErrors.cannotSend, 'ERROR_CANNOT_SEND', 'Cannot send');

export const isOver = (thread: Thread): boolean =>
  thread.state === threadState.closed || thread.state === threadState.left;

/** May this side write into the thread as it is now? */
export const mayPost = (thread: Thread, side: Side, operatorId: number | undefined): boolean =>
  !isOver(thread) && (side === 'user' ? thread.state !== threadState.invited : thread.agentId === operatorId);

/** The message that was stored under this key before, if any. @throws RpcError 103 for another body */
async function findEarlier(core: Core, id: number, once: Once, tx?: Transaction): Promise<Posted | undefined> {
  const params = { id, sender: once.sender, senderKey: once.senderKey };
  const row = await (tx ? tx.first(core.sql.findByKey, params) : core.sql.findByKey.first(params));
  if (!row) return undefined;
  if (row.bodyHash !== once.bodyHash)
    throw new RpcError(chatErrors.keyReused, 'KEY_REUSED', 'This key was used for another message.');
  return { id: row.seq, created: seconds(row.createdAt) };
}

/** @throws RpcError 101 */
export function assertLength(body: string, longest: number): void {
  // Counting characters costs more than counting units, and there are never more of them.
  if (body.length > longest && Array.from(body).length > longest)
    throw new RpcError(chatErrors.messageTooLong, 'MESSAGE_TOO_LONG', `A message has at most ${longest} characters.`);
}

function testBody(body: string, longest: number): void {
  if (clean(body).trim() === '') throw new RpcError(chatErrors.messageEmpty, 'MESSAGE_EMPTY', 'The message is empty.');
  assertLength(body, longest);
}

/** What memory forbids is asked again of the database: another node may just have handed the thread over. */
async function testRight(core: Core, id: number, side: Side, { operator, ...post }: PostRequest): Promise<Thread> {
  // A note among operators is written by anybody who sees the thread.
  const may = (thread: Thread) => (post.private ? !isOver(thread) : mayPost(thread, side, operator?.id));
  const head = await core.heads.load(id);
  if (head && may(head)) return head;
  const fresh = await core.heads.fresh(id);
  if (!fresh) throw wrongThread();
  if (!may(fresh)) throw cannotSend();
  return fresh;
}

/** Asks plugins whether this side is heard. @throws RpcError of their refusal */
export async function assertHeard(core: Pick<Core, 'hooks'>, thread: Thread, side: Side): Promise<void> {
  const refused = await core.hooks.mayPost(thread, side);
  if (refused) throw new RpcError(refused.code, refused.name, refused.message);
}

/** Thrown inside the transaction: somebody else stored the message first, so the number must be given back. */
class StoredBefore extends Error {}

/** The unique key looks the sender's key up once more, now that the row is locked; a statement less than asking. */
async function insert(core: Core, tx: Transaction, params: ReturnType<typeof messageParams>): Promise<void> {
  try {
    await tx.run(core.sql.insertMessage, params);
  } catch (error) {
    throw core.db.isUniqueViolation(error) ? new StoredBefore() : error;
  }
}

async function store(
  core: Core,
  head: Thread,
  counter: PreparedIncrement,
  draft: Draft,
  request: { readonly operatorId: number; readonly once: Once | undefined; readonly createdAt: number },
): Promise<{ readonly seq: number; readonly revision: number }> {
  const { id } = head;
  const { once, createdAt } = request;
  return core.db.transaction(async (tx) => {
    const seq = await tx.next(counter, { id, operatorId: request.operatorId });
    if (seq === undefined) {
      // Closed or handed over since, perhaps by a resend of this very message that was quicker.
      if (once && (await findEarlier(core, id, once, tx))) throw new StoredBefore();
      throw cannotSend();
    }
    await insert(core, tx, messageParams(id, seq, draft, createdAt, once));
    if (draft.kind !== messageKind.user || head.shownMessage !== null) return { seq, revision: 0 };
    const { affected } = await tx.run(core.sql.showMessage, { id, body: draft.body, now: createdAt });
    if (affected === 0) return { seq, revision: 0 };
    const revision = (await tx.next(core.sql.nextRevision)) as number;
    await tx.run(core.sql.setRevision, { id, revision });
    return { seq, revision };
  });
}

function asSent(head: Thread, side: Side, { message, operator, ...post }: PostRequest): Draft {
  const common = { agentId: operator?.id ?? 0, plugin: '', data: null };
  if (side === 'user') return { ...common, kind: messageKind.user, body: message, name: head.userName };
  // Bodies of this kind are safe text, not raw.
  if (post.private)
    return { ...common, kind: messageKind.forAgent, body: escapeHtml(message), name: operator?.name ?? '' };
  return { ...common, kind: messageKind.agent, body: message, name: head.agentName };
}

/** Posts a message of the visitor or of the operator. @throws RpcError 4, 5, 100, 101, 102, 103 */
export async function post(
  core: Core,
  limits: PostLimits,
  id: number,
  side: Side,
  request: PostRequest,
): Promise<Posted> {
  const operatorId = request.operator?.id;
  const sender = side === 'user' ? 'user' : `agent:${operatorId}`;
  const once = request.key === undefined ? undefined : onceOf(sender, request.key, request.message);
  const source = `${id}:${sender}`;
  let head: Thread;
  let draft: Draft;
  try {
    testBody(request.message, limits.length);
    head = await testRight(core, id, side, request);
    await assertHeard(core, head, side);
    if (!limits.rate.take(source))
      throw new RpcError(chatErrors.rate, 'RATE_LIMITED', 'Too many messages at once; try again in a moment.');
    draft = await filtered(core, asSent(head, side, request), id, side);
  } catch (refusal) {
    // A resend gets its number whatever became of the thread since. Only who would be refused is looked up: whoever
    // passes meets the unique key, which says the same without a statement of its own.
    const earlier = once && (await findEarlier(core, id, once));
    if (earlier) return earlier;
    throw refusal;
  }

  const counters = core.sql.counters[request.private ? 'note' : side];
  const counter = isVisible(draft.kind) ? counters.visible : counters.hidden;
  const createdAt = Date.now();
  try {
    const { seq, revision } = await store(core, head, counter, draft, { operatorId: operatorId ?? 0, once, createdAt });
    committed(core, { threadId: id, seq, createdAt, ...draft });
    if (revision > 0) {
      // Read again: the row may have changed otherwise since `head` was read, and the revision vouches for all of it.
      const thread = await core.heads.fresh(id);
      // Whatever else changed meanwhile is told by whoever changed it.
      const { modifiedAt, revision: before } = head;
      if (thread)
        core.hooks.changed({ thread, original: { ...thread, shownMessage: null, modifiedAt, revision: before } });
    }
    core.news({ threadId: id, seq, revision });
    return { id: seq, created: seconds(createdAt) };
  } catch (error) {
    if (!once || !(error instanceof StoredBefore)) throw error;
    // Nothing was posted, so the rate has lost nothing.
    limits.rate.giveBack(source);
    // Asked outside the transaction, which waits for the other one's COMMIT. Should that fail, it is our turn again.
    return (await findEarlier(core, id, once)) ?? post(core, limits, id, side, request);
  }
}

/** Posts for the system or a plugin, in any state. @throws RpcError 4 */
export async function postSystem(core: Core, id: number, draft: Draft, createdAt = Date.now()): Promise<Message> {
  const wanted = await filtered(core, draft, id);
  const { visible, hidden } = core.sql.counters.system;
  const counter = isVisible(wanted.kind) ? visible : hidden;
  const seq = await core.db.transaction(async (tx) => {
    const next = await tx.next(counter, { id });
    if (next !== undefined) await tx.run(core.sql.insertMessage, messageParams(id, next, wanted, createdAt));
    return next;
  });
  if (seq === undefined) throw wrongThread();
  const message: Message = { threadId: id, seq, createdAt, ...wanted };
  committed(core, message);
  core.news({ threadId: id, seq, revision: 0 });
  return message;
}

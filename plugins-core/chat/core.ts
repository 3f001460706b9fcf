/**
 * What the parts of the message core share: statements, heads, the latest messages, and whom to tell after a commit.
 * Everything in here is a plain function or a plain object; the plugin puts it together once.
 */
import type { Cluster } from '../cluster/api.ts';
import type { Database } from '../database/api.ts';
import type { Operator } from '../operators/api.ts';
import {
  messageKind,
  newsTopic,
  type Draft,
  type Message,
  type Side,
  type Thread,
  type ThreadNews,
  type WireMessage,
} from './api.ts';
import { createHeads, type Heads } from './heads.ts';
import { createRevisions, type Revisions } from './revisions.ts';
import { createStatements, type Statements } from './statements.ts';
import type { MessageRow, ThreadRow } from './tables.ts';
import { createWireCache, type WireCache } from './wire.ts';

/** Hooks of the plugin, as functions. What is told after the fact is not waited for. */
export interface ChatHooks {
  /** Why this side may not write, if so. */
  mayPost(
    thread: Thread,
    side: Side,
  ): Promise<{ readonly code: number; readonly name: string; readonly message: string } | undefined>;
  filter(draft: Draft, where: { readonly threadId: number; readonly side: Side | 'system' }): Promise<Draft>;
  loaded(
    messages: readonly WireMessage[],
    where: { readonly threadId: number; readonly side: Side },
  ): Promise<readonly WireMessage[]>;
  posted(message: Message): void;
  created(thread: Thread): void;
  changed(change: { readonly thread: Thread; readonly original: Thread }): void;
  taken(change: { readonly thread: Thread; readonly original: Thread }): void;
  redirected(change: { readonly thread: Thread; readonly original: Thread; readonly by: Operator }): void;
  closed(thread: Thread): void;
  ready(thread: Thread): void;
}

export interface Core {
  readonly db: Database;
  readonly sql: Statements;
  readonly heads: Heads;
  readonly wires: WireCache;
  readonly revisions: Revisions;
  readonly hooks: ChatHooks;
  /** Tells every node, this one included, that something was committed. */
  news(news: Omit<ThreadNews, 'node'>): void;
}

export const toThread = (row: ThreadRow): Thread => row as Thread;
export const toMessage = (row: MessageRow): Message => ({
  threadId: row.threadId,
  seq: row.seq,
  kind: row.kind as Message['kind'],
  name: row.name,
  agentId: row.agentId,
  body: row.body,
  plugin: row.plugin,
  data: row.data,
  createdAt: row.createdAt,
});

export const isVisible = (kind: number): boolean => kind !== messageKind.forAgent;

/** What every database keeps as it is: no NUL, no half characters. */
export const clean = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd').replaceAll('\0', '');

/** Runs the filters, before any transaction. */
export async function filtered(
  core: Pick<Core, 'hooks'>,
  draft: Draft,
  threadId: number,
  side: Side | 'system' = 'system',
): Promise<Draft> {
  const wanted = await core.hooks.filter(draft, { threadId, side });
  return { ...wanted, body: clean(wanted.body), name: wanted.name === null ? null : clean(wanted.name) };
}

export function createCore(db: Database, { bus, nodeId }: Pick<Cluster, 'bus' | 'nodeId'>, hooks: ChatHooks): Core {
  const statements = createStatements(db);
  const revisions = createRevisions(bus);
  const read = async (id: number) => {
    const row = await statements.threadById.first({ id });
    return row && toThread(row);
  };
  return {
    db,
    sql: statements,
    heads: createHeads(read, bus),
    wires: createWireCache(),
    revisions,
    hooks,
    news(news) {
      revisions.saw(news.revision);
      bus.publish(newsTopic, { ...news, node: nodeId });
    },
  };
}

/** Parameters of the statement that stores a message. */
export function messageParams(
  threadId: number,
  seq: number,
  draft: Draft,
  createdAt: number,
  once?: { readonly sender: string; readonly senderKey: string; readonly bodyHash: string },
) {
  return {
    id: threadId,
    seq,
    kind: draft.kind,
    agentId: draft.agentId,
    name: draft.name,
    body: draft.body,
    plugin: draft.plugin,
    data: draft.data ?? null,
    createdAt,
    sender: once?.sender ?? null,
    senderKey: once?.senderKey ?? null,
    bodyHash: once?.bodyHash ?? null,
  };
}

/** After COMMIT, and only then: memory, the other nodes, the listeners. */
export function committed(core: Core, message: Message): void {
  core.wires.add(message);
  core.heads.advance(message.threadId, message.seq, isVisible(message.kind));
  core.hooks.posted(message);
}

export const systemDraft = (kind: Draft['kind'], body: string): Draft => ({
  kind,
  body,
  name: null,
  agentId: 0,
  plugin: '',
  data: null,
});

/** Rows of the queue: what an operator sees of a thread. */
import { isIP } from 'node:net';
import { type Thread, threadState } from '../chat/api.ts';
import type { WireThread } from './api.ts';
import { browserName } from './browsers.ts';

/** What makes the rows of two operators differ. */
export interface Viewer {
  readonly id: number;
  /** May take a thread that another operator chats in. */
  readonly takeover: boolean;
  /** May watch the threads of others. */
  readonly viewthreads: boolean;
}

/** What a row needs besides its thread. */
export interface RowSources {
  /** Setting `usernamepattern`. */
  readonly pattern: string;
  /** Name of the operator that a thread is addressed to. */
  readonly nextAgentName?: string | undefined;
}

const seconds = (ms: number) => Math.floor(ms / 1000);

/** Applies `{name} {id} {addr}` in one pass: a visitor who calls himself `{addr}` stays `{addr}`. */
export function patternName(pattern: string, thread: Pick<Thread, 'userName' | 'userId' | 'remote'>): string {
  const values: Readonly<Record<string, string>> = { name: thread.userName, id: thread.userId, addr: thread.remote };
  return pattern.replace(/\{(name|id|addr)\}/g, (whole, key: string) => values[key] ?? whole);
}

/** The address in `remote`, which may carry a host name around it. */
function addressOf(remote: string): string | false {
  if (isIP(remote)) return remote;
  return /\d{1,3}(?:\.\d{1,3}){3}/.exec(remote)?.[0] ?? false;
}

/** The row as an operator without rights sees it who has nothing to do with the thread. */
export function toRow(thread: Thread, { pattern, nextAgentName }: RowSources): WireThread {
  return {
    id: thread.id,
    token: thread.token,
    userId: thread.userId,
    userName: patternName(pattern, thread),
    userIp: addressOf(thread.remote),
    remote: thread.remote,
    userAgent: browserName(thread.userAgent),
    agentId: thread.agentId,
    agentName: nextAgentName || thread.agentName || '-',
    ...(thread.visitorGone && { visitorGone: true }),
    canOpen: thread.state !== threadState.chatting,
    canView: false,
    canBan: false,
    ban: false,
    state: thread.state,
    totalTime: seconds(thread.createdAt),
    waitingTime: seconds(thread.modifiedAt),
    firstMessage: thread.shownMessage === null ? null : thread.shownMessage.replace(/[\r\n\t]+/g, ' '),
  };
}

/** The same row for one operator; a new object only where something differs. */
export function forViewer(row: WireThread, thread: Thread, viewer: Viewer): WireThread {
  const canOpen = row.canOpen || thread.agentId === viewer.id || viewer.takeover;
  const canView = viewer.viewthreads && thread.agentId !== viewer.id && thread.nextAgent !== viewer.id;
  const addressed = thread.nextAgent === viewer.id && thread.state !== threadState.chatting;
  if (canOpen === row.canOpen && canView === row.canView && !addressed) return row;
  return { ...row, canOpen, canView, ...(addressed && { addressed }) };
}

/** Tells that a thread left an operator's sight, and nothing else about it. */
export function goneRow(thread: Thread): WireThread {
  return {
    id: thread.id,
    token: 0,
    userId: '',
    userName: '',
    userIp: false,
    remote: '',
    userAgent: '',
    agentId: 0,
    agentName: '-',
    canOpen: false,
    canView: false,
    canBan: false,
    ban: false,
    state: threadState.closed,
    totalTime: seconds(thread.createdAt),
    waitingTime: seconds(thread.modifiedAt),
    firstMessage: null,
  };
}

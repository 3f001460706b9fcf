/** What must hold whenever the product has come to rest, and at the end. Written anew from the rules, not from the router. */
import { threadState, type Thread, type ThreadsService } from '../../plugins-core/chat/api.ts';
import type { SimOperator, SimWorld } from './world.ts';

const { chatting, waiting, queue, closed, left } = threadState;

/** Seconds of the product's settings. */
export const timeouts = { online: 30, connection: 30, lifetime: 600 } as const;

/** Whose conversation it is, or will be when he is back or free. */
const ownerOf = ({ state, agentId, nextAgent }: Thread) =>
  state === chatting ? agentId : state === waiting ? nextAgent || agentId : 0;

/** Conversations that count for an operator's limit. */
export const loadOf = (open: readonly Thread[], operatorId: number): number =>
  open.filter((thread) => ownerOf(thread) === operatorId).length;

export function overLimit(open: readonly Thread[], { operators }: SimWorld): readonly string[] {
  return operators.flatMap(({ id, name, limit }) => {
    const has = open.filter(({ state, agentId }) => state === chatting && agentId === id).length;
    return has > limit ? [`${name} has ${has} conversations, not at most ${limit}`] : [];
  });
}

/** Those who wait although somebody could have them. */
export function waitingInVain(open: readonly Thread[], world: SimWorld, now: number): readonly string[] {
  // Whoever vanished counts until he is missed: nobody can know before.
  const isAvailable = ({ mood, seenAt }: SimOperator) => mood !== 'away' && now - seenAt < timeouts.online * 1000;
  return open.flatMap((thread) => {
    if ((thread.state !== waiting && thread.state !== queue) || world.byHand.has(thread.groupId)) return [];
    const fitting = world.operators.filter(
      (one) => isAvailable(one) && world.answers(one, thread.groupId) && one.id !== thread.redirectedBy,
    );
    const addressed = fitting.filter(({ id }) => id === thread.nextAgent);
    const free = (addressed.length > 0 ? addressed : fitting).filter(({ id, limit }) => {
      // Whoever was just lost gets the time to come back by himself; others do not wait for him.
      const justLost = thread.state === waiting && addressed.length === 0 && thread.agentId === id;
      if (justLost && now - thread.modifiedAt < timeouts.connection * 1000) return false;
      return loadOf(open, id) - Number(ownerOf(thread) === id) < limit;
    });
    const names = free.map(({ name }) => name).join(', ');
    return free.length > 0
      ? [`conversation ${thread.id} (group ${thread.groupId}) waits while ${names} could have it`]
      : [];
  });
}

/** A text that somebody wrote. */
export interface Written {
  readonly threadId: number;
  readonly text: string;
  /** Number that the server gave it; 0 where the caller was not told whether it was kept, -1 where it was refused. */
  readonly id: number;
}

/** Each conversation over, each text kept once where the server said, numbers without gaps. */
export async function judgeEnd(
  threads: Pick<ThreadsService, 'byId' | 'messages'>,
  ids: readonly number[],
  written: readonly Written[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const byThread = grouped(written);
  for (const id of ids) {
    const thread = await threads.byId(id);
    if (!thread || (thread.state !== closed && thread.state !== left) || thread.closedAt === 0)
      faults.push(`conversation ${id} is not over: ${JSON.stringify(thread)}`);
    const stored: { id: number; message: string }[] = [];
    for (let lastId = 0; ;) {
      const page = await threads.messages(id, 'agent', lastId);
      stored.push(...page.messages);
      if (page.messages.length === 0) break;
      lastId = page.lastId;
    }
    stored.forEach((message, at) => {
      if (message.id !== at + 1) faults.push(`conversation ${id}: number ${message.id} at place ${at + 1}`);
    });
    const own = byThread.get(id) ?? [];
    for (const one of own) {
      const places = stored.filter(({ message }) => message === one.text).map((message) => message.id);
      const right = one.id > 0 ? places.length === 1 && places[0] === one.id : places.length <= (one.id < 0 ? 0 : 1);
      if (!right)
        faults.push(`conversation ${id}: "${one.text}" was answered with ${one.id}, it stands at ${places.join()}`);
    }
    const known = new Set(own.map(({ text }) => text));
    for (const { message } of stored)
      if (/^\w+ says \d+$/.test(message) && !known.has(message))
        faults.push(`conversation ${id}: nobody wrote "${message}"`);
  }
  return faults;
}

function grouped(written: readonly Written[]): ReadonlyMap<number, readonly Written[]> {
  const map = new Map<number, Written[]>();
  for (const one of written) {
    const list = map.get(one.threadId);
    if (list) list.push(one);
    else map.set(one.threadId, [one]);
  }
  return map;
}

/** After each commit: messages and states to the sockets of this node, in order, each naming what came before it. */
import type { Bus, Json } from '../cluster/api.ts';
import type { RealtimeService } from '../realtime/api.ts';
import type { CarrierSession } from '../rpc/api.ts';
import { newsTopic, windowTopic, type Side, type Thread, type ThreadNews, type WireMessage } from './api.ts';
import { isVisible, type Core } from './core.ts';
import { Lru } from './lru.ts';
import { storedAfter } from './messages.ts';
import type { ThreadPresence } from './presence.ts';

type Sight = 'messages' | 'state' | 'nothing';

export interface PushNeeds {
  readonly core: Core;
  readonly presence: ThreadPresence;
  readonly realtime: Pick<RealtimeService, 'publish' | 'count' | 'leave'>;
  /** What may this operator know of the thread by now: what is written, only its state, or nothing? */
  readonly sight: (operatorId: number, thread: Thread) => Promise<Sight>;
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly nodeId: string;
  readonly failed: (error: unknown) => void;
}

/** What the sockets of one thread were told, and what they are still to be told. */
interface Feed {
  told: number | undefined;
  toldVisible: number | undefined;
  wanted: number;
  state: boolean;
  /** Who hears it is looked at again before anything is pushed: the thread changed, or a window came. */
  unsure: boolean;
  running: boolean;
}

export interface Push {
  /** This socket hears the thread from now on; `reads`: also what is written. */
  join(session: CarrierSession, thread: Thread, side: Side, operatorId?: number, reads?: boolean): void;
  /** @returns a function that ends it */
  listen(): () => void;
  /** Waits until what was told so far is pushed. */
  settled(): Promise<void>;
}

const freshFeed = (): Feed => ({
  told: undefined,
  toldVisible: undefined,
  wanted: 0,
  state: false,
  unsure: true,
  running: false,
});

const feedsKept = 20_000;
const batch = 100;

const userTopic = (id: number) => windowTopic(id, 'user');
const agentTopic = (id: number) => windowTopic(id, 'agent');
/** One operator's sockets on a thread: what he may do differs from operator to operator. */
const operatorTopic = (id: number, operatorId: number) => `thread:${id}:agent:${operatorId}`;

/** Where calls of functions at a client wait: the original's names. */
export const bufferKey = (id: number, side: Side) => `thread_${side}_${id}`;

/** What the topics of a socket tell about whom it is the window of. */
export function sidesOf(topics: Iterable<string>): { readonly id: number; readonly operatorId: number | undefined }[] {
  const sides = [];
  for (const topic of topics) {
    const [, id, agent] = /^thread:(\d+):(?:user|agent:(\d+))$/.exec(topic) ?? [];
    if (id) sides.push({ id: Number(id), operatorId: agent === undefined ? undefined : Number(agent) });
  }
  return sides;
}

export function createPush(needs: PushNeeds): Push {
  const { core, presence, realtime } = needs;
  const feeds = new Lru<number, Feed>(feedsKept);
  const running = new Set<Promise<void>>();
  const operatorsHere = new Lru<number, Set<number>>(feedsKept);

  const userCount = (id: number) => realtime.count(userTopic(id));
  const agentCount = (id: number) => realtime.count(agentTopic(id));

  function send(thread: Thread, recipient: Side, messages: readonly WireMessage[], lastId: number, after: number) {
    const args = { threadId: thread.id, token: thread.token, recipient, messages, lastId, after };
    const topic = recipient === 'user' ? userTopic(thread.id) : agentTopic(thread.id);
    realtime.publish(topic, [{ function: 'receiveMessages', arguments: args }]);
  }

  async function pushTo(thread: Thread, side: Side, stored: readonly WireMessage[], after: number) {
    const messages = await core.hooks.loaded(stored, { threadId: thread.id, side });
    send(thread, side, messages, stored.at(-1)?.id ?? after, after);
  }

  async function pushMessages(thread: Thread, feed: Feed, told: number): Promise<void> {
    const stored = await storedAfter(core, thread.id, 'agent', told, feed.wanted, batch);
    const last = stored.at(-1);
    // Nothing to be had, whatever the reason: whoever misses it pulls.
    if (!last) {
      feed.told = feed.wanted;
      return;
    }
    const visible = stored.filter(({ kind }) => isVisible(kind));
    const [firstVisible] = visible;
    if (firstVisible && userCount(thread.id) > 0) {
      const before = { id: thread.id, before: firstVisible.id };
      feed.toldVisible ??= (await core.sql.lastVisibleBefore.first(before))?.seq ?? 0;
      await pushTo(thread, 'user', visible, feed.toldVisible);
      feed.toldVisible = visible.at(-1)?.id;
    } else if (firstVisible) feed.toldVisible = visible.at(-1)?.id;
    if (agentCount(thread.id) > 0) await pushTo(thread, 'agent', stored, told);
    feed.told = last.id;
  }

  async function pushState(thread: Thread): Promise<void> {
    const { id, token } = thread;
    const call = (recipient: Side, state: object) => ({
      function: 'receiveState',
      arguments: { threadId: id, token, recipient, ...state },
    });
    if (userCount(id) > 0) realtime.publish(userTopic(id), [call('user', await presence.state(thread, 'user'))]);
    const here = operatorsHere.get(id) ?? new Set();
    for (const operatorId of here) {
      const topic = operatorTopic(id, operatorId);
      if (realtime.count(topic) === 0) here.delete(operatorId);
      else {
        const state = await presence.state(thread, 'agent', operatorId);
        realtime.publish(topic, [call('agent', { ...state, ...(thread.visitorGone && { visitorGone: true }) })]);
      }
    }
  }

  /** Takes windows off the thread that may not hear of it any more. */
  async function review(thread: Thread): Promise<void> {
    const { id, token, agentId, lastSeq } = thread;
    const here = operatorsHere.get(id) ?? new Set();
    for (const operatorId of here) {
      if (operatorId === agentId) continue;
      const own = operatorTopic(id, operatorId);
      const sight = await needs.sight(operatorId, thread);
      realtime.leave(own, [bufferKey(id, 'agent'), ...(sight === 'messages' ? [] : [agentTopic(id)])]);
      if (sight !== 'nothing') continue;
      here.delete(operatorId);
      // Without a word of what: a window that finds a gap asks, and is told that there is no such thread.
      const gap = { threadId: id, token, recipient: 'agent', messages: [], lastId: lastSeq + 1, after: lastSeq + 1 };
      realtime.publish(own, [{ function: 'receiveMessages', arguments: gap }]);
      realtime.leave(own, [own]);
    }
  }

  async function step(id: number, feed: Feed): Promise<void> {
    const thread = await core.heads.load(id);
    if (!thread) {
      [feed.told, feed.state] = [feed.wanted, false];
      return;
    }
    // From here to what is pushed nothing is waited for, so that what comes after the change is not told before it.
    if (feed.unsure) {
      feed.unsure = false;
      try {
        return await review(thread);
      } catch (error) {
        feed.unsure = true;
        throw error;
      }
    }
    if (feed.told !== undefined && feed.told < feed.wanted) return pushMessages(thread, feed, feed.told);
    feed.state = false;
    return pushState(thread);
  }

  const hasWork = (feed: Feed) => feed.state || (feed.told !== undefined && feed.told < feed.wanted);

  /** One at a time for each thread, so that what is pushed is in order. */
  async function run(id: number, feed: Feed): Promise<void> {
    if (feed.running) return;
    feed.running = true;
    try {
      while (hasWork(feed)) await step(id, feed);
    } catch (error) {
      // What was not pushed is pulled; from here on nobody knows what the sockets have.
      [feed.told, feed.toldVisible, feed.state] = [undefined, undefined, false];
      needs.failed(error);
    } finally {
      feed.running = false;
    }
  }

  function hear(news: ThreadNews): void {
    const { threadId: id, seq, revision, typing, node } = news;
    if (node !== needs.nodeId) {
      core.heads.stale(id);
      core.revisions.saw(revision);
    }
    if (userCount(id) === 0 && agentCount(id) === 0) {
      feeds.delete(id);
      operatorsHere.delete(id);
      return;
    }
    const feed = feeds.get(id) ?? freshFeed();
    feeds.set(id, feed);
    if (revision > 0) feed.unsure = true;
    if (seq > 0) {
      feed.told ??= seq - 1;
      feed.wanted = Math.max(feed.wanted, seq);
    }
    if (revision > 0 || typing) feed.state = true;
    const work: Promise<void> = run(id, feed).finally(() => running.delete(work));
    running.add(work);
  }

  return {
    join(session, thread, side, operatorId, reads = true) {
      if (side === 'user') {
        session.subscribe(userTopic(thread.id));
        session.subscribe(bufferKey(thread.id, 'user'));
        return;
      }
      if (operatorId === undefined) return;
      if (reads) session.subscribe(agentTopic(thread.id));
      else session.unsubscribe(agentTopic(thread.id));
      session.subscribe(operatorTopic(thread.id, operatorId));
      // What plugins call at the operator is for the one who has the thread.
      if (thread.agentId === operatorId) session.subscribe(bufferKey(thread.id, 'agent'));
      else session.unsubscribe(bufferKey(thread.id, 'agent'));
      const here = operatorsHere.get(thread.id) ?? new Set();
      operatorsHere.set(thread.id, here.add(operatorId));
      // It may have gone out of his sight since that was asked.
      const feed = feeds.get(thread.id);
      if (feed && thread.agentId !== operatorId) feed.unsure = true;
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    listen: () => needs.bus.subscribe(newsTopic, (message: Json) => hear(message as unknown as ThreadNews)),
  };
}

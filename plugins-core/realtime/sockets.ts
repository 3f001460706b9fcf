/** All sockets of this node, and beside them the streams: upgrades, topics, heartbeats, the way out. */
import { upgradeWebSocket } from '@hono/node-server';
import type { Context } from 'hono';
import type { WebSocket } from 'ws';
import { type CallerRequest, type ProcessorSpec, rpcCodes, type RpcService, type SocketHost } from '../rpc/api.ts';
import { closeCodes, type RealtimeService } from './api.ts';
import { openSocket, type Socket, type SocketLimits } from './socket.ts';
import { createStreams } from './streams.ts';
import { createTopics } from './topics.ts';

export interface SocketsNeeds {
  readonly rpc: RpcService;
  readonly limits: SocketLimits;
  /** Streams of one address. */
  readonly streamsAtMost: number;
  /** Sockets of one address that have not said hello yet. */
  readonly strangersAtMost: number;
  readonly failed: (error: unknown) => void;
}

export interface Sockets {
  readonly service: RealtimeService;
  /** Pings all sockets, cuts off the dead; a sign of life to all streams. */
  beat(): void;
  /** Lets each socket end what it does, then tells it to come back elsewhere. */
  stop(): Promise<void>;
  readonly size: number;
}

/** The owner of a processor knows what its callers are. */
type AnySpec = ProcessorSpec<unknown, unknown>;
/** Time that sockets get to end what they do. */
const patience = 5_000;

export function createSockets({ rpc, limits, strangersAtMost, streamsAtMost, failed }: SocketsNeeds): Sockets {
  const all = new Set<Socket>();
  const topics = createTopics<Socket>();
  const keys = createTopics<Socket>();
  const strangers = new Map<string, number>();
  let stopping: Promise<void> | undefined;

  const countStranger = (address: string, by: 1 | -1) => {
    const count = (strangers.get(address) ?? 0) + by;
    if (count > 0) strangers.set(address, count);
    else strangers.delete(address);
  };

  const streams = createStreams({
    unread: limits.unread,
    perAddress: streamsAtMost,
    subscribed: (topic) => host.subscribed(topic),
  });
  const count = (topic: string) => topics.of(topic).size + streams.count(topic);

  function sendAll(topic: string, text: string): number {
    let reached = streams.send(topic, text);
    const members = topics.of(topic);
    if (members.size === 0) return reached;
    const encoded = Buffer.from(text);
    // A slow reader that is cut off leaves the topic meanwhile.
    for (const socket of members) if (socket.send(encoded)) reached += 1;
    return reached;
  }

  function open(ws: WebSocket, spec: AnySpec, request: (visitor: string | undefined) => CallerRequest): void {
    const { name } = spec.processor;
    const { address } = request(undefined);
    let strange = true;
    const known = () => {
      if (strange) countStranger(address, -1);
      strange = false;
    };
    countStranger(address, 1);
    const socket = openSocket(ws, {
      processor: name,
      limits,
      request,
      identify: (about) => rpc.identify(name, about),
      run: (caller, text, about, session) => rpc.run(name, caller, text, about, session),
      refuse: (refusal, text) => host.refuse(name, refusal, text),
      socketKey: (caller) => spec.socketKey?.(caller) || undefined,
      alive: (caller, subscribed) => spec.onHeartbeat?.(caller, subscribed),
      left: (caller, subscribed) => spec.onLeave?.(caller, subscribed),
      subscribed(one, topic) {
        topics.add(topic, one);
        host.subscribed(topic);
      },
      unsubscribed: (one, topic) => topics.delete(topic, one),
      failed,
      greeted(one) {
        known();
        if (one.key !== undefined) keys.add(one.key, one);
      },
      closed(one) {
        known();
        all.delete(one);
        if (one.key !== undefined) keys.delete(one.key, one);
      },
    });
    all.add(socket);
    if (stopping) socket.close(closeCodes.goingAway, 'going away');
  }

  function upgrade(
    spec: AnySpec,
    context: Context,
    request: (visitor: string | undefined) => CallerRequest,
  ): Response | Promise<Response> {
    const refuse = (status: 403 | 429, code: number, name: string, message: string) => {
      const { body } = host.refuse(spec.processor.name, { status, code, name, message });
      return new Response(body, { status, headers: { 'content-type': 'application/json' } });
    };
    if (!(context.env as { wss?: unknown } | undefined)?.wss)
      return refuse(403, rpcCodes.processorUnknown, 'NO_SOCKETS', 'There are no sockets here: send packages by POST');
    if ((strangers.get(request(undefined).address) ?? 0) >= strangersAtMost)
      return refuse(429, rpcCodes.rate, 'RATE_LIMIT', 'Too many sockets that have not said hello');
    return upgradeWebSocket(context, { onOpen: (_event, { raw }) => open(raw as WebSocket, spec, request) });
  }

  const host: SocketHost = rpc.attach({
    send: sendAll,
    listens: (topic) => count(topic) > 0,
    upgrade: (spec, context, request) => upgrade(spec as unknown as AnySpec, context, request),
    stream: streams.answer,
    drop(processor) {
      streams.drop(processor);
      for (const socket of all)
        if (socket.processor === processor) void socket.leave(closeCodes.goingAway, 'going away');
    },
  });

  async function leaveAll(): Promise<void> {
    streams.stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
    const left = [...all];
    await Promise.race([Promise.all(left.map((socket) => socket.leave(closeCodes.goingAway, 'going away'))), late]);
    clearTimeout(timer);
    for (const socket of left) socket.terminate();
    host.detach();
  }

  return {
    service: {
      publish: (topic, calls) => (count(topic) === 0 ? 0 : sendAll(topic, rpc.packageOf(calls))),
      count,
      leave(topic, others) {
        streams.leave(topic, others);
        for (const socket of topics.of(topic)) for (const other of others) socket.unsubscribe(other);
      },
      close(socketKey, code, reason) {
        streams.close(socketKey);
        for (const socket of keys.of(socketKey)) socket.close(code, reason);
      },
    },
    beat() {
      const now = Date.now();
      for (const socket of all) socket.beat(now);
      streams.beat();
    },
    stop: () => (stopping ??= leaveAll()),
    get size() {
      return all.size;
    },
  };
}

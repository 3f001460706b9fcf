/** All streams of this node: answers that go on with what is pushed, for pages whose network lets no socket through. */
import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { CarrierSession, RunOutcome, SentOutcome, StreamFacts } from '../rpc/api.ts';
import { createTopics } from './topics.ts';

export interface StreamsNeeds {
  /** Bytes that may wait for a slow reader. */
  readonly unread: number;
  /** Streams of one address; further ones are answered and end. */
  readonly perAddress: number;
  readonly subscribed: (topic: string) => void;
}

export interface Streams {
  /** Runs a package; the answer goes on as a stream if it subscribed to anything, and can be one. */
  readonly answer: (
    context: Context,
    facts: StreamFacts,
    run: (session: CarrierSession | undefined) => Promise<RunOutcome>,
  ) => Promise<RunOutcome | SentOutcome>;
  /** @returns number of streams reached */
  send(topic: string, text: string): number;
  count(topic: string): number;
  leave(topic: string, others: readonly string[]): void;
  /** Ends the streams of a caller. */
  close(key: string): void;
  /** Writes a sign of life to each. */
  beat(): void;
  /** Ends the streams of a processor. */
  drop(processor: string): void;
  /** Ends all; no more are opened. */
  stop(): void;
  readonly size: number;
}

interface Stream {
  readonly facts: StreamFacts;
  readonly session: CarrierSession;
  readonly topics: ReadonlySet<string>;
  readonly ended: boolean;
  /** From now on it is written to; what came before the answer follows it. */
  open(answer: string): void;
  /** A slow reader is cut off instead. @returns whether it was sent */
  send(event: Buffer): boolean;
  end(): void;
}

/** A package has no line breaks. */
const eventOf = (text: string): Buffer => Buffer.from(`data: ${text}\n\n`);
const signOfLife = Buffer.from(':\n\n');
const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-content-type-options': 'nosniff',
  // Proxies would wait for more.
  'x-accel-buffering': 'no',
};

let opened = 0;

export function createStreams({ unread, perAddress, subscribed }: StreamsNeeds): Streams {
  const all = new Set<Stream>();
  const topics = createTopics<Stream>();
  const addresses = new Map<string, number>();
  let stopped = false;

  const countAddress = (address: string, by: 1 | -1) => {
    const count = (addresses.get(address) ?? 0) + by;
    if (count > 0) addresses.set(address, count);
    else addresses.delete(address);
  };

  function create(outgoing: ServerResponse, facts: StreamFacts): Stream {
    const own = new Set<string>();
    let early: Buffer[] | undefined = [];
    let ended = false;

    const finish = () => {
      if (ended) return;
      ended = true;
      for (const topic of own) topics.delete(topic, stream);
      own.clear();
      all.delete(stream);
      countAddress(facts.address, -1);
    };
    outgoing.once('close', finish);

    const stream: Stream = {
      facts,
      topics: own,
      get ended() {
        return ended;
      },
      session: {
        id: `stream-${(opened += 1)}`,
        subscribe(topic) {
          if (ended || own.has(topic)) return;
          own.add(topic);
          topics.add(topic, stream);
          subscribed(topic);
        },
        unsubscribe(topic) {
          if (!own.delete(topic)) return;
          topics.delete(topic, stream);
          // Nothing will ever be written to it.
          if (own.size === 0 && !early) stream.end();
        },
      },
      open(answer) {
        outgoing.writeHead(200, { ...headers, ...facts.headers });
        const waited = early ?? [];
        early = undefined;
        outgoing.write(Buffer.concat([answer === '' ? signOfLife : eventOf(answer), ...waited]));
      },
      send(event) {
        if (ended) return false;
        if (early) {
          early.push(event);
          return true;
        }
        if (outgoing.writableLength > unread) {
          finish();
          outgoing.destroy();
          return false;
        }
        outgoing.write(event);
        return true;
      },
      end() {
        finish();
        if (!early) outgoing.end();
      },
    };
    all.add(stream);
    countAddress(facts.address, 1);
    return stream;
  }

  return {
    async answer(context, facts, run) {
      const { outgoing } = (context.env ?? {}) as { outgoing?: ServerResponse };
      // Whoever is gone already would never be told to end.
      const possible = outgoing && !outgoing.destroyed && !stopped;
      if (!possible || (addresses.get(facts.address) ?? 0) >= perAddress) return run(undefined);
      const stream = create(outgoing, facts);
      try {
        const outcome = await run(stream.session);
        if (stream.ended || stream.topics.size === 0 || outcome.status !== 200) {
          stream.end();
          return outcome;
        }
        stream.open(outcome.body);
        return { sent: alreadySent() };
      } catch (error) {
        stream.end();
        throw error;
      }
    },
    send(topic, text) {
      const members = topics.of(topic);
      if (members.size === 0) return 0;
      const event = eventOf(text);
      let reached = 0;
      for (const stream of members) if (stream.send(event)) reached += 1;
      return reached;
    },
    count: (topic) => topics.of(topic).size,
    leave(topic, others) {
      for (const { session } of topics.of(topic)) for (const other of others) session.unsubscribe(other);
    },
    close(key) {
      for (const stream of all) if (stream.facts.key === key) stream.end();
    },
    beat() {
      for (const stream of all) stream.send(signOfLife);
    },
    drop(processor) {
      for (const stream of all) if (stream.facts.processor === processor) stream.end();
    },
    stop() {
      stopped = true;
      for (const stream of all) stream.end();
    },
    get size() {
      return all.size;
    },
  };
}

/** Made before a server of this process has put its own kind of Response in place, or after: it has to be the plain kind. */
function alreadySent(): Response {
  void RESPONSE_ALREADY_SENT.body;
  return RESPONSE_ALREADY_SENT;
}

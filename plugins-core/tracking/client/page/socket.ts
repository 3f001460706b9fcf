/** The page's own socket, from its opening to its end. */
import { patience } from './post.ts';
import { packed, resultOf, unpacked, type Arguments, type Incoming } from './wire.ts';
import type { PageSocket, PageWorld } from './world.ts';

/** Close code of a server that wants no socket of this page. */
const refusedCode = 4403;
/** Seconds between signs of life, unless the server says otherwise. */
const usualHeartbeat = 20;

export interface Line {
  /** The server has answered hello. Rejects when it did not come to that. */
  readonly opened: Promise<void>;
  /** Rejects when the socket is lost; one that leaves a contact without an answer is as good as cut. */
  ask(contact: Arguments): Promise<Arguments>;
  /** Ends it; nothing is reported any more. */
  close(): void;
}

interface LineNeeds {
  readonly world: PageWorld;
  readonly address: string;
  readonly secret: string;
  readonly pushed: (calls: readonly Incoming[]) => void;
  /** Before what waits for it hears of it. @param final there is no use in trying again */
  readonly lost: (final: boolean) => void;
}
interface Wait<T> {
  done(value: T): void;
  failed(reason: undefined): void;
}

export function openLine({ world, address, secret, pushed, lost }: LineNeeds): Line {
  let socket: PageSocket | undefined;
  let hello: Wait<void> | undefined;
  let answer: Wait<Arguments> | undefined;
  let timer: unknown;
  let beatTimer: unknown;
  let silent = false;
  let over = false;

  const opened = new Promise<void>((done, failed) => {
    hello = { done, failed };
  });

  function close(): void {
    over = true;
    world.clearTimeout(timer);
    world.clearTimeout(beatTimer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }
  function lose(final: boolean): void {
    if (over) return;
    close();
    lost(final);
    for (const wait of [hello, answer]) if (wait) wait.failed(undefined);
  }
  function wait(): void {
    world.clearTimeout(timer);
    timer = world.setTimeout(() => lose(false), patience);
  }
  /** Pings are not seen here: the server answers an empty frame with one. */
  function beat(ms: number): void {
    if (silent) return lose(false);
    silent = true;
    socket!.send('');
    beatTimer = world.setTimeout(() => beat(ms), ms);
  }
  function greeted(text: string): void {
    let frame: { hello?: { heartbeat?: unknown } } = {};
    try {
      frame = JSON.parse(text) as typeof frame;
    } catch {
      // Not ours.
    }
    // A refusal is followed by its close code.
    if (!frame || !frame.hello) return;
    world.clearTimeout(timer);
    const ms = (Number(frame.hello.heartbeat) || usualHeartbeat) * 1000;
    beatTimer = world.setTimeout(() => beat(ms), ms);
    hello!.done();
    hello = undefined;
  }
  function hear(text: string): void {
    silent = false;
    if (hello) return greeted(text);
    const calls = text ? unpacked(text) : undefined;
    const result = resultOf(calls);
    if (answer && calls && calls.some(({ name }) => name === 'result')) {
      world.clearTimeout(timer);
      if (result) answer.done(result);
      else answer.failed(undefined);
      answer = undefined;
    }
    if (calls) pushed(calls);
  }

  wait();
  try {
    socket = world.openSocket(address.replace(/^http/, 'ws'));
    socket.onopen = () => socket!.send(JSON.stringify({ hello: { visitor: secret } }));
    socket.onmessage = ({ data }: { data?: unknown }) => hear(String(data));
    socket.onclose = ({ code }: { code?: number }) => lose(code === refusedCode);
    socket.onerror = () => lose(false);
  } catch {
    // The policy of the page forbids it.
    world.clearTimeout(timer);
    timer = world.setTimeout(() => lose(true), 0);
  }

  return {
    opened,
    ask: (contact) =>
      new Promise((done, failed) => {
        answer = { done, failed };
        wait();
        socket!.send(packed(contact));
      }),
    close,
  };
}
